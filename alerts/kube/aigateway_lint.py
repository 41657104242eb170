"""What is wrong with the manifests of Envoy AI Gateway, though the API server takes them. Pure.

Envoy Gateway retries only on the status codes that a BackendTrafficPolicy lists: a vendor that shuts a region out
answers 403, so that a list of 5xx keeps every call there (its own example lists 500 alone, 2026-08).
"""

from collections.abc import Iterator, Sequence

from ruamel.yaml.nodes import Node

from alerts.kube.aigateway import MODEL_HEADER, ROUTE, Reading, Ref, Rule, odd_fields
from alerts.kube.manifests import Document, line_in
from alerts.model import Problem, Severity
from alerts.surgery.yamlnodes import child, duplicates, items, key_of, scalar

_REFUSED = 403


def problems(reading: Reading, text: str) -> Sequence[Problem]:
    found = [*_doubled(reading, text)]
    for rule in reading.rules:
        found += [Problem(f"line {line_in(text, rule.document, node)}", what, severity)
                  for node, what, severity in (*_of_rule(rule), *_dangling(reading, rule), *_hidden(reading, rule))]
    for document in reading.documents:
        if document.kind == "BackendTrafficPolicy":
            found += _of_policy(reading, document, text)
    return sorted(found, key=lambda fault: int(fault.where.removeprefix("line ")))


Fault = tuple[Node, str, Severity]


def _doubled(reading: Reading, text: str) -> Iterator[Problem]:
    for document in reading.documents:
        for line, path in duplicates(document.root):
            at = line + text.count("\n", 0, document.start)
            yield Problem(f"line {at}", f"{path} stands twice; one of them is dropped", Severity.CRITICAL)


def _of_rule(rule: Rule) -> Iterator[Fault]:
    if not rule.refs:
        yield rule.node, f"the rule for {', '.join(rule.called)} has no backend", Severity.CRITICAL
        return
    yield from (fault for ref in rule.refs for fault in _of_ref(ref))
    levels = [*dict.fromkeys(ref.priority for ref in rule.live)]
    if not levels:
        yield rule.node, f"every backend of {', '.join(rule.called)} has weight 0: all calls fail", Severity.CRITICAL
    elif levels != list(range(len(levels))):
        yield rule.node, "priorities have a gap; Envoy wants 0, 1, 2 …", Severity.WARNING
    if any(ref.pool for ref in rule.refs) and len(rule.refs) > 1:
        yield rule.node, "an InferencePool stands beside another backend: the API server refuses it", Severity.CRITICAL


def _of_ref(ref: Ref) -> Iterator[Fault]:
    for key in odd_fields(ref):
        yield ref.node, f"{key} of {ref.route.name} is no whole number from 0 on", Severity.CRITICAL
    if not ref.route.name:
        yield ref.node, "an entry of backendRefs has no name", Severity.CRITICAL


def _dangling(reading: Reading, rule: Rule) -> Iterator[Fault]:
    """Only where the file has backends of that namespace: else they are somewhere else."""
    spaces = {document.namespace for document in reading.documents if document.kind == "AIServiceBackend"}
    for ref in rule.refs:
        known = (ref.namespace, ref.route.name) in reading.backends
        if not known and not ref.pool and ref.namespace in spaces and ("", ref.route.name) not in reading.backends:
            yield ref.node, f"{ref.route.name} is no AIServiceBackend of this file", Severity.WARNING


def _hidden(reading: Reading, rule: Rule) -> Iterator[Fault]:
    """A model that an earlier rule of the route takes whole: the later one never gets a call."""
    if not _by_model_alone(rule):
        return
    for other in reading.rules:
        if other.document.at == rule.document.at and other.at < rule.at and _by_model_alone(other):
            for model in set(rule.models) & set(other.models):
                said = f"{model} is matched by rule {other.at} already; this one gets no call"
                yield rule.node, said, Severity.WARNING


def _by_model_alone(rule: Rule) -> bool:
    return all(
        key_of(match, "headers") is not None and len(items(child(match, "headers"))) == 1
        and scalar(child(items(child(match, "headers"))[0], "name")) == MODEL_HEADER
        for match in items(child(rule.node, "matches")))


def _of_policy(reading: Reading, document: Document, text: str) -> Iterator[Problem]:
    codes = child(document.root, "spec", "retry", "retryOn", "httpStatusCodes")
    listed = [scalar(code) for code in items(codes)]
    if not listed or str(_REFUSED) in listed or codes is None:
        return
    targets = {scalar(child(target, "name")) for target in items(child(document.root, "spec", "targetRefs"))}
    targets.add(scalar(child(document.root, "spec", "targetRef", "name")))
    gateways = {
        scalar(child(parent, "name")) for one in reading.documents if one.kind == ROUTE
        for parent in items(child(one.root, "spec", "parentRefs"))}
    concerned = [
        rule for rule in reading.rules
        if len(rule.live) > 1 and (rule.document.name in targets or targets & gateways)]
    if concerned:
        models = ", ".join(concerned[0].called)
        yield Problem(
            f"line {line_in(text, document, codes)}",
            f"retries on {', '.join(map(str, listed))} only: a vendor that shuts the region out answers {_REFUSED}, "
            f"and {models} does not fail over; add {_REFUSED}")
