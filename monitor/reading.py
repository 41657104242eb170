"""One sample into the evidence: the hot path. What is clean is only counted; what is not is weighed by every rule.

Returns the families it touched, so that nothing is concluded where nothing changed.
"""

from monitor.calm import learn_calm
from monitor.esr import Detector, Lives
from monitor.grades import Grades
from monitor.memory import Memory
from monitor.model import Sample
from monitor.place import PACE_S, Place
from monitor.proving import KIND
from monitor.rule import Coding, Family, StreamKey
from monitor.rules import BY_PLACE, BY_VENDOR, COMPARED, reads, rules
from monitor.speed import Speed
from monitor.track import Track
from monitor.vendor import FORGOTTEN_S, Vendor, group_of
from probes.outcome import NETWORK

TIDE = 0.02                       # weight of the newest answer in how slow everything is
CLEAN = frozenset({"ok", "degraded"})
_NETWORK = frozenset(outcome.value for outcome in NETWORK)
NOTHING: frozenset[Family] = frozenset()
OWN = frozenset({Family.OWN})


def read(memory: Memory, track: Track, sample: Sample, t: float) -> frozenset[Family]:
    """Bring the evidence up to date with a sample; the families that have more or less of it now."""
    outcome = sample.outcome
    track.arrive(t, outcome)
    if outcome != "ok" or sample.reason:
        track.status, track.reason = sample.status, sample.reason[:200]
    place = memory.places[track.stream.region]
    touched = _place(place, track, t)
    if track.control or track.expect:
        return touched
    vendor = memory.vendors[track.stream.provider]
    if outcome in CLEAN or (outcome == "auth_failed" and track.stream.keyless):
        _clean(vendor, place, track, t)
        return touched | _figures(memory, vendor, place, track, sample, t)
    return touched | _troubled(vendor, place, track, sample)


def _place(place: Place, track: Track, t: float) -> frozenset[Family]:
    """What it says of the place we stand in."""
    if not track.control and not track.failing and not place.fell and not place.dark:
        return NOTHING
    if not place.witness(track, t):
        return NOTHING
    rule, whole, bad = rules()[BY_PLACE], place.whole, bool(place.dark)
    if not bad and track.failing and (BY_PLACE not in whole.hot or not whole.clean):
        return NOTHING                    # this is no answer, and what the others say is not known yet
    if not bad and BY_PLACE not in whole.hot:
        whole.tick(t)
        return NOTHING
    if bad and not track.failing:
        return NOTHING                    # a good answer is no further sighting, whatever the others last said
    if whole.known and t <= whole.last and bad and whole.failing:
        return OWN                        # several witnesses of one moment are one sighting
    # not by the gaps between all its witnesses: a longer one would be taken for silence
    whole.every_s = max(PACE_S, track.every_s)
    whole.arrive(t, "network_timeout" if bad else "ok")
    weigh(whole, BY_PLACE, rule, (t, bad), place.lives)
    if not bad:
        whole.passed(BY_PLACE, t)
    return OWN


def _clean(vendor: Vendor, place: Place, track: Track, t: float) -> None:
    if track.hot:
        for name in tuple(track.hot):
            weigh(track, name, rules()[name], (t, False), vendor.lives_of(name, track.stream.kind))
            track.detectors[name].clean = track.clean + 1
    track.clean += 1
    track.well = t
    vendor.down.discard(track.stream.text)
    for name in sorted(_groups(vendor)):
        _grouped(vendor, track, name, (t, False), None)
    _whole(vendor, place, track, t, True)


def _grouped(vendor: Vendor, track: Track, name: str, seen: tuple[float, bool], sample: Sample | None) -> None:
    """What is plainly said, to all whom it hits together: a region, or an account. Kept while there is any evidence."""
    if name in track.declared:
        return
    rule, stream = rules()[name], track.stream
    key = group_of(name, track)
    group = vendor.groups.get(key)
    if group is None:
        if not seen[1]:
            return
        group = vendor.groups[key] = Track(StreamKey(vendor.name, stream.region, key), track.every_s)
        group.total, group.run_from = track.total, track.run_from
    group.tick(seen[0], clean=False)
    weigh(group, name, rule, seen, vendor.lives_of(name, stream.kind), sample)
    if group.detectors[name].value < FORGOTTEN_S:
        del vendor.groups[key]


def _whole(vendor: Vendor, place: Place, track: Track, t: float, clean: bool) -> None:
    """What it says of the vendor as a whole."""
    if vendor.standing or track.every_s > SLOW_S:
        return
    whole = vendor.whole(track.stream.kind)
    if not vendor.down and not whole.hot:
        whole.tick(t)
        return
    bad = vendor.is_widespread(track.stream.kind, t, place.in_the_dark())
    if bad is None or (bad and clean):      # a good answer is no further sighting, whatever the others last said
        return
    if not bad and not whole.hot:
        if clean:
            whole.tick(t)
        return
    whole.tick(t, clean=False)
    weigh(whole, BY_VENDOR, rules()[BY_VENDOR], (t, bad), vendor.lives_of(BY_VENDOR, track.stream.kind))
    if not bad:
        whole.passed(BY_VENDOR, t)


def _troubled(vendor: Vendor, place: Place, track: Track, sample: Sample) -> frozenset[Family]:
    """Something other than a good answer: what is it to each rule?"""
    told = reads()[sample.outcome, track.stream.keyless]
    masked = place.dark != "" and track.failing
    touched = {rules()[name].family for name in told.hits}
    for name in told.hits:
        if masked and rules()[name].maskable:
            _mask(track, name)
        else:
            _hit(vendor, track, name, sample)
    touched |= _cleared(vendor, track, told.clears)
    if any(name in track.declared for name in told.hits):
        _passed_over(track, {*told.hits, *told.clears, COMPARED})
    if track.down and not masked:
        vendor.down.add(track.stream.text)
        _whole(vendor, place, track, track.last, False)
    elif not track.down:
        vendor.down.discard(track.stream.text)
    if sample.outcome in _NETWORK or sample.outcome == "provider_outage":
        _compare(vendor, place, track, sample, masked)
    return frozenset(touched)


def _hit(vendor: Vendor, track: Track, name: str, sample: Sample) -> None:
    rule, seen = rules()[name], (track.last, True)
    weigh(track, name, rule, seen, vendor.lives_of(name, track.stream.kind), sample)
    if not rule.sticky:
        _grouped(vendor, track, name, seen, sample)


def _cleared(vendor: Vendor, track: Track, clears: frozenset[str]) -> set[Family]:
    """An answer that is no good one may still be a good sign: who is throttled has been let in."""
    touched = set()
    for name in sorted(_groups(vendor) & clears):
        _grouped(vendor, track, name, (track.last, False), None)
    for name in sorted(clears & track.detectors.keys()):
        track.catch_up(track.detectors[name], rules()[name], track.last)
        weigh(track, name, rules()[name], (track.last, False), vendor.lives_of(name, track.stream.kind))
        touched.add(rules()[name].family)
    return touched


def _passed_over(track: Track, told: set[str]) -> None:
    """It fails as what stands makes it fail, so it could have failed otherwise and did not: where no good answer ever
    comes, single failures of another kind would else add up for days.
    """
    for name in sorted(track.detectors.keys() - told - track.declared.keys()):
        rule = rules()[name]
        found = track.detector(name, rule, track.last)
        found.step(track.last, False, track.first(found, rule, track.last))
        found.steps = []
        track.hot.discard(name)


def _groups(vendor: Vendor) -> set[str]:
    """The rules of which something was plainly said of late."""
    return {key.split(" ")[0] for key in vendor.groups} if vendor.groups else set()


def _compare(vendor: Vendor, place: Place, track: Track, sample: Sample, masked: bool) -> None:
    """Is it only here? Where it fails elsewhere too, it is none of this region's."""
    if masked or not vendor.only_here(track, place.in_the_dark()):
        _mask(track, COMPARED)
        return
    weigh(track, COMPARED, rules()[COMPARED], (track.last, True), vendor.lives_of(COMPARED, track.stream.kind), sample)


def _mask(track: Track, name: str) -> None:
    """What may be another's doing takes no side: the time is not counted, what fails on after it is no new beginning,
    and how long it lasted is not learned.
    """
    found = track.detectors.get(name)
    if found is not None and name not in track.declared:
        track.catch_up(found, rules()[name], track.last)
        found.t, found.steps = track.last, []
        track.hot.discard(name)


def weigh(track: Track, name: str, rule: Coding, seen: tuple[float, bool], lives: Lives,
          sample: Sample | None = None) -> None:
    """One informative sample into one detector. `seen`: stamp, and whether it fails."""
    t, bad = seen
    found = track.detector(name, rule, t)
    declared = name in track.declared
    chance = track.chance(found, rule, t, lives)
    age, dt = found.age(found.t), max(0.0, t - found.t)
    if declared:
        learn_calm(found, dt, bad, track.first(found, rule, t), track.every_s)
    if bad:
        _fails(track, name, found, (t, age, dt), sample)
    else:
        _passes(track, name, rule, found, (age, dt), lives)
    found.step(t, bad, chance)


def _fails(track: Track, name: str, found: Detector, when: tuple[float, float | None, float],
           sample: Sample | None) -> None:
    t, age, dt = when
    if age is None:
        found.start = t
        if name not in track.declared:
            hour = int(t // 3600) % 24
            found.starts[hour] = found.starts.get(hour, 0.0) + 1.0
    elif name not in track.declared:
        found.steps.append((age, dt, True))
    found.note(t, sample.seq if sample else 0, sample.outcome if sample else "")
    track.hot.add(name)


def _passes(track: Track, name: str, rule: Coding, found: Detector, when: tuple[float | None, float],
            lives: Lives) -> None:
    """An episode that passes by itself is what the null is made of; one that an incident stood on is not."""
    age, dt = when
    if age is not None and name not in track.declared:
        found.steps.append((age, dt, False))
        passing = age + dt <= LONGEST_S and found.value * rule.share < CONFIRMED_S
        if name in track.hot and passing and found.t + dt >= lives.spared:
            lives.learn(found.steps)
    found.steps, found.start = [], None
    if name not in track.declared:
        track.hot.discard(name)


SLOW_S = 900.0                   # what is asked so seldom tells nothing of what is the case everywhere now
CONFIRMED_S = 90 * 86_400.0      # what was alarming is no part of the null, told or not
LONGEST_S = 720.0                # nor is what nobody would call a hiccup: else an outage missed once is missed for ever


def _figures(memory: Memory, vendor: Vendor, place: Place, track: Track, sample: Sample,
             t: float) -> frozenset[Family]:
    """How fast and how well it answered."""
    touched: set[Family] = set()
    took_s = sample.ttft_s if sample.ttft_s is not None else sample.total_s
    if sample.kind == KIND:          # what it lacks is told of workloads; its times are of many questions
        return NOTHING
    if took_s is not None and sample.kind != "quality":
        if track.speed is None:
            track.speed = Speed()
        speed, before = track.speed, track.speed.t
        if not speed.due(t, track.every_s):
            return NOTHING
        free = not track.declared and not place.dark and not vendor.standing
        tide = memory.tides.get(sample.kind, 0.0)
        speed.tide = tide
        off = speed.step(t, took_s, track.every_s, free)
        memory.tides[sample.kind] = tide + TIDE * (max(-1.0, min(1.0, off)) - tide)
        if "latency" in track.declared:
            speed.recover(max(0.0, t - before))
            touched.add(Family.LATENCY)
        elif speed.value > 1e4 and speed.matters:
            touched.add(Family.LATENCY)
    # how many of its items were right must be told, or it tells nothing (law 1)
    if (sample.items and sample.passed is not None) or sample.score is not None:
        touched |= _graded(track, sample, t)
    return frozenset(touched) if touched else NOTHING


def _graded(track: Track, sample: Sample, t: float) -> set[Family]:
    if track.grades is None:
        track.grades = Grades()
    grades, before = track.grades, track.grades.t
    items = float(sample.items) if sample.items else 1.0
    passed = float(sample.passed) if sample.items and sample.passed is not None else (sample.score or 0.0) * items
    failed = max(0.0, items - passed)
    declared = "quality" in track.declared
    grades.step(t, failed, items, not declared)
    if declared:
        grades.recover(max(0.0, t - before), failed, items)
    return {Family.QUALITY} if declared or grades.value > 1e4 else set()
