"""The authority that vouches for the stand-ins is a throw-away one, in the folder it was given."""

import ssl
import sys
from pathlib import Path

import pytest

from probes.sim.certs import issue


def test_the_authority_lands_in_the_folder_and_can_be_trusted(tmp_path: Path) -> None:
    certs = issue(("api.example.test",), tmp_path)
    context = ssl.create_default_context(cafile=str(certs.ca_file))
    assert certs.ca_file.parent == tmp_path
    assert context.cert_store_stats()["x509_ca"] >= 1


def test_without_the_extra_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "trustme", None)
    with pytest.raises(ImportError, match=r"pip install 'vendorwatch\[demo\]'"):
        issue(("api.example.test",), tmp_path)
