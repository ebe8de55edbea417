"""`fairuse bench detection`: what detection is worth, on real traces first and simulated apart.

Prints the figures to reach beside what was measured; with a folder to write to, leaves a report in
Markdown and JSON there, and its plots.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from fairuse.bench.detection import real, simulated
from fairuse.bench.detection.population import Sizes, populate
from fairuse.bench.detection.report import write
from fairuse.bench.detection.table import show
from fairuse.bench.detection.targets import of_real, of_simulated
from fairuse.progress import meter, say

if TYPE_CHECKING:
    from fairuse.bench.detection.findings import Finding
    from fairuse.settings import Settings

SEED = 20_260_308


QUICK = Sizes.of(honest=200, found=4)
USUAL = Sizes.of(honest=6_000, found=40)
FULL = Sizes.of(honest=30_000, found=100)


def sizes_of(honest: int | None, *, full: bool, quick: bool) -> Sizes | None:
    """Give how many accounts to simulate; None for none."""
    if honest is not None:
        return Sizes.of(honest, USUAL.found) if honest else None
    return FULL if full else QUICK if quick else USUAL


def run_detection(
    settings: Settings, data: Path | None, sizes: Sizes | None, out: Path | None, seed: int = SEED
) -> list[Finding]:
    """Measure the real sets of `data` and a simulated population of these sizes, each if given."""
    findings: list[Finding] = []
    with tempfile.TemporaryDirectory() as name:
        if data is not None:
            for held in real.measure(data, Path(name) / "real", settings):
                findings += of_real(held)
            show(findings, "Real traces")
        if sizes is not None:
            with meter("accounts simulated", sizes.accounts) as shown:
                population = populate(Path(name) / "simulated", sizes, seed, shown.advance)
            found = list(of_simulated(simulated.measure(population, say)))
            show(found, "Simulator")
            findings += found
    if out is not None:
        write(findings, out)
    return findings
