"""Why a job may not run, in the customer's words: what happened, until when, and what works."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from access.periods import month_of, month_span
from access.vocabulary import DenialReason

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from access.admission import House
    from access.standings import Standing


def sentence_of(reason: DenialReason, standing: Standing, house: House) -> str:
    """Give the sentence that the platform may show the customer as it is."""
    zone = house.catalogue.zone
    match reason:
        case DenialReason.QUOTA_PAUSED:
            until = _day(retry_at(reason, standing, house), zone)
            return (
                "Your monthly quota is paused for a review by a person, "
                f"until {until} at the latest. Your credits work as always."
            )
        case DenialReason.QUOTA_MODE_OFF:
            return "You have switched quota mode off. Switch it on again, or use credits."
        case DenialReason.QUOTA_NOT_IN_PLAN:
            plan = standing.subscription.plan.title
            return f"The plan {plan} has no monthly quota for this model. Credits work with it."
        case DenialReason.QUOTA_USED_UP:
            fresh = _day(retry_at(reason, standing, house), zone)
            return (
                "What is left of this month's quota is less than this job costs. "
                f"It is refreshed on {fresh}; until then, credits work."
            )
        case DenialReason.CREDITS_SHORT:
            left = f"{standing.purse.balance(house.now).normalize():f}"
            return f"This job costs more than the {left} credits you have. A credit pack adds more."
        case DenialReason.TOO_MANY_JOBS:
            return "As many of your jobs as may run at once are at work. Try again when one ends."
        case _:
            assert_never(reason)


def retry_at(reason: DenialReason, standing: Standing, house: House) -> datetime | None:
    """Say when the same job may be admitted if only time passes; None if time does not tell."""
    match reason:
        case DenialReason.QUOTA_PAUSED:
            return standing.pause.until if standing.pause else None
        case DenialReason.QUOTA_USED_UP:
            zone = house.catalogue.zone
            return month_span(month_of(house.now, zone), zone).until
        case _:
            return None


def _day(at: datetime | None, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%-d %B %Y, %H:%M %Z}" if at else "further notice"
