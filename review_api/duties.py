"""The duties of a server: what has to happen though nobody asks for it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from review_api.alarms import Alarm
from review_api.claims import end_lapsed
from review_api.effects import settle_due
from review_api.keeper import Duty, Keeper
from review_api.kept_answers import forget_old_answers
from review_api.lapses import note_lapses
from review_api.monitors.promise import watch_promise
from review_api.retention import forget_old
from review_api.sealing import seal_due
from review_api.sweeps.carrying_out import sweep_some

if TYPE_CHECKING:
    from review_api.dependencies import Parts

SECOND: Final = timedelta(seconds=1)
MINUTE: Final = timedelta(minutes=1)


def keeper_of(parts: Parts) -> Keeper:
    """Give the keeper of a server made of these parts."""
    return Keeper(_duties(parts), parts.clock, parts.served.count_duty)


def _duties(parts: Parts) -> tuple[Duty, ...]:
    writers, clock, policy = parts.writers, parts.clock, parts.policy
    alarm = Alarm(parts.readers, clock, policy, parts.served.note_overdue)
    return (
        Duty("settle_decisions", SECOND, lambda: settle_due(writers, clock, policy)),
        Duty("go_on_with_sweeps", SECOND, lambda: sweep_some(writers, clock, policy)),
        Duty("end_claims", 5 * SECOND, lambda: end_lapsed(writers, clock)),
        Duty("note_lapses", 30 * SECOND, lambda: note_lapses(writers, clock)),
        Duty("seal_audit", SECOND, lambda: seal_due(writers)),
        Duty("forget_answers", 60 * MINUTE, lambda: forget_old_answers(writers, clock)),
        Duty("forget_old", MINUTE, lambda: forget_old(writers, clock, policy)),
        Duty("watch_promise", MINUTE, lambda: watch_promise(writers, clock, policy)),
        Duty("sound_alarm", MINUTE, alarm.sound),
    )
