"""The config's `drills`: proofs that are held by themselves, once a quarter unless said otherwise."""

from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator

from monitor.forms import Duration, Name
from monitor.model import Cause
from monitor.section import Section

OFTENEST = timedelta(hours=1)


def _not_too_often(value: timedelta) -> timedelta:
    """Nothing is proven anew within minutes, and all that would come of it is the same message over and over."""
    if value < OFTENEST:
        raise ValueError("expected at least 1h between two drills; each is a row, with_gateway starts the gateway's "
                         "program, and one that fails is told every time")
    return value


class DrillSettings(Section):
    """One drill. `with_gateway`: the move is made for real, on loopback with stand-in vendors."""

    vendor: str
    regions: list[Name] = []
    cause: Cause = Cause.REGION_RESTRICTED
    every: Annotated[Duration, AfterValidator(_not_too_often)] = timedelta(days=91)
    with_gateway: bool = False
