"""From a vendor's evidence to verdicts: which streams are concerned, since when, whose doing it is, how surely.

What began together is one story; what began apart in another region, account or model is another. A vendor is not
blamed for what our own network did, nor for what nobody could see.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from monitor.attribution import Reading as Attributed
from monitor.attribution import Seen, attribute, class_of, tables
from monitor.esr import Detector
from monitor.grades import Grades
from monitor.model import Cause, Scope, Tier, Verdict
from monitor.place import Place
from monitor.reasons import Case, reason
from monitor.rule import Family, moment
from monitor.rules import BY_VENDOR, families, rules
from monitor.story import BY_ACCOUNT, BY_MODEL, Member, since, stories, weight_of
from monitor.tiers import Budgets
from monitor.track import Track
from monitor.vendor import Vendor, speaks

MIXED = {*families()[Family.REACH], *families()[Family.RATE]}      # one trouble says now this and now that
LATEST = 8               # so many failures of a stream tell its kind
EVERYWHERE = 0.1         # of the most that one stream has: with less, that many failed at once was chance
SURE = {Family.LATENCY: 0.9, Family.QUALITY: 0.9}


@dataclass(frozen=True, slots=True)
class Bench:
    """What a verdict is weighed with: all vendors and places, the budgets, the names people know."""

    vendors: Mapping[str, Vendor]
    places: Mapping[str, Place]
    budgets: Budgets
    names: Mapping[str, str]


def verdicts(vendor: Vendor, family: Family, bench: Bench, t: float,
             weight: tuple[Tier, float] | None = None) -> Iterator[Verdict]:
    """What a family's evidence comes to now, one verdict a story; nothing below the lowest tier. `weight`: its tier and
    seconds, where they are known already.
    """
    tier, evidence_s = weight or vendor.tier(family, bench.budgets, t)
    if tier is Tier.NONE:
        return
    told = stories(family, list(_members(vendor, family, bench.budgets, t)))
    if not told:
        return
    main = max(told, key=weight_of)
    found = []
    for story in told:
        if story is main:
            found.append(_verdict(vendor, family, story, bench, (tier, evidence_s, t)))
        else:
            own = sum(m.found.value * rules()[m.rule].share for m in story) / 2.0
            if (lower := min(tier, bench.budgets.tier(own))) is not Tier.NONE:
                found.append(_verdict(vendor, family, story, bench, (lower, own, t)))
    # throttling among a shortage is the shortage's, and shortage among a throttling the throttle's: told there
    yield from (one for one in found if (one.cause is Cause.RATE_LIMITED) == (family is Family.RATE))


def _members(vendor: Vendor, family: Family, budgets: Budgets, t: float) -> Iterator[Member]:
    """The streams with enough against them, and those that fail now and began to when these did."""
    found = [Member(track, name, evidence, evidence.onset) for name in families()[family]
             for track, evidence in vendor.free(name, t) if evidence.value > 0]
    strong = [m for m in found if _strength(vendor, m, t) >= budgets.suspect_s]
    most = max((m.found.value * rules()[m.rule].share for m in strong), default=0.0)
    began = _together(vendor, family, max(budgets.suspect_s, EVERYWHERE * most), t)
    taken = {(m.rule, m.track.stream.text) for m in strong}
    rest = [m for m in found if (m.rule, m.track.stream.text) not in taken]
    with_it = [replace(m, onset=_lately(m)) for m in rest
               if _began_with(m, strong) or (began is not None and _failed_since(m, began))]
    for m in strong:
        # where it is everywhere, how often a stream failed before that is another matter
        yield replace(m, onset=max(m.onset, began - m.track.every_s)) if began is not None else m
    yield from with_it
    failed = [m for m in rest if speaks(m.track, m.found)]
    if not strong and not with_it and failed:
        yield max(failed, key=lambda m: _strength(vendor, m, t))


def _strength(vendor: Vendor, one: Member, t: float) -> float:
    """What it adds to its region's evidence, s: one failure of what is asked every hour is no region's trouble."""
    return one.found.value * rules()[one.rule].share * vendor.part(one.track, one.rule, t)


def _lately(one: Member) -> float:
    """Since when it fails now: of a stream with little evidence the onset says nothing."""
    if not isinstance(one.found, Detector):
        return one.onset
    if one.found.start is not None:
        return one.found.start
    return one.found.recent[-1][0] if one.found.recent else one.onset


def _together(vendor: Vendor, family: Family, least_s: float, t: float) -> float | None:
    """Since when streams fail together: most regions, or all whom something plain is said to. None: they do not, or
    there is less than `least_s` for it.
    """
    if family is Family.REACH:
        share = rules()[BY_VENDOR].share * len({track.stream.region for track in vendor.tracks})
        all_of_them = list(vendor.whole_detectors(t))
    else:
        share = max(rules()[name].share for name in families()[family]) / 2
        all_of_them = [found for name in families()[family] for found in vendor.grouped(name)]
    return min((found.onset for found in all_of_them if found.value * share >= least_s), default=None)


def _failed_since(one: Member, began: float) -> bool:
    """Whether it has failed at all since then, or just before: the first to fail did not yet make it widespread."""
    recent = one.found.recent if isinstance(one.found, Detector) else []
    return bool(recent) and recent[-1][0] >= began - 1.5 * one.track.every_s


def _began_with(one: Member, strong: Sequence[Member]) -> bool:
    if not isinstance(one.found, Detector) or one.found.start is None:
        return False
    near, region = 2.5 * max(one.track.every_s, 30.0), one.track.stream.region
    # of another region a single failure is no witness: one happens somewhere all the time
    return any(abs(one.found.start - m.onset) <= near for m in strong if m.track.stream.region == region)


def _verdict(vendor: Vendor, family: Family, story: Sequence[Member], bench: Bench,
             weight: tuple[Tier, float, float]) -> Verdict:
    tier, evidence_s, t = weight
    case = _case(vendor, family, story, bench, t)
    found, seen = _attributed(case, vendor, bench, t)
    scope = _scope(case, found.cause)
    regions, models = tuple(sorted(case.hit)), case.models if scope.model or family is Family.LATENCY else ()
    why = {"rules": sorted({rules()[m.rule].id for m in story}), "table": found.table, "mechanism": found.mechanism,
           "posterior": found.posterior, "seen": {role: dict(counts) for role, counts in seen.roles.items()},
           "spread": seen.spread, "evidence_s": round(min(evidence_s, 1e15)), "tier": int(tier),
           "fine": sorted(case.fine), "neutral": {r: list(n) for r, n in case.neutral.items()}}
    samples = sorted({seq for m in story if isinstance(m.found, Detector) for _, seq, _ in m.found.hits()})
    return Verdict(family.value, found.cause, scope, found.confidence, reason(case, found.cause),
                   moment(case.since), tier, evidence_s, regions, models, tuple(samples),
                   tuple(sorted(m.text for m in story)), _share(story), json.dumps(why, separators=(",", ":")))


def _case(vendor: Vendor, family: Family, story: Sequence[Member], bench: Bench, t: float) -> Case:
    """What is known of the story, for the words and for the weighing."""
    hit = {m.track.stream.region for m in story}
    texts = {m.track.stream.text for m in story}
    dark = {name for name, place in bench.places.items() if place.dark} - hit
    fresh = [track for track in vendor.fresh(t) if track.stream.text not in texts and track.stream.region not in dark]
    fine = {track.stream.region for track in fresh if not track.down and not track.declared} - hit
    asked = ({track.stream.region for track in vendor.fresh(t)} - dark) | hit
    latest = max((m.track for m in story), key=lambda track: track.last)
    return Case(
        vendor.name, bench.names.get(vendor.name, vendor.name), family, tuple(m.track for m in story), latest,
        frozenset(hit), frozenset(fine), frozenset(asked), tuple(fresh), since(story), _classes(story),
        {region: bench.places[region].well(t) for region in sorted(hit)},
        tuple(sorted({m.track.stream.model for m in story if m.track.stream.model})), _figures(story),
    )


def _classes(story: Sequence[Member]) -> dict[str, int]:
    """Outcomes of the failures it rests on, and of those that its streams had among them: what is rare among them tells
    nothing.
    """
    failed: dict[str, dict[float, str]] = {}
    for m in story:
        if isinstance(m.found, Detector):
            # the latest: what failed before it began may be counted in its onset, and is of another kind
            hits = m.found.hits()[-LATEST:] or m.found.recent[-1:]
            among = [one for name in MIXED & m.track.detectors.keys() for one in m.track.detectors[name].recent
                     if hits and one[0] >= hits[0][0]] if m.rule in MIXED else []
            failed.setdefault(m.track.stream.text, {}).update((at, outcome) for at, _, outcome in [*hits, *among])
    return dict(Counter(outcome for at_once in failed.values() for outcome in at_once.values()))


def _figures(story: Sequence[Member]) -> str:
    """Of slowness and of quality: how much."""
    for m in story:
        if isinstance(m.found, Grades):
            bad = sum(x.found.bad for x in story if isinstance(x.found, Grades))
            seen = sum(x.found.seen for x in story if isinstance(x.found, Grades))
            return f"{max(0.0, seen - bad):.0f} of {seen:.0f} items right, usually {1 - m.found.usual:.0%}"
    return ""


def _share(story: Sequence[Member]) -> float:
    """Of calls that failed lately, where it shows."""
    counts = [m.track.last_bits(8) for m in story]
    asked = sum(n for _, n in counts)
    return round(sum(bad for bad, _ in counts) / asked, 3) if asked else 0.0


def _attributed(case: Case, vendor: Vendor, bench: Bench, t: float) -> tuple[Attributed, Seen]:
    if case.family in SURE:
        cause = Cause.LATENCY_DEGRADED if case.family is Family.LATENCY else Cause.QUALITY_DEGRADED
        return Attributed(cause, SURE[case.family], case.family.value, "figures.1", {}), Seen({})
    seen = _seen(case, vendor, bench, t)
    return attribute(seen), seen


def _seen(case: Case, vendor: Vendor, bench: Bench, t: float) -> Seen:
    here: dict[str, float] = {}
    for outcome, count in case.outcomes.items():
        here[class_of(outcome)] = here.get(class_of(outcome), 0.0) + count
    top = max(here, key=lambda name: here[name], default="other")
    elsewhere = _votes(track for track in case.others_of_it if track.stream.region not in case.hit)
    if len(case.hit) > 1:
        elsewhere[top] = elsewhere.get(top, 0.0) + 2.0 * (len(case.hit) - 1)
    kin = _votes(track for track in case.others_of_it if track.stream.region in case.hit)
    neutral = {"ok": float(sum(ok for ok, _ in case.neutral.values())),
               "fail": float(sum(n - ok for ok, n in case.neutral.values()))}
    others = _others(case, bench, vendor, t)
    if top in tables()["plain"]:
        # it came through: that neutral hosts or other vendors fail says nothing of an answer in so many words
        neutral, others = {"ok": neutral["ok"]}, {"ok": others["ok"]}
    roles = {"here": here, "elsewhere": elsewhere, "kin": kin, "neutral": neutral, "others": others}
    witnessed = any(n for _, n in case.neutral.values()) or others.get("ok", 0.0) > 0
    return Seen({role: counts for role, counts in roles.items() if sum(counts.values())}, case.spread, witnessed)


def _votes(tracks: Iterable[Track]) -> dict[str, float]:
    """The latest two of every stream, by class."""
    found: dict[str, float] = {}
    for track in tracks:
        bad, n = track.last_bits(2)
        latest = _class_now(track)
        for name, count in ((latest, bad), ("ok", n - bad)) if track.down or bad else ((latest, n),):
            found[name] = found.get(name, 0.0) + count
    return {name: count for name, count in found.items() if count}


def _class_now(track: Track) -> str:
    """A keyless call that is asked for its key is well."""
    name = class_of(track.outcome)
    return "ok" if name == "auth" and track.stream.keyless else name


def _others(case: Case, bench: Bench, vendor: Vendor, t: float) -> dict[str, float]:
    """The other vendors as seen from where it fails: a vote each."""
    found = {"ok": 0.0, "fail": 0.0}
    for other in bench.vendors.values():
        if other is vendor:
            continue
        here = [track for track in other.fresh(t) if track.stream.region in case.hit]
        if here:
            found["fail" if all(track.failing for track in here) else "ok"] += 1.0
    return found


def _scope(case: Case, cause: Cause) -> Scope:
    """What it is about. A region where it is that region's; none where it is everywhere, or an account's."""
    accounts = {track.stream.account for track in case.tracks}
    account = next(iter(accounts)) if case.family in BY_ACCOUNT and len(accounts) == 1 else None
    model = case.models[0] if case.family in BY_MODEL and len(case.models) == 1 else None
    region = next(iter(case.hit)) if len(case.hit) == 1 else None
    # without a key it is the way out that is refused, and that is a region's
    keyless = all(track.stream.keyless for track in case.tracks)
    if (case.family in BY_ACCOUNT | BY_MODEL and not keyless) or (case.family is Family.OURS and len(case.asked) > 1):
        region = None
    if cause is Cause.UNKNOWN and len(case.asked) == 1:
        region = next(iter(case.hit))
    return Scope(case.provider, region, account, model)
