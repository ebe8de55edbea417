"""What the tests of the monitors share: a house without a breaker, and audits by the dozen."""

from __future__ import annotations

import pytest

from detectors.verdict import Action, Kind
from review_api.policy import BreakerPolicy, ReviewPolicy
from review_api.vocabulary import Choice
from tests.house import House
from tests.verdicts import MONDAY, payload

LOOSE = ReviewPolicy(breaker=BreakerPolicy(10_000, 10_000, 10_000, 10_000, 10_000, 1.0))


class AuditedHouse(House):
    """A house whose accounts are audited, paused and judged in one go."""

    def audit(self, number, now=MONDAY, *, paused=False, honest=True, drawn=0.25, **more):
        """Audit an account, pause it first if wanted, and decide; None leaves it undecided."""
        account, kind = f"acc_{number}", more.pop("kind", Kind.AUTOMATION)
        if paused:
            self.take(payload(account, kind=kind, offset=2 * number, **more), now)
        look = payload(account, kind=kind, action=Action.REVIEW, audit=drawn,
                       offset=2 * number + 1, **more)  # fmt: skip
        case_id = self.take(look, now).case_id
        if honest is not None:
            self.decide(case_id, Choice.RESTORE if honest else Choice.UPHOLD, now)
        return case_id


@pytest.fixture
def house(database):
    return AuditedHouse(database, LOOSE)
