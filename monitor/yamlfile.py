"""Reading YAML that people wrote, and saying what is wrong with it: all problems at once, each with file and key.

Knows nothing of what the files mean: config and catalogue both stand on it.
"""

import difflib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from monitor.errors import UserError

_EXPECTED = {
    "dict_type": "keys and values", "model_type": "keys and values", "model_attributes_type": "keys and values",
    "list_type": "a list", "tuple_type": "a list", "string_type": "text, in quotes if it looks like a number",
    "int_type": "a whole number", "int_parsing": "a whole number", "int_from_float": "a whole number",
    "int_parsing_size": "a smaller number", "float_type": "a number", "float_parsing": "a number",
    "bool_type": "true or false", "bool_parsing": "true or false",
}


def read_mapping(path: Path) -> dict[str, Any]:
    """The file's mapping; an empty file is an empty one. Raises UserError naming file, line and remedy."""
    found = read_yaml(path)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise UserError(f"{path}: expected keys and values at the top, got {type(found).__name__}")
    return found


def read_yaml(path: Path) -> Any:
    """Whatever the file holds. Raises UserError naming file, line and remedy."""
    from ruamel.yaml.error import YAMLError  # 4 MiB that a start without a config can do without

    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: is no text in UTF-8; name another file, or save it as UTF-8") from error
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({_short(error)}); check the path and its permissions") from error
    try:
        return _parse(text)
    except (YAMLError, ValueError, RecursionError) as error:   # ValueError: 2026-99-99 looks like a date
        raise UserError(f"{path}:{_where(error)} not valid YAML ({_short(error)}); mend that line") from error


def _parse(text: str) -> Any:
    """By the reader in C; what it does not take, the plain one judges: it takes a little more, and says more clearly
    what is wrong and where. A version directive goes to the plain one at once: the other passes over it."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    if "%YAML" not in text:
        try:
            return YAML(typ="safe").load(text)
        except (YAMLError, ValueError, RecursionError):
            pass
    return YAML(typ="safe", pure=True).load(text)


def problems_of(error: ValidationError, file: Path | str, model: type[BaseModel]) -> list[str]:
    """Pydantic's complaints as lines `file: key.path: what was expected; what to do`."""
    return [f"{file}: {_path(item['loc'])}: {_sentence(item, model)}" for item in error.errors(include_url=False)]


def near(word: str, known: Iterable[str]) -> str:
    """` (did you mean …?)` for the closest known words, in whatever case and said as they are known; or ''."""
    written = {name.lower(): name for name in known}
    close = difflib.get_close_matches(word.lower(), list(written), n=3, cutoff=0.6)
    return f" (did you mean {' or '.join(written[one] for one in close)}?)" if close else ""


def _sentence(item: Any, model: type[BaseModel]) -> str:
    message = str(item["msg"]).removeprefix("Value error, ")
    match item["type"]:
        case "extra_forbidden":
            fields = sorted(_fields_at(model, item["loc"][:-1]))
            hint = near(str(item["loc"][-1]), fields)
            return f"unknown key{hint}; known here: {', '.join(fields) or 'none'}"
        case "missing":
            return "is missing; add it"
        case "value_error":
            return message
        case kind if kind in _EXPECTED and item.get("input") is None:
            return f"expected {_EXPECTED[kind]}, but it is empty; fill it in or remove the key"
        case kind if kind in _EXPECTED:
            return f"expected {_EXPECTED[kind]}, got {_shown(item.get('input'))}; change the value"
        case "too_short":
            return "is empty; name at least one, or remove the key"
        case _:
            return f"{message[:1].lower()}{message[1:]}, got {_shown(item.get('input'))}; change the value"


def _fields_at(model: type[BaseModel], loc: tuple[int | str, ...]) -> list[str]:
    """Names of the keys that are known where `loc` points. Locations of list items and dict keys are passed over."""
    here: type[BaseModel] | None = model
    for part in loc:
        if here is None:
            return []
        field = here.model_fields.get(str(part))
        if field is not None:
            here = _model_in(field.annotation)
    return [field.alias or name for name, field in here.model_fields.items()] if here else []


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part))), None)


def _path(loc: tuple[int | str, ...]) -> str:
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc)
    return text.removeprefix(".") or "(top)"


def _shown(value: object) -> str:
    """A value as people see it, cut short: a secret pasted into the wrong key must not be printed whole, and a few
    lines of anchors may stand for more than memory holds."""
    if isinstance(value, dict | list):
        return "keys and values" if isinstance(value, dict) else "a list"
    text = repr(value)
    return text if len(text) <= 24 else f"{text[:12]}…"


def _where(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)      # ruamel's errors have one
    return f"{mark.line + 1}:" if mark else ""


def _short(error: Exception) -> str:
    if isinstance(error, OSError):
        return (error.strerror or "failed").lower()
    if problem := getattr(error, "problem", None):
        return str(problem).strip().splitlines()[0]
    return next(iter(str(error).splitlines()), "unreadable")
