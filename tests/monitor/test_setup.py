"""What a config amounts to: checks, keys, channels and gateways by the team's names, and where files land."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from alerts.channels.console import Channel as Console
from alerts.channels.slack import Channel as Slack
from alerts.gateways.litellm import Gateway as LiteLlm
from monitor.errors import UserError
from monitor.settings import Config
from monitor.setup import (
    channels_of,
    gateways_of,
    lock_file,
    read_config,
    read_setup,
    setup_of,
    state_folder,
)
from monitor.tiers import DAY_S, Budgets

KEY = {"MOONSHOT_API_KEY": "sk-canary-0001"}


def a_config(**sections: Any) -> Config:
    return Config.model_validate(sections)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    return tmp_path


def test_the_file_named_the_variable_the_folder_and_none(home: Path) -> None:
    for name, zone in (("a.yaml", "Asia/Tokyo"), ("b.yaml", "Asia/Seoul"), ("vendorwatch.yaml", "Asia/Bangkok")):
        (home / name).write_text(f"timezone: {zone}\n")
    named = {"VENDORWATCH_CONFIG": "b.yaml", "HOME": str(home)}
    assert read_config(Path("a.yaml"), named).timezone == "Asia/Tokyo"
    assert read_config(None, named).timezone == "Asia/Seoul"
    assert read_config(None, {"HOME": str(home)}).timezone == "Asia/Bangkok"
    (home / "vendorwatch.yaml").unlink()
    assert read_config(None, {"HOME": str(home)}).timezone == "UTC"
    setup = read_setup(None, {"HOME": str(home)})
    assert setup.path is None
    assert not list(home.glob("**/*.db")), "reading opens nothing"


def test_a_file_that_is_named_and_not_there_is_said(home: Path) -> None:
    with pytest.raises(UserError, match=r"none.yaml: cannot be read"):
        read_config(None, {"VENDORWATCH_CONFIG": "none.yaml"})


def test_keys_are_found_and_used_only_when_told(home: Path) -> None:
    environ = {**KEY, "HOME": str(home)}
    left, used = read_setup(None, environ), read_setup(None, environ, use_keys=True)
    assert [key.env for key in left.keys] == ["MOONSHOT_API_KEY"]
    assert not any(check.keyed for check in left.checks)
    assert {check.target.provider.id for check in used.checks if check.keyed} == {"moonshot"}
    assert "sk-canary-0001" not in repr(used)


def test_channels_speak_the_configs_language_unless_they_say_otherwise() -> None:
    made = channels_of(a_config(language="zh", timezone="Asia/Shanghai", channels={
        "here": {"type": "console"}, "team": {"type": "slack", "webhook_env": "HOOK", "language": "en"}}))
    assert made == {"here": Console("zh", "Asia/Shanghai"),
                    "team": Slack("HOOK", language="en", timezone="Asia/Shanghai")}


def test_a_channel_without_language_is_not_given_one(monkeypatch: pytest.MonkeyPatch) -> None:
    class Mute:
        pass

    monkeypatch.setattr("monitor.setup.load_plugin", lambda *_: Mute)
    assert isinstance(channels_of(a_config(channels={"x": {"type": "mute"}}))["x"], Mute)


def test_gateways_by_their_names() -> None:
    made = gateways_of(a_config(gateways={"ours": {"type": "litellm", "file": "l.yaml"}}))
    assert list(made) == ["ours"]
    assert isinstance(made["ours"], LiteLlm)
    assert gateways_of(Config()) == {}


def test_the_budgets_of_the_config_are_the_policys() -> None:
    assert setup_of(Config(), {}).policy.budgets == Budgets()
    found = setup_of(a_config(policy={"budgets": {"confirm": "1/30 days"}}), {}).policy.budgets
    assert found == replace(Budgets(), confirm_s=30 * DAY_S)


def test_patches_and_locks_lie_beside_a_file_and_in_the_state_folder_otherwise(home: Path) -> None:
    file = a_config(database="sqlite:////var/lib/vw/v.db")
    assert (state_folder(file), lock_file(file)) == (Path("/var/lib/vw"), Path("/var/lib/vw/v.db.lock"))
    one, two = (a_config(database=f"postgresql://u:canary@h/{name}") for name in ("a", "b"))
    assert state_folder(one) == home / ".local/state/vendorwatch"
    assert lock_file(one).parent == state_folder(one)
    assert lock_file(one) != lock_file(two)
    assert "canary" not in str(lock_file(one))


def test_who_only_looks_needs_no_secret_and_no_gateways_file_of_this_machine(tmp_path: Path) -> None:
    file = tmp_path / "vendorwatch.yaml"
    file.write_text("channels: {hook: {type: webhook, url_env: HOOK}}\n"
                    "gateways: {x: {type: litellm, file: gone.yaml}}\n")
    environ = {"HOME": str(tmp_path)}
    assert list(read_config(file, environ).gateways) == ["x"]
    [fault] = read_setup(file, environ).faults
    assert fault.startswith("gateways.x.file: cannot read ")
    with pytest.raises(UserError, match="HOOK is not set") as caught:
        read_setup(file, environ, here={"channels"})
    assert len(caught.value.problems) == 1       # of a gateway's file a daemon speaks and watches on
    with pytest.raises(UserError) as caught:
        read_config(file, environ, here={"channels", "gateways"})
    assert len(caught.value.problems) == 2
