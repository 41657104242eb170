"""Models: what is listed, what came and went, what will end."""

from datetime import date

from builders import a_provider, a_target, an_exchange, an_occasion
from playbook import play

from probes.kinds.models import Kind
from probes.model import Model
from probes.outcome import Outcome


def ask(*entries, target=None, **memory):
    script = [an_exchange(200, {"data": list(entries)})]
    return play(Kind().steps(target or a_target(), an_occasion(**memory)), script).reading


def test_the_first_list_is_remembered_and_is_no_news():
    reading = ask({"id": "b"}, {"id": "a"})
    assert reading.outcome is Outcome.OK
    assert reading.figures.extra["models"] == 2
    assert reading.memory is not None
    assert reading.memory["ids"] == "a\nb"
    assert not {"added", "removed"} & set(reading.figures.extra)


def test_what_came_and_went_is_named_and_order_does_not_matter():
    first = ask({"id": "b"}, {"id": "a"})
    assert ask({"id": "a"}, {"id": "b"}, **first.memory).memory is None
    second = ask({"id": "a"}, {"id": "c"}, **first.memory)
    assert (second.figures.extra["added"], second.figures.extra["removed"]) == ("c", "b")


def test_near_ends_are_told_far_ones_are_not():
    vendor = a_provider(models=(Model("d", retires_on=date(2026, 12, 24)),))
    reading = ask({"id": "a", "shutdown_date": "2026-12-01"}, {"id": "b", "shutdown_date": "2029-01-01"},
                  {"id": "c", "deprecated": True}, {"id": "d"}, target=a_target(vendor))
    assert reading.figures.extra["retiring"] == "a 2026-12-01; d 2026-12-24; c deprecated"


def test_no_list_is_unknown_and_a_refusal_is_itself():
    odd = play(Kind().steps(a_target(), an_occasion()), [an_exchange(200, {"hello": 1})]).reading
    assert odd.outcome is Outcome.UNKNOWN
    refused = play(Kind().steps(a_target(), an_occasion()), [an_exchange(401, {"error": {"message": "no"}})]).reading
    assert refused.outcome is Outcome.AUTH_FAILED


def test_ids_are_other_peoples_text():
    reading = ask({"id": "a\nb\u202e" + "x" * 500})
    assert reading.memory is not None
    assert reading.memory["ids"].startswith("ab")
    assert len(reading.memory["ids"]) == 200
