"""A workload names who is there: a vendor, an endpoint of ours, a route of its gateway."""

from pathlib import Path

import pytest

from monitor.catalogue import load_catalogue
from monitor.settings import Config
from monitor.workloadcheck import workload_problems

CATALOGUE = load_catalogue()
LITELLM = """model_list:
  - model_name: smart
    litellm_params: {model: anthropic/claude-haiku-5-5}
  - model_name: cn-backup
    litellm_params: {model: openai/kimi, api_base: "https://api.moonshot.cn/v1"}
"""


def found(workload: object, **sections: object) -> list[str]:
    config = Config.model_validate({"workloads": {"smart": workload}, **sections})
    return list(workload_problems(config, CATALOGUE))


def gateways(tmp_path: Path, text: str = LITELLM) -> dict[str, object]:
    (tmp_path / "litellm.yaml").write_text(text)
    return {"gw": {"type": "litellm", "file": str(tmp_path / "litellm.yaml")}}


def test_a_fallback_that_nobody_is_takes_nothing_over() -> None:
    [line] = found({"primary": "claude", "fallbacks": ["kimi", "nobody"]})
    assert line == ("workloads.smart.fallbacks[1]: unknown 'nobody'; expected a vendor, an endpoint of this config; "
                    "`vendorwatch vendors` lists the vendors")


def test_whoever_is_meant_is_said() -> None:
    lines = found({"primary": "cluade", "fallbacks": ["kimmi"]})
    assert [line.split(":")[0] for line in lines] == ["workloads.smart.primary", "workloads.smart.fallbacks[0]"]
    assert "did you mean claude" in lines[0]
    assert "did you mean kimi" in lines[1]


def test_an_endpoint_and_a_route_are_somebody(tmp_path: Path) -> None:
    endpoints = [{"name": "our-vllm", "base_url": "http://127.0.0.1:9/v1"}]
    workload = {"primary": "smart", "fallbacks": ["our-vllm", "cn-backup", "GLM"]}
    assert found(workload, endpoints=endpoints, gateways=gateways(tmp_path)) == []
    [line] = found({"primary": "claude", "fallbacks": ["cn-bakcup"]}, gateways=gateways(tmp_path))
    assert "(did you mean cn-backup?)" in line
    assert "or a route of gateway 'gw'" in line


@pytest.mark.parametrize("text", ["model_list: 3", "nothing: here", "{"])
def test_routes_that_cannot_be_read_are_said_to_be_nothing(tmp_path: Path, text: str) -> None:
    assert found({"primary": "claude", "fallbacks": ["cn-backup"]}, gateways=gateways(tmp_path, text)) == []


def test_an_unknown_gateway_is_one_problem() -> None:
    lines = found({"primary": "claude", "fallbacks": ["cn-backup"], "gateway": "gw"})
    assert lines == ["workloads.smart.gateway: no gateway 'gw'; add it under gateways, or say gateway: none"]


def test_a_workload_may_say_that_no_gateway_serves_it(tmp_path: Path) -> None:
    apart = {"primary": "claude", "fallbacks": ["kimi"], "gateway": "none"}
    assert found(apart, gateways=gateways(tmp_path)) == []
    [line] = found({**apart, "fallbacks": ["cn-backup"]}, gateways=gateways(tmp_path))
    assert "unknown 'cn-backup'" in line, "no gateway, no route of one"


def test_without_a_catalogue_names_go_unchecked() -> None:
    config = Config.model_validate({"workloads": {"smart": {"primary": "nobody"}}})
    assert list(workload_problems(config, None)) == []
