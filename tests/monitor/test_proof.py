"""A proof is the latest run that said something, if it passed whole and not too long ago."""

from datetime import timedelta

from histories import T0
from hypothesis import given
from hypothesis import strategies as st

from monitor.model import Sample
from monitor.proof import GRACE_SLOTS, STANDS_SLOTS, Proof, failed_proofs, load_proof, standing_proofs, take_proof
from monitor.rule import moment, stamp

HOUR = 3600.0


def a_run(hours=0.0, passed=2, items=2, kind="readiness", outcome="ok"):
    return Sample(1, T0 + timedelta(hours=hours), kind, "qwen", "eu", outcome, every_s=HOUR, items=items,
                  passed=passed, reason=f"{passed} of {items}", check_key="k")


def taken(*runs):
    proofs = {}
    for run in runs:
        take_proof(proofs, run)
    return proofs


def stands(proofs, hours):
    return set(standing_proofs(proofs, stamp(T0) + hours * HOUR)) == {"k"}


def test_a_run_that_passed_whole_stands_until_it_is_stale():
    proofs = taken(a_run())
    assert standing_proofs(proofs, stamp(T0)) == {"k": T0}
    assert stands(proofs, STANDS_SLOTS)
    assert not stands(proofs, STANDS_SLOTS + 0.1)


def test_a_later_failure_ends_it_and_a_later_pass_mends_it():
    assert not stands(taken(a_run(), a_run(1, passed=1)), 1)
    assert stands(taken(a_run(), a_run(1, passed=1), a_run(2)), 2)


def test_only_a_run_that_said_something_else_is_a_failure():
    assert failed_proofs(taken(a_run())) == failed_proofs(taken(a_run(0, passed=1), a_run(1))) == frozenset()
    assert failed_proofs(taken(a_run(), a_run(1, passed=1))) == {"k"}
    assert failed_proofs(taken(a_run(1, None, None, outcome="network_timeout"))) == frozenset()


def test_what_was_not_answered_says_nothing():
    silent = a_run(1, None, None, outcome="network_timeout")
    proofs = taken(a_run(), silent)
    assert stands(proofs, 1)
    assert proofs["k"].reason == "2 of 2"
    assert not stands(taken(silent), 1)


def test_what_comes_late_takes_nothing_back():
    assert stands(taken(a_run(1), a_run(0, passed=0)), 1)


def test_other_kinds_prove_nothing():
    assert taken(a_run(kind="quality")) == {}


def test_nothing_is_missed_before_it_was_due():
    waiting = Proof(0.0, HOUR)
    assert not waiting.missed(GRACE_SLOTS * HOUR)
    assert waiting.missed(GRACE_SLOTS * HOUR + 1)
    assert taken(a_run(passed=0))["k"].missed(stamp(T0))


@given(st.lists(st.tuples(st.floats(0, 50), st.integers(0, 2), st.booleans()), max_size=8))
def test_it_survives_a_restart_to_the_bit(runs):
    proofs = taken(*(a_run(hours, passed, 2 if said else None) for hours, passed, said in runs))
    again = {key: load_proof(proof.dump()) for key, proof in proofs.items()}
    assert again == proofs
    for key, at in standing_proofs(again, stamp(T0) + 50 * HOUR).items():
        assert at == moment(proofs[key].passed_at) >= T0 + timedelta(hours=50 - STANDS_SLOTS)
