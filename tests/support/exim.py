"""A real exim4 on loopback: STARTTLS and SMTPS, login over TLS only, mail delivered into a maildir.

Run as Debian's own mail user, never as root, with a configuration and a spool of the test's own.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import trustme
from sinks import free_port

BINARY = "/usr/sbin/exim4"
USER = "Debian-exim"
INSTALL = "apt-get install -y --no-install-recommends exim4-daemon-light"
PATIENCE_S = 20.0

_CONFIG = """
primary_hostname = mail.test
spool_directory = {folder}/spool
log_file_path = {folder}/log-%s
pid_file_path = {folder}/pid
local_interfaces = 127.0.0.1
daemon_smtp_ports = {port} : {tls_port}
tls_on_connect_ports = {tls_port}
tls_advertise_hosts = *
tls_certificate = {folder}/server.pem
auth_advertise_hosts = ${{if def:tls_in_cipher {{*}}{{}}}}
acl_smtp_rcpt = rcpt
acl_smtp_data = data
deliver_drop_privilege = true
keep_environment =
host_lookup =
rfc1413_query_timeout = 0s
begin acl
rcpt:
  deny   message = authenticate first
         !authenticated = *
  defer  message = greylisted, come again
         local_parts = later
  accept domains = mail.test
  deny   message = relay not permitted
data:
  accept
begin routers
inbox:
  driver = accept
  transport = maildir
begin transports
maildir:
  driver = appendfile
  directory = {folder}/maildir
  maildir_format
  create_directory
  user = {user}
  group = {user}
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if and{{{{eq{{$auth2}}{{watch}}}}{{eq{{$auth3}}{{{password}}}}}}}}}
  server_set_id = $auth2
"""


def why_not() -> str:
    """Why it cannot be run here, with the line that mends it; '' where it can."""
    if not Path(BINARY).exists():
        return f"exim4 is not installed: {INSTALL}"
    if os.geteuid() != 0:
        return "exim4 listens for root or its own user only: run the tests as root to include it"
    try:
        pwd.getpwnam(USER)
    except KeyError:
        return f"exim4 has no user {USER} here: {INSTALL}"
    return ""


@dataclass(frozen=True)
class Exim:
    """A running server and what it has delivered."""

    folder: Path
    port: int
    tls_port: int

    @property
    def ca_file(self) -> str:
        return str(self.folder / "ca.pem")

    @property
    def log(self) -> str:
        return "".join(path.read_text(errors="replace") for path in sorted(self.folder.glob("log-*")))

    def delivered(self) -> int:
        return len(list((self.folder / "maildir/new").glob("*")))

    def mails(self, count: int) -> list[EmailMessage]:
        """All that was delivered, oldest first, once it is `count`: exim delivers after it has said 250."""
        until = time.monotonic() + PATIENCE_S
        while self.log.count(" Completed\n") < count:
            assert time.monotonic() < until, f"exim did not deliver: {self.log}"
            time.sleep(0.01)
        files = sorted((self.folder / "maildir" / "new").iterdir(), key=lambda path: path.stat().st_mtime_ns)
        found = [message_from_bytes(path.read_bytes(), policy=default) for path in files]
        assert len(found) == count, self.log
        return found  # type: ignore[return-value]


@contextmanager
def exim(password: str) -> Iterator[Exim]:
    """A server for as long as the block lasts; user `watch` logs in with this password."""
    folder = Path(tempfile.mkdtemp(prefix="vw-exim-"))
    one = Exim(folder, free_port(), free_port())
    try:
        _furnish(one, password)
        command = [BINARY, "-C", str(folder / "exim.conf"), "-bdf"]
        with (folder / "stderr").open("wb") as errors:
            running = subprocess.Popen(
                command, user=USER, group=USER, extra_groups=[], cwd="/", env={"PATH": "/usr/sbin:/usr/bin"},
                stdout=subprocess.DEVNULL, stderr=errors, start_new_session=True,
            )
        try:
            _wait(one, running)
            yield one
        finally:
            running.send_signal(signal.SIGTERM)
            running.wait(PATIENCE_S)
            with suppress(ProcessLookupError):      # a session still open would write its log into a folder made anew
                os.killpg(running.pid, signal.SIGKILL)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _furnish(one: Exim, password: str) -> None:
    ca = trustme.CA()
    ca.cert_pem.write_to_path(str(one.folder / "ca.pem"))
    leaf = ca.issue_cert("127.0.0.1", "localhost")
    leaf.private_key_and_cert_chain_pem.write_to_path(str(one.folder / "server.pem"))
    (one.folder / "spool").mkdir()
    config = _CONFIG.format(folder=one.folder, port=one.port, tls_port=one.tls_port, user=USER, password=password)
    (one.folder / "exim.conf").write_text(config)
    for path in (one.folder, *one.folder.iterdir()):
        shutil.chown(path, USER, USER)


def _wait(one: Exim, running: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE_S
    while "daemon started" not in one.log:
        said = (one.folder / "stderr").read_text()
        assert running.poll() is None, f"exim ended with {running.returncode}: {said}{one.log}"
        assert time.monotonic() < until, f"exim did not start: {said}"
        time.sleep(0.01)
