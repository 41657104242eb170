"""JSON Patch with guards: what it does, when it fails, and that kustomize agrees where it is installed."""

import subprocess
from pathlib import Path
from shutil import which
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.gateway import PatchRefused
from alerts.kube.kustomize import Move, applied, operations, overlay, pointer

BEFORE = {"spec": {"refs": [{"name": "a", "priority": 0}, {"name": "b"}]}}
AFTER = {"spec": {"refs": [{"name": "c"}, {"name": "a", "priority": 1}, {"name": "b", "weight": 0}]}}


def test_pointer_escapes() -> None:
    assert pointer("a/b", 0, "c~d") == "/a~1b/0/c~0d"


def test_guards_come_first_and_name_what_is_touched() -> None:
    steps = operations(BEFORE, AFTER)
    assert steps == [
        {"op": "test", "path": "/spec/refs/1/name", "value": "b"},
        {"op": "test", "path": "/spec/refs/0/name", "value": "a"},
        {"op": "test", "path": "/spec/refs/0/priority", "value": 0},
        {"op": "add", "path": "/spec/refs/1/weight", "value": 0},
        {"op": "replace", "path": "/spec/refs/0/priority", "value": 1},
        {"op": "add", "path": "/spec/refs/0", "value": {"name": "c"}},
    ]
    assert applied(BEFORE, steps) == AFTER
    assert applied(AFTER, operations(AFTER, BEFORE)) == BEFORE


@pytest.mark.parametrize("changed", [
    {"spec": {"refs": [{"name": "b"}, {"name": "a", "priority": 0}]}},
    {"spec": {"refs": [{"name": "a", "priority": 2}, {"name": "b"}]}},
    {"spec": {"refs": [{"name": "a", "priority": 0}]}},
    {"spec": {}},
    {"spec": "x"},
])
def test_a_base_that_has_changed_is_refused(changed: Any) -> None:
    with pytest.raises(PatchRefused, match="the base has changed"):
        applied(changed, operations(BEFORE, AFTER))


def test_doing_it_twice_is_refused() -> None:
    with pytest.raises(PatchRefused, match="changed"):
        applied(AFTER, operations(BEFORE, AFTER))


def test_nothing_to_do() -> None:
    assert operations(BEFORE, BEFORE) == []
    assert overlay("vw-1", "base.yaml", [Move(BEFORE, BEFORE)]) == {}


leaf = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "a", "b/c", "d~e", "ü"])
values = st.recursive(
    leaf, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["name", "x", "y/z"]), inner),
    max_leaves=12)


@settings(max_examples=150, deadline=None)
@given(values, values)
def test_there_and_back(before: Any, after: Any) -> None:
    assert same(applied(before, operations(before, after)), after)
    assert same(applied(after, operations(after, before)), before)


def same(one: Any, other: Any) -> bool:
    return repr(one) == repr(other) or one == other     # True == 1: a bool that becomes a number is a change too


BASE = """\
apiVersion: aigateway.envoyproxy.io/v1beta1
kind: AIGatewayRoute
metadata: {name: llm, namespace: ai}
spec:
  refs:
    - {name: a, priority: 0}
    - {name: b}
"""


@pytest.mark.skipif(which("kubectl") is None, reason="no kubectl here; it comes with kubernetes-client (apt)")
def test_kustomize_takes_the_overlay_and_fails_when_the_base_has_changed(tmp_path: Path) -> None:
    meta = {"apiVersion": "aigateway.envoyproxy.io/v1beta1", "kind": "AIGatewayRoute",
            "metadata": {"name": "llm", "namespace": "ai"}}
    for name, text in overlay("vw-1", "base.yaml", [Move({**meta, **BEFORE}, {**meta, **AFTER})]).items():
        (tmp_path / name).write_text(text)
    (tmp_path / "base.yaml").write_text(BASE)
    run = ["kubectl", "kustomize", str(tmp_path)]
    built = subprocess.run(run, capture_output=True, text=True, check=True)
    assert built.stdout.index("name: c") < built.stdout.index("name: a") < built.stdout.index("weight: 0")
    (tmp_path / "base.yaml").write_text(BASE.replace("name: a", "name: other"))
    failed = subprocess.run(run, capture_output=True, text=True, check=False)
    assert failed.returncode != 0
    assert "test" in failed.stderr
