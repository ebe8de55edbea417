"""Asks for a look at an account because of those it is linked to, and for nothing more.

The verdict goes through intake like any other and asks for no measure. An account that a person
has in hand already (a case open or upheld, a clearance in force) is left alone: its case shows its
links.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import exists, select

from access.accounts import lock_account
from access.models import Clearance
from detectors.association import Place, first_seen_together, linked_to_confirmed, verdict_of
from detectors.verdict import encode
from review_api.intake import Intake, intake
from review_api.link_models import AttributeMember
from review_api.links import attributes_of, links_of, standings
from review_api.models import Case, Decision
from review_api.vocabulary import CaseStatus, Choice

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy.orm import Session

    from detectors.association import Finding
    from review_api.policy import ReviewPolicy


def worth_a_look(session: Session, attribute_ids: Collection[str]) -> list[str]:
    """Name the accounts for which news of these attributes may mean something."""
    members: dict[str, list[AttributeMember]] = {}
    wanted = select(AttributeMember).where(AttributeMember.attribute_id.in_(attribute_ids))
    for member in session.scalars(wanted):
        if member.shared.attribute.weight > 0.0:
            members.setdefault(member.attribute_id, []).append(member)
    known = standings(session, {one.account_id for group in members.values() for one in group})
    found = set()
    for group in members.values():
        confirmed = any(known[one.account_id].confirmed for one in group if one.account_id in known)
        farmed = group[0].shared.attribute.farmed
        found |= {one.account_id for one in group if confirmed or (farmed and one.fresh)}
    return sorted(found)


def upheld_since(session: Session, decision_id: int) -> tuple[list[str], int]:
    """Name the accounts that share anything with one upheld after this decision; give the last."""
    rows = session.execute(
        select(Decision.id, Case.account_id)
        .join(Case, Decision.case_id == Case.id)
        .where(Decision.id > decision_id, Decision.choice == Choice.UPHOLD)
        .order_by(Decision.id)
    ).all()
    accounts = {link.account_id for _, account in rows for link in links_of(session, account)}
    return sorted(accounts), rows[-1][0] if rows else decision_id


def look_at(
    session: Session, account_id: str, topic: str, now: datetime, policy: ReviewPolicy
) -> Finding | None:
    """Open a case for review if the account's links call for one; give what was found anew."""
    members = attributes_of(session, account_id)
    if not members or _in_hand(session, account_id, now):
        return None
    finding = _finding(session, account_id, members)
    if finding is None:
        return None
    # Intake may have opened a case meanwhile, whose newest verdict must stay its own.
    lock_account(session, account_id, now)
    if _in_hand(session, account_id, now):
        return None
    last = max(members, key=lambda member: (member.seen_at, member.attribute_id))
    place = Place(topic, last.log_partition, last.log_offset, last.seen_at.isoformat())
    result = intake(session, encode(verdict_of(finding, account_id, place)), now, policy)
    return finding if result.intake is Intake.REVIEW else None


def _finding(session: Session, account_id: str, members: list[AttributeMember]) -> Finding | None:
    linked = [link.account_id for link in links_of(session, account_id) if link.strong]
    kinds = [known.kind for known in standings(session, linked).values() if known.confirmed]
    came = [member.shared.attribute for member in members if member.fresh]
    return linked_to_confirmed(kinds) or first_seen_together(came)


def _in_hand(session: Session, account_id: str, now: datetime) -> bool:
    """Tell whether a person looks at the account already, or has decided about it lately."""
    known = standings(session, [account_id]).get(account_id)
    if known is not None and known.status is not CaseStatus.RESTORED:
        return True
    cleared = exists().where(Clearance.account_id == account_id, Clearance.until > now)
    return bool(session.scalar(select(cleared)))
