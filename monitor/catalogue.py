"""The vendors we know: one YAML file each in probes/providers, and a user's folder that adds or overrides.

Everything a file says is checked before any of it is used; what is wrong is said at once, with file and key.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date as Date  # noqa: N812  (a field is called date)
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

import probes
from monitor.errors import UserError
from monitor.yamlfile import near, problems_of, read_mapping
from probes.data import read_data
from probes.model import Auth, Model, Provider, StatusSource, Surface, Zone

Confidence = Literal["solid", "good", "unsure"]
BUILT_IN = Path(probes.__file__).parent / "providers"


class Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Sourced(Entry):
    """What every fact carries: where it is from, how sure, and its date where the file's `checked` is not it."""

    source: str = Field(min_length=1)
    confidence: Confidence = "good"
    date: str | None = None
    note: str = ""


class SurfaceEntry(Sourced):
    name: str = Field(min_length=1)
    base_url: str = Field(pattern=r"^https?://[^\s]+[^/\s]$")
    dialect: str = Field(min_length=1)
    zone: Zone = Zone.GLOBAL
    models_path: str | None = None
    chat_path: str | None = None
    template: bool = False

    @model_validator(mode="after")
    def _template_has_variables(self) -> "SurfaceEntry":
        if self.template != ("{" in self.base_url):
            raise ValueError("template must be true exactly where base_url has {variables}; correct one of them")
        return self


class AuthEntry(Sourced):
    source: str = "the vendor's documentation"
    header: str = "Authorization"
    prefix: str = "Bearer "
    extra: dict[str, str] = {}
    key_envs: tuple[str, ...] = ()
    base_url_envs: tuple[str, ...] = ()


class ModelEntry(Sourced):
    id: str = Field(min_length=1)
    price_in: float | None = Field(default=None, ge=0, le=1000)
    price_out: float | None = Field(default=None, ge=0, le=1000)
    retires_on: Date | None = None
    gone: bool = False
    context: int | None = Field(default=None, ge=1)


class StatusEntry(Sourced):
    url: str = Field(pattern=r"^https://")
    platform: str
    format: Literal["feed", "json"] = "feed"
    keyword: str | None = None
    empty_is_healthy: bool = False


class SupportedEntry(Sourced):
    """The countries a vendor says it serves. A dated default, never the truth: a config's `expect` overrules it."""

    countries: tuple[Annotated[str, Field(pattern=r"^[A-Z]{2}$")], ...] = Field(min_length=1)

    @field_validator("countries", mode="before")
    @classmethod
    def _in_one_text(cls, value: object) -> object:
        return tuple(value.split()) if isinstance(value, str) else value


class LimitsEntry(Sourced):
    """How often a vendor says that one account may ask it. A config's `max_per_minute` overrules it."""

    requests_per_minute: int = Field(ge=1)


class Fact(Sourced):
    """Something to know with a date and a source: shown as 'check with your counsel', never as a verdict."""

    fact: str


class ProviderEntry(Entry):
    """One vendor's file."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")
    name: str = Field(min_length=1)
    aliases: tuple[str, ...] = ()
    company: str = ""
    jurisdiction: str = Field(default="", pattern=r"^([A-Z]{2})?$")
    weights: Literal["open", "closed", "mixed"] = "closed"
    checked: Date
    notice: str = ""
    sources: dict[str, str] = {}
    surfaces: tuple[SurfaceEntry, ...] = Field(min_length=1)
    auth: AuthEntry = AuthEntry()
    probe_models: tuple[ModelEntry, ...] = ()
    models: tuple[ModelEntry, ...] = ()
    status: tuple[StatusEntry, ...] = ()
    pages: dict[str, str] = {}
    pages_unverified: tuple[str, ...] = ()
    supported: SupportedEntry | None = None
    limits: LimitsEntry | None = None
    quirks: dict[str, Any] = {}
    facts: tuple[Fact, ...] = ()
    open_questions: tuple[str, ...] = ()
    keyless: bool = True
    ca_file: str | None = None


_SPECIAL = re.compile(r"image|audio|tts|whisper|embed|code|search|realtime|preview|vision|-vl\b|ocr|moderation|rerank")
_MIDDLING = 15          # dollars for a million tokens of output


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All vendors by id. `facts`, `checked` (the date of a file's facts) and `supported` are for people."""

    providers: tuple[Provider, ...]
    facts: Mapping[str, tuple[Fact, ...]] = field(default_factory=dict)
    checked: Mapping[str, Date] = field(default_factory=dict)
    supported: Mapping[str, SupportedEntry] = field(default_factory=dict)
    by_word: Mapping[str, Provider] = field(init=False, repr=False, compare=False)      # ids and aliases, lower case
    by_variable: Mapping[str, str] = field(init=False, repr=False, compare=False)       # usual variables -> vendor
    places: tuple[tuple[str, str], ...] = field(init=False, repr=False, compare=False)  # (vendor, base URL)

    def __post_init__(self) -> None:
        """What is looked up for every route of a gateway's config, of which there may be thousands."""
        words = {alias.lower(): one for one in reversed(self.providers) for alias in one.aliases}
        words |= {one.id.lower(): one for one in reversed(self.providers)}
        variables = {name: one.id for one in reversed(self.providers)
                     for name in (*one.auth.key_envs, *one.auth.base_url_envs)}
        object.__setattr__(self, "by_word", words)
        object.__setattr__(self, "by_variable", variables)
        object.__setattr__(self, "places", tuple(
            (one.id, surface.base_url) for one in self.providers for surface in one.surfaces))

    def find(self, name: str) -> Provider:
        """By id or alias, whatever the case. Raises UserError with the nearest names."""
        found = self.lookup(name)
        if found is None:
            names = [word.lower() for one in self.providers for word in (one.id, *one.aliases)]
            raise UserError(f"unknown vendor '{name}'{near(name, names)}; `vendorwatch vendors` lists them")
        return found

    def lookup(self, name: str) -> Provider | None:
        """As find, None for a name nobody has."""
        return self.by_word.get(name.strip().lower())


def main_model(provider: Provider) -> str:
    """What a person may be offered who names the vendor alone: its best general model of a middling price, or ''."""
    known = [one for one in (*provider.models, *provider.probe_models)
             if not (one.gone or one.retires_on or _SPECIAL.search(one.id))]
    priced = [one for one in known if (one.price_out or 0) <= _MIDDLING]
    return max(priced, key=lambda one: one.price_out or 0).id if priced else ""


def is_template(surface: Surface) -> bool:
    """Whether the base URL has {variables} that only a user can fill in."""
    return "{" in surface.base_url


def load_catalogue(folder: Path | None = None) -> Catalogue:
    """The built-in vendors, with those of the user's folder added or put in their place by id."""
    entries = dict(_read(BUILT_IN)) if folder is None else {**_read(BUILT_IN), **_read_folder(folder)}
    _refuse_clashes(entries, folder)
    providers = tuple(_provider(entry) for entry in entries.values())
    return Catalogue(
        providers=providers,
        facts={entry.id: entry.facts for entry in entries.values()},
        checked={entry.id: entry.checked for entry in entries.values()},
        supported={entry.id: entry.supported for entry in entries.values() if entry.supported},
    )


def _read_folder(folder: Path) -> dict[str, ProviderEntry]:
    if not folder.is_dir():
        raise UserError(f"{folder}: is not a folder; create it or take `catalogue` out of the config")
    return _read_files(folder, read_mapping)


@cache  # the built-in files do not change while we run
def _read(folder: Path) -> Mapping[str, ProviderEntry]:
    return _read_files(folder, _read_ours)


def _read_ours(path: Path) -> Any:
    """Without parsing it anew at every start; what is no YAML goes to the reader that can say so."""
    try:
        return read_data(path)
    except ValueError:
        return read_mapping(path)


def _read_files(folder: Path, read: Callable[[Path], Any]) -> dict[str, ProviderEntry]:
    entries: dict[str, ProviderEntry] = {}
    problems: list[str] = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            entry = ProviderEntry.model_validate(read(path))
        except UserError as error:
            problems += error.problems
            continue
        except ValidationError as error:
            problems += problems_of(error, path, ProviderEntry)
            continue
        if entry.id != path.stem:
            problems.append(f"{path}: id: '{entry.id}' must be the file's name; rename one of them")
        entries[entry.id] = entry
    if problems:
        raise UserError(problems)
    return entries


def _refuse_clashes(entries: Mapping[str, ProviderEntry], folder: Path | None) -> None:
    """An alias that two vendors share would send a question to the wrong one."""
    owner: dict[str, str] = {}
    problems: list[str] = []
    for entry in entries.values():
        for word in {entry.id.lower(), *(alias.lower() for alias in entry.aliases)}:
            if word in owner:
                problems.append(
                    f"{folder or BUILT_IN}/{entry.id}.yaml: aliases: '{word}' is taken by {owner[word]}; drop one"
                )
            owner.setdefault(word, entry.id)
    if problems:
        raise UserError(problems)


def _provider(entry: ProviderEntry) -> Provider:
    return Provider(
        id=entry.id, name=entry.name, company=entry.company, jurisdiction=entry.jurisdiction,
        weights=entry.weights, aliases=entry.aliases,
        surfaces=tuple(
            Surface(one.name, one.base_url, one.dialect, one.zone, one.models_path, one.chat_path, one.note)
            for one in entry.surfaces
        ),
        auth=Auth(
            entry.auth.header, entry.auth.prefix, tuple(entry.auth.extra.items()),
            entry.auth.key_envs, entry.auth.base_url_envs,
        ),
        probe_models=tuple(_model(one, entry.sources) for one in entry.probe_models),
        models=tuple(_model(one, entry.sources) for one in entry.models),
        status=tuple(
            StatusSource(one.url, one.platform, one.format, one.keyword, one.empty_is_healthy) for one in entry.status
        ),
        pages=entry.pages, quirks=entry.quirks, keyless=entry.keyless, ca_file=entry.ca_file,
        served_in=entry.supported.countries if entry.supported else (),
        max_per_minute=entry.limits.requests_per_minute if entry.limits else None,
    )


def _model(entry: ModelEntry, sources: Mapping[str, str]) -> Model:
    source = sources.get(entry.source, entry.source)
    return Model(entry.id, entry.price_in, entry.price_out, entry.retires_on, entry.gone, source, entry.context)
