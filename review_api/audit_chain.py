"""The audit log as a chain of hashes: what is hashed, and how one link follows another.

A link is SHA-256 over the link before it and the entry's canonical bytes, the linear linking of
Haber and Stornetta, "How to time-stamp a digital document" (1991): who alters, removes or moves an
entry has to rewrite every link after it. Nothing here reads a database.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from review_api.records import AuditEntry

# What stands before the first link: no hash of anything.
START: Final = "0" * 64

FORMAT: Final = "fairuse audit entry 1"
"""Begins every entry's bytes; another way of writing them would get another name."""


@dataclass(frozen=True, slots=True)
class Head:
    """The newest link: how many entries are sealed, and the hash over them all, in hex."""

    n: int = 0
    hash: str = START


def canonical(entry: AuditEntry) -> bytes:
    """Write an entry as the one sequence of bytes that is hashed, the same on every database."""
    at = entry.at.astimezone(UTC).isoformat(timespec="microseconds")
    fields = (
        FORMAT,
        entry.id,
        at,
        entry.actor,
        entry.role.value,
        entry.action.value,
        entry.case_id,
        entry.detail,
    )
    return json.dumps(fields, ensure_ascii=True, separators=(",", ":")).encode()


def link(before: str, entry: AuditEntry) -> str:
    """Give the hash of the chain up to this entry, from the hash up to the one before it."""
    return hashlib.sha256(bytes.fromhex(before) + canonical(entry)).hexdigest()
