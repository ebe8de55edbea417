"""Arguments that several verbs share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Events = Annotated[
    list[str],
    typer.Argument(
        metavar="EVENTS...", help="Files ending in .ndjson, .ndjson.gz or .parquet, or directories."
    ),
]
RegistryDir = Annotated[
    Path | None,
    typer.Option("--registry", metavar="DIR", help="Where models rest.", show_default=False),
]
UntilEnd = Annotated[
    bool, typer.Option("--until-end", help="Stop at what is the end of the log at the start.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as one JSON object.")]
