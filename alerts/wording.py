"""One voice: an alert in sentences, in English or Chinese, with times in the reader's zone. Pure.

Every message says the same things in the same order: what happened, where, since when, how sure and why, what it
touches, what is proposed, what to run. A channel only decides how these look.
"""

from datetime import datetime, timedelta
from html import escape
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from alerts.model import LAST, Alert, Message, Occasion, Severity

LANGUAGES: Final = ("en", "zh")

# cause -> (while it stands, when it has ended); {place} and {account} bring their own preposition or are empty
_ENGLISH: Final = {
    "region_restricted": ("{who} refuses requests{place}", "{who} answers again{place}"),
    "account_restricted": ("{who} has shut out our account{account}", "{who} accepts our account{account} again"),
    "auth_failed": ("{who} rejects our key{account}", "{who} accepts our key{account} again"),
    "billing": ("{who} refuses us over billing{account}", "{who} no longer refuses us over billing{account}"),
    "rate_limited": ("{who} limits our rate{account}", "{who} no longer limits our rate{account}"),
    "provider_outage": ("{who} is down", "{who} is up again"),
    "provider_overloaded": ("{who} is overloaded", "{who} is no longer overloaded"),
    "model_retired": ("{who} no longer serves {models}", "{who} serves {models} again"),
    "regional_path": ("the link abroad fails{place}", "the link abroad works again{place}"),
    "network_interference": ("the way to {who} is interfered with{place}", "the way to {who} is clear again{place}"),
    "own_network": ("our own network is down{place}; no vendor is blamed", "our own network is back{place}"),
    "latency_degraded": ("{who} is slower than usual{place}", "{who} is as fast as usual again{place}"),
    "quality_degraded": ("{who} answers worse than usual", "{who} answers as well as usual again"),
    "own_fault": ("vendorwatch itself is at fault{place}", "vendorwatch itself works again{place}"),
    "unknown": ("{who} fails{place}, cause not yet known", "{who} works again{place}"),
}
_CHINESE: Final = {
    "region_restricted": ("{who} 拒绝{place}的请求", "{who} 已恢复响应{place}的请求"),
    "account_restricted": ("{who} 封停了我们的账号{account}", "{who} 已重新接受我们的账号{account}"),
    "auth_failed": ("{who} 拒绝我们的密钥{account}", "{who} 已重新接受我们的密钥{account}"),
    "billing": ("{who} 因账单问题拒绝服务{account}", "{who} 不再因账单问题拒绝服务{account}"),
    "rate_limited": ("{who} 限制了我们的速率{account}", "{who} 已解除速率限制{account}"),
    "provider_outage": ("{who} 服务中断", "{who} 服务已恢复"),
    "provider_overloaded": ("{who} 过载", "{who} 不再过载"),
    "model_retired": ("{who} 不再提供 {models}", "{who} 重新提供 {models}"),
    "regional_path": ("{place}出境链路故障", "{place}出境链路已恢复"),
    "network_interference": ("{place}到 {who} 的链路受到干扰", "{place}到 {who} 的链路已畅通"),
    "own_network": ("{place}本地网络中断，与供应商无关", "{place}本地网络已恢复"),
    "latency_degraded": ("{who} 对{place}的响应变慢", "{who} 对{place}的响应速度已恢复"),
    "quality_degraded": ("{who} 回答质量下降", "{who} 回答质量已恢复"),
    "own_fault": ("vendorwatch 自身故障", "vendorwatch 自身已恢复"),
    "unknown": ("{who} 访问失败（{place}），原因未明", "{who} 已恢复（{place}）"),
}
_CAUSES: Final = {"en": _ENGLISH, "zh": _CHINESE}

_OPENINGS: Final = {
    "en": {Occasion.UPDATED: "Update: ", Occasion.REMINDER: "Still: ", Occasion.RECOVERED: "Recovered: ",
           Occasion.ENDED: "Closed: ", Occasion.TEST: "Test: ", Occasion.FINDING: "Note: "},
    "zh": {Occasion.UPDATED: "更新：", Occasion.REMINDER: "仍在持续：", Occasion.RECOVERED: "已恢复：",
           Occasion.ENDED: "已关闭：", Occasion.TEST: "测试：", Occasion.FINDING: "提示："},
}
_WORDS: Final = {
    "en": {
        "what": "What", "where": "Where", "models": "Models", "account": "Account", "since": "Since",
        "ended": "Ended", "sure": "How sure", "touches": "Touches", "proposed": "Proposed", "run": "Run",
        "incident": "Incident", "severity": "Severity", "late": "Late", "sep": ": ", "comma": ", ",
        "because": "{percent} %, because {because}", "percent": "{percent} %", "for": "{when} (for {span})",
        "lasted": "{when} (lasted {span})", "diff": "the change below; nothing has been changed yet",
        "undo": "the change below",
        "too_late": "this message could not be delivered before the condition had ended",
        "why": "Why closed", "unseen": "{because}; that it is over was not seen",
        "closed_late": "nobody could be told of it before it was closed",
        "test": "this channel works: vendorwatch can reach you here", "us": "our side", "all_models": "a model",
        "info": "info", "warning": "warning", "critical": "critical",
    },
    "zh": {
        "what": "事件", "where": "地区", "models": "模型", "account": "账号", "since": "开始",
        "ended": "结束", "sure": "把握", "touches": "影响", "proposed": "建议", "run": "执行",
        "incident": "编号", "severity": "级别", "late": "迟到", "sep": "：", "comma": "、",
        "because": "{percent} %，依据：{because}", "percent": "{percent} %", "for": "{when}（已持续 {span}）",
        "lasted": "{when}（共持续 {span}）", "diff": "采用下方改动；目前尚未做任何修改", "undo": "采用下方改动",
        "too_late": "本消息送达时情况已经结束",
        "why": "关闭原因", "unseen": "{because}；并未观察到恢复", "closed_late": "本消息送达时已被关闭",
        "test": "通道正常，vendorwatch 可以通知到您", "us": "我方", "all_models": "某模型",
        "info": "提示", "warning": "警告", "critical": "严重",
    },
}
COLOURS: Final = {Severity.INFO: "#2f6fab", Severity.WARNING: "#b7791f", Severity.CRITICAL: "#c53030"}
_GREEN: Final = "#2f855a"


def check_voice(language: str, zone: str) -> None:
    """Raises ValueError for a language or a time zone that cannot be spoken in; called when a channel is built."""
    if language not in LANGUAGES:
        raise ValueError(f"language: {language!r} is not spoken here; use en or zh")
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"timezone: {zone!r} is not known; use a name such as Asia/Shanghai or UTC") from error


def headline(alert: Alert, language: str = "en", zone: str = "UTC") -> str:
    """One line: what happened, to whom, where. `zone` is accepted so that all three forms are called alike."""
    del zone
    opening = _OPENINGS[language].get(alert.occasion, "")
    return opening + _capital(_what(alert, language))


def facts(alert: Alert, language: str = "en", zone: str = "UTC") -> tuple[tuple[str, str], ...]:
    """(label, value) in the order every message keeps; what is not known is left out."""
    words = _WORDS[language]
    comma = words["comma"]
    pairs = [
        ("what", _capital(_what(alert, language))),
        ("where", comma.join(alert.regions)),
        ("models", comma.join(alert.models)),
        ("account", alert.account or ""),
        ("since", _since(alert, language, zone)),
        ("ended", moment(alert.ended, zone) if alert.ended else ""),
        ("late", _late(alert, words)),
        ("why", words["unseen"].format(because=_flat(alert.because)) if alert.occasion is Occasion.ENDED else ""),
        ("sure", _sure(alert, words)),
        ("touches", comma.join(alert.touches)),
        ("proposed", _proposal(alert, words)),
        ("run", "\n".join(alert.run)),
        ("severity", words[alert.severity]),
        ("incident", alert.incident),
    ]
    extra = tuple((_flat(name), _flat(value)) for name, value in alert.extra.items())
    return tuple((words[name], value) for name, value in pairs if value) + extra


def sentences(alert: Alert, language: str = "en", zone: str = "UTC") -> tuple[str, ...]:
    """The alert as lines of text; commands stand on lines of their own, so that they can be copied."""
    sep = _WORDS[language]["sep"]
    lines: list[str] = []
    for label, value in facts(alert, language, zone):
        if label == _WORDS[language]["run"]:
            lines.append(f"{label}{sep}".rstrip())
            lines.extend(f"  {command}" for command in value.split("\n"))
        else:
            lines.append(f"{label}{sep}{value}")
    return tuple(lines)


def text(alert: Alert, language: str = "en", zone: str = "UTC") -> str:
    """Sentences and the proposed change, as plain text."""
    body = "\n".join(sentences(alert, language, zone))
    return f"{body}\n\n{alert.proposed.rstrip()}\n" if alert.proposed else f"{body}\n"


def html(alert: Alert, language: str = "en", zone: str = "UTC") -> str:
    """The same as one HTML page without scripts, images or links to elsewhere; everything said is escaped."""
    rows = "".join(
        f'<tr><th align="left" valign="top" style="padding:4px 12px 4px 0;color:#555">{escape(label)}</th>'
        f"<td>{escape(value).replace(chr(10), '<br>')}</td></tr>"
        for label, value in facts(alert, language, zone)
    )
    diff = f'<pre style="background:#f6f6f6;padding:8px">{escape(alert.proposed)}</pre>' if alert.proposed else ""
    tongue = "zh-CN" if language == "zh" else "en"
    return (
        f'<!DOCTYPE html><html lang="{tongue}"><head><meta charset="utf-8"></head>'
        f'<body style="font-family:sans-serif"><h2 style="color:{colour(alert)}">'
        f"{escape(headline(alert, language, zone))}</h2><table>{rows}</table>{diff}</body></html>"
    )


def message(alert: Alert, language: str, zone: str, body: object = None) -> Message:
    """What all channels share of a message; the key is the same however often the alert is rendered."""
    key = f"{alert.incident}:{alert.occasion}:{alert.at.isoformat()}"
    said = text(alert, language, zone)
    return Message(headline(alert, language, zone), said, body, thread=alert.incident, key=key)


def colour(alert: Alert) -> str:
    if alert.occasion is Occasion.ENDED:
        return COLOURS[Severity.INFO]
    return _GREEN if alert.occasion is Occasion.RECOVERED else COLOURS[alert.severity]


def moment(at: datetime, zone: str) -> str:
    """A time in the reader's zone, with its offset: 14:03 means nothing without one."""
    local = at.astimezone(ZoneInfo(zone))
    offset = local.strftime("%z")
    east = f"{offset[:3]}:{offset[3:5]}" if local.utcoffset() else ""
    return f"{local:%Y-%m-%d %H:%M:%S} UTC{east}"


def span(length: timedelta, language: str = "en") -> str:
    """A duration in its two largest units."""
    units = ("d", "h", "min", "s") if language == "en" else ("天", "小时", "分", "秒")
    rest = max(0, round(length.total_seconds()))
    counts = (rest // 86400, rest // 3600 % 24, rest // 60 % 60, rest % 60)
    first = next((place for place, count in enumerate(counts) if count), 3)
    said = [f"{counts[at]} {units[at]}" for at in range(first, min(first + 2, 4)) if counts[at] or at == first]
    return " ".join(said)


def clip(said: str, limit: int, *, in_bytes: bool = False) -> str:
    """Shortened to a service's limit, in characters or UTF-8 bytes, and seen to be so."""
    size = len(said.encode()) if in_bytes else len(said)
    if size <= limit:
        return said
    if not in_bytes:
        return said[: limit - 1] + "…"
    return said.encode()[: limit - 3].decode(errors="ignore") + "…"


def _what(alert: Alert, language: str) -> str:
    words = _WORDS[language]
    if alert.occasion is Occasion.TEST:
        return words["test"]
    if alert.occasion is Occasion.FINDING and alert.because:
        named = alert.provider_name or alert.provider
        return _flat(f"{named}{words['sep']}{alert.because}" if named else alert.because)
    standing, over = _CAUSES[language].get(alert.cause, _CAUSES[language]["unknown"])
    ended = alert.occasion is Occasion.RECOVERED
    return _flat((over if ended else standing).format(**_parts(alert, language)))


def _parts(alert: Alert, language: str) -> dict[str, str]:
    words = _WORDS[language]
    where = words["comma"].join(alert.regions)
    if language == "en":
        place, account = (f" from {where}" if where else ""), (f" {alert.account}" if alert.account else "")
    else:
        place, account = (f" {where} " if where else "我方"), (f" {alert.account}" if alert.account else "")
    models = words["comma"].join(alert.models) or words["all_models"]
    who = alert.provider_name or alert.provider or words["us"]
    return {"who": who, "place": place, "account": account, "models": models}


def _since(alert: Alert, language: str, zone: str) -> str:
    if alert.since is None:
        return ""
    until = alert.ended or alert.at
    form = "lasted" if alert.ended or alert.occasion is Occasion.RECOVERED else "for"
    said = {"when": moment(alert.since, zone), "span": span(until - alert.since, language)}
    return _WORDS[language][form].format(**said)


def _late(alert: Alert, words: dict[str, str]) -> str:
    if not alert.late:
        return ""
    return words["closed_late" if alert.occasion is Occasion.ENDED else "too_late"]


def _sure(alert: Alert, words: dict[str, str]) -> str:
    if alert.occasion is Occasion.ENDED:
        return ""           # how sure its cause was is no matter any more, and of its end nobody is
    percent = round(max(0.0, min(1.0, alert.confidence)) * 100)
    if alert.because and alert.confidence > 0:
        return words["because"].format(percent=percent, because=_flat(alert.because))
    if alert.because and alert.occasion is not Occasion.FINDING:
        return _flat(alert.because)
    return words["percent"].format(percent=percent) if alert.confidence > 0 else ""


def _proposal(alert: Alert, words: dict[str, str]) -> str:
    if not alert.proposed:
        return ""
    return words["undo"] if alert.occasion in LAST else words["diff"]


def _flat(said: str) -> str:
    """One line: what a vendor wrote must not be able to add lines (or mail headers) of its own."""
    return " ".join(said.split())


def _capital(said: str) -> str:
    return said[:1].upper() + said[1:]
