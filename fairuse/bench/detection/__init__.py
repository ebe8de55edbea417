"""`fairuse bench detection`: what detection is worth, on real traces first and simulated apart.

Prints the figures to reach beside what was measured; with a folder to write to, leaves a report in
Markdown and JSON there, and its plots.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fairuse.bench.detection import real, simulated
from fairuse.bench.detection.ablations import ablations, over_events
from fairuse.bench.detection.adversary import Search
from fairuse.bench.detection.calibrated import uniformity
from fairuse.bench.detection.population import Sizes, populate
from fairuse.bench.detection.queue import review
from fairuse.bench.detection.recording import Log
from fairuse.bench.detection.report import Report
from fairuse.bench.detection.segments import everyone, segments
from fairuse.bench.detection.table import show
from fairuse.bench.detection.targets import of_real, of_simulated
from fairuse.progress import meter, say

if TYPE_CHECKING:
    from fairuse.settings import Settings

SEED: Final = 20_260_308


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is simulated and tried."""

    sizes: Sizes
    tries: int  # settings the adversary tries a round
    accounts: int  # on how many accounts each


QUICK: Final = Plan(Sizes.of(honest=200, found=4), 1, 4)
USUAL: Final = Plan(Sizes.of(honest=6_000, found=40), 6, 12)
FULL: Final = Plan(Sizes.of(honest=30_000, found=100), 16, 24)


def plan_of(honest: int | None, *, full: bool, quick: bool) -> Plan | None:
    """Give how much to simulate; None for nothing."""
    if honest is not None:
        return Plan(Sizes.of(honest, USUAL.sizes.found), 6, 12) if honest else None
    return FULL if full else QUICK if quick else USUAL


def run_detection(
    settings: Settings, data: Path | None, plan: Plan | None, out: Path | None, seed: int = SEED
) -> Report:
    """Measure real sets and a simulated population, if given; print, and write to `out`."""
    report = Report(_command(data, plan), None if plan is None else plan.sizes)
    with tempfile.TemporaryDirectory() as name:
        if data is not None:
            on_real(report, data, Path(name) / "real", settings)
        if plan is not None:
            on_simulated(report, plan, Path(name) / "simulated", seed)
        if out is not None:
            report.write(out)
    return report


def on_real(report: Report, data: Path, folder: Path, settings: Settings) -> None:
    """Measure every real set and print its figures."""
    report.held = real.measure(data, folder, settings)
    found = [finding for held in report.held for finding in of_real(held)]
    report.findings += found
    show(found, "Real traces")
    for held in report.held:
        honest = held.where(abusive=False)
        if held.events is None and honest.any():
            report.over_events[held.title] = real.over_events(held.log, honest)


def on_simulated(report: Report, plan: Plan, folder: Path, seed: int) -> None:
    """Measure a simulated population, print its figures and take it apart."""
    with meter("accounts simulated", plan.sizes.accounts) as shown:
        population = populate(folder, plan.sizes, seed, shown.advance)
    report.measured = measured = simulated.measure(population, say)
    report.segments = [everyone(measured.honest), *segments(measured.honest)]
    report.uniformity = uniformity(measured.honest)
    report.reviewed = review(measured)
    found = list(of_simulated(measured))
    report.findings += found
    show(found, "Simulator")
    known, judged = Log(population.calibration), Log(population.held_out)
    report.over_events["simulated"] = over_events(measured.model, known, judged)
    report.ablations = list(ablations(population, say))
    say("an adversary searches")
    search = Search(measured.model, folder / "adversary", plan.tries, plan.accounts, seed)
    report.attempts = list(search.run())


def _command(data: Path | None, plan: Plan | None) -> str:
    words = ["fairuse bench detection"]
    words += [] if data is None else ["--data DIR"]
    if plan is None:
        return " ".join([*words, "--simulated 0"])
    named = {FULL: ["--full"], QUICK: ["--quick"], USUAL: []}
    return " ".join([*words, *named.get(plan, [f"--simulated {plan.sizes.honest}"])])
