"""Everything the page of one case shows, gathered at one moment; the template only lays it out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from access.reading import access_of
from detectors.evidence import BY_FEATURE
from review_api.cases import view_case
from review_api.checklist import CHECKLIST, Item
from review_api.console.caution import warning_of
from review_api.console.reading import next_case, other_cases
from review_api.console.thread import told
from review_api.outcomes import outcomes_of
from review_api.quality.inclusion import only_by_chance
from review_api.suppressions import standing_suppressions
from review_api.vocabulary import CaseStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from access.reading import Access
    from detectors.model import Origin
    from detectors.verdict import Benign, Verdict
    from review_api.cases import CaseView
    from review_api.console.thread import Told
    from review_api.models import Suppression
    from review_api.policy import ReviewPolicy
    from review_api.queue import QueueItem
    from review_api.vocabulary import Outcome


@dataclass(frozen=True, slots=True)
class Feature:
    """One number of the vector; `said` when it is among the reasons."""

    name: str
    group: str
    value: float | None
    said: bool


@dataclass(frozen=True, slots=True)
class CaseFile:
    """One case, what the account may use, and what surrounds the case."""

    view: CaseView
    access: Access
    thread: tuple[Told, ...]
    suppressions: tuple[Suppression, ...]
    others: tuple[QueueItem, ...]
    outcomes: Mapping[str, Outcome]
    next: QueueItem | None
    origin: Origin | None
    warning: str | None
    now: datetime
    blind: bool = False

    @property
    def verdict(self) -> Verdict:
        """The newest verdict: what the page explains in full."""
        return self.view.evidence[-1].verdict

    @property
    def features(self) -> list[Feature]:
        """The whole vector in its own order."""
        said = {reason.feature for reason in self.verdict.reasons}
        return [
            Feature(name, BY_FEATURE[name].group if name in BY_FEATURE else "context", value,
                    name in said)
            for name, value in self.verdict.features.items()
        ]  # fmt: skip

    @property
    def unknown(self) -> int:
        """How many numbers of the vector are unknown."""
        return sum(value is None for value in self.verdict.features.values())

    @property
    def silent_groups(self) -> list[str]:
        """The groups of evidence of which no figure at all is known."""
        known: dict[str, bool] = {}
        for feature in self.features:
            known[feature.group] = known.get(feature.group, False) or feature.value is not None
        return [group for group, any_known in known.items() if not any_known]

    @property
    def telling(self) -> list[Benign]:
        """The innocent explanations that could explain one of the observations."""
        return [one for one in self.verdict.benign if one.explains]

    @property
    def beside(self) -> list[Benign]:
        """The innocent explanations that could explain none of them."""
        return [one for one in self.verdict.benign if not one.explains]

    @property
    def checklist(self) -> tuple[Item, ...]:
        """What innocently looks like this case, and no figure tells."""
        return CHECKLIST[self.view.case.kind]

    @property
    def asks(self) -> bool:
        """Whether this case holds the speed ramp or has a challenge open."""
        asked = (self.access.speed_hold, self.access.challenge)
        return any(each and each.case_id == self.view.case.id for each in asked)

    @property
    def paused_elsewhere(self) -> str | None:
        """The other case that pauses the account, if one does."""
        pause = self.access.pause
        return pause.case_id if pause and pause.case_id != self.view.case.id else None


def open_file(
    session: Session,
    case_id: str,
    now: datetime,
    policy: ReviewPolicy,
    origin_of: Callable[[str], Origin | None],
) -> CaseFile:
    """Gather the file of a case, or raise `CaseNotFoundError`."""
    view = view_case(session, case_id, now)
    verdict = view.evidence[-1].verdict
    origin = origin_of(verdict.model_version)
    others = other_cases(session, view.case, now, policy)
    return CaseFile(
        view=view,
        access=access_of(session, view.case.account_id, now),
        thread=told(view.events, view.decisions),
        suppressions=standing_suppressions(session, view.case.account_id, now),
        others=others,
        outcomes=outcomes_of(session, [other.case_id for other in others]),
        next=None if view.status is CaseStatus.OPEN else next_case(session, now, policy),
        origin=origin,
        warning=warning_of(verdict, origin),
        now=now,
        # A verdict on an audit must not copy the machine's: the score comes after the decision.
        blind=view.status is CaseStatus.OPEN and only_by_chance(session, case_id),
    )
