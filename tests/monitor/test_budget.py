"""Whose limits are whose, what is not said follows from what is, and a reason names the key to change."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from monitor.budget import (
    NOTHING,
    Limit,
    Spent,
    books_of,
    day_of,
    joined,
    larger,
    limits_of,
    month_of,
    spent_at,
    standing,
)
from monitor.catalogue import load_catalogue
from monitor.settings import Config


def figures(provider: str, **budget: object) -> dict[str, float]:
    found = limits_of(Config.model_validate({"budget": budget}), load_catalogue()).of(provider)
    return {limit.path.removeprefix("budget."): limit.most for limit in found}


def test_with_no_config_all_together_and_each_vendor_have_a_day_and_31_of_them() -> None:
    assert figures("anthropic") == {
        "usd_per_day": 0.5, "tokens_per_day": 500_000, "usd_per_month": 15.5, "tokens_per_month": 15_500_000,
        "vendors.anthropic.tokens_per_day": 33_000, "vendors.anthropic.tokens_per_month": 31 * 33_000}


def test_a_vendor_is_limited_by_any_of_its_names_and_keeps_what_is_not_said_of_it() -> None:
    vendors = {"claude": {"usd_per_day": 0.2, "tokens_per_month": 50_000}}
    own = {name: most for name, most in figures("anthropic", vendors=vendors).items() if "vendors" in name}
    assert own == {
        "vendors.anthropic.usd_per_day": 0.2, "vendors.anthropic.tokens_per_day": 33_000,
        "vendors.anthropic.usd_per_month": pytest.approx(6.2), "vendors.anthropic.tokens_per_month": 50_000}
    assert "vendors.openai.usd_per_day" not in figures("openai", vendors=vendors)


def test_what_holds_for_each_vendor_can_be_said_once() -> None:
    found = figures("ours", each_vendor={"usd_per_month": 3.0}, vendors={"ours": {"tokens_per_day": 7}})
    assert found["vendors.ours.tokens_per_day"] == 7
    assert found["vendors.ours.tokens_per_month"] == 217
    assert found["vendors.ours.usd_per_month"] == 3.0
    assert figures("openai", each_vendor={"usd_per_month": 3.0})["vendors.openai.tokens_per_day"] == 33_000


@pytest.mark.parametrize(("path", "spent", "more", "refused"), [
    ("budget.usd_per_day", Spent(0.9), Spent(0.1), False), ("budget.usd_per_day", Spent(0.9), Spent(0.2), True),
    ("budget.usd_per_day", Spent(1.0), NOTHING, True), ("budget.usd_per_day", Spent(0.0, 5), Spent(0.0, 5), False),
    ("budget.tokens_per_month", Spent(5.0, 0), Spent(0.0, 1), False),
    ("budget.tokens_per_month", Spent(0.0, 1), NOTHING, True)])
def test_a_limit_may_be_reached_and_not_exceeded(path: str, spent: Spent, more: Spent, refused: bool) -> None:
    assert Limit(path, 1).refuses(spent, more) is refused


def test_days_and_months_are_those_of_utc() -> None:
    shanghai = datetime(2026, 12, 1, 7, 0, tzinfo=timezone(timedelta(hours=8)))
    assert day_of(shanghai) == datetime(2026, 11, 30, tzinfo=UTC)
    assert month_of(shanghai) == datetime(2026, 11, 1, tzinfo=UTC)


def test_books_add_up_by_vendor() -> None:
    one = books_of([{"provider": "a", "usd": 1, "tokens_in": 2, "tokens_out": 3}])
    other = {"a": Spent(0.5, 7), "b": Spent(1.0, 1)}
    assert joined(one, other) == {"a": Spent(1.5, 12), "b": Spent(1.0, 1)}
    assert larger(one, other) == {"a": Spent(1.0, 7), "b": Spent(1.0, 1)}
    assert (spent_at(other, None), spent_at(other, "b"), spent_at(other, "c")) == (
        Spent(1.5, 8), Spent(1.0, 1), NOTHING)


def test_what_stands_of_which_limit() -> None:
    limits = limits_of(Config.model_validate({"budget": {"usd_per_day": 0, "vendors": {"kimi": {}}}}), load_catalogue())
    every, zeta = standing(limits, {}, {"zeta": Spent(2.0, 66_000)})
    assert (every["provider"], every["today"], every["month"]) == (None, NOTHING, Spent(2.0, 66_000))
    assert [one["share"] for one in every["limits"]][0::2] == [1.0, 1.0], "a budget of nothing is used up"
    assert (zeta["provider"], [(one["limit"], one["used"]) for one in zeta["limits"]]) == ("zeta", [
        ("budget.vendors.zeta.tokens_per_day", 0), ("budget.vendors.zeta.tokens_per_month", 66_000)])
