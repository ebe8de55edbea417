"""Writes down what a night found, once, and reads the nights again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from review_api.monitors.estimates import estimates
from review_api.monitors.records import NightFound
from review_api.monitors.reports import kept
from review_api.standing import take_turn

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from review_api.monitors.reports import NightReport


def record_night(session: Session, report: NightReport, now: datetime) -> NightFound:
    """Write down what a night found of one model version; a second time changes nothing.

    What the audits tell of the version is read here, as it is known `now`.
    """
    take_turn(session)
    known = session.get(NightFound, (report.night, report.model_version))
    if known is not None:
        return known
    row = NightFound(
        night=report.night,
        model_version=report.model_version,
        at=now,
        found=kept(report, estimates(session, report.model_version, now)),
    )
    session.add(row)
    session.flush()
    return row


def nights(session: Session, at_most: int, version: str | None = None) -> Sequence[NightFound]:
    """Give the newest reports, newest first: of one model version, or of all."""
    wanted = select(NightFound).order_by(NightFound.at.desc(), NightFound.model_version)
    if version is not None:
        wanted = wanted.where(NightFound.model_version == version)
    return session.scalars(wanted.limit(at_most)).all()
