"""Dead letters: records and rows that are not events, kept aside with the reason.

Also the limit past which a worker stops: a broken producer must not drain a whole topic in here.
Publishing them is the scoring loop's work.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Final

import msgspec

from streams.errors import TooManyDeadLetters
from streams.event import DeadReason

DEAD_LETTER_SCHEMA: Final = 1
MAX_PAYLOAD_BYTES: Final = 4096
"""What is kept of the record: enough to see what went wrong, never a 10 MB body."""


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """One record, or one row of an Arrow record, that is not an event.

    `index` is the row's place within its record (0 for JSON); `field` is empty where no single
    field is to blame; `payload` is the record as it came, or the row as JSON, cut to
    `MAX_PAYLOAD_BYTES`; `size` is its full length.
    """

    topic: str
    partition: int
    offset: int
    index: int
    reason: DeadReason
    field: str
    sentence: str
    payload: bytes
    size: int
    schema: int = DEAD_LETTER_SCHEMA


def encode(letter: DeadLetter) -> bytes:
    """Give the letter as JSON for the wire; the payload travels in base64."""
    return msgspec.json.encode(letter)


def decode(record: bytes) -> DeadLetter:
    """Read a letter; raises `msgspec.ValidationError` naming the field that is wrong."""
    return msgspec.json.decode(record, type=DeadLetter)


@dataclass(frozen=True, slots=True)
class DeadLetterPolicy:
    """When to stop: more than `count` dead *and* more than `share` of the last `window` events.

    The defaults let a hundred odd records pass without a word, and stop a worker that finds more
    than one record in five unreadable.
    """

    count: int = 100
    share: float = 0.2
    window: int = 10_000


@dataclass(slots=True)
class DeadLetterLimit:
    """Watches how many of the latest events are dead; knows nothing of time."""

    policy: DeadLetterPolicy = field(default_factory=DeadLetterPolicy)
    _batches: deque[tuple[int, int]] = field(default_factory=deque)  # (events, dead), oldest first
    _events: int = 0
    _dead: int = 0

    def count(self, events: int, dead: int) -> None:
        """Take note of a batch: `events` seen, of which `dead` are not events.

        Raises `TooManyDeadLetters` once the limit is passed. Whole batches leave the window as
        soon as what remains still fills it.
        """
        self._batches.append((events, dead))
        self._events += events
        self._dead += dead
        while self._events - self._batches[0][0] >= self.policy.window:
            old_events, old_dead = self._batches.popleft()
            self._events -= old_events
            self._dead -= old_dead
        if self._dead > self.policy.count and self._dead > self.policy.share * self._events:
            raise TooManyDeadLetters(
                f"{self._dead} of the last {self._events} events are unreadable, more than "
                f"{self.policy.share:.0%}: stopped so that the rest stays in its topic"
            )
