"""Names to addresses, as this machine's resolver says; and which answers no public name should have."""

import asyncio
import ipaddress
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

# A resolver that hangs holds its thread for many seconds: a pool of our own, so that nothing else waits behind it.
_WORKERS = 32
_LOCAL_SUFFIXES = (".test", ".local", ".localhost", ".internal", ".lan", ".home.arpa", ".example", ".invalid", ".svc")


@lru_cache(maxsize=1024)
def is_numeric(host: str) -> bool:
    """Whether `host` is an address already."""
    try:
        ipaddress.ip_address(host.split("%", 1)[0])
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Whether `host` can only mean this machine."""
    return host == "localhost" or (is_numeric(host) and ipaddress.ip_address(host.split("%", 1)[0]).is_loopback)


def is_bogus(host: str, addresses: tuple[str, ...]) -> bool:
    """Whether a public name was answered with private or sinkhole addresses alone."""
    name = host.rstrip(".").lower()
    if is_numeric(name) or "." not in name or name.endswith(_LOCAL_SUFFIXES):
        return False
    return bool(addresses) and not any(_is_public(address) for address in addresses)


def _is_public(address: str) -> bool:
    return ipaddress.ip_address(address.split("%", 1)[0]).is_global


class Resolver:
    """Asks the system's resolver in threads of its own."""

    def __init__(self) -> None:
        self._threads: ThreadPoolExecutor | None = None

    async def resolve(self, host: str, port: int) -> tuple[tuple[str, ...], float]:
        """The addresses in the system's order of preference, and the seconds the resolver took.

        The time is taken in the thread: waiting for a turn is not the resolver's doing. Raises socket.gaierror.
        """
        if self._threads is None:
            self._threads = ThreadPoolExecutor(_WORKERS, thread_name_prefix="dns")
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, _look_up, host, port)

    def close(self) -> None:
        """Take no more questions; threads that still wait for an answer end by themselves."""
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)
            self._threads = None


def _look_up(host: str, port: int) -> tuple[tuple[str, ...], float]:
    start = time.monotonic()
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:      # a label too long or empty: no such name can exist
        raise socket.gaierror(socket.EAI_NONAME, "not a valid name") from error
    addresses = tuple(dict.fromkeys(str(entry[4][0]) for entry in found))
    return addresses, time.monotonic() - start
