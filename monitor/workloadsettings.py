"""What vendorwatch.yaml may say of a workload: what its apps need, whom it may use, where its data stays. Shapes only.

Who may use what is data with an approver and a date (law 12): there is no entry without both.
"""

from datetime import date as Date  # noqa: N812  (a key is called date)
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from monitor.forms import Country
from monitor.section import Section

Person = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class NeedsSettings(Section):
    """What a fallback must be able to do for it; proven by probes of kind `readiness`."""

    model_config = ConfigDict(serialize_by_alias=True)

    tools: bool = False          # calls functions, and takes over in the middle of a session of such calls
    json_mode: bool = Field(default=False, alias="json")
    streaming: bool = False
    context: int | None = Field(default=None, ge=1, le=100_000_000)      # tokens
    context_by: Literal["catalogue", "probe"] = "catalogue"     # `probe` sends so many tokens, once a week
    # what the gateway does with the primary's thinking when another takes over: sends it on, or leaves it out
    thinking: Literal["replayed", "dropped"] = "replayed"


class AllowedSettings(Section):
    """One vendor that the workload may use: who said so, and when."""

    vendor: str
    by: Person
    date: Date
    because: str = ""


class StaysSettings(Section):
    """Where the data of a region may go: to these vendors, and to any vendor of these jurisdictions."""

    vendors: list[str] = []
    jurisdictions: list[Country] = []

    @model_validator(mode="after")
    def _somewhere(self) -> "StaysSettings":
        if not self.vendors and not self.jurisdictions:
            raise ValueError("expected vendors or jurisdictions; name where the data may go")
        return self


class WorkloadSettings(Section):
    primary: str
    fallbacks: list[str] = []
    regions: list[str] = []
    gateway: str | None = None
    needs: NeedsSettings | None = None           # None: nothing is stated; that it answers is enough
    embedding: bool = False                      # moves only to the same model elsewhere
    model: str | None = None                     # what the primary serves, where no gateway's config says it
    allowed: list[AllowedSettings] | None = None         # None: every vendor
    data_stays: dict[str, StaysSettings] = {}            # by region; one not named: anywhere
    jurisdictions: Literal["not_all_the_same", "any"] = "not_all_the_same"
    open_weights: Literal["at_least_one", "any"] = "any"
    account_ban: Literal["vendor", "account"] = "vendor"      # what a ban of one account means

    @model_validator(mode="before")
    @classmethod
    def _says_what_it_needs(cls, value: Any) -> Any:
        """`needs: [tools, json]` means {tools: true, json: true}."""
        if isinstance(value, dict) and isinstance(value.get("needs"), list):
            return {**value, "needs": {str(name): True for name in value["needs"]}}
        return value
