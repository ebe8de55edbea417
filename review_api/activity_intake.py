"""Keeps what accounts did, in bulk.

A second arrival of an event changes nothing. What is written here decides nothing: it is for
reviewers to look at (`review_api.activity`), and forgotten in time (`review_api.activity_age`).
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from sqlalchemy import case, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite

from features.sightings import block_key
from review_api.activity_records import MODEL_LENGTH, AccountNetwork, ActivityEvent
from review_api.addresses import mask_address
from streams.vocabulary import EventType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray
    from sqlalchemy.orm import Session

    from review_api.addresses import AddressSeal
    from streams.named import NamedEvents

_NOWHERE: Final = -100
_DEGREES_AN_HOUR: Final = 15.0
_SEEN: Final = np.dtype(
    [("account", "u8"), ("ip", "u8"), ("block", "u8"), ("asn", "i8"), ("zone", "i2"),
     ("country", "u2"), ("kind", "u1")]
)  # fmt: skip

Row = dict[str, Any]


def note_activity(session: Session, named: NamedEvents, seal: AddressSeal) -> int:
    """Keep the events of types that this release knows; give how many came."""
    kept = np.flatnonzero(named.batch.events["type"] != EventType.OTHER)
    if not len(kept):
        return 0
    events, names = named.batch.events[kept], named.batch.account_ids[kept]
    words = {name: column[kept] for name, column in named.words.items()}
    networks, which = _networks(events, names, words["ip"])
    _keep_networks(session, networks, seal)
    insert = _insert(session)(ActivityEvent).on_conflict_do_nothing()
    hashes = [networks[place]["network"] for place in which]
    session.execute(insert, _event_rows(events, names, words, hashes))
    return len(kept)


def _event_rows(
    events: NDArray[Any],
    names: NDArray[Any],
    words: Mapping[str, NDArray[Any]],
    networks: list[int],
) -> list[Row]:
    columns: Mapping[str, Any] = {
        "account_id": names.tolist(),
        "t": events["t"].tolist(),
        "event": _signed(events["event"]),
        "session": _signed(events["session"]),
        "device": _signed(events["device"]),
        "network": networks,
        **{name: events[name].tolist() for name in ("type", "client", "media", "mode")},
        "units": np.nan_to_num(events["units"], posinf=0.0).tolist(),
        **{name: [_short(word) for word in words[name]] for name in ("model", "feature")},
    }
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _networks(
    events: NDArray[Any], names: NDArray[Any], addresses: NDArray[Any]
) -> tuple[list[Row], NDArray[np.int64]]:
    """Give every account's networks among these events, and which of them each event came by."""
    seen = np.zeros(len(events), dtype=_SEEN)
    for name in ("account", "ip", "block", "asn", "country"):
        seen[name] = events[name]
    seen["kind"] = events["network"]
    zone = np.round(events["lon"] / _DEGREES_AN_HOUR)
    seen["zone"] = np.where(np.isnan(zone), _NOWHERE, zone)
    found, first, which = np.unique(seen, return_index=True, return_inverse=True)
    earliest = np.full(len(found), np.iinfo(np.int64).max)
    latest = np.zeros(len(found), dtype=np.int64)
    np.minimum.at(earliest, which, events["t"])
    np.maximum.at(latest, which, events["t"])
    rows = [
        _network_row(one, names[at], addresses[at] or "", int(early), int(late))
        for one, at, early, late in zip(found, first, earliest, latest, strict=True)
    ]
    return rows, which


def _network_row(one: Any, account_id: str, address: str, first_t: int, last_t: int) -> Row:
    told = b"|".join(str(one[name]).encode() for name in _SEEN.names or () if name != "account")
    block = int(block_key(one["block"])) if one["block"] else 0
    return {
        "account_id": account_id,
        "network": int.from_bytes(hashlib.blake2b(told, digest_size=8).digest(), signed=True),
        "kind": int(one["kind"]),
        "country": int(one["country"]),
        "asn": int(one["asn"]),
        "zone": None if one["zone"] == _NOWHERE else int(one["zone"]),
        "block": _sign(block),
        "masked": mask_address(address),
        "sealed": address,
        "first_t": first_t,
        "last_t": last_t,
    }


def _keep_networks(session: Session, rows: list[Row], seal: AddressSeal) -> None:
    """Write networks down; only the addresses of new ones are sealed, which takes its time."""
    pairs = [(row["account_id"], row["network"]) for row in rows]
    key = tuple_(AccountNetwork.account_id, AccountNetwork.network)
    wanted = select(AccountNetwork.account_id, AccountNetwork.network).where(key.in_(pairs))
    sealed = {tuple(pair) for pair in session.execute(wanted.where(AccountNetwork.sealed != ""))}
    ready = [
        row | {"sealed": "" if pair in sealed else seal.seal(row["sealed"])}
        for row, pair in sorted(zip(rows, pairs, strict=True), key=lambda each: each[1])
    ]
    insert = _insert(session)(AccountNetwork)
    new, old = insert.excluded, AccountNetwork
    wider = insert.on_conflict_do_update(
        index_elements=["account_id", "network"],
        set_={
            "first_t": case((new.first_t < old.first_t, new.first_t), else_=old.first_t),
            "last_t": case((new.last_t > old.last_t, new.last_t), else_=old.last_t),
            "sealed": case((old.sealed == "", new.sealed), else_=old.sealed),
        },
    )
    session.execute(wider, ready)


def _insert(session: Session) -> Any:
    postgres = session.get_bind().dialect.name == "postgresql"
    return postgresql.insert if postgres else sqlite.insert


def _signed(hashes: NDArray[np.uint64]) -> list[int]:
    # No database has unsigned columns.
    numbers: list[int] = np.ascontiguousarray(hashes).view(np.int64).tolist()
    return numbers


def _sign(number: int) -> int:
    return number - 2**64 if number >= 2**63 else number


def _short(word: str | None) -> str | None:
    return word[:MODEL_LENGTH] if word else None
