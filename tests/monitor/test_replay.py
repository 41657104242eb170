"""Today's rules over a file, from nothing: what comes out, and that it does not depend on how the file was written."""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from histories import T0, Asked, grid, history

from monitor.batch import Batch
from monitor.history import History
from monitor.known import Policy
from monitor.model import Sample, Tier
from monitor.replay import Replay, replay_file, text_of
from monitor.tiers import Budgets

GRID = grid(("eu", "sg", "us"), ("claude", "openai"))


def refused(start: int = 30, end: int = 90) -> list[Sample]:
    """Four hours; one vendor refuses one region for a while."""
    return history(GRID, 240, lambda one, m: "geo_restricted" if one.provider == "claude" and one.region == "eu"
                   and start <= m < end else "ok", total_s=0.3)


def lines(samples: Iterable[Sample], slot: Any = text_of) -> list[str]:
    return [json.dumps({"slot": slot(s.slot), "kind": "control" if s.control else s.kind, "provider": s.provider,
                        "region": s.region, "outcome": s.outcome, "total_s": s.total_s}) for s in samples]


def results(written: Iterable[str], **more: Any) -> list[dict[str, Any]]:
    return [dict(row) for row in replay_file(written, History("h"), Replay(**more)).results()]


def test_an_incident_is_a_line_of_the_form_that_is_promised() -> None:
    [row] = results(lines(refused()))
    assert list(row) == ["incident", "provider", "region", "model", "cause", "confidence", "opened", "onset", "closed",
                         "tier", "because"]
    assert (row["incident"], row["provider"], row["region"], row["model"], row["cause"]) == (
        1, "claude", "eu", None, "region_restricted")
    assert row["onset"] == "2026-03-01T10:30:00Z"
    assert datetime.fromisoformat(row["opened"]) <= T0 + timedelta(minutes=32)
    assert datetime.fromisoformat(row["closed"]) >= T0 + timedelta(minutes=90)
    assert row["tier"] in ("confirm", "patch")
    assert 0.9 < row["confidence"] <= 1.0


def test_what_still_stands_is_not_closed() -> None:
    assert [row["closed"] for row in results(lines(refused(end=10**6)))] == [None]


def test_nothing_happened() -> None:
    assert results(lines(refused(start=10**6))) == []
    assert results([]) == []


@pytest.mark.parametrize("slot", [
    lambda at: at.isoformat(), lambda at: (at + timedelta(hours=8)).isoformat()[:19] + "+08:00",
    lambda at: at.strftime("%Y-%m-%dT%H:%M:%S.000000Z"), lambda at: at.strftime("%Y-%m-%dT%H:%M:%S")])
def test_it_does_not_matter_how_times_are_written(slot: Any) -> None:
    assert results(lines(refused(), slot)) == results(lines(refused()))


@pytest.mark.parametrize("seed", range(3))
def test_within_a_slot_the_order_does_not_matter_nor_what_comes_twice(seed: int) -> None:
    draw = Random(seed)
    mixed = sorted(refused(), key=lambda s: (s.slot, draw.random()))
    doubled = [one for line in lines(mixed) for one in [line] * draw.choice((1, 1, 2))]
    assert results(doubled) == results(lines(refused()))


def test_what_comes_late_undoes_nothing() -> None:
    found = lines(refused())
    late = found[:len(found) // 2]
    assert results([*found, *late]) == results(found)


def test_a_lower_tier_tells_no_less() -> None:
    once = history(GRID, 240, lambda one, m: "geo_restricted" if one.region == "eu" and (
        (one.provider == "claude" and m == 30) or (one.provider == "openai" and 90 <= m < 150)) else "ok", total_s=0.3)
    written = lines(once)
    counts = [len(results(written, at=tier)) for tier in (Tier.SUSPECT, Tier.WARN, Tier.CONFIRM, Tier.PATCH)]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > counts[2]


def test_batches_come_to_what_the_file_comes_to() -> None:
    found, samples = Replay(), refused()
    for start in range(0, len(samples), 37):
        cut = samples[start:start + 37]
        found.take_batch(Batch(tuple(cut), cut[-1].slot, cut[-1].seq))
    other = Replay()
    for sample in samples:
        other.take(sample)
    assert list(found.results()) == list(other.results())


def test_times_are_utc_with_z() -> None:
    assert text_of(datetime.fromisoformat("2026-03-01T12:00:00+08:00")) == "2026-03-01T04:00:00Z"
    assert text_of(datetime.fromisoformat("2026-03-01T12:00:00.25+00:00")) == "2026-03-01T12:00:00.250Z"


def told(answer: Any, minutes: int = 60, asked: list[Asked] = GRID, **more: Any) -> list[dict[str, Any]]:
    return results(lines(history(asked, minutes, answer, total_s=0.3)), **more)


def shut_out(one: Asked, minute: int) -> str:
    return "geo_restricted" if (one.provider, one.region) == ("claude", "eu") and 5 <= minute < 180 else "ok"


def test_our_own_network_is_no_vendors() -> None:
    [row] = told(lambda one, m: "network_dns" if m >= 5 else "ok")
    assert (row["cause"], row["provider"], row["region"]) == ("own_network", None, None)


def test_a_budget_moves_when_it_opens() -> None:
    def down(one: Asked, m: int) -> str:
        return "network_timeout" if one.provider == "claude" and m >= 5 else "ok"

    hasty = told(down, policy=Policy(budgets=Budgets(300, 600, 1200, 2400, 600)))
    assert hasty[0]["opened"] < told(down)[0]["opened"]


def test_cadences_may_change_and_regions_fall_silent() -> None:
    def answer(one: Asked, m: int) -> str | None:
        silent = (one.region == "us" and 50 <= m < 200) or (m >= 100 and m % 5)
        return None if silent else shut_out(one, m)

    [row] = told(answer, minutes=400)
    assert (row["cause"], row["region"]) == ("region_restricted", "eu")
    assert row["closed"] is not None


def test_several_at_once_are_told_in_the_order_of_their_opening() -> None:
    asked = [*GRID, Asked("openai", "eu", account="main", kind="completion")]
    rows = [json.dumps({**json.loads(line), "account": sample.account, "kind": sample.kind}) if sample.account else line
            for sample in history(asked, 60, lambda one, m: "account_restricted" if one.account and m >= 15
                                  else shut_out(one, m)) for line in lines([sample])]
    assert [(row["incident"], row["cause"]) for row in results(rows)] == [
        (1, "region_restricted"), (2, "account_restricted")]


@pytest.mark.parametrize(("outcome", "cause"), [
    ("account_restricted", "account_restricted"), ("auth_failed", "auth_failed"), ("quota_exhausted", "billing"),
    ("model_unavailable", "model_retired"),
])
def test_keyed_calls_of_which_the_file_names_no_account_are_judged(outcome: str, cause: str) -> None:
    asked = [*GRID, Asked("claude", "eu", kind="completion", model="m"),
             Asked("claude", "us", kind="completion", model="m")]
    samples = history(asked, 120, lambda one, m: outcome if one.kind == "completion" and m >= 30 else "ok")
    [row] = results(lines(samples))
    assert (row["provider"], row["region"], row["cause"]) == ("claude", None, cause)


def test_a_quality_line_that_does_not_tell_how_many_passed_tells_nothing() -> None:
    asked = [*GRID, Asked("claude", "eu", kind="quality", model="m")]
    samples = history(asked, 600, lambda one, m: "ok", total_s=0.3)
    written = [json.loads(line) for line in lines(samples)]
    for n, row in enumerate(one for one in written if one["kind"] == "quality"):
        row.update({"items": 6, "passed": 6 if n < 300 else None})
    assert results(json.dumps(row) for row in written) == []
