"""One HTTP call that ends in time, whatever the server does.

A time-out for each read does not bound a call: a server that sends a byte now and then holds it
for ever. Here connecting, TLS, writing and reading share one deadline. Only the look-up of a name
cannot be cut short; where that matters, give an address.
"""

from __future__ import annotations

import socket
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import httpcore2

from access.errors import AccessUnreachableError

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable, Mapping

    from streams.clock import Clock

# Connections kept open, and for how long: a little less than servers keep them.
MOST_CONNECTIONS: Final = 128
KEPT_SECONDS: Final = 4.0
# Far more than any answer of ours has.
MOST_BYTES: Final = 1 << 24
# What a connection that was closed while it lay idle, or just now, looks like.
_BROKEN: Final = (httpcore2.RemoteProtocolError, httpcore2.ReadError, httpcore2.WriteError)
# A request that cannot be sent at all is none of these: it must be heard of.
_FAILURES: Final = (*_BROKEN, httpcore2.TimeoutException, httpcore2.NetworkError)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server answered, whole."""

    status: int
    content: bytes


class TimelyCaller:
    """Calls one server over connections that are kept open. Threads may share it.

    Raises `ValueError` for an address that is none, or no time at all.
    """

    def __init__(self, url: str, headers: Mapping[str, str], seconds: float, clock: Clock) -> None:
        if not url.startswith(("http://", "https://")) or not seconds > 0:
            raise ValueError(f"nobody can be called at {url!r} within {seconds} seconds")
        self._url = url.rstrip("/")
        self._headers = list(headers.items())
        self._seconds = seconds
        self._deadline = _Deadline(clock)
        self._pool = httpcore2.ConnectionPool(
            max_connections=MOST_CONNECTIONS,
            keepalive_expiry=KEPT_SECONDS,
            network_backend=_Network(self._deadline),
        )

    def call(  # noqa: PLR0913 - one argument for each part of a call
        self,
        verb: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        most: int = MOST_BYTES,
        *,
        again: bool = True,
    ) -> Reply:
        """Give the answer, or raise `AccessUnreachableError` when the time is over.

        What breaks before it is answered is sent once more in the same time, unless it may not be
        sent `again`. Of an answer longer than `most` bytes only the beginning is read.
        """
        self._deadline.begin(self._seconds)
        sent = [*self._headers, *(headers or {}).items()]
        try:
            try:
                return self._send(verb, path, body, sent, most)
            except _BROKEN:
                if not again:
                    raise
                return self._send(verb, path, body, sent, most)
        except _FAILURES as error:
            said = str(error) or type(error).__name__
            raise AccessUnreachableError(f"{self._url} did not answer: {said}") from error

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()

    def _send(
        self, verb: str, path: str, body: bytes | None, headers: list[tuple[str, str]], most: int
    ) -> Reply:
        with self._pool.stream(
            verb,
            self._url + path,
            headers=headers,
            content=body,
            extensions={"timeout": {"pool": self._deadline.left()}},
        ) as answer:
            content = bytearray()
            for part in answer.iter_stream():
                content += part
                if len(content) >= most:
                    break
            return Reply(answer.status, bytes(content[:most]))


class _Deadline:
    """When the call of the present thread ends."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._of_thread = threading.local()

    def begin(self, seconds: float) -> None:
        self._of_thread.ends = self._clock.monotonic() + seconds

    def left(self) -> float:
        left: float = self._of_thread.ends - self._clock.monotonic()
        if left <= 0:
            raise httpcore2.ReadTimeout("the time is over")
        return left


class _Network(httpcore2.NetworkBackend):
    """Connects within what is left of the call's time, shared among the server's addresses."""

    def __init__(self, deadline: _Deadline) -> None:
        self._deadline = deadline
        self._inner = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        del timeout
        addresses = _addresses_of(host, port)
        while True:
            address = addresses.pop(0)
            time = self._deadline.left() / (len(addresses) + 1)
            try:
                stream = self._inner.connect_tcp(address, port, time, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                if not addresses:
                    raise
            else:
                return _Stream(stream, self._deadline)


def _addresses_of(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise httpcore2.ConnectError(str(error)) from error
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class _Stream(httpcore2.NetworkStream):
    """A connection on which every wait is what is left of the call's time."""

    def __init__(self, inner: httpcore2.NetworkStream, deadline: _Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        del timeout
        return self._inner.read(max_bytes, self._deadline.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        del timeout
        self._inner.write(buffer, self._deadline.left())

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        del timeout
        left = self._deadline.left()
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, left), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
