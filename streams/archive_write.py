"""Writes one file of the archive: whole and durable under its name, or not there at all.

Page checksums go in, so that reading tells damage from rows. Texts that repeat are stored once;
places and times, which only rise, as differences.
"""

from __future__ import annotations

import os
import uuid
from typing import TYPE_CHECKING, Final

import pyarrow.parquet as pq

from streams.archive_rows import ARCHIVE
from streams.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path

    import pyarrow as pa

BEGUN: Final = ".begun"
GROUP_ROWS: Final = 1 << 16
"""Rows of one row group: what reading decodes at a time."""

LEFT_SECONDS: Final = 3600.0
"""So long after its last byte a file that was only begun is nobody's: its writer was killed."""

_RISING: Final = {"occurred_at": "DELTA_BINARY_PACKED", "_offset": "DELTA_BINARY_PACKED"}
_REPEATING: Final = [name for name in ARCHIVE.names if name not in {"event_id", *_RISING}]


def write_file(path: Path, tables: Iterable[pa.Table]) -> int:
    """Write rows of the archive; gives how many. Replaces a file of that name in one step.

    Raises `ArchiveError` when the disk is full or fails: then nothing has changed.
    """
    begun, rows = begun_name(path), 0
    try:
        make_folder(path.parent)
        with begun.open("xb") as file:
            with pq.ParquetWriter(
                file, ARCHIVE, compression="zstd", write_page_checksum=True,
                use_dictionary=_REPEATING, column_encoding=_RISING,
            ) as parquet:  # fmt: skip
                for table in tables:
                    parquet.write_table(table, GROUP_ROWS)
                    rows += len(table)
            file.flush()
            os.fsync(file.fileno())
        begun.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise ArchiveError(f"{path}: {error.strerror or error}; nothing was written") from error
    finally:
        begun.unlink(missing_ok=True)
    return rows


def write_small(path: Path, content: bytes) -> None:
    """Write a small file in one durable step."""
    begun = begun_name(path)
    try:
        make_folder(path.parent)
        with begun.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        begun.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise ArchiveError(f"{path}: {error.strerror or error}; nothing was written") from error
    finally:
        begun.unlink(missing_ok=True)


def begun_name(path: Path) -> Path:
    """Name a file until it is whole; nobody else's, for two may write the same one at once."""
    return path.with_name(f"{path.stem}-{uuid.uuid4().hex[:12]}{BEGUN}")


def make_folder(folder: Path) -> None:
    """Create a folder, durably."""
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sweep(folder: Path, now: datetime) -> int:
    """Remove what killed writers left begun; gives how many files. Never one being written."""
    left = 0
    for path in folder.rglob(f"*{BEGUN}"):
        try:
            if now.timestamp() - path.stat().st_mtime > LEFT_SECONDS:
                path.unlink()
                left += 1
        except FileNotFoundError:
            continue  # its writer gave it its name meanwhile
    return left
