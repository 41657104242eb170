"""Who may take a workload over, and by what it is proven. Pure; asked wherever a Reroute is made (laws 8, 9 and 12).

A workload never moves to a vendor it may not use, its data never leaves where it must stay, and an embedding workload
moves only to the same model elsewhere: another model's vectors break the index.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from monitor.known import Deciding, Fallback, KnownWorkload
from monitor.model import Cause, Incident, Stage


def refusal(fallback: Fallback, workload: KnownWorkload) -> str:
    """Why the workload may not move to this route, in words; '': it may."""
    return next(_refusals(fallback, workload), "")


def _refusals(fallback: Fallback, workload: KnownWorkload) -> Iterator[str]:
    if workload.allowed is not None and fallback.provider not in {one.provider for one in workload.allowed}:
        yield f"{fallback.provider} is not among the vendors allowed for {workload.name}"
    for stay in workload.stays:
        runs_there = not workload.regions or stay.region in workload.regions
        if runs_there and fallback.provider not in stay.providers and (
                not fallback.jurisdiction or fallback.jurisdiction not in stay.jurisdictions):
            yield f"data of {stay.region} may not go to {fallback.provider} ({fallback.jurisdiction or 'unknown'})"
    if workload.embedding and not same_model(workload.model, fallback.model):
        yield (f"an embedding workload moves only to the same model: {workload.model or 'unknown'} is not "
               f"{fallback.model or 'unknown'}")


def same_model(one: str | None, other: str | None) -> bool:
    """Whether two names mean one model: vendors put their own or its maker's name before it. Unknown is not the same.
    """
    return bool(one and other) and _bare(str(one)) == _bare(str(other))


def _bare(model: str) -> str:
    return model.rpartition("/")[2].removesuffix(":latest").casefold()


def candidates(workload: KnownWorkload, incident: Incident, others: Iterable[Incident]) -> tuple[Fallback, ...]:
    """The fallbacks, in their order, that may be used and that nothing stands against."""
    standing = [one for one in others if one.stage is not Stage.CLOSED] + [incident]
    return tuple(fallback for fallback in workload.fallbacks
                 if not refusal(fallback, workload) and not any(_hurts(one, fallback, workload) for one in standing))


def _hurts(incident: Incident, fallback: Fallback, workload: KnownWorkload) -> bool:
    """A ban of another account of the vendor hurts the route too, unless the workload's owners say otherwise."""
    if incident.scope.provider != fallback.provider:
        return False
    return not _of_account(incident, workload) or fallback.account in (None, incident.scope.account)


def reaches(incident: Incident, workload: KnownWorkload) -> bool:
    """Whether what stands against the primary's vendor stands against this workload's way there."""
    return not _of_account(incident, workload) or not workload.accounts or incident.scope.account in workload.accounts


def _of_account(incident: Incident, workload: KnownWorkload) -> bool:
    """Whether it is the ban of one account, and that is all it means to the workload."""
    return (workload.ban == "account" and incident.cause is Cause.ACCOUNT_RESTRICTED
            and incident.scope.account is not None)


def shown(fallback: Fallback, workload: KnownWorkload, context: Deciding) -> Mapping[str, datetime]:
    """By region, when the fallback was last seen to work there: that its vendor answers now and, where the workload
    states needs, that it has passed what proves them. The older of the two: both must be so. Without needs it is enough
    that no probe of the route itself has failed.
    """
    green = context.green.get(fallback.provider, {})
    if not workload.needs:
        return {region: seen for region, seen in green.items()
                if context.failed.isdisjoint(fallback.proofs.get(region, ()))}
    found = {}
    for region, seen in green.items():
        keys = fallback.proofs.get(region, ())
        passed = [context.proofs[key] for key in keys if key in context.proofs]
        if keys and len(passed) == len(keys):
            found[region] = min(seen, *passed)
    return found
