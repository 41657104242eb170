"""The authority that vouches for the stand-ins is a throw-away one, in the folder it was given."""

import ssl
from pathlib import Path

from probes.sim.certs import issue


def test_the_authority_lands_in_the_folder_and_can_be_trusted(tmp_path: Path) -> None:
    certs = issue(("api.example.test",), tmp_path)
    context = ssl.create_default_context(cafile=str(certs.ca_file))
    assert certs.ca_file.parent == tmp_path
    assert context.cert_store_stats()["x509_ca"] >= 1
