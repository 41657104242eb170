"""What vendorwatch.yaml may say, section by section. Shapes and defaults; what ties sections together is configcheck's.

Unknown keys are errors, durations are written 60s, 5m, 1h, and secrets are names of environment variables (law 7).
"""

from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from monitor.drillsettings import DrillSettings
from monitor.forms import LONGEST, Address, Country, EnvName, Host, Name, Pause, ProxyUrl, Url, ZoneName
from monitor.model import Cause
from monitor.policysettings import MaintenanceSettings, PatchingSettings, PolicySettings
from monitor.section import Open, Section, short_form
from monitor.workloadsettings import WorkloadSettings
from probes.model import Zone


class VantageSettings(Section):
    name: Name | None = None
    proxy: ProxyUrl | None = None
    source_address: Address | None = None
    hosts: dict[str, str] = {}
    ca_file: str | None = None


class RegionSettings(Section):
    zone: Zone | None = None
    country: Country | None = None
    vantages: list[VantageSettings] = Field(default=[VantageSettings()], min_length=1)
    was: Name | None = None      # its former name: history goes on

    @property
    def side(self) -> Zone:
        """The zone, said or read from the country. Hong Kong, Macau and Taiwan are outside the wall."""
        return self.zone or (Zone.CN if self.country == "CN" else Zone.GLOBAL)


class CheckSettings(Open):
    every: Pause | None = None
    enabled: bool = True


class VendorSettings(Section):
    model_config = short_form("surface")
    surfaces: list[str] = []
    regions: list[str] = []
    accounts: list[str] = []
    expect: dict[str, Literal["restricted", "served"]] = {}
    models: list[str] = []
    checks: dict[str, CheckSettings] = {}
    variables: dict[str, str] = {}
    max_per_minute: int | None = Field(default=None, ge=1)      # requests of one account; None: the catalogue's
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

    model_config = short_form("model")
    name: Name
    base_url: Url
    dialect: str = "openai"
    models: list[str] = []
    key_env: EnvName | None = None
    ca_file: str | None = None
    headers: dict[str, str] = {}
    context: int | None = Field(default=None, ge=1)     # tokens that a prompt may have
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


class VendorBudget(Section):
    """Limits at one vendor; by the day and month of UTC. None: as for each vendor, or 31 days' worth, or no limit."""

    usd_per_day: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    tokens_per_day: int | None = Field(default=None, ge=0)
    usd_per_month: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    tokens_per_month: int | None = Field(default=None, ge=0)


class EachVendorBudget(VendorBudget):
    tokens_per_day: int | None = Field(default=33_000, ge=0)    # what probing a vendor every minute should do with


class Budget(Section):
    """What all together may cost; then what each vendor may, and those that are named. A month: 31 days' worth."""

    usd_per_day: float = Field(default=0.50, ge=0, allow_inf_nan=False)
    tokens_per_day: int = Field(default=500_000, ge=0)
    usd_per_month: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    tokens_per_month: int | None = Field(default=None, ge=0)
    each_vendor: EachVendorBudget = EachVendorBudget()
    vendors: dict[str, VendorBudget] = {}


class ControlSettings(Section):
    host: Host
    zone: Zone = Zone.GLOBAL


class ChannelSettings(Open):
    type: str


class GatewaySettings(Open):
    type: str
    file: str
    mode: Literal["observe", "propose", "approve", "auto"] = "propose"
    outlet: Literal["file", "git", "api"] = "file"      # where an approved change goes: the file, a branch, its API
    git_base: str = "HEAD"                      # what that branch starts from
    environment: Name | None = None             # prod, staging …: stands in each change
    auto_causes: list[Cause] = []               # in mode auto, of these alone without asking
    url: Url | None = None                      # of the running gateway, to see whether a change took
    key_env: EnvName | None = None
    key_form: Literal["bearer", "plain"] = "bearer"     # one-api and new-api take the token as it is
    headers: dict[str, str] = {}                # sent with every request, no secret: New-Api-User
    canary: bool = False                        # one small paid request says who answers
    canary_key_env: EnvName | None = None       # its key, where key_env's is an admin's
    admin_url: Url | None = None                # where it is read, if elsewhere: Envoy's admin port

    @field_validator("type")
    @classmethod
    def _by_any_name(cls, value: str) -> str:
        """`new-api`, `env`, `ccr`, as `--gateway` takes them; what nobody is called is configcheck's to say."""
        from monitor.formats import file_named

        return file_named(value)


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
    patching: PatchingSettings = PatchingSettings()
    drills: list[DrillSettings] = []
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
