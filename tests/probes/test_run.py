"""Carrying out calls, against loopback servers that fail on purpose."""

import asyncio
import base64
import json
import socket
import time
from collections.abc import Awaitable, Callable, Coroutine
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import servers
from servers import NAME, serving

from probes.model import (
    Call,
    DnsCall,
    Exchange,
    Failure,
    HttpCall,
    Occasion,
    Reading,
    Secret,
    Surface,
    TcpCall,
    TlsCall,
    Vantage,
)  # fmt: skip
from probes.net.stamps import kernel_stamps_work
from probes.net.trust import _build, trust
from probes.outcome import Outcome
from probes.probe import Steps
from probes.run import Runner

CANARY = 'sk-canary/"Zürich"+0123456789'
SECRETS = {"THE_KEY": CANARY, "PROXY_PASSWORD": "pa55word-of-proxy"}
_ = (Occasion, Surface)


def vantage(port: int, **kwargs: Any) -> Vantage:
    return Vantage("here", "eu", **{"hosts": {NAME: f"127.0.0.1:{port}"}, "ca_file": servers.authority()[1], **kwargs})


def key(host: str = NAME, region: str = "eu", env: str = "THE_KEY") -> tuple[str, Secret]:
    return "authorization", Secret(env, host, region, "Bearer ")


def get(path: str = "/", **kwargs: Any) -> HttpCall:
    return HttpCall("GET", f"https://{NAME}{path}", **{"deadline_s": 5.0, **kwargs})


def play(story: Callable[[Runner], Coroutine[Any, Any, Any]]) -> Any:
    async def whole() -> Any:
        runner = Runner(SECRETS.get)
        try:
            return await story(runner)
        finally:
            await runner.aclose()

    return asyncio.run(whole())


def ask(call: Call, talk: servers.Talk, tls: str | None = "good", **kwargs: Any) -> Exchange:
    async def story(runner: Runner) -> Exchange:
        async with serving(talk, servers.server_context(tls) if tls else None) as port:
            return await runner.run(call, vantage(port, **kwargs))

    exchange = play(story)
    assert isinstance(exchange, Exchange)
    return exchange


def test_what_is_to_be_trusted_is_read_before_the_first_call(tmp_path: Path) -> None:
    """And nothing else: a store takes 1.2 MiB and 30 ms. A file that is not there fails the calls that name it."""
    _build.cache_clear()
    ours, gone = servers.authority()[1], str(tmp_path / "none.pem")
    Runner(SECRETS.get, trusting={(None, ours), (gone, None)})
    assert (_build.cache_info().currsize, _build.cache_info().misses) == (1, 2)
    trust(ours)
    assert _build.cache_info().misses == 2
    assert ask(get(), servers.answering(), ca_file=gone).failure is Failure.LOCAL


def test_an_answer_comes_whole_with_its_phases() -> None:
    exchange = ask(get(), servers.answering(b"hello", delay_s=0.05))
    assert (exchange.failure, exchange.status, exchange.body) == (None, 200, b"hello")
    phases = exchange.phases
    assert phases.dns_s is None
    assert phases.tcp_s is not None
    assert 0 < phases.tcp_s < 0.05
    assert phases.tls_s is not None
    assert 0 < phases.tls_s < 1
    assert phases.sent_s is not None
    assert phases.first_byte_s is not None
    assert 0.045 < phases.first_byte_s < 0.5
    assert phases.total_s is not None
    assert phases.total_s >= phases.sent_s + phases.first_byte_s - 1e-6
    assert exchange.clock == ("kernel" if kernel_stamps_work() else "user")
    assert exchange.certificate is not None
    assert NAME in exchange.certificate.names
    assert len(exchange.certificate.sha256) == 64


@pytest.mark.parametrize(("tls", "failure"), [
    ("expired", Failure.TLS_CERT_EXPIRED), ("wrong_host", Failure.TLS_CERT_WRONG_HOST),
    ("untrusted", Failure.TLS_CERT_UNTRUSTED),
])  # fmt: skip
@pytest.mark.parametrize("call", [get(), TlsCall(NAME)])
def test_certificates_fail_by_verify_code(call: Call, tls: str, failure: Failure) -> None:
    exchange = ask(call, servers.answering(), tls)
    assert exchange.failure is failure
    assert exchange.detail.startswith("verify code ")


@pytest.mark.parametrize(("talk", "tls", "failure"), [
    (servers.resetting, None, Failure.TLS_RESET),
    (servers.closing, None, Failure.TLS_RESET),
    (servers.hanging, None, Failure.TLS_TIMEOUT),
    (servers.answering(), None, Failure.TLS_TIMEOUT),
    (servers.resetting, "good", Failure.HTTP_RESET),
    (servers.closing, "good", Failure.HTTP_RESET),
    (servers.hanging, "good", Failure.HTTP_TIMEOUT),
])  # fmt: skip
def test_breaks_are_named_after_the_stage(talk: servers.Talk, tls: str | None, failure: Failure) -> None:
    exchange = ask(get(deadline_s=0.4), talk, tls)
    assert exchange.failure is failure
    if failure in {Failure.TLS_TIMEOUT, Failure.HTTP_TIMEOUT}:
        assert exchange.phases.total_s is not None
        assert exchange.phases.total_s >= 0.4


def test_a_server_that_does_not_speak_http() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"220 mail.test ESMTP\r\n\r\n")
        await asyncio.sleep(1)

    assert ask(get(), talk).failure is Failure.HTTP_PROTOCOL


@pytest.mark.parametrize(("end", "failure"), [
    ("reset", Failure.HTTP_RESET), ("cut", Failure.HTTP_RESET), ("hang", Failure.HTTP_TIMEOUT),
])  # fmt: skip
def test_a_broken_stream_keeps_what_came(end: str, failure: Failure) -> None:
    exchange = ask(get(deadline_s=0.6), servers.streaming([b"data: a\n\n", b"data: b\n\n"], 0.05, end=end))
    assert exchange.failure is failure
    assert exchange.status == 200
    assert exchange.body == b"data: a\n\ndata: b\n\n"


@pytest.mark.parametrize("tls", ["good", None])
def test_chunks_keep_their_own_arrival(tls: str | None) -> None:
    scheme = "https" if tls else "http"
    call = HttpCall("GET", f"{scheme}://{NAME}/", deadline_s=5)

    async def story(runner: Runner) -> Exchange:
        async with serving(servers.streaming([b"data: x\n\n"] * 4, 0.05), _context(tls)) as port:
            task = asyncio.create_task(runner.run(call, vantage(port)))
            return await task

    exchange = play(story)
    moments = [chunk.at_s for chunk in exchange.chunks]
    assert exchange.failure is None
    assert len(moments) == 4
    assert all(later - earlier > 0.03 for earlier, later in pairwise(moments))


def _context(kind: str | None) -> Any:
    return servers.server_context(kind) if kind else None


@pytest.mark.skipif(not kernel_stamps_work(), reason="this kernel does not stamp")
@pytest.mark.parametrize("scheme", ["https", "http"])
def test_a_blocked_loop_does_not_move_the_first_byte(scheme: str) -> None:
    """The server is another process's thread: it answers while our loop stands still for 200 ms."""
    import threading

    ready: list[int] = []
    up, down = threading.Event(), threading.Event()

    def run_server() -> None:
        async def main() -> None:
            talk = servers.answering(delay_s=0.03)
            async with serving(talk, servers.server_context() if scheme == "https" else None) as port:
                ready.append(port)
                up.set()
                while not down.is_set():
                    await asyncio.sleep(0.01)

        asyncio.run(main())

    thread = threading.Thread(target=run_server)
    servers.authority()
    thread.start()
    try:
        assert up.wait(5)

        async def story(runner: Runner) -> Exchange:
            task = asyncio.create_task(
                runner.run(HttpCall("GET", f"{scheme}://{NAME}/", deadline_s=5), vantage(ready[0]))
            )
            await asyncio.sleep(0.015)       # the request is out; now stand still
            time.sleep(0.2)
            return await task

        exchange = play(story)
    finally:
        down.set()
        thread.join()
    assert exchange.clock == "kernel"
    assert exchange.phases.first_byte_s < 0.15


@pytest.mark.parametrize("call", [get(max_bytes=100_000), get(max_events=5)])
def test_caps_stop_an_endless_stream(call: HttpCall) -> None:
    exchange = ask(call, servers.streaming([b"data: " + b"x" * 9_000 + b"\n\n"] * 30, 0.001))
    assert exchange.failure is Failure.TOO_LARGE
    assert exchange.status == 200
    assert 0 < len(exchange.body) <= 100_000


def test_events_are_counted_in_one_piece_too() -> None:
    exchange = ask(get(max_events=5), servers.streaming([b"data: x\n\n" * 50], 0.0))
    assert exchange.failure is Failure.TOO_LARGE


def test_refused_and_unresolvable() -> None:
    async def story(runner: Runner) -> list[Exchange]:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            port = taken.getsockname()[1]
            plain = Vantage("here", "eu")
            return [
                await runner.run(TcpCall("127.0.0.1", port), plain),
                await runner.run(HttpCall("GET", f"http://127.0.0.1:{port}/"), plain),
                await runner.run(DnsCall("a" * 70 + ".test"), plain),
                await runner.run(DnsCall("127.0.0.1"), plain),
            ]

    refused, http, nowhere, numeric = play(story)
    assert refused.failure is http.failure is Failure.TCP_REFUSED
    assert refused.detail == "ECONNREFUSED"
    assert nowhere.failure is Failure.DNS_NXDOMAIN
    assert numeric.addresses == ("127.0.0.1",)


def test_a_sinkholed_public_name_is_bogus_only_when_nothing_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.getaddrinfo

    def poisoned(host: str, *args: Any, **kwargs: Any) -> Any:
        return real("127.0.0.1" if host == "api.vendor.com" else host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", poisoned)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        call = TcpCall("api.vendor.com", port)
        assert play(lambda runner: runner.run(call, Vantage("here", "eu"))).failure is Failure.DNS_BOGUS
        pinned = Vantage("here", "eu", hosts={"api.vendor.com": f"127.0.0.1:{port}"})
        assert play(lambda runner: runner.run(call, pinned)).failure is Failure.TCP_REFUSED
        taken.listen()
        assert play(lambda runner: runner.run(call, Vantage("here", "eu"))).failure is None


def test_our_own_machine_is_not_the_vendor() -> None:
    elsewhere = ask(get(), servers.answering(), source_address="192.0.2.77")
    assert (elsewhere.failure, elsewhere.status) == (Failure.LOCAL, None)
    assert ask(get(), servers.answering(), ca_file="/nowhere/ca.pem").failure is Failure.LOCAL
    assert ask(get(headers=(("x", "a\r\nb"),)), servers.answering()).failure is Failure.LOCAL


def test_a_source_address_is_used() -> None:
    seen: list[str] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(writer.get_extra_info("peername")[0])
        await servers.answering()(reader, writer)

    assert ask(get(), talk, source_address="127.0.0.9").failure is None
    assert seen == ["127.0.0.9"]


# --- secrets ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("call", "region"), [
    (get(headers=(key(host="api.other.com"),)), "eu"),
    (get(headers=(key(),)), "us"),
    (get(headers=(key(env="UNSET"),)), "eu"),
    (HttpCall("GET", "http://plain.vendor.com/", headers=(key(host="plain.vendor.com"),)), "eu"),
])  # fmt: skip
def test_a_secret_is_withheld_and_nothing_is_sent(call: HttpCall, region: str) -> None:
    seen: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(b"connected")

    async def story(runner: Runner) -> Exchange:
        async with serving(talk) as port:
            place = Vantage("here", region, hosts={NAME: f"127.0.0.1:{port}"})
            return await runner.run(call, place)

    exchange = play(story)
    assert exchange.failure is Failure.WITHHELD
    assert "THE_KEY" in exchange.detail or "UNSET" in exchange.detail
    assert seen == []


def test_no_form_of_a_secret_leaves_with_an_answer() -> None:
    """The canary: a server that gives back the key it was sent, in every spelling and torn across chunks."""
    from urllib.parse import quote

    got: list[str] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _, headers, _ = await servers.read_request(reader)
        got.append(headers["authorization"])
        raw = CANARY.encode()
        spellings = [
            raw, quote(CANARY, safe="").encode(), json.dumps({"k": CANARY}).encode(), base64.b64encode(raw),
            base64.b64encode(b"user:" + raw + b"!"), base64.urlsafe_b64encode(b"x" + raw), raw.hex().encode(),
        ]  # fmt: skip
        writer.write(b"HTTP/1.1 401 No\r\nx-echo: " + quote(CANARY).encode())
        writer.write(b"\r\nx-raw: Bearer " + raw + b"\r\ntransfer-encoding: chunked\r\n\r\n")
        for spelling in spellings:
            for piece in (b"<" + spelling[:9], spelling[9:] + b">"):
                writer.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
                await writer.drain()
                await asyncio.sleep(0.005)
        writer.write(f"{len(raw) - 3:x}\r\n".encode() + raw[:-3] + b"\r\n")
        await writer.drain()

    exchange = ask(get(headers=(key(),)), talk)
    assert got == [f"Bearer {CANARY}".encode().decode("latin-1")]
    assert exchange.status == 401
    assert exchange.body.count(b"[redacted]") == 8
    told = repr(exchange) + exchange.body.decode("latin-1")
    for part in (CANARY, "canary", base64.b64encode(CANARY.encode()).decode()[4:20], CANARY.encode().hex(), "0123456"):
        assert part not in told
    assert exchange.call is not None
    assert exchange.header("x-echo") == exchange.header("x-raw", )[7:] == "[redacted]"  # type: ignore[index]


# --- proxies ---------------------------------------------------------------------------------------------------


def through(proxy: servers.Talk, call: Call, url: str, proxy_tls: str | None = None) -> Exchange:
    async def story(runner: Runner) -> Exchange:
        async with (
            serving(servers.answering(), servers.server_context()) as port,
            serving(proxy, _context(proxy_tls)) as proxy_port,
        ):
            place = Vantage("here", "eu", proxy=url.format(proxy_port), ca_file=servers.authority()[1])
            if isinstance(call, HttpCall):
                return await runner.run(HttpCall("GET", f"https://{NAME}:{port}/", deadline_s=call.deadline_s), place)
            return await runner.run(call, place)

    exchange = play(story)
    assert isinstance(exchange, Exchange)
    return exchange


@pytest.mark.parametrize(("make", "url", "tls"), [
    (servers.http_proxy, "http://u:$PROXY_PASSWORD@127.0.0.1:{}", None),
    (servers.http_proxy, "https://u:$PROXY_PASSWORD@127.0.0.1:{}", "good"),
    (servers.socks_proxy, "socks5://u:$PROXY_PASSWORD@127.0.0.1:{}", None),
])  # fmt: skip
def test_the_proxy_is_asked_by_name(make: Callable[..., servers.Talk], url: str, tls: str | None) -> None:
    seen: list[str] = []
    exchange = through(make(seen=seen), get(), url, tls)
    assert (exchange.failure, exchange.status, exchange.body) == (None, 200, b"hello")
    assert any(NAME in text for text in seen)
    login = "u:" + SECRETS["PROXY_PASSWORD"]
    assert login in seen or f"Basic {base64.b64encode(login.encode()).decode()}" in seen
    assert "pa55word" not in repr(exchange)


@pytest.mark.parametrize(("talk", "url", "failure"), [
    (servers.http_proxy("403 Forbidden"), "http://127.0.0.1:{}", Failure.PROXY),
    (servers.closing, "http://127.0.0.1:{}", Failure.PROXY),
    (servers.hanging, "socks5://127.0.0.1:{}", Failure.PROXY),
    (servers.socks_proxy(1), "socks5://127.0.0.1:{}", Failure.PROXY),
    (servers.socks_proxy(2), "socks5://127.0.0.1:{}", Failure.PROXY),
    (servers.socks_proxy(5), "socks5://127.0.0.1:{}", Failure.TCP_REFUSED),
    (servers.socks_proxy(hang=True), "socks5://127.0.0.1:{}", Failure.TCP_TIMEOUT),
    (servers.answering(), "http://127.0.0.1:1", Failure.PROXY),
    (servers.answering(), "ftp://127.0.0.1:{}", Failure.LOCAL),
    (servers.http_proxy(), "http://u:$UNSET@127.0.0.1:{}", Failure.WITHHELD),
])  # fmt: skip
def test_what_a_proxy_does_wrong_is_the_proxys(talk: servers.Talk, url: str, failure: Failure) -> None:
    start = time.monotonic()
    exchange = through(talk, get(deadline_s=0.5), url)
    assert exchange.failure is failure
    assert time.monotonic() - start < 3


# --- keep-alive ------------------------------------------------------------------------------------------------


def _count(talk: servers.Talk, made: list[int]) -> servers.Talk:
    async def counted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        made.append(1)
        await talk(reader, writer)

    return counted


@pytest.mark.parametrize(("fresh", "connections"), [(True, 3), (False, 1)])
def test_a_fresh_call_never_reuses(fresh: bool, connections: int) -> None:
    made: list[int] = []

    async def story(runner: Runner) -> list[Exchange]:
        async with serving(_count(servers.answering(), made), servers.server_context()) as port:
            return [await runner.run(get(fresh=fresh), vantage(port)) for _ in range(3)]

    exchanges = play(story)
    assert [exchange.body for exchange in exchanges] == [b"hello"] * 3
    assert len(made) == connections
    assert (exchanges[2].phases.tls_s is None) is not fresh


def test_an_idle_connection_closed_under_us_is_not_the_vendors_failure() -> None:
    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await servers.read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
        await writer.drain()
        await asyncio.wait([asyncio.ensure_future(reader.read(1))], timeout=5)

    async def story(runner: Runner) -> list[Exchange]:
        async with serving(once, servers.server_context()) as port:
            return [await runner.run(get(fresh=False), vantage(port)) for _ in range(2)]

    assert [exchange.failure for exchange in play(story)] == [None, None]


# --- observe ---------------------------------------------------------------------------------------------------


def _observe(steps: Callable[[], Steps]) -> Reading:
    async def story(runner: Runner) -> Reading:
        async with serving(servers.answering(), servers.server_context()) as port:
            return await runner.observe(steps(), vantage(port))

    reading = play(story)
    assert isinstance(reading, Reading)
    return reading


def test_a_conversation_is_played_to_its_reading() -> None:
    def steps() -> Steps:
        first = yield TcpCall(NAME)
        second = yield get()
        return Reading(Outcome.OK, f"{first.failure} {second.status}")

    assert _observe(steps).reason == "None 200"


def test_our_own_fault_is_a_probe_error_with_what_was_seen() -> None:
    def steps() -> Steps:
        yield get()
        raise KeyError("choices")

    reading = _observe(steps)
    assert reading.outcome is Outcome.PROBE_ERROR
    assert "KeyError" in reading.reason
    assert [exchange.status for exchange in reading.exchanges] == [200]


def test_a_call_cut_from_outside_closes_its_socket() -> None:
    async def story(runner: Runner) -> None:
        async with serving(servers.hanging, servers.server_context()) as port:
            task: Awaitable[Exchange] = asyncio.ensure_future(runner.run(get(), vantage(port)))
            await asyncio.sleep(0.1)
            task.cancel()  # type: ignore[attr-defined]
            with pytest.raises(asyncio.CancelledError):
                await task

    play(story)      # an open socket would warn, and a warning fails the test
