"""Lets reviewers look at what a waiting candidate would do otherwise, and reads what they found.

A rehearsal asks nobody.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from detectors.gate.flips import Turn, sampled
from detectors.succession import leaves_the_line
from fairuse.progress import say
from fairuse.wiring import read_offers, review_policy
from review_api.flips import Sampled, flips_reviewed, send_flips
from review_api.strangest import send_strangest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session, sessionmaker

    from detectors.gate.check import Limits
    from detectors.gate.flips import FlipsReviewed
    from fairuse.retrain.judging import Found
    from fairuse.settings import Settings
    from review_api.policy import ReviewPolicy


@dataclass(frozen=True, slots=True)
class Reviewers:
    """The reviewers, as a night meets them: what they knew by `as_of`."""

    settings: Settings
    sessions: sessionmaker[Session]
    as_of: datetime

    def found(self, version: str) -> FlipsReviewed:
        """Give what they have found of a candidate's flips."""
        with self.sessions.begin() as session:
            return flips_reviewed(session, version, self.as_of)

    def ask(self, found: Sequence[Found], limits: Limits, now: datetime) -> None:
        """Ask about the model that is still in the line, if nothing but their look is missing."""
        if not found or leaves_the_line(found[-1].judged) or not found[-1].judged.gate.waits:
            return
        version = found[-1].judged.version
        drawn = [
            Sampled(flip.verdict, probability, flip.turn is Turn.RELEASED)
            for flip, probability in sampled(found[-1].weighed.value.flips, limits)
            if flip.verdict is not None
        ]
        with self.sessions.begin() as session:
            count = send_flips(session, version, drawn, now, self._policy())
        if count:
            say(f"{version}: reviewers are asked about {count} accounts it would treat otherwise")

    def trim(self, found: Sequence[Found], now: datetime) -> None:
        """Ask about the strangest of those that thresholds rest on and nobody has judged."""
        most = self.settings.calibration_cases
        if not found or not most:
            return
        said = [one.verdict for one in found[-1].weighed.value.strangest]
        with self.sessions.begin() as session:
            count = send_strangest(session, said, now, self._policy(), most)
        if count:
            say(f"reviewers are asked about {count} strange accounts that nobody has judged")

    def _policy(self) -> ReviewPolicy:
        return replace(review_policy(self.settings), catalogue=read_offers(self.settings))
