"""Linked accounts in the database: noting what was seen, reading who is linked, forgetting it.

Noting the same sighting twice changes nothing. What a link is worth is for `detectors.association`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, select
from sqlalchemy.orm import selectinload

from detectors.association import SHARED, STRONG, Attribute, strength
from review_api.link_models import AttributeMember, SharedAttribute
from review_api.models import Case
from review_api.threads import status_of
from review_api.vocabulary import CaseStatus

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from sqlalchemy.orm import Session

    from detectors.verdict import Kind
    from features.links import Sighting

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LOOKED_AT: Final = 500
"""Attributes of one account that are followed, the newest first: it may have any number."""


@dataclass(frozen=True, slots=True)
class Linked:
    """Another account, what it shares with the first, and how strongly that links them."""

    account_id: str
    shared: tuple[Attribute, ...]
    strength: float

    @property
    def strong(self) -> bool:
        """Whether the two count as linked."""
        return self.strength >= STRONG


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the cases of an account stand, taken together; `kind` is that of the telling case."""

    status: CaseStatus
    kind: Kind
    case_id: str

    @property
    def confirmed(self) -> bool:
        """Whether a person found that the account broke the rules."""
        return self.status is CaseStatus.UPHELD


def note_sightings(session: Session, sightings: Iterable[Sighting], now: datetime) -> set[str]:
    """Write down who was seen with what; give the ids of the attributes concerned."""
    touched = set()
    for sighting in sightings:
        name = f"{SHARED[sighting.kind]}:{sighting.key:016x}"
        attribute = session.get(SharedAttribute, name) or _new(session, name, sighting, now)
        attribute.degree = max(attribute.degree, sighting.degree)
        attribute.burst = max(attribute.burst, sighting.burst)
        attribute.networks |= sighting.networks
        attribute.told_at = now
        if session.get(AttributeMember, (name, sighting.account_id)) is None:
            session.add(_member(name, sighting))
        touched.add(name)
    session.flush()
    return touched


def attributes_of(session: Session, account_id: str) -> list[AttributeMember]:
    """Give what the account shares with others, the newest first."""
    wanted = (
        select(AttributeMember)
        .join(SharedAttribute)
        .where(AttributeMember.account_id == account_id)
        .order_by(SharedAttribute.told_at.desc(), SharedAttribute.id)
        .limit(_LOOKED_AT)
    )
    return list(session.scalars(wanted))


def links_of(session: Session, account_id: str) -> list[Linked]:
    """Give the accounts that share something of weight with this one, the strongest link first."""
    ours = {member.attribute_id: member.shared.attribute
            for member in attributes_of(session, account_id)}  # fmt: skip
    telling = [name for name, attribute in ours.items() if attribute.weight > 0.0]
    others = select(AttributeMember.account_id, AttributeMember.attribute_id).where(
        AttributeMember.attribute_id.in_(telling), AttributeMember.account_id != account_id
    )
    shared: dict[str, list[Attribute]] = {}
    for other, name in session.execute(others.order_by(AttributeMember.attribute_id)):
        shared.setdefault(other, []).append(ours[name])
    links = [Linked(other, tuple(found), strength(found)) for other, found in shared.items()]
    return sorted(links, key=lambda link: (-link.strength, link.account_id))


def standings(session: Session, account_ids: Collection[str]) -> dict[str, Standing]:
    """Give where the cases of these accounts stand: upheld outweighs open, open restored."""
    rank = (
        CaseStatus.RESTORED,
        CaseStatus.CONVERTED,
        CaseStatus.OPEN,
        CaseStatus.APPEALED,
        CaseStatus.UPHELD,
    )
    found: dict[str, Standing] = {}
    wanted = select(Case).where(Case.account_id.in_(account_ids))
    wanted = wanted.options(selectinload(Case.events))
    for case in session.scalars(wanted.order_by(Case.opened_at, Case.id)):
        standing = Standing(status_of(case), case.kind, case.id)
        known = found.get(case.account_id)
        if known is None or rank.index(standing.status) >= rank.index(known.status):
            found[case.account_id] = standing
    return found


def forget_links(session: Session, before: datetime) -> None:
    """Delete what nobody told of since `before`."""
    old = select(SharedAttribute.id).where(SharedAttribute.told_at < before)
    session.execute(delete(AttributeMember).where(AttributeMember.attribute_id.in_(old)))
    session.execute(delete(SharedAttribute).where(SharedAttribute.told_at < before))


def _new(session: Session, name: str, sighting: Sighting, now: datetime) -> SharedAttribute:
    attribute = SharedAttribute(
        id=name,
        shared=SHARED[sighting.kind],
        degree=sighting.degree,
        networks=sighting.networks,
        burst=sighting.burst,
        told_at=now,
    )
    session.add(attribute)
    return attribute


def _member(name: str, sighting: Sighting) -> AttributeMember:
    return AttributeMember(
        attribute_id=name,
        account_id=sighting.account_id,
        fresh=sighting.fresh,
        seen_at=_EPOCH + timedelta(microseconds=sighting.t),
        log_partition=sighting.partition,
        log_offset=sighting.offset,
    )
