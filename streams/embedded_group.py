"""Consumer groups of the embedded log: who reads which partition, over several processes.

A member is gone when the lock it holds on its own file is free, which the kernel sees to when its
process dies, or when its heartbeat has stopped for `expiry` seconds (a process that hangs).
"""

from __future__ import annotations

import fcntl
import json
from typing import IO, TYPE_CHECKING, Final

from streams.partitions import shares
from streams.raw import Partition
from streams.transport import FencedError

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from streams.clock import Clock
    from streams.embedded_store import LogStore

EXPIRY_SECONDS: Final = 45.0


class Membership:
    """One member of one group. A partition changes hands only when nobody holds it."""

    def __init__(
        self,
        store: LogStore,
        group: str,
        member: str,
        clock: Clock,
        expiry: float = EXPIRY_SECONDS,
    ) -> None:
        self._store, self._clock, self._expiry = store, clock, expiry
        self.group, self.member = group, member
        self._topics: frozenset[str] = frozenset()
        self._lock: IO[bytes] | None = None

    def join(self, topics: Collection[str]) -> None:
        """Become a member that reads these topics; partitions come with `settle`."""
        self._store.partitions(topics)
        self._topics = frozenset(topics)
        if self._lock is None:
            self._lock = self._lock_file(self.member).open("wb")
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with self._store.transaction():
            self._beat()

    def settle(self, held: Collection[Partition]) -> tuple[list[Partition], list[Partition]]:
        """Take what is ours and free, let go of what is not ours: (came, went)."""
        if not self._topics:
            return [], []
        gone, came, went, due = self._plan(held)
        if not (gone or came or went or due):
            return [], []
        with self._store.transaction():
            # Looked at again under the write lock: others may have moved in between.
            gone, came, went, _ = self._plan(held)
            for member in gone:
                self._forget(member)
            self._beat()
            self._store.db.executemany(
                "DELETE FROM owners WHERE name = ? AND topic = ? AND number = ? AND member = ?",
                [(self.group, part.topic, part.number, self.member) for part in went],
            )
            self._store.db.executemany(
                "INSERT OR REPLACE INTO owners VALUES (?, ?, ?, ?)",
                [(self.group, part.topic, part.number, self.member) for part in came],
            )
        for member in gone:
            # One that only hung still holds its lock, and needs the file when it wakes.
            if self._is_dead(member):
                self._lock_file(member).unlink(missing_ok=True)
        return came, went

    def check_owned(self, partitions: Collection[Partition]) -> None:
        """Raise `FencedError` unless all are ours; call it inside the transaction that commits."""
        owners = self._owners()
        for part in partitions:
            if owners.get((part.topic, part.number)) != self.member:
                raise FencedError(f"{part} of group {self.group} has another owner now")

    def leave(self) -> None:
        """Stop being a member; the partitions are free at once."""
        if self._lock is None:
            return
        with self._store.transaction():
            self._forget(self.member)
        self._topics = frozenset()
        self._lock.close()
        self._lock = None
        self._lock_file(self.member).unlink(missing_ok=True)

    def _plan(
        self, held: Collection[Partition]
    ) -> tuple[list[str], list[Partition], list[Partition], bool]:
        now = self._clock.now().timestamp()
        members = {
            str(member): (frozenset(json.loads(topics)), float(beat))
            for member, topics, beat in self._store.db.execute(
                "SELECT member, topics, beat FROM members WHERE name = ? ORDER BY member",
                (self.group,),
            ).fetchall()
        }
        gone = [name for name, (_, beat) in members.items() if self._is_gone(name, now - beat)]
        live = {name: topics for name, (topics, _) in members.items() if name not in gone}
        live[self.member] = self._topics
        owners = {place: owner for place, owner in self._owners().items() if owner in live}
        read = {topic for topics in live.values() for topic in topics}
        target = shares(live, self._store.partitions(read), owners)
        mine = {Partition(*place) for place, member in target.items() if member == self.member}
        owned = {Partition(*place) for place, member in owners.items() if member == self.member}
        taken = {Partition(*place) for place, member in owners.items() if member != self.member}
        # What we hold but no longer own was given away while we were thought dead.
        went = sorted(part for part in held if part not in mine or part not in owned)
        came = sorted(part for part in mine - taken if part not in held)
        silent = now - members[self.member][1] if self.member in members else self._expiry
        return gone, came, went, silent > self._expiry / 10

    def _is_gone(self, member: str, silent: float) -> bool:
        return member != self.member and (silent > self._expiry or self._is_dead(member))

    def _is_dead(self, member: str) -> bool:
        try:
            with self._lock_file(member).open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except FileNotFoundError:
            return True
        return True

    def _owners(self) -> dict[tuple[str, int], str]:
        rows = self._store.db.execute(
            "SELECT topic, number, member FROM owners WHERE name = ?", (self.group,)
        ).fetchall()
        return {(topic, number): member for topic, number, member in rows}

    def _beat(self) -> None:
        row = (self.group, self.member, json.dumps(sorted(self._topics)))
        self._store.db.execute(
            "INSERT OR REPLACE INTO members VALUES (?, ?, ?, ?)",
            (*row, self._clock.now().timestamp()),
        )

    def _forget(self, member: str) -> None:
        for table in ("members", "owners"):
            self._store.db.execute(
                f"DELETE FROM {table} WHERE name = ? AND member = ?",  # noqa: S608  fixed names
                (self.group, member),
            )

    def _lock_file(self, member: str) -> Path:
        return self._store.folder / f"member-{member}.lock"
