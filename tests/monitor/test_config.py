import re
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.config import Config, catalogue_for, default_database, find_config, load_config
from monitor.errors import UserError
from monitor.plan import plan
from probes.model import Zone

EXAMPLE = Path(__file__).parents[2] / "deploy" / "vendorwatch.yaml"


def environ(tmp_path: Path, **more: str) -> dict[str, str]:
    return {"HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path), **more}


def load(tmp_path: Path, text: str, **more: str) -> Config:
    file = tmp_path / "vendorwatch.yaml"
    file.write_text(text, encoding="utf-8")
    return load_config(file, environ(tmp_path, **more))


def problems(tmp_path: Path, text: str, **more: str) -> list[str]:
    with pytest.raises(UserError) as caught:
        load(tmp_path, text, **more)
    prefix = f"{tmp_path / 'vendorwatch.yaml'}: "
    assert all(line.startswith(prefix) for line in caught.value.problems)
    return [line.removeprefix(prefix) for line in caught.value.problems]


def test_no_file_is_a_config(tmp_path: Path) -> None:
    config = load_config(None, environ(tmp_path))
    assert config.database == f"sqlite:///{tmp_path}/vendorwatch/vendorwatch.db"
    assert list(config.regions) == ["here"]
    assert not config.use_keys
    assert config.budget.usd_per_day <= 1
    assert config.channels["console"].type == "console"
    assert not (tmp_path / "vendorwatch").exists(), "looking changes nothing"
    assert config.model_copy(update={"database": ""}) == Config()


def test_an_empty_file_is_the_zero_config(tmp_path: Path) -> None:
    assert load(tmp_path, "# nothing\n") == load_config(None, environ(tmp_path))


def test_the_order_of_places(tmp_path: Path) -> None:
    home, here = tmp_path / "home", tmp_path / "here"
    user = home / ".config" / "vendorwatch" / "vendorwatch.yaml"
    for folder in (user.parent, here):
        folder.mkdir(parents=True)
    variables = {"HOME": str(home)}
    assert find_config(variables, here) in (None, Path("/etc/vendorwatch/vendorwatch.yaml"))
    user.touch()
    assert find_config(variables, here) == user
    (here / "vendorwatch.yaml").touch()
    assert find_config(variables, here) == here / "vendorwatch.yaml"
    assert find_config({**variables, "VENDORWATCH_CONFIG": "/x.yaml"}, here) == Path("/x.yaml")
    assert default_database({"HOME": "/h"}) == Path("/h/.local/state/vendorwatch/vendorwatch.db")


def test_short_forms_and_durations(tmp_path: Path) -> None:
    config = load(tmp_path, """
regions: {cn: {country: CN}, hk: {country: HK}}
vendors: {kimi: {surface: mainland, checks: {reachability: {every: 2m, deadline_s: 3}}}, glm: }
endpoints: [{name: ours, base_url: "http://10.0.0.1:8000/v1", model: q}]
controls: [example.com, {host: example.cn, zone: cn}]
channels: {team: {type: slack, webhook_env: HOOK}}
policy: {reminders: [1h]}
""", HOOK="x")
    check = config.vendors["kimi"].checks["reachability"]
    assert config.vendors["kimi"].surfaces == ["mainland"]
    assert (check.every, check.options) == (timedelta(minutes=2), {"deadline_s": 3})
    assert config.vendors["glm"].enabled
    assert config.endpoints[0].models == ["q"]
    assert [one.zone for one in config.controls] == [Zone.GLOBAL, Zone.CN]
    assert [one.side for one in config.regions.values()] == [Zone.CN, Zone.GLOBAL]
    assert config.channels["team"].options == {"webhook_env": "HOOK"}
    assert config.policy.reminders == [timedelta(hours=1)]


@pytest.mark.parametrize(("text", "said"), [
    ("langauge: en", r"langauge: unknown key \(did you mean language\?\)"),
    ("retention_days: soon", r"retention_days: .*whole number.*'soon'"),
    ("policy: {reminders: [60]}", r"policy.reminders\[0\]: expected a duration above zero such as 60s"),
    ("policy: {reminders: [0s]}", r"policy.reminders\[0\]: expected a duration above zero"),
    ("timezone: Mars/Base", "timezone: expected a time zone"),
    ("vendors: {antropic: {}}", r"vendors.antropic: unknown vendor 'antropic' \(did you mean anthropic\?\)"),
    ("vendors: {kimi: {}, moonshot: {}}", "vendors.moonshot: is the same vendor as 'kimi': a duplicate check"),
    ("vendors: {kimi: {regions: [mars]}}", "vendors.kimi.regions: unknown region 'mars'"),
    ("vendors: {kimi: {expect: {mars: restricted}}}", "vendors.kimi.expect: unknown region 'mars'"),
    ("vendors: {kimi: {surface: moon}}", "vendors.kimi.surfaces: no surface 'moon'"),
    ("vendors: {kimi: {checks: {reachabilty: {}}}}", r"vendors.kimi.checks.reachabilty: no such probe \(did you"),
    ("vendors: {kimi: {max_per_minute: 0}}", "vendors.kimi.max_per_minute: .* 1, got 0"),
    ("budget: {vendors: {antropic: {}}}", r"budget.vendors.antropic: unknown vendor 'antropic' \(did you mean anthr"),
    ("budget: {vendors: {kimi: {}, moonshot: {}}}", "budget.vendors.moonshot: is the same vendor as 'kimi'"),
    ("budget: {vendors: {kimi: {usd_per_week: 1}}}", r"budget.vendors.kimi.usd_per_week: unknown key"),
    ("budget: {each_vendor: {tokens_per_day: -1}}", r"budget.each_vendor.tokens_per_day: "),
    ("vendors: {kimi: {accounts: [a]}}", "vendors.kimi.accounts: no account 'a'"),
    ("vendors: {azure: {}}", "vendors.azure.variables: .* blanks that are not filled in"),
    ("accounts: [{name: a, vendor: kimi, key_env: K}, {name: a, vendor: glm, key_env: K}]",
     "accounts: 'a' is there 2 times"),
    ("accounts: [{name: a, vendor: kimi, key_env: K, host: relay.example}]",
     r"accounts\[0\].host: relay.example is no host of Kimi"),
    ("accounts: [{name: a, vendor: kimi, key_env: K, region: mars}]", r"accounts\[0\].region: unknown region"),
    ("accounts: [{name: a, vendor: kimi, key_env: 'sk-1 2'}]", r"accounts\[0\].key_env: "),
    ("endpoints: [{name: kimi, base_url: 'http://x/v1'}]", r"endpoints\[0\].name: 'kimi' is a name of Kimi"),
    ("endpoints: [{name: e, base_url: 'http://x/v1', dialect: opnai}]", r"endpoints\[0\].dialect: no dialect 'opnai'"),
    ("endpoints: [{name: e, base_url: 'ftp://x'}]", r"endpoints\[0\].base_url: "),
    ("endpoints: [{name: e, base_url: 'http://u:pw@x'}]", r"base_url: expected an address without user "),
    ("endpoints: [{name: e, base_url: 'http://x/v1', ca_file: none.pem}]", r"endpoints\[0\].ca_file: cannot read"),
    ("regions: {a: {vantages: [{}, {}]}}", "regions: 2 vantages are called 'a'"),
    ("regions: {a/b: {}}", "regions.a/b"),
    ("regions: {a: {was: b}, b: {}}", "regions: was: 'b' belongs to another region too"),
    ("channels: {x: {type: slak}}", r"channels.x.type: no 'slak' .*did you mean slack\?"),
    ("channels: {x: {type: slack, webhok_env: A}}", r"channels.x.webhok_env: unknown key \(did you mean webhook_env"),
    ("channels: {x: {type: slack, webhook_env: HOOK}}", "channels.x.webhook_env: the variable HOOK is not set"),
    ("gateways: {g: {type: litellm, file: none.yaml}}", "gateways.g.file: cannot read .*none.yaml"),
    ("workloads: {w: {primary: claude, gateway: g}}", "workloads.w.gateway: no gateway 'g'"),
    ("policy: {k: 6, n: 5}", r"policy.k: unknown key; known here: budgets, "),
    ("policy: {budgets: {warn: 9/day}}", r"policy.*no rarer than"),
    ("policy: {budgets: {warn: seldom}}", r"policy.budgets.warn: expected "),
    ("maintenance: [{start: 2026-11-24T08:00:00, end: 2026-11-24T09:00:00Z}]",
     r"maintenance\[0\]: start and end: expected a zone at both or at neither"),
    ("maintenance: [{start: 2026-11-24T09:00:00Z, end: 2026-11-24T08:00:00Z}]",
     r"maintenance\[0\]: end must come after"),
    ("maintenance: [{because: x}]", r"\[0\]: expected when: start and end, or interval, or cron and for; got none of"),
    ("maintenance: [{start: 2026-11-24T08:00:00Z}]", r"maintenance\[0\]: start is there without end; add it"),
    ("maintenance: [{cron: '0 2 * * *'}]", r"maintenance\[0\]: cron is there without for; add it"),
    ("maintenance: [{interval: 2026-12-01T22:00/PT4H, for: 2h}]",
     r"maintenance\[0\]: .*got interval and for; keep one"),
    ("maintenance: [{interval: soon}]", r"maintenance\[0\].interval: expected an interval such as 2026-12-01T22:00/"),
    ("maintenance: [{cron: daily, for: 2h}]", r"maintenance\[0\].cron: expected a cron line of five fields"),
    ("maintenance: [{cron: '0 25 * * *', for: 2h}]", r"maintenance\[0\].cron: .*its hour is none"),
    ("maintenance: [{cron: '*/30 * * * *', for: 2h}]", r"maintenance\[0\]: opens again after 0:30:00, before it shuts"),
    ("maintenance: [{cron: '0 2 * * *', for: -2h}]", r"maintenance\[0\].for: expected a duration above zero"),
    ("maintenance: [{cron: '0 2 * * *', lasts: 2h}]", r"maintenance\[0\].lasts: unknown key.* for, "),
    ("maintenance: [{cron: '0 2 * * *', for: 2h, timezone: Mars/Base}]",
     r"maintenance\[0\].timezone: expected a time zone"),
    ("maintenance: [{cron: '0 2 * * *', for: 2h}, {cron: '0 2 * * *', for: 2h, vendors: [kimi, antropic]}]",
     r"maintenance\[1\].vendors: unknown vendor 'antropic' \(did you mean anthropic\?\)"),
    ("maintenance: [{cron: '0 2 * * *', for: 2h, regions: [mars]}]",
     r"maintenance\[0\].regions: unknown region 'mars'"),
    ("timezone: Europe/Berlin\nmaintenance: [{interval: 2026-03-29T02:15/2026-03-29T02:45}]",
     r"maintenance\[0\]: the clocks of Europe/Berlin go forward and skip all of it"),
    ("- a", r"expected keys and values"),
    ("regions: {a: {}\n", "not valid YAML"),
    ("language: en\nlanguage: zh\n", "not valid YAML .*duplicate key"),
])
def test_bad_input_is_named(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "vendorwatch.yaml"
    file.write_text(text)
    with pytest.raises(UserError) as caught:
        load_config(file, environ(tmp_path))
    assert any(re.search(said, line) for line in caught.value.problems), caught.value.problems
    assert all(line.startswith(str(file)) for line in caught.value.problems)


def test_all_problems_at_once(tmp_path: Path) -> None:
    (tmp_path / "bad.pem").write_text("no certificate")
    found = problems(tmp_path, """
regions: {here: {vantages: [{ca_file: bad.pem}]}}
vendors: {nobody: {}, kimi: {regions: [mars]}}
channels: {team: {type: slack, webhook_env: HOOK}}
database: bad.pem/x.db
""")
    for word in ("vantages[0].ca_file", "vendors.nobody", "unknown region 'mars'", "HOOK is not set", "database:"):
        assert any(word in line for line in found), (word, found)


WRONG_FORM = """
langage: de
timezone: Mars/Olympus
database: 7
budget: {usd_per_day: lots}
regions: {here: {vantages: [{proxy: "htp:/x"}]}, eu: {contry: DE}}
vendors: {nobody: {}, kimi: {regions: [eu, mars], checks: {reachability: {every: soon}}}}
channels: {team: {type: slack, webhook_env: HOOK}}
"""


def test_a_value_of_the_wrong_form_hides_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "vendorwatch").write_text("where the database would be, had it not been named wrongly")
    found = problems(tmp_path, WRONG_FORM)
    places = ["langage", "timezone", "database", "budget.usd_per_day", "regions.here.vantages[0].proxy",
              "regions.eu.contry", "vendors.kimi.checks.reachability.every", "vendors.nobody", "vendors.kimi.regions",
              "channels.team.webhook_env"]
    assert sorted(line.split(":")[0] for line in found) == sorted(places), found
    assert "unknown region 'mars'" in "\n".join(found)


@pytest.mark.parametrize("text", [
    "regions: {eu: 3}", "regions: 3", "channels: {team: 3}", "regions: {1: {}}",
])
def test_a_name_that_cannot_be_thought_away_raises_no_false_alarm(tmp_path: Path, text: str) -> None:
    more = "\nvendors: {kimi: {regions: [eu]}}\npolicy: {channels: {critical: [team]}}\n"
    assert not [line for line in problems(tmp_path, text + more) if "unknown region" in line or "no channel" in line]


def test_a_key_of_a_reseller_is_no_account_of_the_vendor(tmp_path: Path) -> None:
    text = "accounts: [{name: a, vendor: claude, key_env: ANTHROPIC_API_KEY%s}]"
    relay = {"ANTHROPIC_API_KEY": "canary-77", "ANTHROPIC_BASE_URL": "https://relay.example"}
    [line] = problems(tmp_path, text % "", **relay)
    assert "relay.example" in line
    assert "canary-77" not in line
    assert load(tmp_path, text % ", host: api.anthropic.com", **relay).accounts[0].host == "api.anthropic.com"


def test_a_secret_in_the_wrong_place_is_not_printed_whole(tmp_path: Path) -> None:
    secret = "sk-canary-0123456789-abcdefghijkl"
    for text in (f"accounts: [{{name: a, vendor: kimi, key_env: {secret}}}]", f"budget: {{usd_per_day: {secret}}}"):
        assert secret not in "\n".join(problems(tmp_path, text))


def test_a_bad_catalogue_is_said_with_the_rest(tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        load(tmp_path, "catalogue: none\nvendors: {kimi: {regions: [mars]}}\n")
    assert "is not a folder" in caught.value.problems[0]
    assert "mars" in caught.value.problems[1]


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"cannot be read \(no such file"):
        load_config(tmp_path / "none.yaml", {})


def test_paths_count_from_the_files_folder(tmp_path: Path) -> None:
    (tmp_path / "litellm.yaml").write_text("model_list: []\n")
    config = load(tmp_path, "database: a.db\ngateways: {g: {type: litellm, file: litellm.yaml}}\n")
    assert config.database == f"sqlite:///{tmp_path}/a.db"
    assert config.gateways["g"].file == str(tmp_path / "litellm.yaml")


def test_a_database_url_is_left_alone(tmp_path: Path) -> None:
    url = "postgresql+psycopg://u@h/d"
    assert load(tmp_path, f"database: {url}\n").database == url


def test_the_example_loads(tmp_path: Path) -> None:
    config = load_config(EXAMPLE, environ(tmp_path, SLACK_WEBHOOK_URL="https://hooks.example"))
    expected = {(one.target.provider.id, one.vantage.region)
                for one in plan(config, catalogue_for(config)) if one.expect_restricted}
    assert ("anthropic", "shanghai") in expected, "by the vendor's own list of countries"
    assert ("moonshot", "shanghai") not in expected
    assert config.accounts[1].region == "shanghai"


def test_a_home_that_may_not_be_searched_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def is_file(self: Path) -> bool:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "is_file", is_file)       # what it does there
    found = find_config({"HOME": str(tmp_path / "not-ours")}, tmp_path)
    assert found in {None, Path("/etc/vendorwatch/vendorwatch.yaml")}
