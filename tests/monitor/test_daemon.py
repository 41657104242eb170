"""Signals, reload, drain, and what systemd is told, on real sockets and real signals."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from monitor.daemon import Daemon, Lock, Systemd
from monitor.errors import UserError


class App:
    def __init__(self) -> None:
        self.life: list[str] = []

    async def start(self) -> None:
        self.life.append("start")

    async def drain(self) -> None:
        self.life.append("drain")

    def alive(self) -> bool:
        return True


@pytest.fixture
def heard(tmp_path: Path) -> "Heard":
    return Heard(tmp_path / "notify")


class Heard:
    """A systemd that keeps what it is told."""

    def __init__(self, path: Path) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(path))
        self.socket.setblocking(False)
        self.path = str(path)

    def words(self) -> list[str]:
        out: list[str] = []
        while True:
            try:
                out += self.socket.recv(4096).decode().split("\n")
            except BlockingIOError:
                return out

    def close(self) -> None:
        self.socket.close()


def serve(app: App, systemd: Systemd, *signals: int, reload: "object" = lambda: None, after_s: float = 0.05) -> None:
    async def go() -> None:
        daemon = Daemon(app, systemd, reload)  # type: ignore[arg-type]
        loop = asyncio.get_running_loop()
        for place, number in enumerate(signals, 1):
            loop.call_later(after_s * place, os.kill, os.getpid(), number)
        async with asyncio.timeout(5):
            await daemon.serve()

    asyncio.run(go())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_drains(heard: Heard, number: int) -> None:
    app = App()
    serve(app, Systemd(heard.path, watchdog_s=0.03), number)
    words = heard.words()
    heard.close()
    assert app.life == ["start", "drain"]
    assert words[0] == "READY=1"
    assert words[-1] == "STOPPING=1"
    assert words.count("WATCHDOG=1") >= 2


def test_a_config_that_does_not_load_leaves_the_old_running(heard: Heard, caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> None:
        raise UserError(["vendorwatch.yaml: regions: wrong"])

    app = App()
    serve(app, Systemd(heard.path), signal.SIGHUP, signal.SIGTERM, reload=broken)
    words = heard.words()
    heard.close()
    assert app.life == ["start", "drain"]
    assert "the old config stays" in caplog.text
    assert "regions: wrong" in caplog.text
    said = [word.split("=")[0] for word in words]
    assert said == ["READY", "STATUS", "RELOADING", "MONOTONIC_USEC", "READY", "STOPPING"]


def test_a_reload_that_works_is_put_in() -> None:
    done: list[int] = []
    serve(App(), Systemd(), signal.SIGHUP, signal.SIGTERM, reload=lambda: done.append(1))
    assert done == [1]


def test_without_systemd_nothing_is_said_and_a_deaf_socket_is_no_failure(tmp_path: Path) -> None:
    Systemd().say("READY=1")
    Systemd(str(tmp_path / "nobody")).say("READY=1")


def test_the_watchdog_is_for_the_process_it_names() -> None:
    mine = {"NOTIFY_SOCKET": "/x", "WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}
    assert Systemd.of(mine) == Systemd("/x", 30.0)
    assert Systemd.of({**mine, "WATCHDOG_PID": "1"}).watchdog_s == 0.0
    assert Systemd.of({}) == Systemd()


def test_a_second_lock_on_the_same_file_is_refused_and_a_dead_process_frees_it(tmp_path: Path) -> None:
    path = tmp_path / "v.db.lock"
    hold = (f"import fcntl,time; f=open({str(path)!r},'a'); fcntl.flock(f,fcntl.LOCK_EX); "
            "print('held',flush=True); time.sleep(60)")
    other = subprocess.Popen([sys.executable, "-c", hold], stdout=subprocess.PIPE)
    assert other.stdout is not None
    other.stdout.readline()
    lock = Lock(path)
    with pytest.raises(UserError, match="another vendorwatch daemon"):
        lock.take()
    other.kill()
    other.wait()
    other.stdout.close()
    lock.take()
    lock.free()


def test_a_name_outlives_its_daemon_and_is_this_machines(tmp_path: Path) -> None:
    first, other = Lock(tmp_path / "new" / "v.lock"), Lock(tmp_path / "other.lock")
    name = first.take()
    first.free()
    again = Lock(tmp_path / "new" / "v.lock")
    assert again.take() == name
    assert name.startswith(f"{socket.gethostname()}:")
    assert other.take() != name
    again.free()
    other.free()


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="cannot be written"):
        Lock(tmp_path / "file" / "v.lock").take()
