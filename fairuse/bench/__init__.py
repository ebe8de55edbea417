"""`fairuse bench`: how fast the parts are on this machine, against the obvious alternatives.

One run, one core but where stated. One alternative keeps the same features in Python objects; the
two others keep only a dozen and eighteen, so their ratios flatter them.
"""

from __future__ import annotations

import json
import os
import platform
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from fairuse.bench.admissions import Size, bench_admissions
from fairuse.bench.baselines import bench_dicts, bench_river
from fairuse.bench.case_reads import bench_case_reads
from fairuse.bench.parts import bench_decode, bench_kernel, bench_score, bench_snapshot
from fairuse.bench.replay import bench_replay
from fairuse.bench.review import bench_review
from fairuse.bench.sharing import bench_sharing
from fairuse.bench.uncompiled import bench_uncompiled
from fairuse.bench.verdicts import bench_verdicts
from fairuse.progress import say
from streams.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from fairuse.bench.figures import Figure
    from fairuse.bench.learning.quarter import Quarter


def run_bench(out: Path, accounts: int) -> None:
    """Measure everything, print a table and write JSON."""
    clock = SystemClock()
    figures: list[Figure] = []
    benches: dict[str, Callable[[], list[Figure]]] = {
        "decoding": lambda: bench_decode(clock),
        "feature kernel": lambda: bench_kernel(clock, accounts),
        "the same features uncompiled": bench_uncompiled,
        "a dozen features in dicts": lambda: bench_dicts(clock),
        "features in River": lambda: bench_river(clock),
        "verdicts": lambda: bench_verdicts(clock),
        "replay": lambda: bench_replay(clock),
        "scoring a file": lambda: bench_score(clock),
        "snapshots": lambda: bench_snapshot(clock, accounts),
        "sharing of the basic queue": bench_sharing,
    }
    for name, bench in benches.items():
        say(f"measuring {name} ...")
        figures += bench()
    ratios = _ratios({figure.name: figure.value for figure in figures})
    _print(figures, ratios)
    machine = {"cpus": os.cpu_count(), "python": platform.python_version()}
    report = {"machine": machine, "figures": [f.as_dict() for f in figures], "ratios": ratios}
    out.write_text(json.dumps(report, indent=2) + "\n")


def run_sharing() -> None:
    """Print how fairly the basic queue is shared, without measuring anything else."""
    _print(bench_sharing(), {})


def run_admissions(url: str | None, accounts: int, seconds: float) -> None:
    """Print how fast jobs are admitted, without measuring anything else."""
    _print(bench_admissions(SystemClock(), url, Size(accounts, seconds)), {})


def run_case_reads(url: str | None, cases: int, seconds: float) -> None:
    """Print how fast cases are read over the API, without measuring anything else."""
    _print(bench_case_reads(SystemClock(), url, Size(cases, seconds)), {})


def run_review(url: str | None, cases: int, seconds: float) -> None:
    """Print how long the queue's pages take, without measuring anything else."""
    _print(bench_review(SystemClock(), url, Size(cases, seconds)), {})


def run_learning(quarter: Quarter) -> None:
    """Print what a simulated quarter teaches, without measuring anything else."""
    from fairuse.bench.learning.quarter import bench_learning  # noqa: PLC0415  it loads everything

    _print(bench_learning(quarter), {})


def _ratios(values: dict[str, float]) -> dict[str, float]:
    others = [name for name in ("dict of objects", "dozen in dicts", "river") if name in values]
    return {f"kernel / {name}": round(values["kernel"] / values[name], 1) for name in others}


def _print(figures: list[Figure], ratios: dict[str, float]) -> None:
    table = Table("measured", "value", "unit", "what was done")
    for figure in figures:
        table.add_row(figure.name, f"{figure.value:,.6g}", figure.unit, figure.note)
    for name, ratio in ratios.items():
        table.add_row(name, f"{ratio:,.1f}", "x", "ratio")
    Console().print(table)
