"""The honest personas: what sets each kind of person apart.

These are centres, not fates: every account draws its own rate, pace, rhythm and manners around
them, and people of one persona differ more from each other than personas do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from streams.simulator.quantiles import COMMENT_LOG_RATE, GENERATION_LOG_RATE

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Habits:
    """How one kind of person uses the platform."""

    log_rate: tuple[float, ...] = COMMENT_LOG_RATE  # gestures that ask for work, a day
    rate_shift: float = 0.0  # in standard deviations of that population
    sitting: float = 4.5  # median gestures in a sitting
    bedtime: float = 4.0  # middle of the night, local hour
    spread: float = 1.0  # how far gaps stray from their median; small = regular
    again: float = 0.25  # share of gestures that re-submit the same prompt and settings
    batch: float = 0.0  # share of gestures that use the official batch feature
    variations: float = 0.12  # share that ask for official variations
    video: float = 0.3  # share of jobs that are not images
    devices: int = 2  # at most
    phone: float = 0.4  # share of sittings on a hand-held device
    both: float = 0.02  # share of sittings held on two devices at once
    share_address: str = ""  # home, office, vpn, carrier or school: where strangers share one
    trips: int = 0  # journeys a month, at most
    contests: int = 0  # days of frenzy a month, at most
    shifts: float = 0.0  # hours by which the night moves each week, in turns of three
    sleepless: bool = False  # no hour of the day is quiet
    lessons: bool = False  # mostly on weekday mornings, when the whole class does
    pointer: float = 14.0  # pointer gestures for one request
    keys: float = 25.0
    relogin: float = 0.14  # share of sittings that begin with a new login
    mistyped: float = 0.06  # failed logins for one login
    paid: float = 0.75  # share of accounts that pay


HONEST: Final[Mapping[str, Habits]] = {
    "casual": Habits(paid=0.6),
    "power_user": Habits(
        log_rate=GENERATION_LOG_RATE,
        rate_shift=-0.2,
        sitting=8.0,
        again=0.5,
        variations=0.2,
        devices=3,
        both=0.06,
        paid=1.0,
    ),
    "night_owl": Habits(rate_shift=0.5, bedtime=11.0, sitting=6.0),
    "traveller": Habits(rate_shift=0.3, trips=4, phone=0.6, devices=3),
    "vpn_user": Habits(rate_shift=0.3, share_address="vpn", phone=0.2),
    "family_member": Habits(share_address="home"),
    "office_worker": Habits(share_address="office", rate_shift=0.5, phone=0.1, sitting=6.0),
    "two_devices": Habits(rate_shift=0.6, phone=0.5, both=0.5, sitting=7.0, devices=2),
    "batch_user": Habits(rate_shift=0.2, batch=0.6, video=0.15, phone=0.05, paid=1.0),
    "contest_entrant": Habits(rate_shift=0.3, contests=4, sitting=9.0, again=0.4),
    "accessibility_user": Habits(
        rate_shift=0.3, spread=0.35, pointer=0.0, keys=9.0, devices=1, phone=0.0, sitting=7.0
    ),
    "shift_worker": Habits(rate_shift=0.4, shifts=8.0, sitting=6.0),
    "insomniac": Habits(rate_shift=0.8, sleepless=True, sitting=6.0, again=0.35),
    "carrier_user": Habits(share_address="carrier", rate_shift=0.2, phone=0.8),
    "classroom_pupil": Habits(
        share_address="school", lessons=True, sitting=8.0, devices=1, phone=0.0, variations=0.05
    ),
    "macro_keyboard": Habits(
        rate_shift=0.6, spread=0.4, again=0.7, pointer=1.5, keys=60.0, sitting=9.0, phone=0.0
    ),
    "travelling_vpn": Habits(
        rate_shift=0.4, trips=4, share_address="vpn", phone=0.4, devices=3, relogin=0.5
    ),
}
