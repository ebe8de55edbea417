"""Gathers what is asked at the same time into one transaction: group commit.

A request costs a few statements and one commit; a batch costs no more. While the hands are at
work on one batch the next one forms by itself, so the busier it is the cheaper each answer gets,
and a single ask in a quiet hour waits for nobody. Every wait is bounded.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from sqlalchemy.exc import DBAPIError, OperationalError

from access.errors import AccessError, DatabaseUnreachableError

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, Future
    from collections.abc import Callable, Sequence

Asked = TypeVar("Asked")
Answered = TypeVar("Answered")

# More hands make smaller batches, and share one interpreter: one was faster in every measurement.
HANDS: Final = 1
MOST: Final = 128
PATIENCE_SECONDS: Final = 4.0
PAUSE_SECONDS: Final = 0.005


@dataclass(slots=True, eq=False)
class _Place(Generic[Asked, Answered]):
    """One place in the queue: what is asked, and who waits for the answer where."""

    asked: Asked
    loop: AbstractEventLoop
    reply: Future[Answered]


class Counter(Generic[Asked, Answered]):
    """Answers asks in batches on threads of its own.

    `answer` is given a batch and gives one answer for each ask: a value, an exception for that ask
    alone, or None to be asked again in a later batch. What it raises is everybody's answer, except
    that a batch which a rule or the database refuses is halved until the one at fault is alone.
    """

    def __init__(
        self,
        answer: Callable[[Sequence[Asked]], Sequence[Answered | Exception | None]],
        *,
        hands: int = HANDS,
    ) -> None:
        self._answer = answer
        self._queue: deque[_Place[Asked, Answered]] = deque()
        self._lock = threading.Lock()
        self._idle = hands
        self._hands = ThreadPoolExecutor(hands, thread_name_prefix="counter")

    async def ask(self, asked: Asked) -> Answered:
        """Wait for the answer; `TimeoutError` if it takes longer than anybody should wait."""
        loop = asyncio.get_running_loop()
        place = _Place[Asked, Answered](asked, loop, loop.create_future())
        self._queue.append(place)
        with self._lock:
            called = self._idle > 0
            self._idle -= called
        if called:
            self._hands.submit(self._serve)
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await place.reply

    def _serve(self) -> None:
        while batch := self._next_batch():
            left = self._answer_all(batch)
            # Behind the others: an account that is held for long must not hold up the queue.
            self._queue.extend(left)
            if len(left) == len(batch):
                # Others hold these accounts: let them finish.
                threading.Event().wait(PAUSE_SECONDS)

    def _next_batch(self) -> list[_Place[Asked, Answered]]:
        batch: list[_Place[Asked, Answered]] = []
        with self._lock:
            while self._queue and len(batch) < MOST:
                place = self._queue.popleft()
                # Whoever gave up waiting is asked about no more.
                if not place.reply.cancelled():
                    batch.append(place)
            self._idle += not batch
        return batch

    def _answer_all(
        self, batch: Sequence[_Place[Asked, Answered]]
    ) -> list[_Place[Asked, Answered]]:
        """Answer a batch; give the places that must be asked again."""
        try:
            answers = self._answer([place.asked for place in batch])
            if len(answers) != len(batch):
                raise ValueError(f"{len(batch)} asked and {len(answers)} were answered")  # noqa: TRY301 - it is everybody's answer
        except Exception as error:  # noqa: BLE001 - whatever it is, those who wait must hear it
            if len(batch) > 1 and _is_about_one(error):
                middle = len(batch) // 2
                return self._answer_all(batch[:middle]) + self._answer_all(batch[middle:])
            answers = [error] * len(batch)
        answered = [pair for pair in zip(batch, answers, strict=True) if pair[1] is not None]
        for loop, pairs in groupby(answered, key=lambda pair: pair[0].loop):
            # A loop that was closed has nobody waiting any more.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(_hand_out, list(pairs))
        return [place for place, answer in zip(batch, answers, strict=True) if answer is None]


def _is_about_one(error: Exception) -> bool:
    # A broken rule or a refused row is one ask's fault; a silent database is nobody's.
    if isinstance(error, AccessError):
        return not isinstance(error, DatabaseUnreachableError)
    return isinstance(error, DBAPIError) and not isinstance(error, OperationalError)


def _hand_out(pairs: Sequence[tuple[_Place[Asked, Answered], Answered | Exception | None]]) -> None:
    for place, answer in pairs:
        if place.reply.done():
            continue
        if isinstance(answer, Exception):
            place.reply.set_exception(answer)
        elif answer is not None:
            place.reply.set_result(answer)
