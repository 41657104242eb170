"""A running LiteLLM proxy: what it has loaded, and who answers under the public name. Seen on 1.106.2.

Never `GET /health`: it sends a paid call to every deployment, the vendor that shut us out among them.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from alerts.answered import ByAnswer, Who, by_answer, rows_at, text_at, told
from alerts.litellm.reading import model_of
from alerts.observer import Seen, Took, Written

_MODELS: Final = "/model/info"
_SETTINGS: Final = "/router/settings"


class _Deployment(NamedTuple):
    id: str
    group: str
    model: str          # provider/name


@dataclass(frozen=True, slots=True)
class Observer(ByAnswer):
    def reads(self, written: Written) -> tuple[str, ...]:
        del written
        return (_MODELS, _SETTINGS)

    def loaded(self, written: Written, seen: Mapping[str, Seen]) -> Took:
        """By the models behind the public name; by its alias where they are the same before and after."""
        name = written.change.workload
        aliases = _aliases(seen)
        if aliases is None:
            failed = next((one.failed for one in seen.values() if one.failed), "")
            return Took(None, failed or "the proxy does not say which aliases it has loaded; set `canary: true`")
        alias = aliases.get(name, "")
        there = f"{name} leads to {alias or 'its own group'} there"
        live = Counter(one.model for one in _deployments(seen) if one.group == (alias or name))
        was, now = (Counter(map(model_of, side)) for side in (written.was, written.now))
        gone = was - now
        if gone and live and (live <= now or live & gone):
            return _found(live <= now, there)
        wanted = written.after.inventory.aliases.get(name)
        if wanted is None or wanted == written.before.inventory.aliases.get(name):
            return Took(None, f"{there}, and who is in that group is neither the old nor the new")
        return _found(alias == wanted, there)

    def judge(self, written: Written, seen: Mapping[str, Seen], canary: Seen) -> Took:
        """By the deployment that the answer names, and whether it answered as a fallback of another. The group that it
        names is the one that was asked for.
        """
        name = canary.headers.get("x-litellm-model-id", "")
        group, model = _named(name, seen) if name else ("", "")
        provider, _, rest = model.rpartition("/")
        fell = canary.headers.get("x-litellm-attempted-fallbacks", "0") not in ("0", "")
        who = Who(provider, rest, group, "another" if fell else "")
        return by_answer(written, self.loaded(written, seen), canary, who, lambda one: _tell(written, one))


def _tell(written: Written, who: Who) -> bool | None:
    """By group and model. Who takes over and answers as a fallback still stands behind who leaves; who leaves and
    answers so is the last resort.
    """
    was, now = ([replace(one, key=one.name) for one in side] for side in (written.was, written.now))
    by = told(who, was, now)
    if not who.after:
        return by
    return False if by else None


def _found(live: bool, there: str) -> Took:
    return Took(live, f"the proxy {'has' if live else 'has not'} loaded it: {there}")


def _deployments(seen: Mapping[str, Seen]) -> Iterator[_Deployment]:
    for row in rows_at(seen.get(_MODELS, Seen()).body, "data"):
        yield _Deployment(text_at(row, "model_info", "id"), text_at(row, "model_name"),
                          text_at(row, "litellm_params", "model"))


def _named(name: str, seen: Mapping[str, Seen]) -> tuple[str, str]:
    """(group, model) of a deployment. An alias is listed as a group too, with the ids of the one it leads to."""
    found = [one for one in _deployments(seen) if one.id == name]
    aliases = _aliases(seen) or {}
    own = [one for one in found if one.group not in aliases] or found
    return (own[0].group, own[0].model) if own else ("", "")


def _aliases(seen: Mapping[str, Seen]) -> Mapping[str, str] | None:
    """Where public names lead as loaded; None: it does not say."""
    body = seen.get(_SETTINGS, Seen()).body
    values = body.get("current_values") if isinstance(body, dict) else None
    aliases = (values if isinstance(values, dict) else body if isinstance(body, dict) else {}).get("model_group_alias")
    if not isinstance(aliases, dict):
        return None
    return {name: str(to.get("model", "")) if isinstance(to, dict) else str(to) for name, to in aliases.items()}
