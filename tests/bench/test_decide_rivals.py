"""The peers' rules, the oracle and the adaptive loop: each does what it says it does."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import pytest

from bench.decide import oracle as oracles
from bench.decide.effects import Stream
from bench.decide.engine import FixedPace
from bench.decide.live import FLOOR_S, Loop
from bench.decide.params import DAY
from bench.decide.peers import Rule, aiwatch, for_s, in_a_row, queue, replay
from bench.decide.run import LIVE, OURS, Spec, judged, tables
from bench.decide.worlds import World


def firing(rule: Rule, pattern: str, every_s: int = 60, took_s: float = 1.0) -> str:
    return "".join(".!"[rule(n * every_s, one == "x", took_s)] for n, one in enumerate(pattern))


@pytest.mark.parametrize(("rule", "pattern", "fires"), [
    (in_a_row(3, 2), "xx.xxxx.x..xx", ".....!!!!!..."),
    (in_a_row(1, 1), ".x.xx.", ".!.!!."),
    (for_s(300), "xxxxxxx.xx", ".....!!..."),
    (queue(10, 0.8), ".......xxx....", ".........!!!!!"),
])
def test_a_rule_fires_as_its_source_does(rule: Rule, pattern: str, fires: str) -> None:
    assert firing(rule, pattern) == fires


def test_aiwatch_asks_every_five_minutes_and_knows_spikes() -> None:
    assert firing(aiwatch(), "x" * 16) == "." * 10 + "!" * 6
    rule = aiwatch()
    firing(rule, "." * 100)
    assert [rule(6000 + 300 * n, False, 3.5) for n in range(4)] == [False, False, True, True]


def test_peers_open_and_close_by_check_and_ignore_controls() -> None:
    rows = [row for row in World.named("busy", 1, 1).history() if row["kind"] != "completion"]
    said = replay(rows)
    assert len(said["Uptime Kuma"]) > len(said["Gatus N=3"]) > 0
    assert {one["provider"] for one in said["Uptime Kuma"]} <= {"aster", "borea", "cygna"}
    assert all(one["closed"] is None or one["closed"] > one["opened"] for one in said["Uptime Kuma"])


def test_at_base_pace_the_loop_reads_the_history() -> None:
    one, engine = World.named("busy", 2, 0.5), FixedPace("Uptime Kuma")
    asked = Loop(one, engine).run()
    rows = list(World.named("busy", 2, 0.5).history())
    assert asked.calls.total() == len(rows)
    assert not asked.extra
    assert engine.incidents() == replay(rows, ["Uptime Kuma"])["Uptime Kuma"]


class Eager:
    """Wishes for one stream every second, for a while."""

    def __init__(self, world: World, stream: Stream) -> None:
        self._world, self._stream = world, stream
        self.at: list[int] = []

    def take(self, record: Mapping[str, Any]) -> None:
        if (record["kind"], record["provider"], record["region"]) == self._stream[:3]:
            self.at.append(self._world.second(record["slot"]))

    def wishes(self, now: int) -> Mapping[Stream, int]:
        return {self._stream: 1} if 1000 <= now < 2000 else {}

    def incidents(self) -> list[dict[str, Any]]:
        return []


def test_a_wish_is_granted_down_to_the_floor_and_ends() -> None:
    world, stream = World.named("base", 1, 0.05), Stream("reachability", "aster", "eu-1")
    eager = Eager(world, stream)
    asked = Loop(world, eager).run()
    gaps = [two - one for one, two in pairwise(eager.at) if 1000 <= one < 1990 and two < 2000]
    assert set(gaps) == {FLOOR_S}
    assert {two - one for one, two in pairwise(eager.at) if one > 2100} == {60}
    assert 180 <= asked.extra["reachability"] <= 201
    assert asked.tokens_a_day(0.05) > 0


def test_the_oracle_stays_in_its_budget_and_is_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("SEEDS", (1,)), ("DAYS", 6), ("TRIALS", 60)):
        monkeypatch.setattr(oracles, name, value)
    oracles.null_of.cache_clear()
    some = [oracles.oracle("lone", share) for share in (1.0, 0.5, 0.2)]
    oracles.null_of.cache_clear()
    assert all(one.false <= 1 for one in some)
    assert 60 < some[0].mean_s < some[2].mean_s < DAY      # a whole block is one fact, so not always quickest
    assert some[1].mean_s < some[2].mean_s


def test_the_tables_are_printed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("bench.decide.engine.can_replay", lambda: False)
    monkeypatch.setattr("bench.decide.engine.live", lambda world: FixedPace())
    monkeypatch.setattr("bench.decide.run.oracles",
                        lambda _: {share: oracles.Oracle(share, True, 9.0, 0.5, 150.0, 180.0) for share in (1.0, 0.2)})
    monkeypatch.setattr("bench.decide.goals.say", print)
    assert tables(["lone"], 1, 3) == 0
    text = capsys.readouterr().out
    assert "| Gatus N=3 " in text
    assert "silent 20 %" in text


def test_ours_is_judged_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.decide.engine.can_replay", lambda: True)
    monkeypatch.setattr("bench.decide.engine.replay_file", lambda path: [] if path.stat().st_size else None)
    monkeypatch.setattr("bench.decide.engine.live", lambda world: FixedPace())
    _, tallies = judged(Spec("lone", 1, 1, "dense"))
    assert {OURS, LIVE} <= set(tallies)
