"""What proves a fallback: the checks to make of every one, from where it is used, with what its workload needs. Pure.

Needs are part of a check's key: who needs something else has seen no proof of it yet. Law 11 holds here too: a key is
shown from its account's own region only, so a region without an account of its own has no proof, and says so.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from monitor.asked import Asked, Place
from monitor.known import Fallback, KnownWorkload
from monitor.model import Check
from monitor.places import refusal_expected
from monitor.settings import CheckSettings
from probes.model import Account, Surface, Target

KIND = "readiness"
EVERY = timedelta(hours=4)
EVERY_LONG = timedelta(days=7)          # of sending as many tokens as the workload's longest prompts have
Options = Mapping[str, object]


def proofs(workloads: Sequence[KnownWorkload], asked: Sequence[Asked], places: Sequence[Place]) -> Iterator[Check]:
    """Every check that proves a fallback of a workload, each once however many workloads it serves."""
    found: dict[str, Check] = {}
    vendors = {one.provider.id: one for one in asked}
    for workload in workloads:
        for fallback in workload.fallbacks if not workload.embedding else ():
            one = vendors.get(fallback.provider)
            if one is not None and _settings(one).enabled:
                for check in _of(workload, fallback, one, places):
                    found.setdefault(check.key, check)
    yield from found.values()


def proved(workload: KnownWorkload, checks: Sequence[Check]) -> KnownWorkload:
    """The workload with the keys of the checks that prove each of its fallbacks, by region."""
    asks = asks_of(workload)
    return replace(workload, fallbacks=tuple(replace(one, proofs=_keys(one, asks, checks))
                                             for one in workload.fallbacks))


def _keys(fallback: Fallback, asks: Sequence[Options], checks: Sequence[Check]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for check in checks:
        if (check.kind == KIND and check.target.provider.id == fallback.provider
                and check.target.model == fallback.model and _is_of(fallback, check.target.account)
                and any(check.options.items() >= ask.items() for ask in asks)):
            found.setdefault(check.vantage.region, []).append(check.key)
    # a part of the proof is no proof
    return {region: tuple(keys) for region, keys in found.items() if len(keys) >= len(asks)}


def _is_of(fallback: Fallback, account: Account | None) -> bool:
    return account is None or fallback.account in (None, account.name)


def asks_of(workload: KnownWorkload) -> list[Options]:
    """The options of the checks that prove a fallback of it: one for all that is cheap, one for what is not."""
    long = [need for need in workload.needs if need.endswith(":probe")]
    cheap = [need for need in workload.needs if need not in long]
    features = tuple(need.partition(":")[0] for need in cheap)
    if features == ("context",) or not workload.needs:
        features = ("answer", *features)         # what is only looked up says nothing of now
    context = next((int(need.split(":")[1]) for need in cheap if need.startswith("context:")), 0)
    asks: list[Options] = []
    if features:
        taking = any(one.startswith("takeover") for one in features)
        asks.append({"features": features, "context": context, "origin": workload.dialect if taking else "openai"})
    asks += [{"features": ("long",), "context": int(need.split(":")[1]), "origin": "openai"} for need in long]
    return asks


def _of(workload: KnownWorkload, fallback: Fallback, asked: Asked, places: Sequence[Place]) -> Iterator[Check]:
    for ask in asks_of(workload):
        for target, place in _targets(workload, fallback, asked, places):
            yield _check(ask, target, place, asked)


def _targets(workload: KnownWorkload, fallback: Fallback, asked: Asked,
             places: Sequence[Place]) -> Iterator[tuple[Target, Place]]:
    """One way out of each region where the workload runs is enough; the first is the one people list first: direct."""
    for region in workload.regions or dict.fromkeys(place.vantage.region for place in places):
        place = next((one for one in places if one.vantage.region == region), None)
        way = _way(fallback, asked, region)
        if place is not None and way is not None:
            account, surface = way
            yield Target(asked.provider, surface, account, fallback.model), place


def _way(fallback: Fallback, asked: Asked, region: str) -> tuple[Account | None, Surface] | None:
    """With whose key it is asked from there, and where. None: nobody's, so it cannot be."""
    if asked.open:
        return None, asked.surfaces[0]
    return next(((account, surface) for account, surface in asked.accounts
                 if account.region == region and _is_of(fallback, account)), None)


def _check(ask: Options, target: Target, place: Place, asked: Asked) -> Check:
    settings, long = _settings(asked), ask["features"] == ("long",)
    usual = EVERY_LONG if long else EVERY
    return Check(
        key=f"{KIND}/{target.key}/{_label(ask)}@{place.key}", kind=KIND, target=target, vantage=place.vantage,
        every=max(settings.every or usual, usual) if long else settings.every or usual,
        options={**settings.options, **ask},
        expect_restricted=refusal_expected(asked.provider, asked.settings, place.vantage.region, place.country),
    )


def _label(ask: Options) -> str:
    """The needs as a part of a key: sorted, so that the order in which they are written is none of history's."""
    features = [str(one) for one in ask["features"]] if isinstance(ask["features"], tuple) else []
    said = {one: f"{one}.{ask['origin']}" if one.startswith("takeover") else
            f"{one}.{ask['context']}" if one in ("context", "long") else one for one in features}
    return "+".join(sorted(said.values()))


def _settings(asked: Asked) -> CheckSettings:
    return asked.settings.checks.get(KIND, CheckSettings())
