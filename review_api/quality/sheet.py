"""The figures of quality as rows for a spreadsheet: section, name, figure, value."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from review_api.quality.overview import Quality

Row = tuple[str, str, str, str | float | None]


def sheet_of(shown: Quality, *, for_lead: bool) -> str:
    """Write the rows as CSV; the reviewers' only for leads."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(("section", "name", "figure", "value"))
    for section, name, figure, value in (*_rows(shown), *(_people(shown) if for_lead else ())):
        # A spreadsheet takes text that begins like this for a formula.
        safe = f"'{name}" if name[:1] in {"=", "+", "-", "@"} else name
        writer.writerow((section, safe, figure, "" if value is None else value))
    return out.getvalue()


def _rows(shown: Quality) -> Iterator[Row]:
    for name in ("wrongful", "unproven", "lapsed"):
        hours = getattr(shown, name)
        yield "pauses", name, "pauses", hours.pauses
        yield "pauses", name, "hours", round(hours.hours, 3)
    for week in shown.weeks:
        yield "weeks", week.monday.isoformat(), "wrongful hours", round(week.wrongful.hours, 3)
        yield "weeks", week.monday.isoformat(), "lapsed hours", round(week.lapsed.hours, 3)
    for row in shown.detectors:
        yield "detectors", str(row.detector), "wrongful", row.wrong
        yield "detectors", str(row.detector), "judged", row.judged
        yield "detectors", str(row.detector), "wrongful hours", round(row.hours, 3)
    waits = shown.waits
    for figure, wait in (("median", waits.median), ("nine in ten", waits.nine_in_ten)):
        yield "first look", "", f"{figure} seconds", None if wait is None else wait.total_seconds()
    yield "first look", "", "not looked at yet", waits.unseen
    yield "appeals", "", "filed", shown.appeals.filed
    yield "appeals", "", "decided", shown.appeals.decided
    yield "appeals", "", "overturned", shown.appeals.overturned
    for name, agreement in (("all", shown.agreement), *shown.by_kind.items()):
        yield "agreement", name, "pairs", agreement.pairs
        yield "agreement", name, "agreed", agreement.agreed
        yield "agreement", name, "kappa", agreement.kappa
    for age in shown.ages:
        yield "waiting", age.name, "cases", age.cases
    yield "made good", "", "hours", round(shown.made_good.hours, 3)
    yield "audits", "", "judged", shown.audits.judged
    yield "audits", "", "false pauses at most", shown.audits.false_pauses.high


def _people(shown: Quality) -> Iterator[Row]:
    for one in shown.reviewers:
        yield "reviewers", one.reviewer, "reliability", round(one.mean, 4)
