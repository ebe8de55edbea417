"""`fairuse audit`: the chain of the audit log, and what it holds of one case."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fairuse.cli.arguments import AsJson

app = typer.Typer(help="The audit log.", no_args_is_help=True, rich_markup_mode=None)

Head = Annotated[
    str | None,
    typer.Option(
        "--head", metavar="HASH", help="A head kept elsewhere; it has to be in the chain."
    ),
]


Case = Annotated[str, typer.Argument(metavar="CASE", help="The case's id.")]
Out = Annotated[Path, typer.Option("--out", metavar="FILE", help="The JSON Lines file to write.")]


@app.callback()
def audit() -> None:
    """Seal, check and export the audit log."""


@app.command()
def seal(*, as_json: AsJson = False) -> None:
    """Link every entry that is not in the chain yet."""
    from fairuse.auditing import seal_all
    from fairuse.settings import load_settings

    seal_all(load_settings(), as_json=as_json)


@app.command()
def head(*, as_json: AsJson = False) -> None:
    """Print the newest link, to keep elsewhere."""
    from fairuse.auditing import give_head
    from fairuse.settings import load_settings

    give_head(load_settings(), as_json=as_json)


@app.command()
def verify(kept: Head = None, *, as_json: AsJson = False) -> None:
    """Walk the chain, and name the first entry altered, missing or moved."""
    import fairuse.auditing
    from fairuse.settings import load_settings

    fairuse.auditing.verify(load_settings(), kept, as_json=as_json)


@app.command()
def export(case: Case, out: Out) -> None:
    """Write all that the log holds of a case, each entry with its link."""
    import fairuse.auditing
    from fairuse.settings import load_settings

    fairuse.auditing.export(load_settings(), case, out)
