"""The locks of an archive: files that nobody reads, held by the kernel for as long as needed.

Readers by offset need none. But whoever passes over an archive several times and puts the passes
together must find the same rows in each: while it holds `reading`, nothing is taken out.
"""

from __future__ import annotations

import fcntl
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, Final

from streams.archive_write import make_folder
from streams.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TIDY: Final = "tidy.lock"
READING: Final = "reading.lock"
LISTED: Final = "erased.lock"

PATIENCE: Final = 600.0
"""Seconds that a night waits for rows to be out."""

LIST_PATIENCE: Final = 120.0
"""Seconds for the files that are being written at this moment."""

_PAUSE: Final = 0.05


@contextmanager
def tidying(folder: Path) -> Iterator[None]:
    """Be the only one who replaces or deletes files of an archive; `ArchiveError` if another is.

    Writers of new files need it not. The lock goes with the process that holds it.
    """
    make_folder(folder)
    (folder / READING).touch()  # for readers who may only read
    problem = "another process is at its files (compacting, erasing); try again later"
    with (folder / TIDY).open("wb") as lock:
        _take(folder, lock, fcntl.LOCK_EX, 0.0, problem)
        yield


@contextmanager
def reading(folder: Path, patience: float = PATIENCE) -> Iterator[None]:
    """Keep every row of an archive where it is found, through several passes; many may at once.

    Waits for those who take rows out; `ArchiveError` if that takes longer. Merging goes on.
    """
    if not folder.is_dir():
        yield  # reading it will say so
        return
    with _opened(folder / READING) as lock:
        problem = "rows are being taken out of it (erasing, retention); try again later"
        _take(folder, lock, fcntl.LOCK_SH, patience, problem)
        yield


@contextmanager
def taking_out(folder: Path) -> Iterator[None]:
    """Be allowed to take rows out of an archive; `ArchiveError` at once while a night reads."""
    with (folder / READING).open("ab") as lock:
        problem = "a night reads it, so nothing is taken out now; try again later"
        _take(folder, lock, fcntl.LOCK_EX, 0.0, problem)
        yield


@contextmanager
def listing(folder: Path, *, change: bool) -> Iterator[None]:
    """Hold the list of the erased as it is from reading it to writing a file, or `change` it.

    So a file is either there when the list has changed, and is then looked through, or written
    after, without the rows of those on it.
    """
    make_folder(folder)
    with (folder / LISTED).open("ab") as lock:
        how = fcntl.LOCK_EX if change else fcntl.LOCK_SH
        _take(folder, lock, how, LIST_PATIENCE, "its list of the erased stays locked")
        yield


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("ab")
    except OSError:
        return path.open("rb")


def _take(folder: Path, lock: BinaryIO, how: int, patience: float, problem: str) -> None:
    """Take a lock, trying for about `patience` seconds."""
    for left in range(int(patience / _PAUSE), -1, -1):
        try:
            fcntl.flock(lock, how | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if not left:
                raise ArchiveError(f"{folder}: {problem}") from error
            time.sleep(_PAUSE)
        else:
            return
