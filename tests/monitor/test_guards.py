"""What stands against a change, each in words that say what to do."""

from dataclasses import replace
from datetime import timedelta

import pytest
from changing import CHANGE, CONFIG, HOUR, NOON

from alerts.gateways.litellm import Gateway
from monitor.changes import Drawn, Entry, Life, Stand
from monitor.guards import Bounds, closed_doors, new_faults, objections, unproven
from monitor.known import Deciding, Fallback, Known, KnownWorkload
from monitor.model import Cause, Incident, Scope, Stage
from monitor.windows import once, repeated

LIFE = Life(CHANGE, "gw", "approve", Stand.APPROVED, Drawn("f", "", "", ""), NOON, NOON)
KNOWN = Known(workloads=(KnownWorkload("smart", "anthropic", (Fallback("backup", "dashscope"),)),))
GREEN = Deciding(KNOWN, (), {"dashscope": {"eu": NOON}})


def an_entry(seq: int, what: str, ago: timedelta) -> Entry:
    return Entry(seq, NOON - ago, "c", what, "applied", "v", "{}", "", "", "", str(seq))


def against(life: Life = LIFE, others: tuple[Life, ...] = (), entries: tuple[Entry, ...] = (), per_day: int = 2) -> str:
    return "; ".join(objections(life, others, entries, Bounds(per_day=per_day), NOON))


def test_nothing_stands_against_what_is_well() -> None:
    assert against() == ""
    assert list(closed_doors(Bounds(), "", NOON)) == []
    assert unproven(CHANGE, GREEN) == ""


def test_stopped_off_or_frozen() -> None:
    assert "vendorwatch patch go" in next(closed_doors(Bounds(), "/state/stop-patches", NOON))
    assert "patching is off" in next(closed_doors(Bounds(enabled=False), "", NOON))
    window = once(NOON - HOUR, NOON + HOUR, "UTC")
    [said] = closed_doors(Bounds(freeze=(window, repeated("0 3 * * *", HOUR, "UTC"))), "", NOON)
    assert "until 2026-03-02 13:00 UTC" in said
    assert list(closed_doors(Bounds(freeze=(window,)), "", NOON + HOUR)) == []


def test_observing_and_expired() -> None:
    assert "mode is observe" in against(replace(LIFE, mode="observe"))
    late = replace(LIFE, change=replace(CHANGE, expires_at=NOON))
    assert "it has expired" in against(late)
    assert against(replace(LIFE, change=replace(CHANGE, expires_at=None))) == ""


@pytest.mark.parametrize(("stand", "blocks"), [
    (Stand.APPLIED, True), (Stand.VERIFIED, True), (Stand.OVERDUE, True), (Stand.APPLYING, True),
    (Stand.REVERTING, True), (Stand.CONFLICT, True), (Stand.APPROVED, False), (Stand.REVERTED, False)])
def test_one_a_workload(stand: Stand, blocks: bool) -> None:
    other = replace(LIFE, change=replace(CHANGE, id="vw-2"), stand=stand)
    assert ("vw-2" in against(others=(LIFE, other))) is blocks
    elsewhere = replace(other, gateway="other"), replace(other, change=replace(CHANGE, id="vw-2", workload="cheap"))
    assert "take that one back first" not in against(others=elsewhere)


def test_so_many_a_day() -> None:
    done = [an_entry(1, "applied", HOUR), an_entry(2, "applied", 23 * HOUR), an_entry(3, "applied", 24 * HOUR),
            an_entry(4, "reverted", HOUR)]
    assert "2 changes were applied" in against(entries=tuple(done))
    assert against(entries=tuple(done[1:])) == ""
    at_work = replace(LIFE, gateway="other", change=replace(CHANGE, id="vw-2"), stand=Stand.APPLYING)
    assert "2 changes were applied" in against(entries=tuple(done[1:]), others=(LIFE, at_work))


def test_a_vendor_that_may_not_be_used_proves_nothing() -> None:
    strict = replace(KNOWN.workloads[0], allowed=())
    said = unproven(CHANGE, replace(GREEN, known=Known(workloads=(strict,))))
    assert said == "dashscope is not among the vendors allowed for smart"
    needy = replace(KNOWN.workloads[0], needs=("tools",))
    assert "lately" in unproven(CHANGE, replace(GREEN, known=Known(workloads=(needy,))))


def test_proof_is_from_every_region_concerned() -> None:
    both = replace(CHANGE, proven_from=("eu", "us"))
    assert unproven(both, GREEN) == "dashscope was not seen to answer from us lately"
    assert "lately" in unproven(replace(CHANGE, proven_from=()), Deciding(KNOWN, (), {"dashscope": {}}))
    assert unproven(replace(CHANGE, proven_from=()), GREEN) == ""
    grown = replace(GREEN, known=Known(workloads=(replace(KNOWN.workloads[0], regions=("eu", "cn")),)))
    assert unproven(CHANGE, grown) == "dashscope was not seen to answer from cn lately", "it runs there since"
    assert "no workload called other" in unproven(replace(CHANGE, workload="other"), GREEN)
    assert "elsewhere is no fallback" in unproven(replace(CHANGE, takes_over="elsewhere"), GREEN)


@pytest.mark.parametrize(("stage", "hurts"), [(Stage.OPEN, True), (Stage.FLAPPING, True), (Stage.RECOVERING, False),
                                              (Stage.SUSPECTED, False)])
def test_a_fallback_with_an_incident_of_its_own_is_none(stage: Stage, hurts: bool) -> None:
    own = Incident(1, "k", stage, Cause.PROVIDER_OUTAGE, Scope("dashscope"), 0.99, "5xx", NOON, NOON, NOON)
    assert ("an incident of its own: 5xx" in unproven(CHANGE, replace(GREEN, standing=(own,)))) is hurts


def test_only_new_critical_faults_count() -> None:
    broken = CONFIG + "  fallbacks: [{smart: [nowhere]}]\n"
    assert new_faults(Gateway(), CONFIG, broken)
    assert new_faults(Gateway(), broken, broken) == []
    assert new_faults(Gateway(), CONFIG, CONFIG) == []
    bare = CONFIG.replace("router_settings", "  - model_name: bare\nrouter_settings")
    twice = bare.replace("router_settings", "  - model_name: bare\nrouter_settings")
    assert new_faults(Gateway(), bare, bare) == []
    assert len(new_faults(Gateway(), bare, twice)) == 1, "the same words of another place"
