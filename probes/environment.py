"""Variables that people expect to be obeyed and that are not: said in words for `doctor`, never used silently."""

from collections.abc import Mapping

_PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY")
_STORES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


def findings(environ: Mapping[str, str]) -> list[str]:
    """One sentence for every variable that is set and not obeyed. Values are not repeated: they may hold passwords."""
    ways_out = [name for name in (*_PROXIES, *map(str.lower, _PROXIES)) if environ.get(name)]
    stores = [name for name in _STORES if environ.get(name)]
    return [
        *(f"{name} is set, but probes do not use it: a probe must know which way out it measures. "
          "Give the vantage a `proxy` instead." for name in ways_out),
        *(f"{name} is set, but probes do not use it: they trust the system's store and certifi's. "
          "Give the vantage or the surface a `ca_file` to trust a private CA as well." for name in stores),
    ]  # fmt: skip
