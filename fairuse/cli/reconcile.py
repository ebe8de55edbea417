"""`fairuse reconcile`: pauses as the platform enforces them, against the truth."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fairuse.cli.arguments import AsJson

File = Annotated[
    Path,
    typer.Argument(metavar="FILE", help="CSV or NDJSON of all accounts the platform pauses now."),
]


def reconcile(file: File, *, as_json: AsJson = False) -> None:
    """Compare what the platform enforces with what is held, and announce the truth again."""
    from fairuse.reconciling import reconcile_file
    from fairuse.settings import load_settings

    reconcile_file(load_settings(), file, as_json=as_json)
