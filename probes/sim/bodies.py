"""What each vendor says when it refuses, status, headers, body. Shapes after the refusals corpus."""

import json
from dataclasses import dataclass

from probes.sim.world import Behaviour


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole HTTP answer."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = (("content-type", "application/json"),)


def _openai(status: int, code: str | None, kind: str, message: str) -> Answer:
    return _json(status, {"error": {"message": message, "type": kind, "param": None, "code": code}})


def _json(status: int, value: object) -> Answer:
    return Answer(status, json.dumps(value).encode())


def _anthropic(status: int, kind: str, message: str) -> Answer:
    body = {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_011CStandIn"}
    headers = (("content-type", "application/json"), ("request-id", "req_011CStandIn"), ("x-should-retry", "false"))
    return Answer(status, json.dumps(body).encode(), headers)


def _google(status: int, name: str, message: str, reason: str | None = None) -> Answer:
    error: dict[str, object] = {"code": status, "message": message, "status": name}
    if reason:
        error["details"] = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason}]
    return _json(status, {"error": error})


_ANTHROPIC = {
    # the country block comes from in front of the API: no top-level type, no request id
    Behaviour.GEO: _json(403, {"error": {"type": "forbidden", "message": "Request not allowed"}}),
    Behaviour.BAN: _anthropic(400, "invalid_request_error", "This organization has been disabled."),
    Behaviour.DOWN: _anthropic(500, "api_error", "Internal server error"),
    Behaviour.OVERLOADED: _anthropic(529, "overloaded_error", "Overloaded"),
    Behaviour.LIMITED: _anthropic(429, "rate_limit_error", "This request would exceed your rate limit."),
    Behaviour.BILLING: _anthropic(400, "invalid_request_error", "Your credit balance is too low to access the API."),
    Behaviour.RETIRED: _anthropic(404, "not_found_error", "model: claude-gone"),
    Behaviour.PICKY: _anthropic(400, "invalid_request_error",
                                "messages.1.content.0: Invalid `signature` in `thinking` block"),
}
_GOOGLE = {
    Behaviour.GEO: _google(400, "FAILED_PRECONDITION", "User location is not supported for the API use."),
    Behaviour.BAN: _google(403, "PERMISSION_DENIED", "Permission denied: Consumer has been suspended.",
                           "CONSUMER_SUSPENDED"),
    Behaviour.DOWN: _google(500, "INTERNAL", "An internal error has occurred."),
    Behaviour.OVERLOADED: _google(503, "UNAVAILABLE", "The model is overloaded. Please try again later."),
    Behaviour.LIMITED: _google(429, "RESOURCE_EXHAUSTED", "Resource has been exhausted (check per minute quota)."),
    Behaviour.BILLING: _google(403, "PERMISSION_DENIED", "Billing is disabled for this project.", "BILLING_DISABLED"),
    Behaviour.RETIRED: _google(404, "NOT_FOUND", "models/gemini-gone is not found for API version v1beta."),
    Behaviour.PICKY: _google(400, "INVALID_ARGUMENT", "Corrupted thought signature."),
}
_OPENAI = {
    Behaviour.GEO: _openai(403, "unsupported_country_region_territory", "request_forbidden",
                           "Country, region, or territory not supported"),
    Behaviour.BAN: _openai(401, "account_deactivated", "invalid_request_error",
                           "The OpenAI account associated with this API key has been deactivated."),
    Behaviour.DOWN: _openai(503, None, "server_error", "The server had an error while processing your request."),
    Behaviour.OVERLOADED: _openai(503, "server_is_overloaded", "service_unavailable_error",
                                  "Our servers are currently overloaded."),
    Behaviour.LIMITED: _openai(429, "rate_limit_exceeded", "requests", "Rate limit reached for requests per min."),
    Behaviour.BILLING: _openai(429, "insufficient_quota", "insufficient_quota", "You exceeded your current quota."),
    Behaviour.RETIRED: _openai(404, "model_not_found", "invalid_request_error", "The model does not exist."),
    Behaviour.PICKY: _openai(400, "unknown_parameter", "invalid_request_error",
                             "Unknown parameter: 'messages[1].reasoning_content'."),
}
_BY_DIALECT = {"anthropic": _ANTHROPIC, "gemini": _GOOGLE}


def refusal(dialect: str, behaviour: Behaviour) -> Answer | None:
    """The vendor's answer for a behaviour, or None where the behaviour is not an answer."""
    return _BY_DIALECT.get(dialect, _OPENAI).get(behaviour)


def keyless(dialect: str) -> Answer:
    """What a living vendor says to a call without a key."""
    if dialect == "anthropic":
        return _anthropic(401, "authentication_error", "x-api-key header is required")
    if dialect == "gemini":
        return _google(403, "PERMISSION_DENIED", "Method doesn't allow unregistered callers (callers without "
                                                 "established identity). Please use API Key.")
    return _openai(401, "invalid_api_key", "invalid_request_error", "You didn't provide an API key.")
