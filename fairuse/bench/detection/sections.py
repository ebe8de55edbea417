"""The sections of the report, each a run of Markdown lines."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from detectors.verdict import Response
from fairuse.bench.detection.adversary import strongest
from fairuse.bench.detection.findings import REAL, SIMULATED
from fairuse.bench.detection.segments import BUDGETS
from fairuse.bench.detection.table import HEADINGS, cells

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from fairuse.bench.detection.delays import Delays
    from fairuse.bench.detection.report import Report

UNKNOWN: Final = "-"
_CAPTIONS: Final = {
    "roc.png": "Ranking near zero false positives",
    "segments.png": "False pauses by segment",
    "recall.png": "Families caught",
    "delay.png": "How soon",
    "calibration.png": "Calibration of p-values",
    "adversary.png": "Rounds of the adversary",
}


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Give a Markdown table, a line each."""
    yield ""
    yield f"| {' | '.join(headings)} |"
    yield f"|{'---|' * len(headings)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def lines(report: Report, plots: Sequence[str]) -> Iterator[str]:
    """Give the whole report."""
    yield "# What detection is worth"
    yield from ("", f"`{report.command}`")
    for source, title, said in ((REAL, "Real traces", _REAL), (SIMULATED, "Simulator", _SIMULATED)):
        found = [finding for finding in report.findings if finding.place.source == source]
        if found:
            yield from ("", f"## {title}", "", said)
            yield from table(HEADINGS, [cells(finding) for finding in found])
        if source == REAL:
            yield from _pauses(report)
            yield from _real_delays(report)
    yield from _families(report)
    yield from _segments(report)
    yield from _reviews(report)
    yield from _ablations(report)
    yield from _events(report)
    yield from _adversary(report)
    if plots:
        yield from ("", "## Plots")
    for name in plots:
        yield from ("", f"![{_CAPTIONS[name]}]({name})")


_REAL = (
    "Every account was scored by a model fitted, without labels, to the other accounts of its set. "
    "Intervals are exact, at 95 %; *not certain* means that the interval reaches over the target."
)
_SIMULATED = (
    "Nobody here is real. Models were told that the simulated traffic is real, for a model that "
    "knows simulated traffic only may pause nobody; families were judged by models that had never "
    "met them. What this shows is that the machinery keeps its promise, not how a platform fares."
)


def _pauses(report: Report) -> Iterator[str]:
    """Explain each pause of a set without labels."""
    for held in report.held:
        if held.labels or not held.pauses():
            continue
        yield from ("", f"### Pauses on {held.title}, in words")
        yield ""
        for verdict in held.pauses():
            rule = "hard rule" if any(reason.hard for reason in verdict.reasons) else "score"
            words = "; ".join(reason.sentence for reason in verdict.reasons)
            yield f"- {verdict.kind.replace('_', ' ')}, by {rule}: {words}"


def _real_delays(report: Report) -> Iterator[str]:
    rows = []
    for held in report.held:
        for response in (Response.HOLD, Response.PAUSE):
            found = held.delays(response)
            if len(found.events):
                rows.append((held.title, _asked(response), *_delay(found)))
    if rows:
        yield from ("", "### Delay until labelled abusers were first noticed, medians")
        yield from table(("set", "asked", "accounts", "events", "hours", "quota units"), rows)


def _asked(response: Response) -> str:
    return "pause" if response is Response.PAUSE else f"{response} or more"


def _delay(found: Delays) -> tuple[str, str, str, str]:
    events, hours, units, _ = found.medians()
    return (str(len(found.events)), _number(events), _number(hours), _number(units))


def _number(value: float) -> str:
    return UNKNOWN if math.isnan(value) else f"{value:,.0f}" if value >= 10 else f"{value:.1f}"  # noqa: PLR2004 - two digits either way


def _families(report: Report) -> Iterator[str]:
    if report.measured is None:
        return
    yield from ("", "### Families no model had seen")
    headings = (
        "family", "accounts", "held or more", "challenged or more", "paused", "of these by a rule",
        "events", "hours", "quota units", "share of the month's quota",
    )  # fmt: skip
    rows = []
    for name, caught in report.measured.caught.items():
        found = caught.delays(Response.PAUSE)
        share = found.medians()[3]
        rows.append((
            name, str(len(caught.outcomes)),
            *(f"{caught.share(r).value:.0%}" for r in BUDGETS),
            str(caught.by_hard_rule.count), *_delay(found)[1:],
            UNKNOWN if math.isnan(share) else f"{share:.0%}",
        ))  # fmt: skip
    yield from table(headings, rows)
    yield from ("", "Delays are medians, from the first event to the pause, of those paused.")


def _segments(report: Report) -> Iterator[str]:
    if not report.segments:
        return
    yield from ("", "### Honest account-months by segment")
    headings = (
        "segment",
        "",
        "accounts",
        "held",
        "challenged",
        "paused",
        "interval per 10,000",
        "",
    )
    rows = []
    for part in report.segments:
        low, high = part.paused.interval
        rows.append((
            part.by, part.name, f"{part.paused.of:,}", f"{part.held.value:.1%}",
            f"{part.challenged.value:.2%}", str(part.paused.count),
            f"{1e4 * low:.1f} to {1e4 * high:.1f}", part.kept,
        ))  # fmt: skip
    yield from table(headings, rows)


def _reviews(report: Report) -> Iterator[str]:
    if report.reviewed is None:
        return
    yield from ("", "### Forty cases a day")
    yield ""
    yield (
        f"With 1.5 % of accounts abusive, {report.reviewed.precision} of the cases that reviewers "
        f"took were, and {report.reviewed.found} of the abusive accounts were among them."
    )


def _ablations(report: Report) -> Iterator[str]:
    if not report.ablations:
        return
    yield from ("", "### With one part taken away")
    yield from ("", "Families are in these models' training log: compare the rows with each other.")
    headings = ("variant", "honest paused per 10,000", "honest held", "abusive paused", "held")
    yield from table(headings, [
        (
            a.name, f"{1e4 * a.honest_paused.value:.1f} ({a.honest_paused.count:,})",
            f"{a.honest_held.value:.1%}", f"{a.abusive_paused.value:.1%}",
            f"{a.abusive_held.value:.1%}",
        )
        for a in report.ablations
    ])  # fmt: skip


def _events(report: Report) -> Iterator[str]:
    if not report.over_events:
        return
    yield from ("", "### Rules over events, which promise one honest account in a hundred")
    rows = [(name, str(o.fixed), str(o.e_process)) for name, o in report.over_events.items()]
    yield from table(("honest accounts", "fixed threshold, each event", "e-process"), rows)


def _adversary(report: Report) -> Iterator[str]:
    best = strongest(report.attempts)
    if best is None:
        return
    knobs = best.knobs
    yield from ("", "### An adversary who tunes six knobs")
    yield ""
    yield (
        f"After {len(report.attempts)} settings in five rounds, the best that half of the accounts "
        f"survive gets {best.kept:.1%} of the work of an unhindered bot done: "
        f"{knobs.rate:.0f} requests a day, gaps spread by {knobs.jitter:.2f} on a log scale, "
        f"{knobs.sleep:.0f} hours of night, {knobs.viewed:.0%} of results viewed, "
        f"{knobs.words:.0f} prompts, {knobs.devices:.0f} devices."
    )
