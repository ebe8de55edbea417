"""Erasure in the archive: rows of erased accounts go, and do not come back from the topic.

Accounts are kept as keyed hashes with the moment of their erasure. What occurred before it is taken
out of the files and left out of those written later; what occurs afterwards is an account's new
beginning, and stays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from streams.archive import archive_files, damaged, open_each, read_rows
from streams.archive_write import write_file, write_small
from streams.decode_spans import Spans
from streams.errors import InputError
from streams.hashing import hash_spans, hash_text, split_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from numpy.typing import NDArray

    from streams.archive import ArchiveFile, Opened

FILE: Final = "erased.json"
NEVER: Final = -(2**63)
"""Before which nothing occurred: the moment of those who were not erased."""


class Erasures(msgspec.Struct, frozen=True):
    """Who was erased: the hash of the account (decimal), and before when, in microseconds.

    `through` is the last erasure known of those that are numbered somewhere else, `carried_out` the
    last whose rows are gone from every file; `rounds` counts how often that was begun. `key` says,
    without telling it, with which key the accounts were hashed.
    """

    key: int
    through: int = 0
    before: dict[str, int] = {}
    carried_out: int = 0
    rounds: int = 0

    def extended(self, key: bytes, found: Iterable[tuple[str, datetime]], through: int) -> Erasures:
        """Give these and more: accounts with the moments of their erasure."""
        before = dict(self.before)
        for account, moment in found:
            name = str(hash_text(account, key))
            before[name] = max(before.get(name, 0), microseconds(moment))
        return msgspec.structs.replace(self, through=through, before=before)

    def knows(self, key: bytes, account: str, moment: datetime) -> bool:
        """Tell whether an erasure is among these."""
        return self.before.get(str(hash_text(account, key)), NEVER) >= microseconds(moment)


def microseconds(moment: datetime) -> int:
    """Give a moment as times are in events: microseconds since 1970."""
    return int(moment.timestamp() * 1_000_000)


def load_erasures(folder: Path, key: bytes) -> Erasures:
    """Read whom an archive must not hold; nobody if it was never told, or hashed with another key.

    Raises `InputError` for a list that cannot be read: an erasure must not be undone by damage.
    """
    path, check = folder / FILE, hash_text(FILE, key)
    if not path.exists():
        return Erasures(check)
    try:
        found = msgspec.json.decode(path.read_bytes(), type=Erasures)
    except (msgspec.MsgspecError, OSError) as error:
        raise InputError(f"this list of erased accounts is damaged: {error}", file=str(path)) from (
            error
        )
    return found if found.key == check else Erasures(check)


def save_erasures(folder: Path, erasures: Erasures) -> None:
    """Keep the list, durably."""
    write_small(folder / FILE, msgspec.json.encode(erasures))


def sift(table: pa.Table, erasures: Erasures, key: bytes) -> pa.Table:
    """Leave out what occurred on erased accounts before their erasure."""
    if not len(table) or not erasures.before:
        return table
    gone = _gone(table.column("account_id"), table.column("occurred_at"), erasures.before, key)
    return table.filter(pa.array(~gone)) if gone.any() else table


def erase_rows(folder: Path, erasures: Erasures, key: bytes) -> Iterator[tuple[ArchiveFile, int]]:
    """Take the rows out of the files that hold some; yields every file with how many.

    Call it inside `tidying` and `taking_out`. Files are replaced one by one, so it may be left and
    begun again. A file of which nothing remains stays, empty: its offsets were archived. A damaged
    one keeps no other from its turn; the first is raised at the end.
    """
    damage = []
    for file in archive_files(folder):
        try:
            gone = sum(_erase(one, erasures, key) for one, _ in open_each(folder, [file]))
        except InputError as error:
            damage.append(error)
        else:
            yield file, gone
    if damage:
        raise damage[0]


def _erase(file: Opened, erasures: Erasures, key: bytes) -> int:
    try:
        gone = _count(file, erasures.before, key)
    except (pa.ArrowException, OSError, ValueError, KeyError) as error:
        raise damaged(file.place, error) from error
    if gone:
        write_file(file.place.path, (sift(table, erasures, key) for table in read_rows(file)))
    return gone


def _count(file: Opened, before: Mapping[str, int], key: bytes) -> int:
    """Count the rows to go, reading the one or two columns that tell."""
    columns, rows = ["account_id", "occurred_at"], 0
    for group in range(file.parquet.num_row_groups):
        names = file.parquet.read_row_group(group, columns=columns[:1]).column(0)
        if np.isin(_hashes(pc.unique(names), key), _wanted(before)).any():
            table = file.parquet.read_row_group(group, columns=columns)
            rows += int(_gone(table.column(0), table.column(1), before, key).sum())
    return rows


def _wanted(before: Mapping[str, int]) -> NDArray[Any]:
    return np.array([int(name) for name in before], dtype=np.uint64)


def _gone(
    names: pa.ChunkedArray, times: pa.ChunkedArray, before: Mapping[str, int], key: bytes
) -> NDArray[Any]:
    coded = names.combine_chunks().dictionary_encode()
    hashes = _hashes(coded.dictionary, key)
    limits = np.array([before.get(str(one), NEVER) for one in hashes], dtype=np.int64)
    occurred: NDArray[np.int64] = times.cast(pa.int64()).to_numpy()
    gone: NDArray[np.bool_] = occurred < limits[coded.indices.to_numpy()]
    return gone


def _hashes(names: pa.Array, key: bytes) -> NDArray[Any]:
    if not len(names):
        return np.zeros(0, dtype=np.uint64)
    spans = Spans.of(names.cast(pa.large_string()))
    return hash_spans(*spans.parts, *split_key(key))
