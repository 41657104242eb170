"""One context per set of CAs, and no variable of a shell decides whom we trust."""

import ssl

import pytest
import servers

from probes.net.failures import NoRoomError
from probes.net.trust import trust


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
