"""`fairuse bench`: how fast it is here, how fair, and how well it tells people from abuse."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

Out = Annotated[Path, typer.Option(metavar="FILE", help="JSON file to write.")]
Accounts = Annotated[
    int, typer.Option(min=1000, max=10_000_000, help="Accounts in the state benchmarks.")
]
Data = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Folder of folders, each `events.parquet` and `labels.csv`."),
]
Simulated = Annotated[
    int | None,
    typer.Option(
        min=0,
        metavar="N",
        help="Honest accounts to calibrate on, and months held out; 0 none.",
    ),
]
Full = Annotated[bool, typer.Option("--full", help="30,000 of them, as the promise needs.")]
Quick = Annotated[bool, typer.Option("--quick", help="A few hundred: shows that it runs.")]
Report = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Folder for a report with its plots.")
]

Database = Annotated[
    str | None,
    typer.Option(metavar="URL", help="An empty database to measure on; SQLite if none is named."),
]
Cases = Annotated[int, typer.Option(min=100, max=1_000_000, help="Cases in the database.")]
Span = Annotated[float, typer.Option(min=0.5, max=600, help="Seconds for each measurement.")]

Waiting = Annotated[
    int, typer.Option(min=1_000, max=1_000_000, help="Cases that wait for a reviewer.")
]

Honest = Annotated[int, typer.Option(min=60, max=100_000, help="Honest accounts.")]
Abusive = Annotated[int, typer.Option(min=20, max=10_000, help="Abusive accounts of each sort.")]
Family = Annotated[str, typer.Option(metavar="PERSONA", help="Who appears in the second month.")]
Days = Annotated[int, typer.Option(min=60, max=366, help="Days to live through.")]
Every = Annotated[int, typer.Option(min=1, max=30, help="Days between two nights of retraining.")]

app: Final = typer.Typer(invoke_without_command=True)


@app.callback()
def bench(
    context: typer.Context, out: Out = Path("bench.json"), accounts: Accounts = 1_000_000
) -> None:
    """Measure decoding, features, scoring, sharing and snapshots; print a table, write JSON."""
    from fairuse.bench import run_bench

    if context.invoked_subcommand is None:
        run_bench(out, accounts)


@app.command()
def detection(
    data: Data = None,
    simulated: Simulated = None,
    out: Report = None,
    *,
    full: Full = False,
    quick: Quick = False,
) -> None:
    """Measure false pauses and recall, on real traces and on the simulator; print the targets."""
    from fairuse.bench.detection import plan_of, run_detection
    from fairuse.settings import load_settings

    run_detection(load_settings(), data, plan_of(simulated, full=full, quick=quick), out)


@app.command()
def sharing() -> None:
    """Simulate a flooded basic queue and print how fairly it is shared."""
    from fairuse.bench import run_sharing

    run_sharing()


@app.command()
def admissions(
    database: Database = None, accounts: Accounts = 100_000, seconds: Span = 8.0
) -> None:
    """Measure how fast jobs are admitted: in process, with the database, and over HTTP."""
    from fairuse.bench import run_admissions

    run_admissions(database, accounts, seconds)


@app.command()
def reads(database: Database = None, cases: Cases = 2_000, seconds: Span = 8.0) -> None:
    """Measure how fast cases are read over the API, each read in the audit log."""
    from fairuse.bench import run_case_reads

    run_case_reads(database, cases, seconds)


@app.command()
def review(database: Database = None, cases: Waiting = 100_000, seconds: Span = 8.0) -> None:
    """Measure how long the queue's pages take while so many cases wait."""
    from fairuse.bench import run_review

    run_review(database, cases, seconds)


@app.command()
def learning(
    honest: Honest = 300, abusive: Abusive = 30, family: Family = "headless_script",
    days: Days = 90, every: Every = 1,
) -> None:  # fmt: skip
    """Live through a simulated quarter with a new abuse family; print recall and false pauses."""
    from fairuse.bench import run_learning
    from fairuse.bench.learning.quarter import Quarter
    from fairuse.errors import WrongInputError
    from streams.simulator import KINDS

    if not KINDS.get(family):
        known = ", ".join(name for name, kind in KINDS.items() if kind)
        raise WrongInputError(f"--family: {family} is none of {known}")
    run_learning(Quarter(honest, abusive, abusive, family, days, every))
