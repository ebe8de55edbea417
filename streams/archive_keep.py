"""Retention: whole days of an archive go when they are too old.

What a replay needs of them must be kept elsewhere before (`fairuse.archiving`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from streams.archive import archive_files

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from streams.archive import ArchiveFile


def outdated(folder: Path, before: date) -> list[ArchiveFile]:
    """Give the files of days before `before`, in reading order, which is the log's.

    A file of a day is passed over while one of a later day comes before it in the log: what goes
    is a beginning of each partition, never a piece out of its middle.
    """
    found, stopped = [], set()
    for file in archive_files(folder):
        if file.partition in stopped:
            continue
        if file.day is not None and file.day < before:
            found.append(file)
        else:
            stopped.add(file.partition)
    return found


def drop(files: Sequence[ArchiveFile]) -> None:
    """Delete files, and the folders of days in which nothing is left."""
    for file in files:
        file.path.unlink(missing_ok=True)
    for folder in {file.path.parent for file in files}:
        if not any(folder.iterdir()):
            folder.rmdir()
