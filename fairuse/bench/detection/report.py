"""The report: Markdown for people, JSON for machines."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from fairuse.bench.detection.table import HEADINGS, cells
from fairuse.errors import WrongInputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from fairuse.bench.detection.findings import Finding


def write(findings: list[Finding], out: Path) -> None:
    """Write `report.md` and `report.json` into the folder."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        (out / "report.md").write_text("\n".join(_lines(findings)) + "\n")
        plain = [asdict(finding) | finding.place._asdict() for finding in findings]
        (out / "report.json").write_text(json.dumps(plain, indent=2) + "\n")
    except OSError as error:
        raise WrongInputError(f"{out}: {error.strerror or error}") from error


def _lines(findings: list[Finding]) -> Iterable[str]:
    yield "# What detection is worth"
    for source in dict.fromkeys(finding.place.source for finding in findings):
        yield from ("", f"## {source.capitalize()}", "")
        yield from table(HEADINGS, [cells(f) for f in findings if f.place.source == source])


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterable[str]:
    """Give a Markdown table, a line each."""
    yield f"| {' | '.join(headings)} |"
    yield f"|{'---|' * len(headings)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
