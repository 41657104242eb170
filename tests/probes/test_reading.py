"""From exchanges to readings."""

from builders import a_target, an_exchange

from probes.model import Failure, Figures, HttpCall, Phases
from probes.outcome import Outcome
from probes.reading import amend, measure_phases, note, read_verdict


def test_a_timeout_counts_as_at_least_its_deadline_and_other_failures_as_what_they_took():
    call = HttpCall("GET", "https://a.test", deadline_s=9.0)
    assert measure_phases(an_exchange(failure=Failure.HTTP_TIMEOUT, phases=Phases(), call=call)).total_s == 9.0
    assert measure_phases(an_exchange(failure=Failure.TCP_REFUSED, phases=Phases(), call=call)).total_s is None


def test_evidence_is_kept_of_what_is_not_well():
    bad = read_verdict(a_target(), an_exchange(500, {"error": {"message": "Internal error"}}))
    assert bad.outcome is not Outcome.OK
    assert len(bad.exchanges) == 1
    assert bad.rule
    assert amend(bad, Outcome.OK, "after all").exchanges == ()


def test_notes_are_added_to_what_is_there():
    assert note(Figures(extra={"a": 1.0}), {"b": "x"}).extra == {"a": 1.0, "b": "x"}
