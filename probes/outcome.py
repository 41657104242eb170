"""The closed list of what a question to a vendor can come to.

Failures are data (law 1): every reading carries one of these, nothing else. `UNKNOWN`, `PROBE_ERROR` and `SKIPPED`
are neither good nor bad, and never the vendor's fault.
"""

from enum import StrEnum


class Outcome(StrEnum):
    """What one exchange, or one probe, came to. The string is what the corpus, the rows and the reports say."""

    OK = "ok"
    DEGRADED = "degraded"
    GEO_RESTRICTED = "geo_restricted"
    ACCOUNT_RESTRICTED = "account_restricted"
    AUTH_FAILED = "auth_failed"
    QUOTA_EXHAUSTED = "quota_exhausted"
    RATE_LIMITED = "rate_limited"
    OVERLOADED = "overloaded"
    PROVIDER_OUTAGE = "provider_outage"
    MODEL_UNAVAILABLE = "model_unavailable"
    CONTENT_FILTERED = "content_filtered"
    BOT_CHALLENGE = "bot_challenge"
    BAD_REQUEST = "bad_request"
    NETWORK_DNS = "network_dns"
    NETWORK_TIMEOUT = "network_timeout"
    NETWORK_BLOCKED = "network_blocked"
    PROBE_ERROR = "probe_error"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"


NETWORK = frozenset({Outcome.NETWORK_DNS, Outcome.NETWORK_TIMEOUT, Outcome.NETWORK_BLOCKED})
NO_EVIDENCE = frozenset({Outcome.UNKNOWN, Outcome.PROBE_ERROR, Outcome.SKIPPED})
