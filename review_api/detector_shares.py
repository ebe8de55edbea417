"""How often each detector's pauses were wrong, counted anew whenever a decision is carried out.

The queue joins the newest count of each detector, so that one decision moves every case of that
detector at once and locks none of them.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, func, select

from review_api.demotion import judged
from review_api.detector_records import PauseCause
from review_api.queue_records import DetectorShare
from review_api.standing import detector_of, take_turn

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Subquery
    from sqlalchemy.orm import Session

    from review_api.standing import Detector

# The newest decided pauses of a detector that count: what it was years ago says little.
COUNTED: Final = 500
KEPT_FOR: Final = timedelta(days=1)


def note_share(session: Session, case_id: str, now: datetime) -> None:
    """Count anew for the detector that paused the case, if one did. Takes the breaker's turn."""
    cause = session.scalars(select(PauseCause).where(PauseCause.case_id == case_id)).one_or_none()
    if cause is None:
        return
    # Two decisions at once must not both miss what the other saw.
    take_turn(session)
    session.flush()
    count_share(session, detector_of(cause), now)


def count_share(session: Session, detector: Detector, now: datetime) -> None:
    """Write down the share of the detector's newest decided pauses that were wrong."""
    wrongful = judged(session, detector, None, COUNTED)
    share = DetectorShare(
        at=now,
        detector=detector.name,
        model_version=detector.model_version,
        wrong=sum(wrongful),
        judged=len(wrongful),
    )
    session.add(share)
    session.flush()
    ours = (
        DetectorShare.detector == detector.name,
        DetectorShare.model_version == detector.model_version,
    )
    standing = select(func.max(DetectorShare.id)).where(*ours, DetectorShare.at <= now - KEPT_FOR)
    session.execute(
        delete(DetectorShare).where(*ours, DetectorShare.id < standing.scalar_subquery()),
        execution_options={"synchronize_session": False},
    )


def newest_share(session: Session) -> int:
    """Give the number of the newest count of any detector; 0 while there is none."""
    return session.scalar(select(func.max(DetectorShare.id))) or 0


def shares_up_to(number: int) -> Subquery:
    """Give each detector's newest count of those up to a number, to be joined."""
    newest = (
        select(func.max(DetectorShare.id))
        .where(DetectorShare.id <= number)
        .group_by(DetectorShare.detector, DetectorShare.model_version)
    )
    return select(DetectorShare).where(DetectorShare.id.in_(newest)).subquery("shares")
