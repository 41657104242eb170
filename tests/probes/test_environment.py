"""What doctor says of variables that probes do not obey."""

from probes.environment import findings


def test_says_which_and_never_what() -> None:
    said = findings({"https_proxy": "http://u:hunter2@p", "SSL_CERT_FILE": "/x.pem", "HTTP_PROXY": "", "HOME": "/"})
    assert [text.split()[0] for text in said] == ["https_proxy", "SSL_CERT_FILE"]
    assert "hunter2" not in "".join(said)
    assert findings({}) == []
