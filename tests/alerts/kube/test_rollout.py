"""What makes an edited manifest live, by the traces in its text."""

import pytest

from alerts.kube.rollout import NOT_LIVE, rollout

CONFIGMAP = "kind: ConfigMap\nmetadata:\n  name: litellm-config\ndata: {}\n"


@pytest.mark.parametrize(("text", "run", "warned"), [
    (CONFIGMAP, "kubectl apply -f f.yaml && kubectl rollout restart deployment/NAME", True),
    (CONFIGMAP + "---\nkind: Deployment\nmetadata:\n  labels: {}\n  name: proxy\n---\nmetadata:\n  name: db\n"
     "kind: StatefulSet\n", "kubectl rollout restart deployment/proxy statefulset/db", True),
    (CONFIGMAP + "---\nkind: Deployment\nmetadata:\n  annotations:\n    reloader.stakater.com/auto: 'true'\n",
     "Reloader", False),
    (CONFIGMAP + "---\nmetadata:\n  annotations:\n    configmap.reloader.stakater.com/reload: litellm-config\n",
     "Reloader", False),
    (CONFIGMAP + "---\nmetadata:\n  annotations:\n    checksum/config: {{ x | sha256sum }}\n", "checksum", False),
    ("kind: Kustomization\nconfigMapGenerator:\n- name: x\n", "apply -k f.yaml", False),
    ("proxy_config: {}\n", "helm upgrade", False),
    ("services:\n  litellm: {}\nconfigs: {}\n", "docker compose", False),
    ("kind: Application\nspec: {}\n", "commit f.yaml", False),
])
def test_what_restarts_the_pods(text: str, run: str, warned: bool) -> None:
    apply, warnings = rollout(text, "f.yaml")
    assert run in apply
    assert (NOT_LIVE in warnings) is warned


def test_a_name_that_kustomize_made_is_an_output_not_a_source() -> None:
    apply, warnings = rollout(CONFIGMAP.replace("litellm-config", "litellm-config-48d4gm6kt4"), "")
    assert apply == "kubectl apply -f FILE"
    assert "edit its source" in warnings[0]
