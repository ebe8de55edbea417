"""Calls an HTTP server as many callers at once do, and says how long they waited.

Each caller keeps one connection. With a rate, calls are due at fixed times and waiting is counted
from when a call was due, not from when it could be sent: a server that stalls makes those wait
that came meanwhile, too (Tene's "coordinated omission").
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import numpy as np
import uvloop

if TYPE_CHECKING:
    from collections.abc import Callable

    from streams.clock import Clock


@dataclass(frozen=True, slots=True)
class Calls:
    """What many callers saw: seconds that each call took, the time all took, refusals."""

    waits: tuple[float, ...]
    seconds: float
    refused: int

    @property
    def rate(self) -> float:
        """Answered calls a second."""
        return len(self.waits) / self.seconds

    def wait(self, percent: float) -> float:
        """Give a percentile of the waits, in milliseconds."""
        return float(np.percentile(self.waits, percent)) * 1000


@dataclass(frozen=True, slots=True)
class Request:
    """Where to call, with what token, and on the nth call: what to send, or which path to read."""

    url: str
    token: str
    body: Callable[[int], bytes] | None = None
    path: Callable[[int], str] | None = None

    def bytes_of(self, number: int) -> bytes:
        parts = urlsplit(self.url)
        path = self.path(number) if self.path else parts.path
        head = f"host: {parts.netloc}\r\nauthorization: Bearer {self.token}\r\n"
        if self.body is None:
            return f"GET {path} HTTP/1.1\r\n{head}\r\n".encode()
        body = self.body(number)
        head += f"content-type: application/json\r\ncontent-length: {len(body)}\r\n"
        return f"POST {path} HTTP/1.1\r\n{head}\r\n".encode() + body


def call(
    request: Request, clock: Clock, *, callers: int, seconds: float, rate: float | None = None
) -> Calls:
    """Call for so many seconds: as fast as answers come, or `rate` times a second in all."""
    return uvloop.run(_call(request, clock, callers, seconds, rate))


async def _call(
    request: Request, clock: Clock, callers: int, seconds: float, rate: float | None
) -> Calls:
    began = clock.monotonic()
    waits: list[float] = []
    refused = 0

    async def caller(place: int) -> None:
        nonlocal refused
        address = urlsplit(request.url)
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        number = place
        while (due := clock.monotonic() - began) < seconds:
            if rate is not None:
                due = number / rate
                await asyncio.sleep(max(0.0, began + due - clock.monotonic()))
            writer.write(request.bytes_of(number))
            status = await _answer(reader)
            waits.append(clock.monotonic() - began - due)
            refused += status != b"200"
            number += callers
        writer.close()

    await asyncio.gather(*(caller(place) for place in range(callers)))
    return Calls(tuple(waits), clock.monotonic() - began, refused)


async def _answer(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = head.lower().split(b"content-length:", 1)[1].split(b"\r\n", 1)[0]
    await reader.readexactly(int(length))
    return head.split(b" ", 2)[1]
