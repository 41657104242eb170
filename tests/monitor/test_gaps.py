"""What is missing is told once, again now and then, and once more when it is mended."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from histories import T0, Ledger

from alerts.model import Severity
from monitor.gaps import AGAIN, Kind, gaps_of, told_gaps
from monitor.known import Allowance, Fallback, Known, KnownCheck, KnownWorkload, Policy
from monitor.model import Sample
from monitor.proof import Proof
from monitor.readiness import Seen, lines_of
from monitor.rule import stamp

HOUR = 3600.0
QWEN = Fallback("qwen-max", "qwen", jurisdiction="CN", weights="open", proofs={"eu": ("q",)})
GPT = Fallback("gpt", "openai", jurisdiction="US", proofs={"eu": ("g",)})
WORK = KnownWorkload("smart", "claude", (QWEN, GPT), "gw", regions=("eu",), needs=("tools",), jurisdiction="US")
CHECKS = tuple(KnownCheck(key, vendor, "eu", "main", True, every_s=HOUR) for key, vendor in (
    ("q", "qwen"), ("g", "openai"), ("a", "claude")))


def known(workload=WORK):
    return Known(CHECKS, {"qwen": "Qwen"}, (workload,), channels=("ops",))


def gaps(workload=WORK, *proven):
    proofs = {key: Proof(0.0, HOUR, stamp(T0), stamp(T0), 1.0) for key in proven}
    return {gap.kind: gap for gap in gaps_of(workload, list(lines_of(workload, Seen(known(), proofs, {}, stamp(T0)))))}


def test_nothing_is_missing_where_all_is_proven():
    assert gaps(WORK, "q", "g") == {}


def test_what_nobody_can_do_is_said_once_and_not_of_each():
    found = gaps(WORK)
    assert list(found) == [Kind.NO_WORKING_FALLBACK]
    assert found[Kind.NO_WORKING_FALLBACK].because.startswith("nobody could take smart over in eu: qwen-max: no probe")
    assert "it has no fallback" in gaps(replace(WORK, fallbacks=()))[Kind.NO_WORKING_FALLBACK].because


def test_one_that_is_not_proven_is_named():
    found = gaps(WORK, "q")
    assert list(found) == [Kind.NOT_PROVEN]
    assert (found[Kind.NOT_PROVEN].route, found[Kind.NOT_PROVEN].regions) == ("gpt", ("eu",))


@pytest.mark.parametrize(("jurisdictions", "spread", "told"), [
    (("US", "US"), True, True), (("US", "US"), False, False), (("CN", "US"), True, False), (("", "US"), True, False)])
def test_all_eggs_in_one_basket(jurisdictions, spread, told):
    fallbacks = tuple(replace(one, jurisdiction=where)
                      for one, where in zip(WORK.fallbacks, jurisdictions, strict=True))
    found = gaps(replace(WORK, fallbacks=fallbacks, spread=spread), "q", "g")
    assert (Kind.SAME_JURISDICTION in found) is told


def test_a_fallback_that_may_not_be_used_does_not_spread_the_eggs():
    found = gaps(replace(WORK, allowed=(Allowance("openai", "mei", date(2026, 11, 2)),)), "q", "g")
    assert set(found) == {Kind.NOT_ALLOWED, Kind.SAME_JURISDICTION}
    assert "never move to qwen-max" in found[Kind.NOT_ALLOWED].because


def test_open_weights_are_missed_only_where_they_are_wished_for():
    closed = replace(WORK, fallbacks=(replace(QWEN, weights="closed"), GPT))
    assert gaps(closed, "q", "g") == {}
    assert list(gaps(replace(closed, open_weights=True), "q", "g")) == [Kind.NO_OPEN_WEIGHTS]
    assert gaps(replace(WORK, open_weights=True), "q", "g") == {}


def run(key, hours, passed=2, provider="qwen"):
    return Sample(0, T0 + timedelta(hours=hours), "readiness", provider, "eu", "ok", account="main", every_s=HOUR,
                  items=2, passed=passed, reason="tools: the call was not made" if passed < 2 else "ready",
                  check_key=key)


def live(hours, score=lambda key, hour: 2, book=None, workload=WORK, begin=0):
    book = book or Ledger(known=known(workload))
    for hour in range(begin, hours):
        rows = [run(key, hour, passed, vendor) for key, vendor in (("q", "qwen"), ("g", "openai"))
                if (passed := score(key, hour)) is not None]
        extra = Sample(0, T0 + timedelta(hours=hour), "reachability", "claude", "eu", "ok", every_s=HOUR,
                       check_key="a")
        book.take([replace(row, seq=hour * 3 + n) for n, row in enumerate([*rows, extra])])
    return book


def test_at_the_first_start_nothing_is_missed_before_it_was_due():
    book = live(2, lambda *_: None)
    assert book.told("finding") == []
    live(4, lambda *_: None, book, begin=2)
    assert book.told("finding") == []          # seen for the first time: it may be a moment's
    live(5, lambda *_: None, book, begin=4)
    [told] = book.told("finding")
    assert told.alert.extra == {"finding": "no_working_fallback"}
    assert (told.alert.severity, told.alert.touches, told.channels) == (Severity.WARNING, ("smart",), ("ops",))


def test_it_is_told_once_and_ended_when_it_is_mended():
    book = live(9, lambda key, hour: 1 if key == "g" and 3 <= hour < 6 else 2)
    failed, mended = book.told("finding")
    assert failed.alert.extra == {"finding": "fallback_not_proven"}
    assert "tools: the call was not made" in failed.alert.because
    assert (mended.alert.severity, mended.alert.incident) == (Severity.INFO, failed.alert.incident)
    assert mended.alert.because == "mended for smart: fallback_not_proven"
    assert mended.alert.ended == T0 + timedelta(hours=6)
    assert mended.key != failed.key
    assert not book.all(), "no vendor is blamed for what its model cannot do"


def test_what_goes_on_is_said_again_rarely():
    hours = int(AGAIN / timedelta(hours=1)) + 6
    book = live(hours, lambda key, hour: 1 if key == "g" and hour >= 3 else 2)
    first, again = book.told("finding")
    assert again.alert.at - first.alert.at == AGAIN
    assert again.alert.incident == first.alert.incident
    assert again.key != first.key


def test_a_restart_forgets_nothing_of_it():
    book = live(5, lambda key, hour: 1 if key == "g" else 2)
    book.restart()
    live(7, lambda key, hour: 1 if key == "g" else 2, book, begin=5)
    assert len(book.told("finding")) == 1


def test_a_workload_that_is_gone_takes_its_findings_along():
    book = live(5, lambda key, hour: 1 if key == "g" else 2)
    book.known = known(replace(WORK, name="other"))
    live(6, book=book, begin=5)
    assert [told.alert.because for told in book.told("finding") if "mended" in told.alert.because] == []
    assert not [key for key in book.judge.memory.news if "smart" in key]


def test_without_needs_an_hour_goes_by_before_an_answer_is_missed():
    bare = replace(WORK, needs=(), fallbacks=(replace(QWEN, proofs={}),))
    book = live(1, lambda *_: None, workload=bare)
    assert book.told("finding") == []
    live(3, lambda *_: None, book, begin=1)
    [told] = book.told("finding")
    assert "Qwen has not been seen to answer from eu" in told.alert.because


def test_a_check_that_nobody_makes_any_more_is_forgotten_after_a_month():
    book = live(3)
    assert set(book.judge.memory.proofs) == {"q", "g"}
    book.known = replace(known(replace(WORK, fallbacks=(QWEN,))), checks=tuple(one for one in CHECKS if one.key != "g"))
    live(24 * 29, lambda key, hour: 2 if key == "q" else None, book, begin=24 * 29 - 2)
    assert set(book.judge.memory.proofs) == {"q", "g"}
    live(24 * 31, lambda key, hour: 2 if key == "q" else None, book, begin=24 * 31 - 2)
    assert set(book.judge.memory.proofs) == {"q"}


def test_what_lasts_a_moment_is_neither_told_nor_mended():
    book = live(3)
    live(4, lambda *_: 0, book, begin=3)
    live(7, book=book, begin=4)
    assert book.told("finding") == []


def test_where_our_own_network_is_down_nobody_is_missed():
    memory, later = live(3).judge.memory, stamp(T0) + 40 * 3600     # its proofs are stale by then

    def told(hour):
        return list(told_gaps(memory, Policy(), known(WORK), later + hour * 3600))

    memory.places["eu"].dark = "wholly"
    assert [told(0), told(1)] == [[], []]
    memory.places["eu"].dark = ""
    assert [len(told(2)), len(told(3))] == [0, 1]
