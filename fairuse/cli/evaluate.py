"""`fairuse evaluate`: how well labelled accounts are told apart."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fairuse.cli.arguments import AsJson, Events, RegistryDir

Labels = Annotated[
    Path | None,
    typer.Option(metavar="LABELS", help="CSV `account_id,kind`; kind is empty if honest."),
]
First = Annotated[
    int | None, typer.Option(min=1, metavar="N", help="Use only each account's first N events.")
]


def evaluate(
    events: Events,
    labels: Labels = None,
    registry: RegistryDir = None,
    first: First = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Score accounts with models that have not seen them, and compare with labels."""
    from fairuse.evaluating import evaluate_files
    from fairuse.progress import give_facts
    from fairuse.settings import load_settings

    for facts in evaluate_files(load_settings(), events, labels, registry, first):
        give_facts(facts, as_json=as_json)
