"""What an account did, as a reviewer looks at it: a bounded number of events, read by one index.

Finished jobs are left out, since each was asked for by an event that is there. Times are
microseconds since 1970; a session or a device that was not said is 0.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from sqlalchemy import func, select

from detectors.association import Shared
from review_api.activity_records import AccountNetwork, ActivityEvent
from review_api.link_models import SharedAttribute
from streams.vocabulary import NETWORKS, EventType

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy.orm import Session

DRAWN: Final = 5_000
"""Events of one page, the newest: more would be drawn over one another."""
COUNTED: Final = 100_000
"""How far is counted."""
NETWORKS_READ: Final = 200

_KINDS: Final = {code: word for word, code in NETWORKS.items()}
_WORD: Final = (1 << 64) - 1


class Act(NamedTuple):
    """One event; words of closed vocabularies as codes of `streams.vocabulary`."""

    t: int
    type: int
    session: int
    device: int
    network: int
    client: int
    media: int
    mode: int
    units: float
    model: str | None
    feature: str | None


@dataclass(frozen=True, slots=True)
class Network:
    """One address of the account; `accounts` were seen in its block, if that is known."""

    network: int
    kind: str
    country: str
    asn: int | None
    zone: int | None
    masked: str
    sealed: str
    first_t: int
    last_t: int
    accounts: int | None


@dataclass(frozen=True, slots=True)
class Extent:
    """When the account's first and last kept events were, and how many there are at least."""

    first: int
    last: int
    count: int

    @property
    def more(self) -> bool:
        """Whether there are more than were counted."""
        return self.count > COUNTED


@dataclass(frozen=True, slots=True)
class Activity:
    """Events of a stretch of time, oldest first; `cut` says that there are earlier ones in it."""

    acts: tuple[Act, ...]
    cut: bool
    networks: Mapping[int, Network]

    def of(self, *types: EventType) -> list[Act]:
        """Give the events of these types."""
        return [act for act in self.acts if act.type in types]

    @property
    def zone(self) -> int | None:
        """The hours east of Greenwich where most of the events came from, if anything says so."""
        zones = Counter(self._zones())
        return zones.most_common(1)[0][0] if zones else None

    def _zones(self) -> Iterable[int]:
        for act in self.acts:
            network = self.networks.get(act.network)
            if network is not None and network.zone is not None:
                yield network.zone


def extent_of(session: Session, account_id: str) -> Extent | None:
    """Say from when to when events of the account are kept; None if there are none."""
    mine = ActivityEvent.account_id == account_id
    first = session.scalar(select(func.min(ActivityEvent.t)).where(mine))
    if first is None:
        return None
    last = session.scalar(select(func.max(ActivityEvent.t)).where(mine)) or first
    some = select(ActivityEvent.t).where(mine).limit(COUNTED + 1).subquery()
    return Extent(first, last, session.scalar(select(func.count()).select_from(some)) or 0)


def read_activity(session: Session, account_id: str, since: int, until: int) -> Activity:
    """Read the newest events from `since` to `until`, both included, and the account's networks."""
    columns = [getattr(ActivityEvent, name) for name in Act._fields]
    wanted = (
        select(*columns)
        .where(
            ActivityEvent.account_id == account_id,
            ActivityEvent.t.between(since, until),
            ActivityEvent.type != int(EventType.GENERATION_COMPLETED),
        )
        .order_by(ActivityEvent.t.desc())
        .limit(DRAWN + 1)
    )
    newest = [Act._make(row) for row in session.execute(wanted)]
    acts = tuple(reversed(newest[:DRAWN]))
    return Activity(acts, len(newest) > DRAWN, _networks(session, account_id))


def _networks(session: Session, account_id: str) -> dict[int, Network]:
    wanted = (
        select(AccountNetwork)
        .where(AccountNetwork.account_id == account_id)
        .order_by(AccountNetwork.last_t.desc())
        .limit(NETWORKS_READ)
    )
    rows = session.scalars(wanted).all()
    names = {row.network: _attribute(row) for row in rows if row.block}
    degrees = select(SharedAttribute.id, SharedAttribute.degree).where(
        SharedAttribute.id.in_(set(names.values()))
    )
    known = {row.id: row.degree for row in session.execute(degrees)}
    return {row.network: _network(row, known.get(names.get(row.network, ""))) for row in rows}


def _attribute(row: AccountNetwork) -> str:
    return f"{Shared.NETWORK_BLOCK}:{row.block & _WORD:016x}"


def _network(row: AccountNetwork, accounts: int | None) -> Network:
    high, low = divmod(row.country, 256)
    return Network(
        network=row.network,
        kind=_KINDS.get(row.kind, ""),
        country=chr(high) + chr(low) if row.country else "",
        asn=None if row.asn < 0 else row.asn,
        zone=row.zone,
        masked=row.masked,
        sealed=row.sealed,
        first_t=row.first_t,
        last_t=row.last_t,
        accounts=accounts,
    )
