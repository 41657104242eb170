"""Throw-away certificates for the stand-ins. Needs `trustme`, which the extra `demo` brings."""

import ssl
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Certs:
    """A server context good for all the names, and the file of the authority that vouches for it."""

    context: ssl.SSLContext
    ca_file: Path


def issue(names: tuple[str, ...], folder: Path) -> Certs:
    """Make an authority and one certificate for `names`; the authority's certificate lands in `folder`.

    Raises ImportError, which says what to install.
    """
    try:
        import trustme  # an extra: only who runs stand-ins needs it
    except ImportError as missing:
        raise ImportError("stand-in vendors need trustme: pip install 'vendorwatch[demo]'") from missing
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    ca_file = folder / "stand-in-ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    return Certs(context, ca_file)
