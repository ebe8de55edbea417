"""The report: everything measured, as Markdown for people and JSON for machines."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from detectors.verdict import Response
from fairuse.bench.detection import sections
from fairuse.bench.detection.plots import draw
from fairuse.errors import WrongInputError

if TYPE_CHECKING:
    from pathlib import Path

    from fairuse.bench.detection.ablations import Ablation, OverEvents
    from fairuse.bench.detection.adversary import Attempt
    from fairuse.bench.detection.calibrated import Uniformity
    from fairuse.bench.detection.findings import Finding
    from fairuse.bench.detection.population import Sizes
    from fairuse.bench.detection.queue import Reviewed
    from fairuse.bench.detection.real import Held
    from fairuse.bench.detection.segments import Segment
    from fairuse.bench.detection.simulated import Measured


@dataclass(slots=True)
class Report:
    """What was measured; the parts that were not stay empty."""

    command: str
    sizes: Sizes | None = None
    findings: list[Finding] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    measured: Measured | None = None
    segments: list[Segment] = field(default_factory=list)
    uniformity: Uniformity | None = None
    reviewed: Reviewed | None = None
    ablations: list[Ablation] = field(default_factory=list)
    over_events: dict[str, OverEvents] = field(default_factory=dict)
    attempts: list[Attempt] = field(default_factory=list)

    def write(self, out: Path) -> None:
        """Write `report.md`, `report.json` and the plots into the folder."""
        try:
            out.mkdir(parents=True, exist_ok=True)
            plots = draw(self, out)
            (out / "report.md").write_text("\n".join(sections.lines(self, plots)) + "\n")
            (out / "report.json").write_text(json.dumps(self.plain(), indent=2) + "\n")
        except OSError as error:
            raise WrongInputError(f"{out}: {error.strerror or error}") from error

    def plain(self) -> dict[str, Any]:
        """Give the figures as plain values."""
        families = {} if self.measured is None else self.measured.caught
        return {
            "command": self.command,
            "sizes": None if self.sizes is None else asdict(self.sizes),
            "findings": [
                asdict(finding) | {"place": finding.place._asdict()} for finding in self.findings
            ],
            "segments": [asdict(part) | {"kept": part.kept} for part in self.segments],
            "families": {
                name: {r: asdict(caught.share(r)) for r in Response if r is not Response.NONE}
                | {"median_delay": caught.delays(Response.PAUSE).medians()}
                for name, caught in families.items()
            },
            "reviewed": None if self.reviewed is None else asdict(self.reviewed),
            "ablations": [asdict(ablation) for ablation in self.ablations],
            "over_events": {name: asdict(found) for name, found in self.over_events.items()},
            "attempts": [asdict(attempt) | {"kept": attempt.kept} for attempt in self.attempts],
        }
