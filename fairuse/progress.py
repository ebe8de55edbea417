"""Long work shows that it lives: a bar on a terminal, a line a minute elsewhere.

Everything goes to standard error, so that results on standard output can be piped.
"""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from streams.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rich.progress import TaskID

    from streams.clock import Clock

EVERY_SECONDS: Final = 60.0


class Meter(Protocol):
    """Hears how far the work has come."""

    def advance(self, amount: int = 1) -> None: ...


@dataclass(slots=True)
class _Bar:
    progress: Progress
    task: TaskID

    def advance(self, amount: int = 1) -> None:
        self.progress.advance(self.task, amount)


@dataclass(slots=True)
class Lines:
    """Says a line a minute, whatever the pace of the work."""

    label: str
    total: int | None
    clock: Clock
    done: int = 0
    said_at: float = field(init=False)

    def __post_init__(self) -> None:
        self.said_at = self.clock.monotonic()

    def advance(self, amount: int = 1) -> None:
        self.done += amount
        now = self.clock.monotonic()
        if now - self.said_at >= EVERY_SECONDS:
            self.said_at = now
            of = "" if self.total is None else f" of {self.total:,}"
            say(f"{self.label}: {self.done:,}{of}")


@contextmanager
def meter(label: str, total: int | None = None, clock: Clock | None = None) -> Iterator[Meter]:
    """Show the progress of the work in the block."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield Lines(label, total, clock or SystemClock())
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as progress:
        yield _Bar(progress, progress.add_task(label, total=total))


def say(line: str) -> None:
    """Tell the person at the terminal something."""
    print(line, file=sys.stderr, flush=True)  # noqa: T201  the command line speaks to a person


def give(line: str) -> None:
    """Write a line of the result, on standard output."""
    print(line, flush=True)  # noqa: T201  the command line speaks to a person


def give_facts(facts: Mapping[str, object], *, as_json: bool) -> None:
    """Write named results: a line each, or one JSON object."""
    if as_json:
        give(json.dumps(dict(facts), default=str))
        return
    width = max((len(name) for name in facts), default=0)
    for key, value in facts.items():
        name = key.replace("_", " ")
        if isinstance(value, list | tuple) and any(" " in str(one) for one in value):
            give(name)
            for one in value:
                give("  " + _plain(one))
            continue
        shown = f"{value:,}" if isinstance(value, int) and value >= 10_000 else _plain(value)  # noqa: PLR2004  as people write
        give(f"{name:<{width}}  {shown or 'none'}")


def _plain(value: object) -> str:
    """Give a fact in words, without brackets; what is empty is ''."""
    if isinstance(value, dict):
        cells = {name: _plain(cell) for name, cell in value.items()}
        return ", ".join(f"{name} {cell}" for name, cell in cells.items() if cell)
    if isinstance(value, list | tuple):
        return " ".join(map(str, value))
    return "" if value is None else str(value)
