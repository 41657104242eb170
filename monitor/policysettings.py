"""What vendorwatch.yaml may say of deciding and telling: the policy, and the windows in which nothing is news.

Shapes and defaults; names of vendors, regions, workloads and channels are configcheck's.
"""

from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from alerts.model import Severity
from monitor.forms import Duration, Rate, Time, ZoneName
from monitor.model import Cause
from monitor.section import Section
from monitor.windows import interval, once, repeated, shortest_pause


class BudgetsSettings(Section):
    """False alarms that are accepted, a vendor and region: how much evidence it takes to look closer (suspect), to say
    so in the list (warn), to tell people (confirm), to propose a patch – and to say that it is over (recover).
    """

    suspect: Rate = timedelta(days=1)
    warn: Rate = timedelta(days=7)
    confirm: Rate = timedelta(days=90)
    patch: Rate = timedelta(days=365)
    recover: Rate = timedelta(days=7)

    @model_validator(mode="after")
    def _in_order(self) -> "BudgetsSettings":
        if not self.suspect <= self.warn <= self.confirm <= self.patch:
            raise ValueError("expected suspect no rarer than warn, warn than confirm, confirm than patch; reorder them")
        return self


class PolicySettings(Section):
    """`reminders`: the pause before each; the last goes on; []: none."""

    budgets: BudgetsSettings = BudgetsSettings()
    severities: dict[Cause, Severity] = {}
    reminders: list[Duration] = [timedelta(hours=1), timedelta(hours=4), timedelta(hours=24)]
    channels: dict[Severity, list[str]] = {}    # who hears what; a severity not named goes to all


def _cron(value: str) -> str:
    shortest_pause(value)
    return value


def _interval(value: str) -> str:
    interval(value, "UTC")
    return value


# A window says when in one of these forms.
WINDOW_FORMS = (("start", "end"), ("interval",), ("cron", "for"))


class MaintenanceSettings(Section):
    """A window in which nothing is news: from start to end, in an ISO 8601 interval, or by a cron line for so long.

    Times without a zone of their own are of `timezone`; unsaid, of the config's.
    """

    model_config = ConfigDict(serialize_by_alias=True, json_schema_extra={
        "oneOf": [{"required": list(form)} for form in WINDOW_FORMS]})
    start: Time | None = None
    end: Time | None = None
    interval: Annotated[str, AfterValidator(_interval)] | None = None
    cron: Annotated[str, AfterValidator(_cron)] | None = None
    lasts: Duration | None = Field(default=None, alias="for")
    timezone: ZoneName | None = None
    vendors: list[str] = []
    regions: list[str] = []
    because: str = ""

    @model_validator(mode="after")
    def _one_form(self) -> "MaintenanceSettings":
        when = {"start": self.start, "end": self.end, "interval": self.interval, "cron": self.cron, "for": self.lasts}
        said = [key for key, value in when.items() if value is not None]
        form = next((form for form in WINDOW_FORMS if {*said} <= {*form}), None) if said else None
        if form is None:
            raise ValueError(f"expected when: start and end, or interval, or cron and for; got "
                             f"{' and '.join(said) or 'none of them'}; keep one of the three")
        if missing := [key for key in form if key not in said]:
            raise ValueError(f"{said[0]} is there without {missing[0]}; add it")
        if self.start and self.end:
            once(self.start, self.end, "UTC")       # their order; what a zone's clock makes of them, configcheck knows
        if self.cron and self.lasts:
            repeated(self.cron, self.lasts, "UTC")
        return self
