"""`fairuse labels`: what people found, as the night learns it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from fairuse.cli.arguments import AsJson

KnownBy = Annotated[
    str | None, typer.Option(metavar="TIME", help="As it was known then; now if not given.")
]
ObservedBy = Annotated[
    str | None, typer.Option(metavar="TIME", help="Of evidence seen up to then.")
]
Since = Annotated[str, typer.Option(metavar="TIME", help="What was known then.")]
Out = Annotated[Path, typer.Argument(metavar="LABELS", help="CSV file `account_id,kind` to write.")]

app: Final = typer.Typer(help="What people found of accounts.", no_args_is_help=True)


@app.command("list")
def list_(
    known_by: KnownBy = None, observed_by: ObservedBy = None, *, as_json: AsJson = False
) -> None:
    """Count labels by kind, answer and source, as they were known at any moment."""
    from fairuse.labelling import list_labels
    from fairuse.progress import give_facts
    from fairuse.settings import load_settings

    give_facts(list_labels(load_settings(), known_by, observed_by), as_json=as_json)


@app.command()
def repairs(since: Since, *, as_json: AsJson = False) -> None:
    """Tell which labels known at a moment are no longer true, and which models learnt from them."""
    from fairuse.labelling import list_repairs
    from fairuse.progress import give_facts
    from fairuse.settings import load_settings

    give_facts(list_repairs(load_settings(), since), as_json=as_json)


@app.command()
def export(out: Out, known_by: KnownBy = None, *, as_json: AsJson = False) -> None:
    """Write the labels of a moment as `fairuse fit --labels` reads them."""
    from fairuse.labelling import export_labels
    from fairuse.progress import give_facts
    from fairuse.settings import load_settings

    give_facts(export_labels(load_settings(), out, known_by), as_json=as_json)
