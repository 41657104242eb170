"""The keys of a workload: short where that is enough, and refused where they say nothing."""

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from monitor.catalogue import load_catalogue
from monitor.settings import Config
from monitor.workloadnames import name_problems
from monitor.workloads import workloads_of
from monitor.workloadsettings import NeedsSettings, StaysSettings, WorkloadSettings


def made(**keys):
    return WorkloadSettings.model_validate({"primary": "claude", **keys})


def test_nothing_need_be_said():
    work = made()
    assert (work.needs, work.allowed, work.data_stays, work.embedding) == (None, None, {}, False)
    assert (work.jurisdictions, work.open_weights, work.account_ban) == ("not_all_the_same", "any", "vendor")


def test_needs_may_be_a_list_or_a_mapping():
    assert made(needs=["tools", "json"]).needs == made(needs={"tools": True, "json": True}).needs
    assert NeedsSettings.model_validate({"json": True}).model_dump()["json"] is True


@pytest.mark.parametrize("keys", [
    {"needs": ["telepathy"]}, {"needs": {"context": 0}}, {"needs": {"thinking": "kept"}}, {"open_weights": "all"},
    {"allowed": [{"vendor": "kimi"}]}, {"allowed": [{"vendor": "kimi", "by": "  ", "date": "2026-11-02"}]},
    {"allowed": [{"vendor": "kimi", "by": "mei", "date": "soon"}]}, {"data_stays": {"eu": {}}},
    {"data_stays": {"eu": {"jurisdictions": ["Germany"]}}}])
def test_what_says_nothing_or_too_little_is_refused(keys):
    with pytest.raises(ValidationError):
        made(**keys)


def test_data_must_be_able_to_go_somewhere():
    with pytest.raises(ValidationError, match="expected vendors or jurisdictions"):
        StaysSettings()


def test_the_example_in_the_docs_is_one(tmp_path):
    from monitor.yamlfile import read_mapping

    docs = (Path(__file__).parents[2] / "docs" / "readiness.md").read_text(encoding="utf-8")
    [example] = re.findall(r"```yaml\n(.*?)```", docs, re.DOTALL)
    (tmp_path / "c.yaml").write_text(example)
    raw = read_mapping(tmp_path / "c.yaml")
    config = Config.model_validate({**raw, "regions": {"eu": {}, "shanghai": {}}})
    assert list(name_problems(config, load_catalogue())) == []
    smart, embed = workloads_of(config, load_catalogue())
    assert smart.needs == ("tools", "takeover", "json", "streaming", "context:128000")
    assert (embed.embedding, embed.model) == (True, "text-embedding-3-small")
    said = set(WorkloadSettings.model_fields) - {"model", "embedding"}
    assert said <= set(raw["workloads"]["smart"]), "every key is shown"
