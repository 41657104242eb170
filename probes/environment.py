"""Variables that people expect to be obeyed and that are not: said in words for `doctor`, never used silently."""

from collections.abc import Mapping

_PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY")
_STORES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


def findings(environ: Mapping[str, str]) -> list[str]:
    """One sentence for every variable that is set and that probes do not obey. Values are not repeated: they may hold passwords."""
    said = []
    for name in (*_PROXIES, *(name.lower() for name in _PROXIES)):
        if environ.get(name):
            said.append(
                f"{name} is set, but probes do not use it: a probe must know which way out it measures. "
                "Give the vantage a `proxy` instead."
            )
    for name in _STORES:
        if environ.get(name):
            said.append(
                f"{name} is set, but probes do not use it: they trust the system's store and certifi's. "
                "Give the vantage or the surface a `ca_file` to trust a private CA as well."
            )
    return said
