"""`fairuse simulate`: seeded, labelled traffic."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fairuse.cli.arguments import AsJson

Accounts = Annotated[int, typer.Option(min=1, max=10_000_000, help="How many accounts.")]
Days = Annotated[float, typer.Option(min=0.01, max=366, help="How many days of traffic.")]
Seed = Annotated[int, typer.Option(min=0, help="The same seed gives the same traffic.")]
Out = Annotated[
    str,
    typer.Option(
        metavar="EVENTS", help="A file ending in .ndjson, .ndjson.gz or .parquet, or a topic URL."
    ),
]
Labels = Annotated[
    Path | None,
    typer.Option(metavar="LABELS", help="CSV `account_id,kind`; kind is empty if honest."),
]


def simulate(
    accounts: Accounts,
    days: Days,
    seed: Seed,
    out: Out,
    labels: Labels = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Write simulated traffic of honest and abusive accounts."""
    from fairuse.progress import give_facts
    from fairuse.simulating import write_traffic

    give_facts(write_traffic(accounts, days, seed, out, labels), as_json=as_json)
