"""What a case page shows of what its account did: charts of one stretch of time, and tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from detectors.verdict import Action
from review_api.activity import DRAWN, extent_of, read_activity
from review_api.activity_age import microseconds
from review_api.console.charts.actogram import draw_actogram, zone_words
from review_api.console.charts.devices import draw_devices
from review_api.console.charts.drawing import DAY, at
from review_api.console.charts.gaps import draw_gaps
from review_api.console.charts.networks import SHOWN, SHOWN_OPENED, list_jobs, list_networks
from review_api.console.charts.timeline import Mark, draw_timeline
from review_api.console.looking import SPAN_WORDS, Part, Span, look_of
from review_api.console.visitors import console_of
from review_api.vocabulary import AuditAction, CaseEventKind
from streams.vocabulary import EventType

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from review_api.activity import Extent
    from review_api.console.casefile import CaseFile
    from review_api.console.charts.drawing import Chart, Table
    from review_api.console.charts.networks import NetworkTable
    from review_api.console.looking import Look
    from review_api.console.visitors import Visit

_MARKED: Final = frozenset(
    {
        CaseEventKind.PAUSED,
        CaseEventKind.MEASURE_TAKEN,
        CaseEventKind.CHALLENGE_ANSWERED,
        CaseEventKind.LEASE_LAPSED,
        CaseEventKind.DECIDED,
        CaseEventKind.UNDONE,
        CaseEventKind.REOPENED,
        CaseEventKind.EXTENDED,
        CaseEventKind.APPEALED,
        CaseEventKind.APPEAL_DECIDED,
    }
)
_MOST_MARKS: Final = 40
_ROOM: Final = 0.1
"""How much of its length the axis grows to show what the case did after the last event."""


@dataclass(frozen=True, slots=True)
class Unmasking:
    """That addresses were asked for: why, what is wrong with that, whether they are shown."""

    reason: str = ""
    fault: str = ""
    granted: bool = False


@dataclass(frozen=True, slots=True)
class MarkLine:
    """One mark of the case in words; `drawn` if it lies on the axis."""

    number: int
    at: datetime
    words: str
    drawn: bool


@dataclass(frozen=True, slots=True)
class Drawn:
    """The charts of one stretch of time."""

    since: datetime
    until: datetime
    events: int
    cut: bool
    timeline: Chart
    marks: tuple[MarkLine, ...]
    actogram: Chart
    zone: str
    zone_known: bool
    gaps: Chart | None
    devices: Chart
    networks: NetworkTable
    jobs: Table


@dataclass(frozen=True, slots=True)
class ActivityPart:
    """The part of the page; `drawn` is None when nothing is kept of the account."""

    look: Look
    extent: Extent | None
    drawn: Drawn | None
    unmasking: Unmasking
    spans: Mapping[Span, str] = field(default_factory=lambda: SPAN_WORDS)
    most: int = DRAWN

    def opens(self, part: str) -> bool:
        """Whether a table is open."""
        return Part(part) in self.look.opened

    def link(self, part: str) -> str:
        """Give the address that opens or closes a table."""
        return self.look.link(part=Part(part))


def activity_part(visit: Visit, file: CaseFile, unmasking: Unmasking | None = None) -> ActivityPart:
    """Read and draw what the account did, and write down which evidence was opened."""
    look = look_of(visit.request.query_params)
    if look.said:
        case_id = file.view.case.id
        visit.note(AuditAction.EVIDENCE_OPENED, case_id=case_id, detail=look.said)
    extent = extent_of(visit.session, file.view.case.account_id)
    unmasking = unmasking or Unmasking()
    drawn = _draw(visit, file, look, extent, unmasking) if extent else None
    return ActivityPart(look, extent, drawn, unmasking)


def _draw(visit: Visit, file: CaseFile, look: Look, extent: Extent, unmasking: Unmasking) -> Drawn:
    marks = _marks(file)
    since, until = look.window(extent.first, extent.last, _verdict_time(file))
    activity = read_activity(visit.session, file.view.case.account_id, since, until)
    if activity.cut:
        since = activity.acts[0].t
    until = _with_room(since, until, marks)
    jobs = [act.t for act in activity.of(EventType.GENERATION_REQUESTED)]
    zone = activity.zone
    opened = SHOWN_OPENED if Part.NETWORKS in look.opened else SHOWN
    return Drawn(
        since=at(since),
        until=at(until),
        events=len(activity.acts),
        cut=activity.cut,
        timeline=draw_timeline(activity.acts, marks, since, until),
        marks=tuple(
            MarkLine(mark.number, at(mark.t), mark.words, since <= mark.t <= until)
            for mark in marks
        ),
        actogram=draw_actogram(jobs, zone),
        zone=zone_words(zone),
        zone_known=zone is not None,
        gaps=draw_gaps(jobs),
        devices=draw_devices(activity.acts, since, until),
        networks=list_networks(activity, _reader(visit, unmasking), opened),
        jobs=list_jobs(activity.acts),
    )


def _reader(visit: Visit, unmasking: Unmasking) -> Callable[[str, str], str]:
    seal = console_of(visit.request).addresses

    def address(masked: str, sealed: str) -> str:
        return (seal.open(sealed) if unmasking.granted else None) or masked

    return address


def _marks(file: CaseFile) -> list[Mark]:
    """Give what happened to the case, numbered, oldest first; the newest if there is too much."""
    found = [*_crossings(file), *_happenings(file)]
    newest = sorted(found)[-_MOST_MARKS:]
    return [Mark(number, t, words) for number, (t, words) in enumerate(newest, start=1)]


def _crossings(file: CaseFile) -> Iterable[tuple[int, str]]:
    for one in file.view.evidence:
        asked = "a pause" if one.verdict.action is Action.PAUSE else "a review"
        yield (
            microseconds(one.row.occurred_at),
            f"The score reached {one.verdict.abuse:.2f} and a verdict asked for {asked}",
        )


def _happenings(file: CaseFile) -> Iterable[tuple[int, str]]:
    for event, told in zip(file.view.events, file.thread, strict=True):
        if event.kind in _MARKED:
            yield microseconds(event.at), told.words.rstrip(".")


def _verdict_time(file: CaseFile) -> int:
    """Give when the first verdict that asked for a pause was reached, else the newest."""
    evidence = file.view.evidence
    pausing = (one for one in evidence if one.verdict.action is Action.PAUSE)
    return microseconds(next(pausing, evidence[-1]).row.occurred_at)


def _with_room(since: int, until: int, marks: Iterable[Mark]) -> int:
    """Let the axis go on to marks that come soon after the last event."""
    room = until + max(DAY, round((until - since) * _ROOM))
    return max([until, *(mark.t for mark in marks if until < mark.t <= room)])
