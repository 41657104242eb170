"""What vendorwatch.yaml may say, section by section. Shapes and defaults; what ties sections together is configcheck's.

Unknown keys are errors, durations are written 60s, 5m, 1h, and secrets are names of environment variables (law 7).
"""

import re
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
    model_validator,
)

from alerts.model import Severity
from monitor.model import Cause
from probes.model import Zone

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
LONGEST = timedelta(days=3650)      # beyond some point no calendar can add it to now


def parse_duration(value: object) -> timedelta:
    """'60s', '5m', '1h', '2d' -> timedelta, above zero and at most LONGEST. Raises ValueError."""
    if isinstance(value, timedelta):
        return value
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smhd])", value.strip()) if isinstance(value, str) else None
    if match is None or float(match[1]) <= 0:
        raise ValueError("expected a duration above zero such as 60s, 5m, 1h or 2d; write number and unit")
    if float(match[1]) * _SECONDS[match[2]] > LONGEST.total_seconds():
        raise ValueError(f"expected a duration of at most {LONGEST.days}d; shorten it")
    return timedelta(seconds=float(match[1]) * _SECONDS[match[2]])


def _written(value: timedelta) -> str:
    return f"{value.total_seconds():.15g}s"       # :g alone writes 1e+06


def _aware(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("expected a time with its zone such as 2026-11-24T08:00:00Z; add the zone")
    return value


def _zone_name(value: str) -> str:
    try:
        ZoneInfo(value)
    except (OSError, ValueError) as error:   # ZoneInfoNotFoundError is a KeyError on some, OSError on other systems
        raise ValueError("expected a time zone such as UTC or Asia/Shanghai; change the name") from error
    except KeyError as error:
        raise ValueError("expected a time zone such as UTC or Asia/Shanghai; change the name") from error
    return value


def _without_password(value: str) -> str:
    if "@" in value.split("/")[2]:       # the message must not repeat it
        raise ValueError("expected an address without user and password; name the key's variable in key_env")
    return value


Duration = Annotated[
    timedelta,
    BeforeValidator(parse_duration),
    PlainSerializer(_written),
    WithJsonSchema({"type": "string", "pattern": r"^\d+(\.\d+)?\s*[smhd]$", "examples": ["60s", "5m", "1h"]}),
]
# Names become parts of a check's key, whose separators they must not hold.
Name = Annotated[str, Field(pattern=r"^[^\s/@|]+$")]
EnvName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
Url = Annotated[str, Field(pattern=r"^https?://[^\s/]+(/\S*)?$"), AfterValidator(_without_password)]
AwareTime = Annotated[datetime, AfterValidator(_aware)]
ZoneName = Annotated[str, AfterValidator(_zone_name)]


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _short_form(name: str) -> ConfigDict:
    """The JSON schema must know the one-word form too, or editors mark it as wrong."""
    def add(schema: dict[str, Any]) -> None:
        schema["properties"][name] = {"type": "string"}

    return ConfigDict(json_schema_extra=add)


class Open(Section):
    """A section that carries a plugin's own options beside the fixed keys; the plugin knows which exist."""

    model_config = ConfigDict(json_schema_extra={"additionalProperties": True})
    options: dict[str, Any] = {}

    @model_validator(mode="before")
    @classmethod
    def _gather(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        own = {key: item for key, item in value.items() if key in cls.model_fields}
        rest = {key: item for key, item in value.items() if key not in cls.model_fields}
        given = own.get("options") or {}
        return {**own, "options": {**given, **rest}} if isinstance(given, dict) else value


class VantageSettings(Section):
    name: Name | None = None
    proxy: str | None = None
    source_address: str | None = None
    hosts: dict[str, str] = {}
    ca_file: str | None = None


class RegionSettings(Section):
    zone: Zone | None = None
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None
    vantages: list[VantageSettings] = Field(default=[VantageSettings()], min_length=1)
    was: Name | None = None      # its former name: history goes on

    @property
    def side(self) -> Zone:
        """The zone, said or read from the country. Hong Kong, Macau and Taiwan are outside the wall."""
        return self.zone or (Zone.CN if self.country == "CN" else Zone.GLOBAL)


class CheckSettings(Open):
    every: Duration | None = None
    enabled: bool = True


class VendorSettings(Section):
    model_config = _short_form("surface")
    surfaces: list[str] = []
    regions: list[str] = []
    accounts: list[str] = []
    expect: dict[str, Literal["restricted", "served"]] = {}
    models: list[str] = []
    checks: dict[str, CheckSettings] = {}
    variables: dict[str, str] = {}
    enabled: bool = True

    @model_validator(mode="before")
    @classmethod
    def _one_surface(cls, value: Any) -> Any:
        if value is None:
            return {}
        if isinstance(value, dict) and isinstance(value.get("surface"), str):
            rest = {key: item for key, item in value.items() if key != "surface"}
            return {**rest, "surfaces": [value["surface"], *rest.get("surfaces", [])]}
        return value


class EndpointSettings(Section):
    """A vLLM, SGLang, Ollama or relay of your own, in one short entry."""

    model_config = _short_form("model")
    name: Name
    base_url: Url
    dialect: str = "openai"
    models: list[str] = []
    key_env: EnvName | None = None
    ca_file: str | None = None
    headers: dict[str, str] = {}
    zone: Zone = Zone.GLOBAL
    regions: list[str] = []
    checks: dict[str, CheckSettings] = {}

    @model_validator(mode="before")
    @classmethod
    def _one_model(cls, value: Any) -> Any:
        if isinstance(value, dict) and isinstance(value.get("model"), str):
            rest = {key: item for key, item in value.items() if key != "model"}
            return {**rest, "models": [value["model"], *rest.get("models", [])]}
        return value


class AccountSettings(Section):
    name: Name
    vendor: str
    key_env: EnvName
    host: str | None = None      # which of the vendor's hosts; None: its first surface
    region: str | None = None    # the one region it is used from; None: the first


class Budget(Section):
    usd_per_day: float = Field(default=0.50, ge=0)
    tokens_per_day: int = Field(default=500_000, ge=0)


class ControlSettings(Section):
    host: Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]+(:\d+)?$")]
    zone: Zone = Zone.GLOBAL


class ChannelSettings(Open):
    type: str


class GatewaySettings(Open):
    type: str
    file: str
    mode: Literal["observe", "propose"] = "propose"


class WorkloadSettings(Section):
    primary: str
    fallbacks: list[str] = []
    regions: list[str] = []
    gateway: str | None = None


class PolicySettings(Section):
    """k failures among the last n make a finding. `reminders`: the pause before each; the last goes on; []: none."""

    k: int = Field(default=3, ge=1)
    n: int = Field(default=5, ge=1)
    severities: dict[Cause, Severity] = {}
    reminders: list[Duration] = [timedelta(hours=1), timedelta(hours=4), timedelta(hours=24)]
    channels: dict[Severity, list[str]] = {}    # who hears what; a severity not named goes to all

    @model_validator(mode="after")
    def _k_within_n(self) -> "PolicySettings":
        if self.k > self.n:
            raise ValueError(f"k ({self.k}) must not exceed n ({self.n}); lower k or raise n")
        return self


class MaintenanceSettings(Section):
    """A window in which nothing is news."""

    start: AwareTime
    end: AwareTime
    vendors: list[str] = []
    regions: list[str] = []
    because: str = ""

    @model_validator(mode="after")
    def _forward(self) -> "MaintenanceSettings":
        if self.end <= self.start:
            raise ValueError("end must come after start; swap or correct them")
        return self


class LoggingSettings(Section):
    format: Literal["kv", "json"] = "kv"
    level: Literal["debug", "info", "warning", "error"] = "info"


NEUTRAL_HOSTS = [
    ControlSettings(host="www.cloudflare.com"),
    ControlSettings(host="www.apple.com"),
    ControlSettings(host="www.microsoft.com"),
    ControlSettings(host="www.baidu.com", zone=Zone.CN),
    ControlSettings(host="www.qq.com", zone=Zone.CN),
]


class Config(Section):
    """vendorwatch.yaml. Config() is what runs with no file at all."""

    database: str = ""           # URL or path; '' = the state folder, filled in by load_config
    language: Literal["en", "zh"] = "en"
    timezone: ZoneName = "UTC"
    catalogue: str | None = None
    regions: dict[Name, RegionSettings] = Field(default={"here": RegionSettings()}, min_length=1)
    vendors: dict[str, VendorSettings] = {}      # none: all that can be asked without a key
    endpoints: list[EndpointSettings] = []
    accounts: list[AccountSettings] = []
    use_keys: bool = False
    budget: Budget = Budget()
    controls: list[ControlSettings] = NEUTRAL_HOSTS
    channels: dict[Name, ChannelSettings] = {"console": ChannelSettings(type="console")}
    gateways: dict[Name, GatewaySettings] = {}
    workloads: dict[str, WorkloadSettings] = {}
    policy: PolicySettings = PolicySettings()
    maintenance: list[MaintenanceSettings] = []
    retention_days: int = Field(default=90, ge=1, le=LONGEST.days)
    logging: LoggingSettings = LoggingSettings()

    @model_validator(mode="before")
    @classmethod
    def _hosts_are_short(cls, value: Any) -> Any:
        """`controls: [example.com]` means {host: example.com}."""
        if isinstance(value, dict) and isinstance(value.get("controls"), list):
            hosts = [{"host": item} if isinstance(item, str) else item for item in value["controls"]]
            return {**value, "controls": hosts}
        return value
