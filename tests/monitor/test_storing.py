"""Evidence is stored under the rule's id: what an id that has ended, or another grid, has left is learned anew."""

import json
from collections.abc import Mapping

import pytest
from histories import Asked, Ledger, grid, history

from monitor.judge import load_judge
from monitor.memory import load_memory
from monitor.model import Stage
from monitor.rules import rules
from monitor.storing import by_id, by_name

GRID = [*grid(("eu", "us"), ("claude", "openai"), controls=1),
        Asked("claude", "eu", "main", kind="completion", model="m")]


def answer(one: Asked, minute: int) -> str:
    if one.provider == "claude" and minute > 5:
        return "geo_restricted"
    return "network_timeout" if one.region == "us" and minute % 7 == 0 else "ok"


@pytest.fixture(scope="module")
def book() -> Ledger:
    """A refusal stands, hiccups were learned, answers were timed and graded."""
    found = Ledger()
    found.take(history(GRID, 40, answer, total_s=0.5, items=4, passed=4))
    return found


def other(states: Mapping[str, str], rule: str) -> dict[str, str]:
    """As a version would have left it in which this rule meant something else."""
    own, theirs = rules()[rule].id, f"{rule}.0"
    return {key.replace(own, theirs): text.replace(f'"{own}', f'"{theirs}') for key, text in states.items()}


def test_a_rules_id_is_what_is_stored(book: Ledger) -> None:
    text = "\n".join(f"{key} {text}" for key, text in book.judge.memory.dump())
    for name in ("refusals", "network"):
        assert f'"{rules()[name].id}"' in text
        assert f'"{name}"' not in text
    assert (by_id("network reachability"), by_name("network.2 reachability")) == ("network.2 reachability",
                                                                                  "network reachability")
    assert by_name("network.1 reachability") == by_name("network") == ""


@pytest.mark.parametrize("rule", ["network", "refusals", "latency", "quality"])
def test_what_another_meaning_left_behind_is_learned_anew(book: Ledger, rule: str) -> None:
    states = dict(book.judge.memory.dump())
    found = load_memory(other(states, rule))
    tracks = list(found.tracks.values())
    assert len(tracks) == len(GRID), "all else is kept"
    assert not [one for one in tracks if one.found(rule) is not None or rule in one.declared or rule in one.hot]
    assert not [key for key in found.lives if key.split(" ")[0] == rule and key.split(" ")[1:]]
    kept = {"network", "refusals", "latency", "quality"} - {rule}
    assert {name for name in kept if any(one.found(name) for one in tracks)} == {
        name for name in kept if any(one.found(name) for one in book.judge.memory.tracks.values())}


def test_what_stands_on_a_rule_that_has_ended_can_end_all_the_same(book: Ledger) -> None:
    states = other({**book.judge.store(book.judge.last, book.cursor)}, "refusals")
    judge = load_judge(states)
    [standing] = [one for one in book.all() if one.stage is Stage.OPEN]
    judge.incidents = list(book.incidents.values())
    assert standing.key not in judge.memory.members
    judge.agree(book.policy, book.known)
    assert {rule for _, rule in judge.memory.members[standing.key]} == {"refusals"}


@pytest.mark.parametrize(("figure", "at"), [("speed", 8), ("grades", 2)])
def test_a_dump_of_another_grid_is_learned_anew_and_not_misread(book: Ledger, figure: str, at: int) -> None:
    states = dict(book.judge.memory.dump())
    key = next(key for key, text in states.items() if key.startswith("track") and json.loads(text)[figure])
    dumped = json.loads(states[key])
    [line] = dumped[figure].values()
    line[at] = [*line[at], 0.0]
    found = load_memory({**states, key: json.dumps(dumped)})
    track = found.by_text[key.partition(" ")[2]]
    assert getattr(track, figure) is None
    others = [one for one in found.tracks.values() if one is not track]
    assert all(getattr(one, figure) for one in others if getattr(book.judge.memory.tracks[one.stream], figure))
