"""The admission desk behind its counter: asks and ends of jobs, answered in batches.

One batch is one transaction, and its answers leave after the commit. Ends come before asks, so
that what a finished job frees is there for the next one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from access.admission import Ask
from access.desk import Answer, answer_asks
from access.ending import Ended, Ending, end_jobs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session, sessionmaker

    from access.desk import Terms
    from streams.clock import Clock

Item: TypeAlias = Ask | Ending
Reply: TypeAlias = Answer | Ended


@dataclass(frozen=True, slots=True)
class Admissions:
    """Answers a batch of what came to the counter, in the order it came."""

    writers: sessionmaker[Session]
    clock: Clock
    terms: Terms

    def __call__(self, items: Sequence[Item]) -> list[Reply | Exception | None]:
        now = self.clock.now()
        endings = [item for item in items if isinstance(item, Ending)]
        asks = [item for item in items if isinstance(item, Ask)]
        with self.writers.begin() as session:
            ended = iter(end_jobs(session, endings, self.terms.catalogue, now) if endings else ())
            answers = iter(answer_asks(session, asks, self.terms, now) if asks else ())
        return [next(ended if isinstance(item, Ending) else answers) for item in items]
