"""What is worth saying that is no incident: a region gone silent, a vendor that serves where none expects it to."""

from collections.abc import Iterator

from alerts.model import Alert, Occasion, Severity
from monitor.known import Known, Policy
from monitor.memory import Memory
from monitor.model import Cause, Tell
from monitor.rule import moment
from monitor.track import STALE_SLOTS, Track

SERVED_TIMES = 3        # in a row, before it is said


def silent(memory: Memory, policy: Policy, known: Known, t: float) -> Iterator[Tell]:
    """A region of the plan that stopped reporting is told once: nobody knows anything of it, good or bad.

    Others must have gone on for as long as makes a stream stale: after a night in which we did not run ourselves, the
    first region to be heard again does not make the others silent.
    """
    planned = {check.region for check in known.checks}
    for region in sorted(planned & memory.places.keys()):
        tracks = [*memory.places[region].tracks, *memory.places[region].controls]
        last, key = max(track.last for track in tracks), f"silent:{region}"
        if any(track.fresh(t) for track in tracks):
            memory.news.pop(key, None)
        elif key not in memory.news and _others_went_on(memory, region, last, t):
            memory.news[key] = moment(last).isoformat()
            because = f"nothing has been heard from {region} since {moment(last):%H:%M} UTC; what is known of it is old"
            mark = f"{key}:{moment(last).isoformat()}"
            yield _tell(mark, Alert(mark, Occasion.FINDING, Severity.WARNING, Cause.UNKNOWN, moment(t), moment(last),
                                    regions=(region,), because=because, run=("vendorwatch status",)), policy, known)


def _others_went_on(memory: Memory, region: str, last: float, t: float) -> bool:
    fastest_s = min(track.every_s for track in memory.places[region].tracks or memory.places[region].controls)
    begun = [track.run_from for name, place in memory.places.items() if name != region
             for track in (*place.tracks, *place.controls) if track.fresh(t)]
    return bool(begun) and t - max(last, min(begun)) > STALE_SLOTS * fastest_s


def expected(memory: Memory, track: Track, policy: Policy, known: Known, t: float) -> Iterator[Tell]:
    """Law 12: where a refusal is expected, being served is the news. Told once, until it is refused again."""
    stream = track.stream
    key = f"expected:{stream.provider}|{stream.region}"
    if track.outcome == "geo_restricted":
        memory.news.pop(key, None)
        memory.news.pop(f"{key}:served", None)
    if track.outcome not in ("ok", "degraded"):
        return
    times, _, since = memory.news.get(f"{key}:served", f"0 {t}").partition(" ")
    memory.news[f"{key}:served"] = f"{int(times) + 1} {since}"
    if int(times) + 1 < SERVED_TIMES or key in memory.news:
        return
    memory.news[key] = moment(t).isoformat()
    name = known.names.get(stream.provider, stream.provider)
    because = f"served now although expected restricted: {name} answered {stream.region} {SERVED_TIMES} times in a row"
    mark = f"{key}:{moment(float(since)).isoformat()}"
    yield _tell(mark, Alert(mark, Occasion.FINDING, Severity.INFO, Cause.UNKNOWN, moment(t), moment(float(since)),
                            stream.provider, name, (stream.region,), confidence=0.9, because=because,
                            run=(f"vendorwatch check {stream.provider}",)), policy, known)


def _tell(mark: str, alert: Alert, policy: Policy, known: Known) -> Tell:
    return Tell(f"{mark}:finding:0", alert, policy.hearers(alert.severity, known.channels))
