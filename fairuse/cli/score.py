"""`fairuse score`: the live scoring code over archived events."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fairuse.cli.arguments import AsJson, Events, RegistryDir

Out = Annotated[Path, typer.Option(metavar="VERDICTS", help="CSV to write, one row an account.")]

DetectOnly = Annotated[
    str | None,
    typer.Option(metavar="NAMES", help="Detectors, with commas, that only watch; or `all`."),
]


Links = Annotated[
    Path | None,
    typer.Option(metavar="LINKS", help="CSV of `fairuse links`: adds reasons, asks for a review."),
]


def score(
    events: Events,
    out: Out,
    registry: RegistryDir = None,
    detect_only: DetectOnly = None,
    links: Links = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Score archived events and write one row for each account."""
    from fairuse.archived import score_files
    from fairuse.progress import give_facts
    from fairuse.settings import load_settings

    facts = score_files(load_settings(), events, out, registry, detect_only, links)
    give_facts(facts, as_json=as_json)
