"""Snapshots: a partition's arrays together with the log position they are good to.

Restoring is loading the newest sound snapshot, seeking to its position and replaying the log from
there: the topic itself is the changelog. A file is one Zstandard frame of plain arrays behind a
header; it is written under a temporary name, synced and renamed, and the last `KEEP` are kept. A
damaged file is passed over for the one before it, because replaying longer is always possible.
"""

from __future__ import annotations

import glob
import io
import os
import tempfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec
import numpy as np
import zstandard

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

KEEP: Final = 3
SCHEMA: Final = 1
BEGUN: Final = ".begun"
MAGIC: Final = b"fairuse1"
OFFSET: Final = 20 * "[0-9]"


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """What the arrays are; `next_offset` is where reading the partition goes on."""

    topic: str
    partition: int
    next_offset: int
    fingerprint: str
    model_version: str
    arrays: dict[str, int]
    schema: int = SCHEMA


class Damaged(ValueError):  # noqa: N818 - names what happened
    """The file is not a whole snapshot of this release."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    header: Header
    arrays: Mapping[str, NDArray[Any]]


class SnapshotStore:
    """Snapshots of many partitions in one directory."""

    def __init__(self, directory: Path | str) -> None:
        self.directory = Path(directory)

    def save(self, snapshot: Snapshot) -> Path:
        """Write a snapshot so that a crash leaves the old ones or the new one, never half."""
        self.directory.mkdir(parents=True, exist_ok=True)
        header = snapshot.header
        stem = _stem(header.topic, header.partition)
        target = self.directory / f"{stem}-{header.next_offset:020d}.snapshot"
        handle, temporary = tempfile.mkstemp(BEGUN, f".{stem}-", self.directory)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(pack(snapshot))
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(target)
        finally:
            # On a full disk what was begun would keep it full.
            Path(temporary).unlink(missing_ok=True)
        for old in self._files(header.topic, header.partition)[KEEP:]:
            old.unlink(missing_ok=True)
        return target

    def load(self, topic: str, partition: int, fingerprint: str) -> Snapshot | None:
        """Give the newest sound snapshot of this view, None if there is none to start from."""
        wanted = (topic, partition, fingerprint)
        for path in self._files(topic, partition):
            try:
                snapshot = unpack(path.read_bytes())
            except (Damaged, OSError):
                continue
            header = snapshot.header
            if (header.topic, header.partition, header.fingerprint) == wanted:
                return snapshot
        return None

    def _files(self, topic: str, partition: int) -> list[Path]:
        # The whole offset is spelt out: `events-1`, partition 0, must not pass for `events`, 1.
        found = self.directory.glob(f"{glob.escape(_stem(topic, partition))}-{OFFSET}.snapshot")
        return sorted(found, reverse=True)


def _stem(topic: str, partition: int) -> str:
    return f"{topic.replace('/', '_')}-{partition}"


def pack(snapshot: Snapshot) -> bytes:
    """Lay a snapshot out: magic, checksum of all that follows, header length, header, arrays."""
    buffer = io.BytesIO()
    sizes = {}
    for name, array in snapshot.arrays.items():
        start = buffer.tell()
        np.lib.format.write_array(buffer, np.ascontiguousarray(array), allow_pickle=False)
        sizes[name] = buffer.tell() - start
    body = zstandard.ZstdCompressor(level=1, threads=-1).compress(buffer.getbuffer())
    text = msgspec.json.encode(msgspec.structs.replace(snapshot.header, arrays=sizes))
    rest = len(text).to_bytes(4, "big") + text + body
    return MAGIC + zlib.crc32(rest).to_bytes(4, "big") + rest


def unpack(raw: bytes) -> Snapshot:
    """Read `pack`'s bytes back; raises `Damaged` for anything else."""
    rest = memoryview(raw)[12:]
    if raw[:8] != MAGIC or len(rest) < 4:
        raise Damaged("not a snapshot of this release")
    if zlib.crc32(rest) != int.from_bytes(raw[8:12], "big"):
        raise Damaged("checksum differs")
    start = 4 + int.from_bytes(rest[:4], "big")
    try:
        header = msgspec.json.decode(rest[4:start], type=Header)
        flat = io.BytesIO(zstandard.ZstdDecompressor().decompress(rest[start:]))
        arrays = {
            name: np.lib.format.read_array(flat, allow_pickle=False) for name in header.arrays
        }
    except (msgspec.MsgspecError, zstandard.ZstdError, ValueError) as cause:
        raise Damaged(str(cause)) from cause
    if header.schema != SCHEMA:
        raise Damaged(f"schema {header.schema}, this release reads {SCHEMA}")
    return Snapshot(header, arrays)
