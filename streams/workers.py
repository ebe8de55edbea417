"""An ordered map over processes that keeps only a few pieces in flight.

The processes end with the one that started them, however it ends.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from concurrent.futures import Future, ProcessPoolExecutor
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Piece = TypeVar("Piece")
Result = TypeVar("Result")

PATIENCE: Final = 600.0
"""Seconds to wait for one piece before giving up on a process that hangs."""


def ordered_map(
    work: Callable[[Piece], Result], pieces: Iterable[Piece], workers: int
) -> Iterator[tuple[Piece, Result]]:
    """Yield each piece with its result, in order; in this process if `workers` is 0.

    At most two pieces a worker are under way, so memory stays bounded however slow the reader.
    """
    if workers < 1:
        for piece in pieces:
            yield piece, work(piece)
        return
    # Not fork: compiled code and Arrow keep threads, and a forked child may inherit their locks.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, end_with_parent) as pool:
        waiting: deque[tuple[Piece, Future[Result]]] = deque()
        for piece in pieces:
            waiting.append((piece, pool.submit(work, piece)))
            if len(waiting) > 2 * workers:
                done, future = waiting.popleft()
                yield done, future.result(PATIENCE)
        for done, future in waiting:
            yield done, future.result(PATIENCE)


def end_with_parent() -> None:
    """Let this process end when the one that started it has gone, be it killed.

    It would wait for work for ever otherwise, with its memory, and with the standard output that
    whoever started the run may be reading to its end.
    """
    parent = multiprocessing.parent_process()

    def follow() -> None:
        if parent is not None:
            parent.join()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=follow, daemon=True).start()
