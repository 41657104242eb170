"""Every gateway format, by walking the folder: its form, and the laws of a patch on a sample of its own."""

import dataclasses
import importlib
import importlib.util
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import alerts.gateways
from alerts.gateway import PatchRefused
from alerts.model import RoutingChange, Strength
from monitor.catalogue import load_catalogue
from monitor.config import load_config
from monitor.formats import aimed, format_of
from monitor.known import Fallback, KnownWorkload
from monitor.proposing import Place
from monitor.starting import MOVE_WHOLE, Running, first_config
from monitor.unserved import unserved
from monitor.workloads import workloads_of

NAMES = sorted(file.stem for file in Path(alerts.gateways.__path__[0]).glob("*.py") if file.stem != "__init__")
MIRRORS = Path(__file__).parent.parent / "alerts" / "gateways"


@dataclasses.dataclass(frozen=True)
class Sample:
    """From the format's own test file: SAMPLE, a config whose WORKLOAD is served by anthropic, TARGET by another.

    NOTED = False: the format has no comments, so that no mark of ownership can stand in it.
    """

    text: str
    workload: str
    target: str
    noted: bool


@cache
def sample_of(name: str) -> Sample:
    spec = importlib.util.spec_from_file_location(f"sample_{name}", MIRRORS / f"test_{name}.py")
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return Sample(found.SAMPLE, found.WORKLOAD, found.TARGET, getattr(found, "NOTED", True))


def change_of(name: str, **more: Any) -> RoutingChange:
    sample = sample_of(name)
    change = RoutingChange("vw-1", sample.workload, "anthropic", (), sample.target, Strength.EXCLUDE, "geo", "403")
    return aimed(dataclasses.replace(change, **more), made(name), sample.text, load_catalogue())


def made(name: str) -> Any:
    return importlib.import_module(f"alerts.gateways.{name}").Gateway()


@pytest.mark.parametrize("name", NAMES)
def test_form(name: str) -> None:
    gateway = made(name)
    assert dataclasses.is_dataclass(gateway)
    assert type(gateway).__doc__
    assert isinstance(gateway.names, tuple)
    assert format_of(sample_of(name).text)[0] == name       # and no other format takes it for its own


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
@pytest.mark.parametrize("name", NAMES)
def test_laws_of_a_patch(name: str, bom: str, end: str) -> None:
    sample = sample_of(name)
    for text in (bom + sample.text.replace("\n", end), bom + sample.text.rstrip("\n").replace("\n", end)):
        change = change_of(name)
        patch = made(name).render(change, text, "config")
        assert patch.gateway == name
        assert patch.change == "vw-1"
        assert patch.apply
        assert patch.patched != text == patch.reverted
        assert patch.patched.startswith(bom)
        assert patch.patched.endswith(end) or not text.endswith(end)
        assert end == "\n" or "\n" not in patch.patched.replace(end, "")
        assert patch.diff
        assert not sample.noted or "vw-1" in patch.patched
        again = made(name).render(aimed(change, made(name), patch.patched, load_catalogue()), patch.patched, "config")
        assert again.diff == ""
        assert again.patched == patch.patched == again.reverted
        assert list(made(name).lint(text)) == list(made(name).lint(patch.patched)) == []


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("strength", list(Strength))
def test_law_8_no_patch_adds_a_way_round(name: str, strength: Strength) -> None:
    patch = made(name).render(change_of(name, strength=strength), sample_of(name).text)
    added = [line.lower() for line in patch.diff.splitlines() if line.startswith("+")]
    assert not any(word in line for line in added for word in ("proxy", "socks"))
    hosts = set(re.findall(r"https?://[^/\s\"']+", "\n".join(added)))
    assert hosts <= set(re.findall(r"https?://[^/\s\"']+", sample_of(name).text.lower()))   # none is new


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("wrong", [{"takes_over": "nobody-of-this-file"}, {"workload": "nobody-of-this-file"}])
def test_what_is_not_there_is_refused(name: str, wrong: dict[str, str]) -> None:
    with pytest.raises(PatchRefused, match="nobody-of-this-file"):
        made(name).render(change_of(name, **wrong), sample_of(name).text)


@pytest.mark.parametrize("name", NAMES)
def test_inventory_names_what_is_served(name: str) -> None:
    sample, found = sample_of(name), made(name).inventory(sample_of(name).text)
    keys = [route.key for route in found.routes]
    assert len(keys) == len(set(keys))
    assert all(keys)
    called = {word for route in found.routes for word in (route.name, *route.also)}
    assert sample.target in called
    assert sample.workload in found.workloads
    assert {key for served in found.workloads.values() for key in served} <= set(keys)
    assert change_of(name).leaves_routes


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("junk", ["", "\x00", "[]", "{", "<html>", "a: [", "\ufeff", "- a\n- b\n"])
def test_junk_is_refused_and_linted_never_a_traceback(name: str, junk: str) -> None:
    with pytest.raises(PatchRefused):
        made(name).render(change_of(name), junk)
    with pytest.raises(PatchRefused):
        made(name).inventory(junk)
    assert list(made(name).lint(junk))


@pytest.mark.parametrize("name", NAMES)
def test_a_first_config_is_made_of_it_and_is_good(name: str, tmp_path: Path) -> None:
    """`config init --from`: what the gateway serves by anthropic is a workload of its own, and check finds it good."""
    sample = sample_of(name)
    (tmp_path / "gateway.txt").write_text(sample.text, encoding="utf-8")
    inventory = made(name).inventory(sample.text)
    text = first_config(Running(inventory, name, str(tmp_path / "gateway.txt"), load_catalogue()))
    (tmp_path / "vendorwatch.yaml").write_text(f"database: {tmp_path}/v.db\n{text}", encoding="utf-8")
    config = load_config(tmp_path / "vendorwatch.yaml", {"HOME": str(tmp_path)})
    known = {one.name: one for one in workloads_of(config, load_catalogue(), {name: inventory})}
    assert known[sample.workload].primary == "anthropic"
    assert known[sample.workload].gateway == name
    assert "anthropic" in config.vendors


@pytest.mark.parametrize("name", NAMES)
def test_a_workload_goes_by_its_name_before_and_after_its_patch_and_another_does_not(name: str, tmp_path: Path) -> None:
    sample, file = sample_of(name), tmp_path / "config"
    place = Place(made(name), file, catalogue=load_catalogue())

    def said(word: str, text: str, taker: str = sample.target) -> list[str]:
        file.write_bytes(text.encode())
        one = KnownWorkload(word, "anthropic", (Fallback(taker, "x"),), "gw")
        return [line for _, line in unserved([one], {"gw": place}, {"gw": made(name).inventory(text)})]

    assert said(sample.workload, sample.text) == []
    assert said(sample.workload, made(name).render(change_of(name), sample.text, "config").patched) == []
    for taker in (sample.target, "no-such-route"):
        [line] = said("smat", sample.text, taker)
        assert "serves no 'smat'" in line


@pytest.mark.parametrize("name", sorted(MOVE_WHOLE))
def test_names_of_one_thing_become_one_workload_for_whichever_is_moved_it_is_the_same_patch(name: str) -> None:
    sample, called = sample_of(name), dict[tuple[str, ...], list[str]]()
    inventory = made(name).inventory(sample.text)
    for word, keys in inventory.workloads.items():
        called.setdefault(keys, []).append(word)
    words = called[inventory.workloads[sample.workload]]
    assert len(words) > 1
    assert len({made(name).render(change_of(name, workload=word), sample.text, "c").patched for word in words}) == 1
    text = first_config(Running(inventory, name, "c", load_catalogue()))
    assert [word for word in words if re.search(rf'(?m)^  "?{re.escape(word)}"?:$', text)] == words[:1]
    assert all(word in text.split("moved with it: ", 1)[1] for word in words[1:])


@pytest.mark.parametrize("name", NAMES)
def test_once_it_is_where_it_lands_nobody_is_told_to_put_it_there(name: str, tmp_path: Path) -> None:
    (tmp_path / "config").write_bytes(sample_of(name).text.encode())
    said = Place(made(name), tmp_path / "config").to_make_live(change_of(name))
    assert said
    assert not re.search("write the|send the calls", said)
