"""Erasures of the database, carried out in the archive and in its bases.

The archive's worker looks for them: it is the one process that runs wherever there is an archive,
has its files at hand and does such chores between polls. A night would do them at most once a day,
and not at all on a platform that never retrains.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec
import numpy as np
from sqlalchemy import select

from fairuse.archiving.base import load_base, partitions_with_base, save_base
from fairuse.wiring import reading
from features.state import split_names
from review_api.erasure_records import Erasure
from streams.archive_erase import NEVER, erase_rows, load_erasures, save_erasures
from streams.archive_locks import give_way, listing, taking_out, tidying
from streams.hashing import hash_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from fairuse.settings import Settings
    from streams.archive_erase import Erasures
    from streams.raw import Partition

_OVERLAP: Final = 100
"""Erasures looked at again: one numbered earlier may have been committed later."""


class Asked(NamedTuple):
    """An erasure of the database: its number, whose, and when it was asked for."""

    number: int
    account: str
    at: datetime


@dataclass(slots=True)
class ErasedRows:
    """What went: rows of how many files, and accounts of bases. `erasures` are those known."""

    erasures: int = 0
    files: int = 0
    rows: int = 0
    base_accounts: int = 0


def erase_archived(settings: Settings, session: Session) -> ErasedRows:
    """Take out of the archive whoever was erased, however it was asked for, looking through all.

    A run that was killed is finished by the next. `ArchiveError` while a night reads or another
    process tidies.
    """
    folder, done = settings.archive_dir, ErasedRows()
    if folder.is_dir():
        asked = asked_for(session, load_erasures(folder, settings.hash_key))
        for _ in carrying_out(settings, asked, done):
            pass
    return done


def erasing(settings: Settings, now: datetime, tell: Callable[[float], None]) -> Iterator[None]:
    """Carry out the erasures that wait, a file a step; does nothing but look if none does.

    `tell` hears for how many seconds the oldest has waited. Raises as `erase_archived` and
    `wiring.reading` do.
    """
    folder, key = settings.archive_dir, settings.hash_key
    known = load_erasures(folder, key)
    with reading(settings) as session:
        found = asked_for(session, known)
    waiting = [
        one
        for one in found
        if one.number > known.carried_out or not known.knows(key, one.account, one.at)
    ]
    tell(max((max((now - one.at).total_seconds(), 0.0) for one in waiting), default=0.0))
    if waiting:
        yield from carrying_out(settings, waiting, ErasedRows())
        tell(0.0)


def asked_for(session: Session, known: Erasures) -> list[Asked]:
    """Read the erasures of which not all is known to be carried out."""
    since = min(known.carried_out, known.through - _OVERLAP)
    rows = session.execute(
        select(Erasure.id, Erasure.account_id, Erasure.begun_at)
        .where(Erasure.id > since)
        .order_by(Erasure.id)
    )
    return [Asked(*row) for row in rows]


def carrying_out(settings: Settings, asked: Sequence[Asked], done: ErasedRows) -> Iterator[None]:
    """Take everybody erased so far out, a file or a base a step, writing down in `done` what went.

    The list of the erased is durable first, so that whoever archives leaves them out from then on;
    that they were carried out is written when all are. Never while a night reads: its passes must
    find the same rows. `ArchiveError` then, and as soon as one waits; what is left is done next.
    """
    folder, key = settings.archive_dir, settings.hash_key
    with tidying(folder), taking_out(folder):
        with listing(folder, change=True):
            erasures = _listed(load_erasures(folder, key), asked, key)
            save_erasures(folder, erasures)
        done.erasures = len(erasures.before)
        for partition in partitions_with_base(folder):
            done.base_accounts += _erase_base(folder, partition, erasures, key)
            yield
            give_way(folder)
        for _, rows in erase_rows(folder, erasures, key):
            done.files += rows > 0
            done.rows += rows
            yield
            give_way(folder)
        save_erasures(folder, msgspec.structs.replace(erasures, carried_out=erasures.through))


def _listed(known: Erasures, asked: Sequence[Asked], key: bytes) -> Erasures:
    fresh = [one for one in asked if not known.knows(key, one.account, one.at)]
    numbers = [one.number for one in asked]
    listed = known.extended(
        key, [(one.account, one.at) for one in fresh], max([known.through, *numbers])
    )
    # One that was committed late has a number that seems to be carried out.
    carried_out = min([known.carried_out, *(one.number - 1 for one in fresh)])
    return msgspec.structs.replace(listed, carried_out=carried_out, rounds=known.rounds + 1)


def _erase_base(folder: Path, partition: Partition, erasures: Erasures, key: bytes) -> int:
    """Leave erased accounts out of a base, also one of another view; gives how many were in it."""
    found = load_base(folder, partition)
    if found is None:
        return 0
    arrays, header = dict(found.arrays), found.header
    names = split_names(arrays["names"], arrays["name_lengths"])
    # An account that began after its erasure is a new beginning, and stays.
    before = [erasures.before.get(str(hash_text(name, key)), NEVER) for name in names]
    stays = arrays["rows"]["first_t"] >= np.array(before, dtype=np.int64)
    if stays.all():
        return 0
    kept = [name.encode() for name, one in zip(names, stays, strict=True) if one]
    arrays["rows"] = arrays["rows"][stays]
    arrays["names"] = np.frombuffer(b"".join(kept), dtype=np.uint8).copy()
    arrays["name_lengths"] = np.array([len(name) for name in kept], dtype=np.int32)
    save_base(folder, partition, header.next_offset, arrays, header.fingerprint)
    return int(np.count_nonzero(~stays))
