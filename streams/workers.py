"""An ordered map over processes that keeps only a few pieces in flight."""

from __future__ import annotations

import multiprocessing
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
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        waiting: deque[tuple[Piece, Future[Result]]] = deque()
        for piece in pieces:
            waiting.append((piece, pool.submit(work, piece)))
            if len(waiting) > 2 * workers:
                done, future = waiting.popleft()
                yield done, future.result(PATIENCE)
        for done, future in waiting:
            yield done, future.result(PATIENCE)
