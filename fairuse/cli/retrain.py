"""`fairuse retrain`: the nightly job."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from fairuse.cli.arguments import AsJson

AsOf = Annotated[
    datetime | None,
    typer.Option(
        "--as-of", metavar="TIME", help="Learn what was known then; a night named for it.",
        formats=["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M%z", "%Y-%m-%d"], show_default=False,
    ),
]  # fmt: skip
Engine = Annotated[str, typer.Option(metavar="ENGINE", help="`local` or `spark`.")]
Master = Annotated[
    str | None,
    typer.Option(
        metavar="URL", help="Where Spark runs; all cores of this machine, or what submits it.",
        show_default=False,
    ),
]  # fmt: skip
Seed = Annotated[
    int | None,
    typer.Option(metavar="N", min=0, help="Where chance begins, instead of the setting."),
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Rehearse: nothing is stored, moved or told to anybody.")
]
Again = Annotated[
    str | None,
    typer.Option("--again", metavar="VERSION", help="Make a model again and compare it."),
]


def retrain(
    as_of: AsOf = None,
    engine: Engine = "local",
    spark_master: Master = None,
    seed: Seed = None,
    again: Again = None,
    *,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Train on the archive and on what reviewers found, and move at most one model up."""
    from fairuse.retrain.running import Wanted
    from fairuse.retrain.told import retrain_again, retrain_now
    from fairuse.settings import load_settings

    wanted = Wanted(as_of, engine, seed, dry_run, spark_master)
    if again is None:
        retrain_now(load_settings(), wanted, as_json=as_json)
    else:
        retrain_again(load_settings(), again, wanted, as_json=as_json)
