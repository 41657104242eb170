"""What every section of vendorwatch.yaml is: frozen, and a key it does not know is an error."""

from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def short_form(name: str) -> ConfigDict:
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
