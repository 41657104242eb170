"""Alerts in Slack: an incoming webhook, or a bot that keeps one thread an incident."""

import asyncio
from dataclasses import dataclass, field
from typing import Any, Final

from alerts import wording
from alerts.channel import DeliveryError
from alerts.model import LAST, Alert, Message, Receipt
from alerts.post import DEADLINE_S, post_json, scrub, secret

_HEADER: Final = 150     # Slack refuses the whole message where one block is too long
_SECTION: Final = 3000
_DIFF_BLOCKS: Final = 3
_TRANSIENT: Final = frozenset({
    "ratelimited", "rate_limited", "message_limit_exceeded", "internal_error", "fatal_error", "service_unavailable",
    "request_timeout", "team_added_to_org",
})
_UNREACHABLE: Final = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})


@dataclass(frozen=True, slots=True)
class Channel:
    """Posts to Slack, by an incoming webhook or as a bot.

    Options (one of the two ways; the bot gives one thread an incident, whose first message is edited on recovery):
      webhook_env   name of the variable that holds the incoming webhook's URL
      token_env     name of the variable that holds a bot token (xoxb-…, scope chat:write)
      channel       channel id or name, with token_env
      base_url      Slack's API, for a proxy of your own
      language, timezone   en or zh; zone the times are shown in

    Slack's own client, used for the bot, follows HTTPS_PROXY; the webhook does not.
    """

    webhook_env: str = ""
    token_env: str = ""
    channel: str = ""
    base_url: str = field(default="https://slack.com/api/", repr=False)
    language: str = "en"
    timezone: str = "UTC"

    def __post_init__(self) -> None:
        wording.check_voice(self.language, self.timezone)
        if self.webhook_env and self.token_env:
            raise ValueError("webhook_env, token_env: give one of the two")
        if not self.webhook_env and not self.token_env:
            raise ValueError("webhook_env: is missing; name the variable with the webhook's URL, or give token_env")
        if self.token_env and not self.channel:
            raise ValueError("channel: needed with token_env")

    def render(self, alert: Alert) -> Message:
        """Pure: blocks within Slack's limits; `body` also says whether the thread's first message is to be edited."""
        said = wording.message(alert, self.language, self.timezone)
        blocks = _blocks(alert, self.language, self.timezone)
        body = {"blocks": blocks, "recovered": alert.occasion in LAST}
        return Message(said.subject, said.text, body, said.thread, said.key)

    async def deliver(self, message: Message, earlier: Receipt | None = None) -> Receipt:
        """Raises DeliveryError. The receipt refers to the thread's first message, however often it is passed on."""
        body = message.body if isinstance(message.body, dict) else {}
        if not self.token_env:
            url = secret(self.webhook_env)
            await post_json(url, {"text": _safe(message.subject), "blocks": body.get("blocks", [])})
            return Receipt(detail="webhook")
        token = secret(self.token_env)
        try:
            return await asyncio.to_thread(self._post, token, message, body, earlier)
        except DeliveryError:
            raise
        except (OSError, ValueError, asyncio.IncompleteReadError) as error:
            raise DeliveryError(f"could not reach Slack ({type(error).__name__})") from None

    def _post(self, token: str, message: Message, body: dict[str, Any], earlier: Receipt | None) -> Receipt:
        from slack_sdk import WebClient
        from slack_sdk.errors import SlackApiError, SlackClientError

        client = WebClient(token, base_url=self.base_url, timeout=int(DEADLINE_S), retry_handlers=[])
        place, _, first = (earlier.reference if earlier else "").partition(":")
        text, blocks = _safe(message.subject), body.get("blocks", [])
        try:
            if first and body.get("recovered"):
                _edit(client, place, first, text, blocks)   # before posting: it may be repeated without harm
            reply = client.chat_postMessage(
                channel=place or self.channel, text=text, blocks=blocks, thread_ts=first or None, unfurl_links=False
            )
        except SlackApiError as error:
            raise _failure(error, token) from None
        except SlackClientError as error:
            raise DeliveryError(f"Slack's client failed ({type(error).__name__})") from None
        posted = f"{reply.get('channel')}:{reply.get('ts')}"
        return Receipt(reference=f"{place}:{first}" if first else posted, detail=posted)


def _edit(client: Any, place: str, first: str, text: str, blocks: object) -> None:
    """Edit the thread's first message. One that is gone is no reason to keep the news back."""
    from slack_sdk.errors import SlackApiError

    try:
        client.chat_update(channel=place, ts=first, text=text, blocks=blocks)
    except SlackApiError as error:
        if _code(error) not in _UNREACHABLE:
            raise


def _code(error: Any) -> str:
    said = error.response.get("error") if hasattr(error.response, "get") else ""
    return str(said or "")


def _failure(error: Any, token: str) -> DeliveryError:
    code, status = _code(error), int(getattr(error.response, "status_code", 0) or 0)
    again = code in _TRANSIENT or status == 429 or status >= 500
    headers = getattr(error.response, "headers", None) or {}
    wait = next((value for name, value in headers.items() if name.lower() == "retry-after"), "")
    after = float(wait) if again and str(wait).isdecimal() else None
    reason = scrub(f"Slack answered {status}: {code}".rstrip(": "), (token,))
    return DeliveryError(reason, permanent=not again, retry_after_s=after)


def _blocks(alert: Alert, language: str, zone: str) -> list[dict[str, Any]]:
    title = wording.clip(wording.headline(alert, language, zone), _HEADER)
    known = wording.facts(alert, language, zone)
    commands = "\n".join(alert.run)
    lines = [f"*{_safe(label)}*  {_safe(value)}" for label, value in known[1:] if value != commands]
    blocks: list[dict[str, Any]] = [{"type": "header", "text": {"type": "plain_text", "text": title, "emoji": False}}]
    if lines:
        blocks.append(_section(wording.clip("\n".join(lines), _SECTION)))
    if commands:
        blocks.append(_section(_fenced(commands)))
    return blocks + [_section(_fenced(part)) for part in _parts(alert.proposed)]


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def _fenced(code: str) -> str:
    return "```\n" + wording.clip(_safe(code).replace("```", "'''"), _SECTION - 10) + "\n```"


def _parts(diff: str) -> list[str]:
    """The diff cut at line ends into pieces that fit even when every character must be escaped."""
    room, parts = _SECTION // 2, [""]
    for line in diff.splitlines():
        cut = wording.clip(line, 400)
        if len(_safe(parts[-1] + cut)) > room:
            parts.append("")
        parts[-1] += cut + "\n"
    kept = parts[:_DIFF_BLOCKS]
    if len(parts) > _DIFF_BLOCKS:
        kept[-1] += "… (the whole diff is in the patch file)"
    return [part.rstrip("\n") for part in kept if part.strip()]


def _safe(text: str) -> str:
    """Slack's three control characters escaped: a vendor's text can then address nobody (<!channel>)."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
