"""The rules as data: each can fire, is sourced, and has a name of its own."""

from datetime import date

import pytest

from probes.outcome import Outcome
from probes.refusals import Phrases, Rule, normal, read_advice, read_names, read_rules


def test_ids_are_unique() -> None:
    ids = [rule.id for rule in read_rules()]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("rule", read_rules(), ids=lambda rule: rule.id)
def test_a_rule_has_a_source_a_date_and_a_predicate(rule: Rule) -> None:
    assert rule.source
    date.fromisoformat(rule.date)
    assert rule.code or rule.number or rule.phrase or rule.header or rule.status
    assert 0 < rule.confidence <= 1
    assert rule.who <= {"origin", "edge", "gateway", "unclear", "nobody"}
    assert rule.outcome not in {outcome for outcome, _ in rule.others}


def test_a_rule_names_vendors_that_are_known() -> None:
    families = set(read_names()[0].values())
    assert all(rule.provider <= families for rule in read_rules())


def test_every_outcome_has_advice() -> None:
    assert set(read_advice()) == set(Outcome)


def test_normal() -> None:
    assert normal("RateLimitExceeded") == normal("rate_limit-exceeded") == "ratelimitexceeded"


def test_phrases() -> None:
    phrases = Phrases(words=("quota",), chains=(("model", "not found"),))
    assert phrases.said_in("the quota")
    assert phrases.said_in("model x not found")
    assert not phrases.said_in("not found: model")
    assert not Phrases()
