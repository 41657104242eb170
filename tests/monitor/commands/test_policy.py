"""`policy test`: the table of causes, a team's own cases, and what is wrong with a file."""

from pathlib import Path

import pytest
from terminal import Command

CONFIG = """
database: v.db
channels: {ops: {type: console}, chat: {type: console}}
workloads: {smart: {primary: claude, fallbacks: [kimi]}}
policy:
  rules:
  - {when: {vendor: claude, cause: provider_outage}, hold: 5m}
  - {when: {tier: warn}, channels: [chat]}
"""
CASES = """
- name: a short outage
  incident: {cause: provider_outage, vendor: claude, regions: [here], lasts: 2m}
  expect: {told: false}
- name: a doubt
  incident: {cause: provider_outage, vendor: kimi, tier: warn}
  expect: {told: true, severity: info, channels: [chat], patch: none}
"""


@pytest.fixture(autouse=True)
def _config(home: Path) -> None:
    (home / "vendorwatch.yaml").write_text(CONFIG)


def test_without_a_file_every_cause_is_shown(vendorwatch: Command, home: Path) -> None:
    found = {row["cause"]: row for row in vendorwatch("policy", "test", "--json").json}
    assert (found["provider_outage"]["after_s"], found["billing"]["after_s"]) == (300, 0)
    shown = vendorwatch("policy", "test")
    assert (shown.code, "after 5 min" in shown.out, "network_interference" in shown.out) == (0, True, True)
    assert not (home / "v.db").exists(), "nothing is stored"


def test_a_teams_cases_pass(vendorwatch: Command, home: Path) -> None:
    (home / "cases.yaml").write_text(CASES)
    shown = vendorwatch("policy", "test", "cases.yaml")
    assert (shown.code, shown.out.count("as expected")) == (0, 3)
    (home / "cases.yaml").write_text(f"cases:{CASES}")
    assert vendorwatch("policy", "test", "cases.yaml").code == 0


def test_a_case_that_comes_otherwise_ends_with_1(vendorwatch: Command, home: Path) -> None:
    (home / "cases.yaml").write_text(CASES.replace("told: false", "told: true"))
    shown = vendorwatch("policy", "test", "cases.yaml")
    assert (shown.code, "told: expected yes, would be no" in shown.out) == (1, True)
    assert vendorwatch("policy", "test", "cases.yaml", "--json").json[0]["wrong"] == ["told: expected yes, would be no"]


@pytest.mark.parametrize(("text", "said"), [
    ("- {name: a, incident: {cause: billing, vendor: klaude}}", "cases[0].incident.vendor: unknown vendor"),
    ("- {name: a, incident: {cause: billing, regions: [moon]}}", "cases[0].incident.regions: unknown region 'moon'"),
    ("- {name: a, incident: {cause: aliens}}", "cases[0].incident.cause: "),
    ("- {name: a, incident: {cause: billing}, expect: {loud: true}}", "cases[0].expect.loud: unknown key"),
    ("[]", "cases: is empty"), ("3", "cases.yaml"), ("- [", "not valid YAML")])
def test_a_file_that_is_none_is_said(vendorwatch: Command, home: Path, text: str, said: str) -> None:
    (home / "cases.yaml").write_text(text)
    assert said in vendorwatch("policy", "test", "cases.yaml").problem


def test_a_file_that_is_not_there_is_said(vendorwatch: Command) -> None:
    assert "no.yaml: cannot be read" in vendorwatch("policy", "test", "no.yaml").problem
