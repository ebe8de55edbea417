"""`fairuse links`: which accounts belong together, from archived events."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fairuse.cli.arguments import AsJson, Events

Out = Annotated[Path, typer.Option(metavar="LINKS", help="CSV to write, one row an account.")]
Labels = Annotated[
    Path | None,
    typer.Option(metavar="LABELS", help="CSV `account_id,kind` of what people found."),
]


def links(events: Events, out: Out, labels: Labels = None, *, as_json: AsJson = False) -> None:
    """Build the full graph of accounts that share devices, addresses or prompts."""
    from fairuse.linking import link_files
    from fairuse.progress import give_facts
    from fairuse.settings import load_settings

    give_facts(link_files(load_settings(), events, out, labels), as_json=as_json)
