"""How long it has been as it should be: clears in a row on every stream that an incident is about.

Silence is not calm: where nobody reports, there is no answer (law 1).
"""

from datetime import datetime

from monitor.board import Board, Line
from monitor.model import Cause, Incident
from monitor.rule import SPOTLESS

RULES: dict[Cause, tuple[str, ...]] = {
    Cause.PROVIDER_OUTAGE: ("outage", "network"), Cause.NETWORK_INTERFERENCE: ("outage", "network"),
    Cause.REGIONAL_PATH: ("outage", "network"), Cause.OWN_NETWORK: ("own_network",),
}

OF_AN_ACCOUNT = frozenset({Cause.AUTH_FAILED, Cause.BILLING, Cause.ACCOUNT_RESTRICTED})


def calm_of(incident: Incident, board: Board, now: datetime) -> int | None:
    """Clears in a row, at most SPOTLESS; None: nobody who could tell reports."""
    if incident.cause is Cause.OWN_NETWORK:
        return _calm_here(incident, board, now)
    names = RULES.get(incident.cause) or tuple(n for n, r in board.rules.items() if r.cause is incident.cause)
    lines = [line for line in board.of(incident.scope.provider or "", now) if _concerns(incident, line, names, board)]
    regions = set(incident.regions)
    # one vendor everywhere can be judged by whoever still reports; a region's own trouble only from there
    if not lines or ((incident.scope.region or incident.cause is Cause.REGION_RESTRICTED) and (
            regions - {line.stream.region for line in lines})):
        return None
    if incident.cause in OF_AN_ACCOUNT and _silent_since_the_trouble(incident, names, board, now):
        return None
    return min(_clean(line, name, board) for line in lines for name in names)


def _silent_since_the_trouble(incident: Incident, names: tuple[str, ...], board: Board, now: datetime) -> bool:
    """Whether a stream that showed the trouble has not been heard since: a banned account's keyed checks are stopped,
    and another, slower check of the same account that asked before the ban knows nothing of it.
    """
    return any(
        _clean(line, name, board) < SPOTLESS and not board.fresh(line, now)
        for line in board.of(incident.scope.provider or "") if _concerns(incident, line, names, board) for name in names
    )


def _concerns(incident: Incident, line: Line, names: tuple[str, ...], board: Board) -> bool:
    stream, scope = line.stream, incident.scope
    if line.expect or (incident.regions and stream.region not in incident.regions):
        return False
    if incident.cause in OF_AN_ACCOUNT and stream.account is None:
        return False
    hit = any((name, stream.text) in board.evidence for name in names)
    return hit or (scope.account in (None, stream.account) and scope.model in (None, stream.model))


def _clean(line: Line, name: str, board: Board) -> int:
    found = board.evidence.get((name, line.stream.text))
    return found.clean if found else SPOTLESS


def _calm_here(incident: Incident, board: Board, now: datetime) -> int | None:
    """Our own network: what most witnesses of every region concerned say."""
    least: int | None = None
    for region in incident.regions:
        for zone in board.zones(region, now):
            cleans = sorted((_clean(w, "own_network", board) for w in board.witnesses(region, zone, now)), reverse=True)
            if not cleans:
                continue
            told = 0 if board.is_dark(region, zone) else cleans[len(cleans) // 2]
            least = told if least is None else min(least, told)
    return least
