"""A drill decides with the very functions that decide when it is real, on what is proven now."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from worlds import NOON

from alerts.gateways.litellm import Gateway
from monitor.catalogue import load_catalogue
from monitor.drilling import Drilled, Team, rehearse
from monitor.known import Deciding, Fallback, Known, KnownWorkload, Policy
from monitor.model import Cause
from monitor.proposing import Place
from monitor.rehearsal import IncidentCase, made_up

TEXT = (
    "model_list:\n"
    "- {model_name: smart, litellm_params: {model: anthropic/claude}}\n"
    "- {model_name: backup, litellm_params: {model: dashscope/qwen}}\n"
)
PLACE = Place(Gateway(), Path("litellm.yaml"), catalogue=load_catalogue())
SMART = KnownWorkload("smart", "anthropic", (Fallback("backup", "dashscope"),), "team", ("smart",))
CHEAP = KnownWorkload("cheap", "anthropic", (), "team")
OTHER = KnownWorkload("other", "openai", (Fallback("backup", "dashscope"),), "team")
ABROAD = KnownWorkload("abroad", "anthropic", (Fallback("backup", "dashscope"),), "team", regions=("us",))
GREEN = {"dashscope": {"cn": NOON - timedelta(minutes=1), "us": NOON - timedelta(minutes=2)}}


def drilled(*workloads: KnownWorkload, cause: Cause = Cause.REGION_RESTRICTED, team: Team | None = None,
            green: dict[str, dict[str, object]] | None = None) -> Drilled:
    context = Deciding(Known(workloads=workloads, channels=("ops",)), (), GREEN if green is None else green)
    teams = {"team": team or Team(PLACE, TEXT)}
    verdict = made_up(IncidentCase(cause=cause, vendor="anthropic", regions=["cn"]), NOON, "a drill")
    return rehearse(verdict, Policy(), context, NOON, teams)


def test_what_moves_moves_with_its_proof_and_its_patch() -> None:
    found = drilled(SMART, OTHER, ABROAD)
    assert found.passed
    assert found.alert is not None
    assert found.alert.touches == ("smart",)
    assert found.channels == ("ops",)
    [smart] = found.moves
    assert (smart.to, smart.proven_at, smart.proven_from) == ("backup", GREEN["dashscope"]["cn"], ("cn", "us"))
    assert smart.patch is not None
    assert "smart: backup" in smart.patch.diff


def test_what_has_no_proven_fallback_stops_and_says_why() -> None:
    found = drilled(SMART, CHEAP, green={})
    assert not found.passed
    assert {one.workload: one.why for one in found.moves} == {
        "smart": "no fallback is proven now: backup; see `vendorwatch readiness`",
        "cheap": "it has no fallback; name one in its `fallbacks`"}


def test_what_states_needs_moves_only_where_they_are_proven_and_nowhere_it_may_not() -> None:
    careful = replace(SMART, needs=("tools",))
    assert "no fallback is proven now: backup" in drilled(careful).moves[0].why
    barred = replace(SMART, allowed=())
    assert drilled(barred).moves[0].why == (
        "no fallback may be used: dashscope is not among the vendors allowed for smart")


def test_a_gateway_that_cannot_be_patched_says_so_and_the_workload_does_not_count_as_moved() -> None:
    [smart] = drilled(SMART, team=Team(PLACE, missing="litellm.yaml cannot be read")).moves
    assert (smart.to, smart.patch, smart.why) == ("backup", None, "litellm.yaml cannot be read")
    [smart] = drilled(SMART, team=Team(PLACE, TEXT.replace("backup", "elsewhere"))).moves
    assert "'backup' is no model group" in smart.why
    assert smart.stops


@pytest.mark.parametrize("cause", [Cause.LATENCY_DEGRADED, Cause.QUALITY_DEGRADED])
def test_what_the_policy_does_not_move_stays(cause: Cause) -> None:
    [smart] = drilled(SMART, cause=cause).moves
    assert smart.stops
    assert "the policy moves nothing for this cause" in smart.why
