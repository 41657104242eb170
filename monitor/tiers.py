"""How many false alarms a team accepts: the only knob of detection, in seconds to one, by tier. Pure."""

from dataclasses import dataclass

from monitor.model import Tier

DAY_S = 86_400.0
YEAR_S = 365 * DAY_S
# Real incidents of a vendor come every four or five days (published ones), false alarms of a tier as seldom as its
# budget says: so much of what reaches a tier is real. What goes on beyond the last is none that passes.
REAL = {Tier.NONE: 0.2, Tier.SUSPECT: 0.2, Tier.WARN: 0.6, Tier.CONFIRM: 0.95, Tier.PATCH: 1.0}


def sure(cause: float, tier: Tier) -> float:
    """How sure an incident is: that it is one at all, and of this cause, which is `cause` likely if it is."""
    return cause * REAL[tier]


def surer(told: float, before: Tier, after: Tier) -> float:
    """The same, where its evidence has come from one tier to another."""
    return told if before is after else min(1.0, told / REAL[before] * REAL[after])


@dataclass(frozen=True, slots=True)
class Budgets:
    """Seconds to a false alarm that a team accepts, by tier and stream; `recover`: to a recovery that is none."""

    suspect_s: float = DAY_S
    warn_s: float = 7 * DAY_S
    confirm_s: float = 90 * DAY_S
    patch_s: float = YEAR_S
    recover_s: float = 7 * DAY_S

    def tier(self, evidence_s: float) -> Tier:
        """The highest tier whose budget so much evidence reaches."""
        steps = (self.suspect_s, self.warn_s, self.confirm_s, self.patch_s)
        return Tier(sum(evidence_s >= step for step in steps))

    def halved(self) -> "Budgets":
        """Half of everything: what has been told is taken back later than it was told."""
        return Budgets(self.suspect_s / 2, self.warn_s / 2, self.confirm_s / 2, self.patch_s / 2, self.recover_s / 2)
