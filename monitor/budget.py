"""What probing may cost: the config's limits by vendor, day and month, and how much of each is used. Pure.

Law 10: budgets are hard. Days and months are the calendar's, in UTC; a month that is not limited in so many words is
limited to 31 of its days. Every vendor has the limits of `each_vendor`, but for what is said of it by name.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from monitor.catalogue import Catalogue
from monitor.settings import Budget, Config, VendorBudget

NAMES = ("usd_per_day", "tokens_per_day", "usd_per_month", "tokens_per_month")
LONGEST_MONTH = 31


@dataclass(frozen=True, slots=True)
class Spent:
    """Money and tokens. What nobody knows the price of counts in tokens alone."""

    usd: float = 0.0
    tokens: int = 0

    def __add__(self, other: "Spent") -> "Spent":
        return Spent(self.usd + other.usd, self.tokens + other.tokens)

    def most(self, other: "Spent") -> "Spent":
        """The larger of each."""
        return Spent(max(self.usd, other.usd), max(self.tokens, other.tokens))


NOTHING = Spent()
Books = Mapping[str, Spent]               # by provider's id


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit: of which vendor (None: of all together), over which span, in what. `path` is its key in the config."""

    path: str
    most: float
    provider: str | None = None

    @property
    def monthly(self) -> bool:
        return self.path.endswith("_per_month")

    def used(self, spent: Spent) -> float:
        """USD, or tokens."""
        return spent.usd if ".usd_per_" in self.path else spent.tokens

    def refuses(self, spent: Spent, more: Spent) -> bool:
        """Whether it is reached, or what comes next would exceed it."""
        used = self.used(spent)
        return used >= self.most or used + self.used(more) > self.most

    def told(self, spent: Spent) -> str:
        """How much of it is used, as a reason says it."""
        used = self.used(spent)
        amount = f"{used:.2f} of {self.most:.2f} USD" if ".usd_per_" in self.path else f"{used} of {self.most} tokens"
        where = f" at {self.provider}" if self.provider else ""
        return f"{amount} {'this month' if self.monthly else 'today'}{where} ({self.path})"


@dataclass(frozen=True, slots=True)
class Limits:
    """All of them. `named`: by provider's id, where something is said of it alone."""

    whole: tuple[Limit, ...] = ()
    each: Mapping[str, float] = field(default_factory=dict)
    named: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def of(self, provider: str) -> tuple[Limit, ...]:
        """Every limit that a run at this vendor is under."""
        return (*self.whole, *self.own(provider))

    def own(self, provider: str) -> tuple[Limit, ...]:
        """Those of this vendor alone."""
        said = self.named.get(provider, self.each)
        return tuple(Limit(f"budget.vendors.{provider}.{name}", most, provider) for name, most in said.items())


def limits_of(config: Config, catalogue: Catalogue) -> Limits:
    """The limits of a config, with its vendors' names as ids."""
    budget, each = config.budget, config.budget.each_vendor
    named = {}
    for name, own in budget.vendors.items():
        found = catalogue.lookup(name)
        named[found.id if found else name] = dict(_said(own, each))
    whole = tuple(Limit(f"budget.{name}", most) for name, most in _said(budget))
    return Limits(whole, dict(_said(each)), named)


def _said(*sections: Budget | VendorBudget) -> Iterator[tuple[str, float]]:
    """Each limit with its figure, from the first section that says it; else 31 days' worth; else there is none."""
    said = {name: _first(getattr(one, name) for one in sections) for name in NAMES}
    for name in NAMES:
        day = said[name.replace("_month", "_day")]
        most = LONGEST_MONTH * day if said[name] is None and day is not None else said[name]
        if most is not None:
            yield name, most


def _first(figures: Iterable[float | None]) -> float | None:
    return next((figure for figure in figures if figure is not None), None)


def day_of(now: datetime) -> datetime:
    """When this day began, in UTC."""
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def month_of(now: datetime) -> datetime:
    """When this month began, in UTC."""
    return day_of(now).replace(day=1)


def books_of(rows: Sequence[Mapping[str, Any]]) -> dict[str, Spent]:
    """The store's `spending`, as values."""
    return {row["provider"]: Spent(float(row["usd"]), int(row["tokens_in"]) + int(row["tokens_out"])) for row in rows}


def joined(*books: Books) -> dict[str, Spent]:
    """Added up."""
    return {name: sum((one.get(name, NOTHING) for one in books), NOTHING) for name in _names(books)}


def larger(one: Books, other: Books) -> dict[str, Spent]:
    """Of each vendor the larger figure."""
    return {name: one.get(name, NOTHING).most(other.get(name, NOTHING)) for name in _names((one, other))}


def _names(books: Sequence[Books]) -> Iterable[str]:
    return dict.fromkeys(name for one in books for name in one)


def spent_at(books: Books, provider: str | None) -> Spent:
    """At one vendor; None: at all together."""
    return sum(books.values(), NOTHING) if provider is None else books.get(provider, NOTHING)


def standing(limits: Limits, today: Books, month: Books) -> list[dict[str, Any]]:
    """A row for all vendors together (provider None), then one for each that has cost anything this month: what, today
    and this month, and how much of each limit is used. A limit of nothing is used up.
    """
    return [_stands(provider, today, month, limits.whole if provider is None else limits.own(provider))
            for provider in (None, *sorted(month))]


def _stands(provider: str | None, today: Books, month: Books, limits: Sequence[Limit]) -> dict[str, Any]:
    day, whole = spent_at(today, provider), spent_at(month, provider)
    used = {limit: limit.used(whole if limit.monthly else day) for limit in limits}
    return {
        "provider": provider, "today": day, "month": whole,
        "limits": [{"limit": limit.path, "most": limit.most, "used": amount,
                    "share": amount / limit.most if limit.most else 1.0} for limit, amount in used.items()],
    }
