"""The config's `drills`: proofs that are held by themselves, once a quarter unless said otherwise."""

from datetime import timedelta

from monitor.forms import Duration, Name
from monitor.model import Cause
from monitor.section import Section


class DrillSettings(Section):
    """One drill. `with_gateway`: the move is made for real, on loopback with stand-in vendors."""

    vendor: str
    regions: list[Name] = []
    cause: Cause = Cause.REGION_RESTRICTED
    every: Duration = timedelta(days=91)
    with_gateway: bool = False
