"""The base of an archive: the feature state as it was where the archive's files now begin.

Live state has learnt the whole history; a replay of an archive whose oldest days are gone has not.
So before days go they are folded into a snapshot for each partition, from which replays begin. A
snapshot of another feature view means nothing to this release, and is passed over with a warning.
"""

from __future__ import annotations

import glob
import logging
import re
from typing import TYPE_CHECKING, Any, Final

from features.snapshots import OFFSET, Damaged, Header, Snapshot, SnapshotStore, unpack
from features.state import FeatureState
from features.view import VIEW
from streams.archive import read_archive
from streams.archive_erase import FILE as ERASED
from streams.errors import ArchiveError, InputError
from streams.raw import Partition

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from streams.columns import EventBatch

BASE: Final = "base"

_NAME: Final = re.compile(r"(?P<topic>.+)-(?P<number>\d+)-\d{20}\.snapshot")

log = logging.getLogger(__name__)


def base_of(folder: Path, partition: Partition) -> tuple[FeatureState, int] | None:
    """Give the state from which a replay of a partition begins, and its next offset.

    None if the archive is whole: then a replay begins with an empty state at its first offset.
    Raises `InputError` for a damaged base.
    """
    found = load_base(folder, partition)
    return None if found is None else state_of(found, folder)


def load_base(folder: Path, partition: Partition) -> Snapshot | None:
    """Read the base of a partition, whatever view it is of; None if there is none.

    Raises `InputError` for a damaged one: to go on without it would make old accounts look new.
    """
    paths = _paths(folder, partition)
    if not paths:
        return None
    try:
        content = paths[-1].read_bytes()
    except OSError as error:
        problem = f"this base of the archive cannot be read: {error.strerror}"
        raise InputError(problem, file=str(paths[-1])) from error
    return unpack_base(content, paths[-1])


def unpack_base(content: bytes, path: Path) -> Snapshot:
    """Read the content of a base; `InputError` if it is damaged."""
    try:
        return unpack(content)
    except Damaged as error:
        raise InputError(f"this base of the archive is damaged: {error}", file=str(path)) from error


def state_of(base: Snapshot, folder: Path) -> tuple[FeatureState, int] | None:
    """Give a base's state and its next offset; None, with a warning, if it is of another view."""
    header = base.header
    if header.fingerprint != VIEW.fingerprint:
        log.warning(
            "%s: the base of %s/%d is of another feature view; what was before the archive's first "
            "day is not known to a replay", folder, header.topic, header.partition,
        )  # fmt: skip
        return None
    return FeatureState.from_arrays(base.arrays), header.next_offset


def partitions_with_base(folder: Path) -> list[Partition]:
    """Name the partitions that have a base, in rising order."""
    return sorted(set(filter(None, map(base_partition, (folder / BASE).glob("*.snapshot")))))


def base_partition(path: Path) -> Partition | None:
    """Tell of which partition a file is a base by its name; None if it is none."""
    name = _NAME.fullmatch(path.name)
    if name is None or path.parent.name != BASE:
        return None
    return Partition(name["topic"], int(name["number"]))


def taken_out(folder: Path) -> bytes:
    """Name what was taken out of an archive so far: other bytes after each round of it."""
    erased = folder / ERASED
    parts = [erased.read_bytes() if erased.is_file() else b""]
    parts += sorted(path.name.encode() for path in (folder / BASE).glob("*.snapshot"))
    return b"\0".join(parts)


def fold(folder: Path, partition: Partition, upto: int, key: bytes) -> None:
    """Move the base of a partition on to the offset `upto`, reading what is between; durable."""
    state, since = base_of(folder, partition) or (FeatureState(), 0)
    if since >= upto:
        return
    for batch in _batches(folder, partition, since, upto, key):
        state.update(batch)
    save_base(folder, partition, upto, state.arrays())


def save_base(
    folder: Path,
    partition: Partition,
    next_offset: int,
    arrays: Mapping[str, NDArray[Any]],
    fingerprint: str = VIEW.fingerprint,
) -> None:
    """Keep a base and let older ones go; `ArchiveError` on a full disk, and nothing has changed."""
    header = Header(
        topic=partition.topic,
        partition=partition.number,
        next_offset=next_offset,
        fingerprint=fingerprint,
        model_version="",
        arrays={},
    )
    try:
        kept = SnapshotStore(folder / BASE).save(Snapshot(header, arrays))
        for path in _paths(folder, partition):
            if path.name != kept.name:
                path.unlink()
    except OSError as error:
        raise ArchiveError(f"{folder / BASE}: {error.strerror or error}") from error


def _paths(folder: Path, partition: Partition) -> list[Path]:
    name = f"{glob.escape(partition.topic)}-{partition.number}-{OFFSET}.snapshot"
    return sorted((folder / BASE).glob(name))


def _batches(
    folder: Path, partition: Partition, since: int, upto: int, key: bytes
) -> Iterable[EventBatch]:
    begin = {partition: since}
    for decoded in read_archive(folder, key=key, only=partition, since=begin, upto=upto):
        events = decoded.events
        early = events.events["offset"] < upto
        yield events if early.all() else events.where(early)
        if not early.all():
            return
