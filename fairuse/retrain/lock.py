"""Two nights never run at once, on one machine or on several.

A file beside the registry is locked for the run, and where the database is PostgreSQL an advisory
lock on a connection of its own as well, because machines may share the one without the other. Both
locks are the kernel's or the server's: they end with their owner, however it ends.
"""

from __future__ import annotations

import os
import socket
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec
from filelock import FileLock, Timeout
from sqlalchemy import text

from access.locks import AdvisoryLock
from fairuse.errors import ProgramError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy.engine import Connection, Engine

    from streams.clock import Clock

LOCK: Final = ".retrain.lock"
OWNER: Final = ".retrain.owner.json"
NAME: Final = "fairuse retrain"

_ALIVE: Final = (
    # A machine that vanished lets go after a minute, not after the two hours of TCP's own patience.
    "SET tcp_keepalives_idle = 20",
    "SET tcp_keepalives_interval = 10",
    "SET tcp_keepalives_count = 4",
    "SET idle_session_timeout = 0",
)
_TAKE: Final = text("SELECT pg_try_advisory_lock(:lock)")
_HELD: Final = text(
    "SELECT activity.application_name, activity.backend_start FROM pg_locks AS held"
    " JOIN pg_stat_activity AS activity ON activity.pid = held.pid"
    " WHERE held.locktype = 'advisory' AND held.granted AND held.classid = 0"
    " AND held.objid = :lock AND held.database ="
    " (SELECT oid FROM pg_database WHERE datname = current_database())"
)
_MINE: Final = text(
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = 0"
    " AND objid = :lock AND pid = pg_backend_pid()"
)


class NightIsRunning(ProgramError):  # noqa: N818 - names what happened
    """Another night holds the lock: try again later, nothing was done."""


class LockLost(ProgramError):  # noqa: N818 - names what happened
    """The database let go of this night's lock: another may have begun, so this one ends."""


class Owner(msgspec.Struct, frozen=True, kw_only=True):
    """Who holds the lock, and since when."""

    who: str
    since: str


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock that is held; `connection` is that of the advisory lock, if there is one."""

    connection: Connection | None = None

    def require(self) -> None:
        """Raise `LockLost` if the database has let go of it meanwhile."""
        if self.connection is None:
            return
        try:
            mine = self.connection.execute(_MINE, {"lock": AdvisoryLock.NIGHT.value}).scalar_one()
        except Exception as error:  # whatever broke the connection, the lock went with it
            raise LockLost(f"the lock of the night was lost: {error}") from error
        if not mine:
            raise LockLost("the lock of the night was lost: the database no longer knows of it")


@contextmanager
def held(registry: Path, engine: Engine, clock: Clock) -> Iterator[Lock]:
    """Hold the lock for the block; raises `NightIsRunning` saying who holds it, and since when."""
    with ExitStack() as stack:
        stack.enter_context(_file(registry, clock))
        if engine.dialect.name != "postgresql":
            yield Lock()
            return
        yield Lock(stack.enter_context(_advisory(engine)))


@contextmanager
def _file(registry: Path, clock: Clock) -> Iterator[None]:
    registry.mkdir(parents=True, exist_ok=True)
    lock = FileLock(registry / LOCK, timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise NightIsRunning(f"another night is running: {_owner(registry)}") from error
    try:
        owner = Owner(who=_me(), since=clock.now().isoformat(timespec="seconds"))
        (registry / OWNER).write_bytes(msgspec.json.encode(owner))
        yield
    finally:
        lock.release()


def _owner(registry: Path) -> str:
    try:
        owner = msgspec.json.decode((registry / OWNER).read_bytes(), type=Owner)
    except (OSError, msgspec.MsgspecError):
        return f"whoever holds {registry / LOCK} has not said who it is"
    return f"{owner.who} holds {registry / LOCK} since {owner.since}"


@contextmanager
def _advisory(engine: Engine) -> Iterator[Connection]:
    alone = engine.execution_options(isolation_level="AUTOCOMMIT")
    with alone.connect() as connection:
        # Never handed back to the pool: closing it is what ends the lock.
        connection.detach()
        for statement in _ALIVE:
            connection.execute(text(statement))
        connection.execute(
            text("SELECT set_config('application_name', :name, false)"),
            {"name": f"{NAME} {_me()}"[:63]},
        )
        if not connection.execute(_TAKE, {"lock": AdvisoryLock.NIGHT.value}).scalar_one():
            raise NightIsRunning(f"another night is running: {_holder(connection)}")
        yield connection


def _holder(connection: Connection) -> str:
    found = connection.execute(_HELD, {"lock": AdvisoryLock.NIGHT.value}).first()
    if found is None:
        return "it ended just now, try again"
    name, since = found
    return f"{name or 'somebody'} holds the database's lock since {since.isoformat()}"


def _me() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"
