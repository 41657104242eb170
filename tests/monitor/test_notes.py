"""What the plan leaves out, and what it takes for granted, is said: one line a vendor, with the key to change."""

from monitor.catalogue import load_catalogue
from monitor.keys import found_keys
from monitor.notes import notes_on
from monitor.plan import plan
from monitor.settings import Config

CATALOGUE = load_catalogue()
PAID = {"checks": {"completion": {}, "quality": {"every": "2h"}, "reachability": {}}}


def notes(environ: dict[str, str] | None = None, **sections: object) -> tuple[str, ...]:
    config = Config.model_validate(sections)
    return notes_on(config, CATALOGUE, plan(config, CATALOGUE, tuple(found_keys(CATALOGUE, environ or {}))))


def test_a_config_that_says_all_needs_no_note() -> None:
    assert notes() == ()
    account = {"name": "a", "vendor": "claude", "key_env": "K"}
    assert notes(vendors={"claude": PAID}, accounts=[account]) == ()
    assert notes({"ANTHROPIC_API_KEY": "sk"}, vendors={"claude": PAID}, use_keys=True) == ()


def test_what_is_asked_for_and_has_no_account_is_one_line_a_vendor() -> None:
    first, second = notes(vendors={"claude": PAID, "kimi": {"checks": {"quality": {}}}, "glm": {}})
    assert first.startswith("vendors.claude.checks: not planned, for want of an account: completion, quality;")
    assert "use_keys: true" in first
    assert second.startswith("vendors.kimi.checks: not planned, for want of an account: quality;")
    assert "use_keys" not in notes(vendors={"claude": PAID}, use_keys=True)[0]


def test_what_is_switched_off_is_not_missed() -> None:
    off = {"checks": {"completion": {"enabled": False}}}
    assert notes(vendors={"claude": off, "kimi": {**PAID, "enabled": False}}) == ()


def test_a_refusal_that_is_expected_by_default_is_said_with_its_source_and_date() -> None:
    regions = {"here": {}, "shanghai": {"country": "CN"}, "hk": {"country": "HK"}}
    said = notes(regions=regions, vendors={"gemini": {}, "claude": {"expect": {"hk": "restricted"}}, "kimi": {}})
    by_vendor = {line.partition(":")[0]: line for line in said}
    assert set(by_vendor) == {"vendors.gemini.expect", "vendors.claude.expect"}
    assert "shanghai (CN), hk (HK)" in by_vendor["vendors.gemini.expect"]
    assert "2025-08-01" in by_vendor["vendors.gemini.expect"]
    assert "https://" in by_vendor["vendors.gemini.expect"]
    assert "in shanghai (CN):" in by_vendor["vendors.claude.expect"]


def test_rows_that_are_gone_before_the_month_is_are_missing_in_its_budget() -> None:
    [line] = notes(retention_days=30)
    assert line.startswith("retention_days: 30 is less than a month")
    assert notes(retention_days=31) == ()


def test_dst_back_and_forward_a_window_that_lasts_otherwise_than_it_looks_is_said() -> None:
    windows = [{"interval": "2026-10-25T02:30/2026-10-25T03:30"}, {"interval": "2026-10-25T02:30/PT1H"},
               {"start": "2026-03-29T01:30", "end": "2026-03-29T03:30"}, {"cron": "30 2 * * *", "for": "1h"},
               {"start": "2026-03-29T01:30", "end": "2026-03-29T03:30", "timezone": "UTC"}]
    back, forward = notes(timezone="Europe/Berlin", maintenance=windows)
    assert back == ("maintenance[0]: the clocks of Europe/Berlin change within it: from 2026-10-25 00:30Z to "
                    "2026-10-25 02:30Z are 2:00:00, not 1:00:00; for a set length say interval: START/PT4H")
    assert forward.startswith("maintenance[2]: ")
    assert "are 1:00:00, not 2:00:00" in forward
    assert notes(timezone="Asia/Shanghai", maintenance=windows) == ()


def test_what_would_move_by_itself_on_a_mere_knock_is_said() -> None:
    gateway = {"type": "litellm", "file": "gw.yaml", "auto_causes": ["region_restricted"]}
    account = {"name": "k", "vendor": "kimi", "key_env": "K", "region": "eu"}
    work = {"any": {"primary": "claude", "fallbacks": ["kimi"], "regions": ["eu"]}}

    def said(mode: str, *accounts: object) -> tuple[str, ...]:
        gateways = {"gw": {**gateway, "mode": mode}}
        return notes(regions={"eu": {}}, accounts=list(accounts), workloads=work, gateways=gateways)

    assert said("propose") == said("auto", account) == ()
    [line] = said("auto")
    assert "kimi is known by no more than a knock in eu: no account of moonshot" in line


def test_a_fallback_that_is_of_no_use_is_said() -> None:
    accounts = [{"name": "k", "vendor": "kimi", "key_env": "K", "region": "eu"},
                {"name": "g", "vendor": "glm", "key_env": "G", "region": "eu"}]
    work = {"primary": "claude", "fallbacks": ["kimi", "glm"], "needs": ["tools"],
            "allowed": [{"vendor": "kimi", "by": "mei", "date": "2026-11-02"}]}
    kimi, glm = notes(regions={"eu": {}, "us": {}}, accounts=accounts, workloads={"smart": work})
    assert kimi.startswith("workloads.smart.fallbacks: kimi cannot be proven in us: no account of moonshot")
    assert glm.startswith("workloads.smart.fallbacks: glm will never take over: zhipu is not among the vendors allowed")
    assert notes(regions={"eu": {}, "us": {}}, accounts=accounts, workloads={
        "smart": {**work, "fallbacks": ["kimi"], "regions": ["eu"]}, "any": {"primary": "claude",
                                                                         "fallbacks": ["kimi"]}}) == ()
