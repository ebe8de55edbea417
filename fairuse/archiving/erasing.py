"""Erasures of the database, carried out in the archive and in its bases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from sqlalchemy import select

from fairuse.archiving.base import BASE, partitions_with_base, save_base
from features.snapshots import SnapshotStore
from features.state import FeatureState
from features.view import VIEW
from review_api.erasure_records import Erasure
from streams.archive_compact import tidying
from streams.archive_erase import NEVER, erase_rows, load_erasures, save_erasures
from streams.hashing import hash_text

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from fairuse.settings import Settings
    from streams.archive_erase import Erasures
    from streams.raw import Partition

_OVERLAP: Final = 100
"""Erasures looked at again: one numbered earlier may have been committed later."""


@dataclass(frozen=True, slots=True)
class ErasedRows:
    """What went: rows of how many files, and accounts of bases. `erasures` are those known."""

    erasures: int
    files: int
    rows: int
    base_accounts: int


def erase_archived(settings: Settings, session: Session) -> ErasedRows:
    """Take out of the archive whoever was erased, however it was asked for.

    The list of the erased is durable first, so that whoever archives leaves them out from then on;
    a run that was killed is finished by the next. `ArchiveError` while another process tidies.
    """
    folder, key = settings.archive_dir, settings.hash_key
    if not folder.is_dir():
        return ErasedRows(0, 0, 0, 0)
    with tidying(folder):
        known = load_erasures(folder, key)
        erasures = _with_new(session, known, key)
        if erasures != known:
            save_erasures(folder, erasures)
        gone = [rows for _, rows in erase_rows(folder, erasures, key)]
        accounts = sum(
            _erase_base(folder, partition, erasures, key)
            for partition in partitions_with_base(folder)
        )
    return ErasedRows(len(erasures.before), len(gone), sum(gone), accounts)


def _with_new(session: Session, known: Erasures, key: bytes) -> Erasures:
    rows = session.execute(
        select(Erasure.id, Erasure.account_id, Erasure.begun_at)
        .where(Erasure.id > known.through - _OVERLAP)
        .order_by(Erasure.id)
    ).all()
    found = [(account, moment) for _, account, moment in rows]
    return known.extended(key, found, max([known.through, *(number for number, _, _ in rows)]))


def _erase_base(folder: Path, partition: Partition, erasures: Erasures, key: bytes) -> int:
    """Leave erased accounts out of a base; gives how many were in it."""
    store = SnapshotStore(folder / BASE)
    found = store.load(partition.topic, partition.number, VIEW.fingerprint)
    if found is None:
        return 0
    state = FeatureState.from_arrays(found.arrays)
    # An account that began after its erasure is a new beginning, and stays.
    before = [erasures.before.get(str(hash_text(name, key)), NEVER) for name in state.names]
    stays = state.column("first_t") >= np.array(before, dtype=np.int64)
    if stays.all():
        return 0
    arrays = state.arrays()
    names = [name.encode() for name, kept in zip(state.names, stays, strict=True) if kept]
    arrays["rows"] = arrays["rows"][stays]
    arrays["names"] = np.frombuffer(b"".join(names), dtype=np.uint8).copy()
    arrays["name_lengths"] = np.array([len(name) for name in names], dtype=np.int32)
    save_base(folder, partition, found.header.next_offset, arrays)
    return int(np.count_nonzero(~stays))
