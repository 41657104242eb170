"""One context per set of CAs, and no variable of a shell decides whom we trust."""

import ssl
from pathlib import Path

import certifi
import pytest
import servers

from probes.net.failures import NoRoomError
from probes.net.trust import _build, trust


def test_contexts_are_shared_whatever_the_order() -> None:
    ca = servers.authority()[1]
    assert trust() is trust(None, None)
    assert trust(ca, None) is trust(None, ca)
    assert trust(ca) is not trust()
    assert trust().verify_mode is ssl.CERT_REQUIRED
    assert trust().check_hostname


def test_a_file_that_is_no_ca_is_our_own_fault(tmp_path: object) -> None:
    with pytest.raises(NoRoomError):
        trust(f"{tmp_path}/none.pem")


def test_the_public_store_is_the_systems_and_certifis(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The system has one certificate of certifi's and one of its own, among comments that are no ASCII."""
    ours = Path(servers.authority()[1]).read_text()
    known = Path(certifi.where()).read_text(encoding="utf-8").split("-----BEGIN CERTIFICATE-----")[1]
    system = tmp_path / "system.pem"
    system.write_bytes(b"# \xe4\xb8\xad\xff\n-----BEGIN CERTIFICATE-----" + known.encode() + ours.encode())
    paths = ssl.get_default_verify_paths()._replace(openssl_cafile=str(system), openssl_capath=str(tmp_path / "none"))
    monkeypatch.setattr("ssl.get_default_verify_paths", lambda: paths)
    plain = ssl.create_default_context(cafile=certifi.where())
    plain.load_verify_locations(cafile=str(system))
    made = _build.__wrapped__(())
    assert made.cert_store_stats() == plain.cert_store_stats()
    assert {*made.get_ca_certs(binary_form=True)} == {*plain.get_ca_certs(binary_form=True)}


def test_a_system_without_a_store_leaves_certifis(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    none = str(tmp_path / "none")
    paths = ssl.get_default_verify_paths()._replace(openssl_cafile=none, openssl_capath=none)
    monkeypatch.setattr("ssl.get_default_verify_paths", lambda: paths)
    assert _build.__wrapped__(()).cert_store_stats()["x509_ca"] > 50
