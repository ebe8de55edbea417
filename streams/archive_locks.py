"""The locks of an archive: files that nobody reads, held by the kernel for as long as needed.

Readers by offset need none. But whoever passes over an archive several times and puts the passes
together must find the same rows in each: while it holds `reading`, nothing is taken out.
"""

from __future__ import annotations

import fcntl
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, BinaryIO, Final

from streams.archive_write import make_folder
from streams.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TIDY: Final = "tidy.lock"
READING: Final = "reading.lock"
WAITING: Final = "waiting.lock"
LISTED: Final = "erased.lock"

PATIENCE: Final = 600.0
"""Seconds that a night waits for the step that takes rows out: one file's rewriting."""

LIST_PATIENCE: Final = 120.0
"""Seconds for the files that are being written at this moment."""

_PAUSE: Final = 0.05


@contextmanager
def tidying(folder: Path) -> Iterator[None]:
    """Be the only one who replaces or deletes files of an archive; `ArchiveError` if another is.

    Writers of new files need it not. The lock goes with the process that holds it.
    """
    for name in (READING, WAITING):
        _opened(folder / name).close()  # for readers who may only read
    problem = "another process is at its files (compacting, erasing); try again later"
    with _opened(folder / TIDY) as lock:
        _take(folder, lock, fcntl.LOCK_EX, 0.0, problem)
        yield


@contextmanager
def reading(folder: Path, patience: float = PATIENCE) -> Iterator[None]:
    """Keep every row of an archive where it is found, through several passes; many may at once.

    Waits for those who take rows out to `give_way`; `ArchiveError` if that takes longer. Merging
    goes on.
    """
    if not folder.is_dir():
        yield  # reading it will say so
        return
    problem = "rows are being taken out of it (erasing, retention); try again later"
    with _opened(folder / READING) as lock:
        with _opened(folder / WAITING) as mark:
            _take(folder, mark, fcntl.LOCK_SH, patience, problem)
            _take(folder, lock, fcntl.LOCK_SH, patience, problem)
        yield


@contextmanager
def taking_out(folder: Path) -> Iterator[None]:
    """Be allowed to take rows out of an archive; `ArchiveError` at once while a night reads."""
    with _opened(folder / READING) as lock:
        problem = "a night reads it, so nothing is taken out now; try again later"
        _take(folder, lock, fcntl.LOCK_EX, 0.0, problem)
        yield


def give_way(folder: Path) -> None:
    """Raise `ArchiveError` if somebody waits for `taking_out` to end: what is left can wait.

    Call it between the steps: all of them may take longer than a night can wait.
    """
    with _opened(folder / WAITING) as mark:
        problem = "a night waits to read it, so the rest is taken out later"
        _take(folder, mark, fcntl.LOCK_EX, 0.0, problem)


@contextmanager
def listing(folder: Path, *, change: bool) -> Iterator[None]:
    """Hold the list of the erased as it is from reading it to writing a file, or `change` it.

    So a file is either there when the list has changed, and is then looked through, or written
    after, without the rows of those on it.
    """
    with _opened(folder / LISTED) as lock:
        how = fcntl.LOCK_EX if change else fcntl.LOCK_SH
        _take(folder, lock, how, LIST_PATIENCE, "its list of the erased stays locked")
        yield


def _opened(path: Path) -> BinaryIO:
    try:
        make_folder(path.parent)
        return path.open("ab")
    except OSError as error:
        with suppress(OSError):
            return path.open("rb")  # in a folder that may only be read
        raise ArchiveError(f"{path}: {error.strerror or error}") from error


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
