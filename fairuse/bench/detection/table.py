"""The figures on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from fairuse.bench.detection.findings import Finding

WIDTH: Final = 150  # where nobody's screen sets it
HEADINGS: Final = ("on", "figure", "target", "measured", "95 % interval", "")


def show(findings: list[Finding], title: str) -> None:
    """Print a table; whether a target was met is said in words."""
    table = Table(*HEADINGS, title=title, title_justify="left", box=SIMPLE_HEAD)
    for finding in findings:
        table.add_row(*cells(finding))
    console = Console()
    (console if console.is_terminal else Console(width=WIDTH)).print(table)


def cells(finding: Finding) -> tuple[str, ...]:
    """Give a finding as the cells of its row."""
    _, on, figure = finding.place
    met = "" if finding.met == "no target" else finding.met
    return on, figure, finding.target, finding.measured, finding.interval, met
