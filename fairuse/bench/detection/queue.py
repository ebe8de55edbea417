"""What reviewers would see: forty cases a day, of accounts among which few are abusive.

Verdicts of a month open cases; each day the reviewers take the strangest that wait. Forty a day are
meant for 30,000 accounts, and fewer accounts bring fewer reviewers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from detectors.evaluation import Share
from fairuse.bench.detection.population import DAYS, START

if TYPE_CHECKING:
    from collections.abc import Iterable

    from detectors.verdict import Verdict
    from fairuse.bench.detection.simulated import Measured

PREVALENCE: Final = 0.015
CASES: Final = 40.0
ACCOUNTS: Final = 30_000
DAY: Final = np.timedelta64(1, "D")


@dataclass(frozen=True, slots=True)
class Reviewed:
    """The cases that were taken: how many were abusive, of how many abusers in all."""

    precision: Share
    found: Share


def review(measured: Measured) -> Reviewed:
    """Let reviewers work through the month of the held-out accounts and a few of each family."""
    honest = measured.honest
    accounts = len(honest.log.names)
    each = max(round(PREVALENCE * accounts / len(measured.caught)), 1)
    abusive: set[str] = set()
    verdicts = list(honest.verdicts)
    for caught in measured.caught.values():
        chosen = set(np.array(caught.log.names, dtype=object)[caught.log.kept][:each].tolist())
        abusive |= chosen
        verdicts += [verdict for verdict in caught.verdicts if verdict.account_id in chosen]
    capacity = CASES * (accounts + len(abusive)) / ACCOUNTS
    reviewed = taken(verdicts, capacity)
    hits = len(reviewed & abusive)
    return Reviewed(Share(hits, len(reviewed)), Share(hits, len(abusive)))


def taken(verdicts: Iterable[Verdict], capacity: float) -> set[str]:
    """Give the accounts whose cases are taken, the strangest of those waiting first, day by day."""
    start = np.datetime64(START.replace(tzinfo=None))
    opened: dict[int, list[Verdict]] = {}
    for verdict in verdicts:
        day = int((np.datetime64(verdict.occurred_at.rstrip("Z")) - start) / DAY)
        opened.setdefault(day, []).append(verdict)
    waiting: dict[str, float] = {}
    done: set[str] = set()
    room = 0.0
    for day in range(int(DAYS)):
        for verdict in opened.get(day, []):
            if verdict.account_id not in done:
                waiting[verdict.account_id] = verdict.abuse
        room += capacity
        for account in sorted(waiting, key=waiting.__getitem__, reverse=True)[: int(room)]:
            done.add(account)
            del waiting[account]
            room -= 1
        room = min(room, capacity + 1)  # an idle day is not made up for
    return done
