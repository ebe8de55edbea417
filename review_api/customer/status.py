"""What a customer's status page says, gathered in one place: their own affairs and nothing else.

Only the words written for the customer pass through here. Of a case the page knows its short
reference and whether a person has looked at it: no kind, score, detector or evidence.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from access import quota
from access.periods import month_of, month_span
from access.reading import access_of
from access.standings import read_standings
from review_api.models import Case
from review_api.references import reference_of
from review_api.threads import settled_status
from review_api.vocabulary import CaseStatus

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from sqlalchemy.orm import Session

    from access.plans import Catalogue
    from access.reading import Access, Asked, Pause
    from access.standings import Standing


# A decision shows once it is carried out; an appeal leaves it standing until it is answered.
_CONFIRMED: Final = frozenset({CaseStatus.UPHELD, CaseStatus.APPEALED})


@dataclass(frozen=True, slots=True)
class PoolLeft:
    """What is left of one monthly quota; `share` is of the month's units, from 0 to 1."""

    name: str
    left: Decimal
    units: Decimal

    @property
    def share(self) -> float:
        """Which part is left."""
        return float(self.left / self.units) if self.units else 0.0


@dataclass(frozen=True, slots=True)
class Status:
    """What the page shows. `confirmed` is whether a person has upheld the pause."""

    pause: Pause | None
    speed_hold: Asked | None
    challenge: Asked | None
    reference: str | None
    confirmed: bool
    standing: Standing
    credits: Decimal
    pools: tuple[PoolLeft, ...]
    refreshes_at: datetime


def read_status(session: Session, account_id: str, catalogue: Catalogue, now: datetime) -> Status:
    """Read the account's status at `now`; one never heard of may use everything."""
    access = access_of(session, account_id, now)
    standing = read_standings(session, [account_id], catalogue, now)[account_id]
    case_id = _case_of(access)
    return Status(
        pause=access.pause,
        speed_hold=access.speed_hold,
        challenge=access.challenge,
        reference=reference_of(case_id) if case_id else None,
        confirmed=access.pause is not None and _upheld(session, access.pause.case_id),
        standing=standing,
        credits=standing.purse.balance(now),
        pools=_pools(standing),
        refreshes_at=month_span(month_of(now, catalogue.zone), catalogue.zone).until,
    )


def _case_of(access: Access) -> str | None:
    """Name the case to write about: the pause's, or that of what is asked meanwhile."""
    asked = access.pause or access.challenge or access.speed_hold
    return asked.case_id if asked else None


def _upheld(session: Session, case_id: str) -> bool:
    case = session.get(Case, case_id)
    return case is not None and settled_status(case) in _CONFIRMED


def _pools(standing: Standing) -> tuple[PoolLeft, ...]:
    share = standing.make_good
    return tuple(
        PoolLeft(
            pool.name,
            quota.left(pool, standing.usage, share),
            quota.allowance(pool, share),
        )
        for pool in standing.subscription.plan.pools
    )
