"""A gateway over real HTTP: what it has loaded is what counts, not what its file says."""

import asyncio
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from answering import Asked, Said, answering
from changing import CONFIG, NOON, World, a_world
from fakegateway import FakeGateway, a_gateway

from alerts.branch import Branch
from alerts.gateway import PatchRefused
from alerts.gateways.configmap import Gateway as ConfigMap
from alerts.landing import digest
from alerts.observer import Took
from monitor.applying import apply, approve
from monitor.ground import label_of
from monitor.looking import asked, look, observer_of, written_of
from monitor.proposing import Running

Parts = tuple[World, FakeGateway, Running]


@pytest.fixture
def parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Parts]:
    monkeypatch.setenv("GW_KEY", "sk-master-1")
    with a_world(tmp_path) as world, a_gateway(world.file) as gateway:
        world.propose()
        approve(world.ground, "vw-1", "mei", NOON)
        apply(world.ground, "vw-1", "mei", NOON)
        yield world, gateway, Running("litellm", gateway.url, "GW_KEY", canary=True)


def saw(parts: Parts, **more: object) -> Took:
    world, _, running = parts
    place = replace(world.places["gw"], running=replace(running, **more))  # type: ignore[arg-type]
    return asyncio.run(look(place, world.life()))


def test_not_restarted_it_is_not_live(parts: Parts) -> None:
    found = saw(parts)
    assert (found.took, found.failing) == (False, False)
    assert "has not loaded it: smart leads to its own group there" in found.because
    assert parts[1].hits == {}, "a canary would only have gone to who shut us out"


@pytest.mark.parametrize("canary", [True, False])
def test_restarted_it_is(parts: Parts, canary: bool) -> None:
    gateway = parts[1]
    gateway.load()
    assert saw(parts, canary=canary).took is True
    assert gateway.hits == ({"backup": 1} if canary else {})
    assert [path for path in gateway.paths if "health" in path] == []


def test_live_and_failing_is_said(parts: Parts) -> None:
    parts[1].load()
    parts[1].broken.add("backup")
    found = saw(parts)
    assert (found.took, found.failing) == (True, True)
    assert "a request for smart was answered 503 by dashscope/qwen3-max" in found.because
    assert parts[1].hits == {"backup": 2}, "asked again, before it is believed"


def test_one_failure_is_no_reason_to_take_it_back(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    gateway = parts[1]
    gateway.load()
    real = gateway.answer

    def first_fails(asked: Asked) -> Said:
        status, heads, said = real(asked)
        return (529 if gateway.hits["backup"] == 1 and asked.method == "POST" else status), heads, said

    monkeypatch.setattr(gateway, "answer", first_fails)
    with answering(gateway.answer) as url:
        found = saw(parts, url=url)
    assert (found.took, found.failing, gateway.hits["backup"]) == (True, False, 2)


def test_what_cannot_be_told(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    assert saw(parts, kind="nothing").because == "nobody knows how to look at a running nothing"
    closed = saw(parts, url="http://127.0.0.1:9", canary=False)
    assert (closed.took, closed.because) == (None, "could not reach 127.0.0.1 (ConnectionRefusedError)")
    monkeypatch.delenv("GW_KEY")
    assert "GW_KEY is not set" in saw(parts).because
    assert saw(parts, key_env="", canary=False).took is None, "401 says nothing of aliases"


def test_each_key_goes_where_it_belongs(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is read may be elsewhere, with a key that is an admin's; the canary has its own."""
    gateway = parts[1]
    gateway.load()
    gateway.admin = "tk-admin-1"
    monkeypatch.setenv("ADMIN_KEY", gateway.admin)
    said = {"key_env": "ADMIN_KEY", "canary_key_env": "GW_KEY", "bearer": False, "headers": {"New-Api-User": "1"}}
    assert saw(parts, **said).took is True
    assert [(gateway.heads[path].get("authorization"), gateway.heads[path].get("new-api-user"))
            for path in ("/model/info", "/v1/chat/completions")] == [("tk-admin-1", "1"), ("Bearer sk-master-1", "1")]
    assert "could not reach" in saw(parts, admin_url="http://127.0.0.1:9", canary=False).because


def test_an_admin_port_gets_no_key(parts: Parts) -> None:
    world, gateway, running = parts
    apart = replace(running, kind="envoy_ai_gateway", admin_url=gateway.url, canary=False)
    written = written_of(world.places["gw"], world.life())[1]
    found = observer_of(apart.kind)
    assert found is not None
    assert asyncio.run(asked(apart, found, written)).took is None
    assert "authorization" not in gateway.heads["/clusters?format=json"]


def test_a_file_that_was_edited_since_is_compared_as_it_is(parts: Parts) -> None:
    world, gateway, _ = parts
    world.edit(lambda text: text + "# theirs\n")
    gateway.load()
    assert saw(parts).took is True
    world.edit(lambda text: text.replace("smart: backup", "smart: other"))
    assert "the file is not to be compared with the change" in saw(parts).because


def test_on_a_branch_that_is_not_merged_the_new_text_is_made_anew(parts: Parts) -> None:
    world = parts[0]
    world.edit(lambda text: CONFIG)
    written = written_of(world.places["gw"], world.life())[1]
    assert (written.before.text, written.now[0].name) == (CONFIG, "backup")


def test_no_canary_before_the_branch_is_merged(parts: Parts) -> None:
    """It would go to who shut us out, four times an hour for as long as nobody merges."""
    world, gateway, running = parts
    unread = replace(running, key_env="", canary_key_env="GW_KEY")
    assert saw((world, gateway, unread)).took is None
    assert gateway.hits == {"smart": 1}, "where nothing can be read, it goes the way of the apps"
    gateway.hits.clear()
    world.edit(lambda _: CONFIG)
    for words in (("init", "-q", "-b", "main"), ("add", "config.yaml"),
                  ("-c", "user.name=u", "-c", "user.email=u@x", "commit", "-q", "-m", "first")):
        subprocess.run(["git", *words], cwd=world.file.parent, check=True)
    world.landing = Branch(world.file, "main")
    world.landing.put(world.places["gw"].render(world.life().change).patched, digest(CONFIG), label_of(world.life()))
    found = saw((world, gateway, unread))
    assert (found.took, gateway.hits) == (False, {})
    assert found.because.startswith("vendorwatch/vw-1 is not merged into main of ")
    subprocess.run(["git", "reset", "-q", "--hard", "vendorwatch/vw-1"], cwd=world.file.parent, check=True)
    gateway.load()
    assert (saw((world, gateway, unread)).took, gateway.hits) == (None, {"backup": 1})


CONFIGMAP = "kind: ConfigMap\nmetadata: {name: llm}\ndata:\n  config.yaml: |\n" + "".join(
    f"    {line}\n" for line in CONFIG.splitlines())


def test_a_config_inside_another_file_is_looked_at_as_its_own_format(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GW_KEY", "sk-master-1")
    monkeypatch.setattr("changing.Gateway", ConfigMap)
    inner = tmp_path / "mounted.yaml"
    with a_world(tmp_path, CONFIGMAP) as world:
        inner.write_text(CONFIG)
        with a_gateway(inner) as gateway:
            world.propose()
            approve(world.ground, "vw-1", "mei", NOON)
            apply(world.ground, "vw-1", "mei", NOON)
            parts = world, gateway, Running("configmap", gateway.url, "GW_KEY", canary=True)
            assert saw(parts).took is False
            inner.write_text(ConfigMap().inside(world.text)[0][1])
            gateway.load()
            assert saw(parts).took is True


def test_two_configs_that_have_changed_are_two_gateways(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("changing.Gateway", ConfigMap)
    with a_world(tmp_path, f"{CONFIGMAP}---\n{CONFIGMAP}") as world:
        world.propose()
        with pytest.raises(PatchRefused, match="holds 2 configs that have changed"):
            written_of(world.places["gw"], world.life())
