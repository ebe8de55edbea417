"""What can go wrong in `streams`, one small tree; each error knows the exit status it deserves.

    StreamsError
    ├── InputError            a file that cannot be read as events
    ├── ArchiveError          the archive cannot be written, or others are at it
    └── TooManyDeadLetters    so many unreadable records that going on would hide a fault

A single bad record is not an error: it becomes a `streams.dead_letters.DeadLetter`.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Callable


class StreamsError(Exception):
    """Anything this package raises on purpose."""

    exit_status: ClassVar[int] = 1


class InputError(StreamsError):
    """Input that cannot be read. Names the file, and the line and field where they are known."""

    exit_status = 2

    def __init__(
        self, problem: str, *, file: str, line: int | None = None, field: str | None = None
    ) -> None:
        self.problem, self.file, self.line, self.field = problem, file, line, field
        place = file if line is None else f"{file}, line {line}"
        place = place if field is None else f"{place}, field {field}"
        super().__init__(f"{place}: {problem}")

    def __reduce__(self) -> tuple[Callable[[], InputError], tuple[()]]:
        """Cross between processes whole: by default only the sentence would."""
        again = partial(InputError, self.problem, file=self.file, line=self.line, field=self.field)
        return again, ()


class TooManyDeadLetters(StreamsError):  # noqa: N818 - named for what happened
    """The share of unreadable records is past its limit; the worker stops instead of going on."""


class ArchiveError(StreamsError):
    """The archive could not be changed; it is as it was, and trying again is safe."""
