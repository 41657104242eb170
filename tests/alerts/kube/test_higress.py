"""What Higress's ai-proxy is told: scopes, providers, mappings, secrets."""

import pytest

from alerts.gateway import PatchRefused
from alerts.kube.higress import hidden_in, scopes_of

TEXT = """\
apiVersion: extensions.higress.io/v1alpha1
kind: WasmPlugin
metadata: {name: ai-proxy}
spec:
  defaultConfig:
    activeProviderId: a
    providers:
      - {id: a, type: claude, apiTokens: [sk-a-token, x], modelMapping: {smart: opus, "gpt-*": sonnet, "*": haiku}}
      - {id: b, type: openai, openaiCustomUrl: my.host/v1/chat/completions}
  matchRules:
    - {ingress: [ns/one, two], config: {activeProviderId: b}}
    - {service: [llm-a.internal.dns], config: {activeProviderId: a}}
    - {domain: [x.com], configDisable: true, config: {activeProviderId: a}}
    - {domain: [y.com], config: {provider: {type: qwen, apiTokens: ["the other"]}}}
"""


def test_scopes_inherit_providers() -> None:
    common, one, service, own = scopes_of(TEXT)
    assert (common.labels, common.active) == (("ai-proxy",), "a")
    assert one.labels == ("ns/one", "two", "one")
    assert one.provider is not None
    assert one.provider.route.base_url == "https://my.host/v1/chat/completions"
    assert service.services == ("llm-a.internal.dns",)
    assert own.inline is not None
    assert (own.inline.route.name, own.inline.route.prefix) == ("y.com", "dashscope")


def test_the_default_may_be_off() -> None:
    assert len(scopes_of(TEXT.replace("spec:\n", "spec:\n  defaultConfigDisable: true\n"))) == 3


@pytest.mark.parametrize(("asked", "model"), [
    ("smart", "opus"), ("gpt-4", "sonnet"), ("else", "haiku"),
])
def test_models_are_mapped_by_name_then_prefix_then_star(asked: str, model: str) -> None:
    provider = scopes_of(TEXT)[0].provider
    assert provider is not None
    assert provider.model(asked) == model


def test_nothing_is_said_of_a_model_without_a_mapping() -> None:
    provider = scopes_of(TEXT)[1].provider
    assert provider is not None
    assert provider.model("smart") is None


def test_written_out_keys_are_known() -> None:
    assert set(hidden_in(TEXT)) == {"sk-a-token", "the other"}


def test_a_bare_config() -> None:
    (scope,) = scopes_of("activeProviderId: q\nproviders:\n- id: q\n  type: qwen\n")
    assert scope.provider is not None
    with pytest.raises(PatchRefused, match="no WasmPlugin"):
        scopes_of("kind: Deployment\n")
