"""`fairuse bench`: how fast it is here."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Out = Annotated[Path, typer.Option(metavar="FILE", help="JSON file to write.")]
Accounts = Annotated[
    int, typer.Option(min=1000, max=10_000_000, help="Accounts in the state benchmarks.")
]


def bench(out: Out = Path("bench.json"), accounts: Accounts = 1_000_000) -> None:
    """Measure decoding, features, scoring and snapshots; print a table and write JSON."""
    from fairuse.bench import run_bench

    run_bench(out, accounts)
