"""A change becomes a diff, in the alert and in a file; what cannot be patched says why; the config is untouched."""

import json
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from changing import CHANGE, a_world, another
from changing import CONFIG as WORLD
from worlds import NOON

from alerts.gateways.litellm import Gateway
from alerts.landing import digest
from alerts.model import RoutingChange, Strength
from monitor.applying import apply, approve
from monitor.changes import Stand
from monitor.errand import change_from_json, change_to_json
from monitor.model import Errand, ErrandKind
from monitor.proposing import Place, Proposing, inventories_of
from monitor.reverting import revert

CONFIG = """model_list:
  - model_name: smart
    litellm_params:
      model: anthropic/claude-sonnet-4-5
  - model_name: backup
    litellm_params:
      model: openai/gpt-5
"""


def an_errand(takes_over: str = "backup", gateway: str = "gw") -> Errand:
    change = RoutingChange("c1", "smart", "anthropic", ("smart",), takes_over, Strength.EXCLUDE, "region_restricted",
                           "403")
    return Errand(1, "r1", ErrandKind.REROUTE, gateway, change_to_json(change), 1, "i1", NOON)


def proposing(folder: Path, mode: str = "propose") -> Proposing:
    file = folder / "config.yaml"
    file.write_text(CONFIG)
    return Proposing({"gw": Place(Gateway(), file, mode)}, folder / "patches")


def test_the_diff_is_returned_and_put_down_and_the_config_stays(tmp_path: Path) -> None:
    made = proposing(tmp_path)
    diff = made(an_errand())
    assert "backup" in diff
    assert (tmp_path / "patches" / "c1.diff").read_text() == diff
    assert (tmp_path / "config.yaml").read_text() == CONFIG
    assert made(an_errand()) == diff


def test_a_patch_that_was_applied_is_not_proposed_again_and_keeps_its_way_back(tmp_path: Path) -> None:
    made = proposing(tmp_path)
    diff = made(an_errand())
    patch = Gateway().render(change_from_json(an_errand().payload), CONFIG)
    (tmp_path / "config.yaml").write_text(patch.patched)
    assert made(an_errand()) == ""
    assert (tmp_path / "patches" / "c1.diff").read_text() == diff


def test_what_cannot_be_patched_says_why(tmp_path: Path) -> None:
    assert "no patch" in proposing(tmp_path)(an_errand(takes_over="nobody"))
    assert "no patch" in proposing(tmp_path)(an_errand(gateway="gone"))
    assert not (tmp_path / "patches").exists()


def test_what_cannot_be_rendered_has_no_word_of_how_to_make_it_live(tmp_path: Path) -> None:
    with a_world(tmp_path) as world:
        assert "restart the proxy" in world.places["gw"].to_make_live(CHANGE)
        world.file.unlink()
        assert world.places["gw"].to_make_live(CHANGE) == ""


def test_observing_proposes_nothing(tmp_path: Path) -> None:
    assert proposing(tmp_path, "observe")(an_errand()) == ""
    observed = an_errand().payload.replace('"mode":"propose"', '"mode":"observe"')
    assert observed != an_errand().payload
    assert proposing(tmp_path)(replace(an_errand(), payload=observed)) == "", "as a rule of the policy wished"


def test_a_file_that_is_gone_is_said_and_has_no_inventory(tmp_path: Path) -> None:
    made = proposing(tmp_path)
    assert set(inventories_of(made.places)) == {"gw"}
    (tmp_path / "config.yaml").unlink()
    assert "cannot be read" in made(an_errand())
    assert inventories_of(made.places) == {}


def test_a_file_with_crlf_is_patched_as_it_is(tmp_path: Path) -> None:
    made, crlf = proposing(tmp_path), CONFIG.replace("\n", "\r\n").encode()
    (tmp_path / "config.yaml").write_bytes(crlf)
    made(an_errand())
    diff = (tmp_path / "patches" / "c1.diff").read_bytes()
    changed = [line for line in diff.split(b"\n")[3:] if line]
    assert changed
    assert all(line.endswith(b"\r") for line in changed), "or no tool would apply it"
    assert json.loads((tmp_path / "patches" / "c1.json").read_text())["base_sha256"] == sha256(crlf).hexdigest()


def test_a_file_that_is_no_text_is_said_and_stops_nothing(tmp_path: Path) -> None:
    made = proposing(tmp_path)
    (tmp_path / "config.yaml").write_bytes(CONFIG.encode() + b"# \xff\n")
    assert "no patch" in made(an_errand())
    assert "is not UTF-8" in made(an_errand())
    assert inventories_of(made.places) == {}


def test_what_is_proposed_is_a_row_once_and_renewed_when_the_file_changes(tmp_path: Path) -> None:
    with a_world(tmp_path) as world:
        for _ in range(3):
            assert "smart: backup" in world.propose()
        assert world.said() == ["proposed"]
        world.edit(lambda text: text + "# more\n")
        world.propose()
        assert world.said() == ["proposed", "proposed"]
        life = world.life()
    assert (life.stand, life.mode, life.drawn.base_sha256) == (Stand.PROPOSED, "approve", digest(world.text))
    assert "os.environ/ANTHROPIC_API_KEY" not in str(life.drawn.undo), "the whole text is not kept"


def test_a_change_is_aimed_at_the_text_at_hand(tmp_path: Path) -> None:
    ours = WORLD.replace("model: anthropic/", "api_base: http://127.0.0.1:9/v1\n      model: openai/")
    with a_world(tmp_path, ours) as world:
        place = replace(world.places["gw"], own={"http://127.0.0.1:9/v1": "ours"})
        assert "anthropic" not in place.read().partition("api_key")[0]
        assert "smart: backup" in place.render(another(leaves="ours")).diff


def test_without_asking_only_for_the_listed_causes(tmp_path: Path) -> None:
    with a_world(tmp_path) as world:
        world.mode = "auto"
        assert world.places["gw"].mode_for(CHANGE, "auto") == "approve"
        world.causes = frozenset({"region_restricted"})
        assert world.places["gw"].mode_for(CHANGE, "auto") == "auto"
        assert world.places["gw"].mode_for(CHANGE, "observe") == "observe", "a rule may narrow"


def test_a_literal_key_of_the_config_is_kept_nowhere(tmp_path: Path) -> None:
    key = "sk-u1Bn7Hp3Xc9Dv5Kf0"
    with a_world(tmp_path, WORLD.replace("os.environ/ANTHROPIC_API_KEY", key)) as world:
        world.propose()
        approve(world.ground, "vw-1", "mei", NOON)
        apply(world.ground, "vw-1", "mei", NOON)
        world.edit(lambda text: f"# theirs\n{text}")
        revert(world.ground, "vw-1", "mei", NOON)
        assert world.text.startswith("# theirs\n# ours")
    kept = [path for path in tmp_path.rglob("*") if path.is_file() and path != world.file]
    assert len(kept) > 2
    assert [path.name for path in kept if key.encode() in path.read_bytes()] == []
