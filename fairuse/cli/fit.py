"""`fairuse fit`: train a model and register it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fairuse.cli.arguments import AsJson, Events, RegistryDir

Labels = Annotated[
    Path | None,
    typer.Option(metavar="LABELS", help="CSV `account_id,kind`; kind is empty if honest."),
]

Require = Annotated[
    str,
    typer.Option(metavar="NAMES", help="Features and kinds, with commas, that must be seen."),
]


def fit(
    events: Events,
    labels: Labels = None,
    registry: RegistryDir = None,
    require: Require = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Train a model from archived events; without labels it is unsupervised."""
    from fairuse.archived import fit_files
    from fairuse.progress import give_facts
    from fairuse.settings import load_settings

    give_facts(fit_files(load_settings(), events, labels, registry, require), as_json=as_json)
