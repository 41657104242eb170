"""What vendorwatch.yaml may say of deciding and telling: the policy, and the windows in which nothing is news.

Shapes and defaults; names of vendors, regions, workloads and channels are configcheck's.
"""

from datetime import timedelta
from typing import Annotated, Any, Literal

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


SUSPICIONS = ("suspect", "warn")


class WhenSettings(Section):
    """Which incidents a rule is for; what is unsaid may be anything. `at_least`: confidence in the cause. `tier`: what
    the evidence has reached; unsaid, all that is confirmed. suspect and warn mean what is not confirmed yet.
    """

    cause: Cause | None = None
    causes: list[Cause] = []
    at_least: float = Field(default=0.0, ge=0, le=1)
    tier: Literal["suspect", "warn", "confirm", "patch"] = "confirm"
    vendor: str | None = None
    region: str | None = None
    workload: str | None = None

    @model_validator(mode="after")
    def _one_way(self) -> "WhenSettings":
        if self.cause and self.causes:
            raise ValueError("cause and causes are both there; put all of them in causes")
        return self


class RuleSettings(Section):
    """What is wished of the incidents that `when` covers. The first rule that says something of a matter decides it.
    `hold`: nobody is told until it has been open so long; `remind`: as reminders, [] for none.
    """

    when: WhenSettings = WhenSettings()
    severity: Severity | None = None
    channels: list[str] | None = None
    patch: Literal["none", "observe", "propose", "approve", "auto"] | None = None
    hold: Duration | None = None
    remind: list[Duration] | None = None

    @model_validator(mode="after")
    def _says_something(self) -> "RuleSettings":
        said = [key for key in ("severity", "channels", "patch", "hold", "remind") if getattr(self, key) is not None]
        if not said:
            raise ValueError("expected what follows: severity, channels, patch, hold or remind; add one")
        late = [key for key in said if key in {"patch", "hold", "remind"}]
        if self.when.tier in SUSPICIONS and late:
            raise ValueError(f"a suspicion (tier: {self.when.tier}) has no {late[0]}; say it of tier: confirm")
        return self


class PolicySettings(Section):
    """`reminders`: the pause before each; the last goes on; []: none."""

    budgets: BudgetsSettings = BudgetsSettings()
    rules: list[RuleSettings] = []
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


class WindowSettings(Section):
    """A window: from start to end, in an ISO 8601 interval, or by a cron line for so long.

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

    @model_validator(mode="after")
    def _one_form(self) -> "WindowSettings":
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


class MaintenanceSettings(WindowSettings):
    """A window in which nothing is news of these vendors and regions; none named: of all."""

    vendors: list[str] = []
    regions: list[str] = []
    because: str = ""


class PatchingSettings(Section):
    """What bounds every change of a gateway's config. `freeze`: windows in which nothing is changed; `hold`: how long a
    vendor must be well before the way back is proposed, at the least; `off` for all of it: nothing is changed at all.
    """

    enabled: bool = True
    per_day: int = Field(default=5, ge=0)
    freeze: list[WindowSettings] = []
    hold: Duration = timedelta(hours=1)
    expires: Duration = timedelta(days=7)
    on_expiry: Literal["tell", "revert"] = "tell"

    @model_validator(mode="before")
    @classmethod
    def _on_or_off(cls, value: Any) -> Any:
        switches = {"on": True, "off": False}           # YAML 1.2 reads them as words
        word = switches.get(value, value) if isinstance(value, str) else value
        return {"enabled": word} if isinstance(word, bool) else value
