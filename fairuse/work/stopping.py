"""Stopping when asked: a worker finishes what it holds, and leaves.

SIGTERM and Ctrl-C set an event that the loops look at between two bounded waits; a second Ctrl-C
is the usual interruption.
"""

from __future__ import annotations

import signal
from contextlib import contextmanager
from threading import Event
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType


@contextmanager
def stop_when_asked() -> Iterator[Event]:
    """Give the event that SIGTERM and SIGINT set while the block runs."""
    asked = Event()

    def ask(number: int, _frame: FrameType | None) -> None:
        if asked.is_set() and number == signal.SIGINT:
            raise KeyboardInterrupt
        asked.set()

    before = {number: signal.signal(number, ask) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
