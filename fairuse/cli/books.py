"""`fairuse books`: what the books say of themselves."""

from __future__ import annotations

import typer

from fairuse.cli.arguments import AsJson

app = typer.Typer(help="Whether the books add up.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def books() -> None:
    """Look after the books of credits, quota and jobs."""


@app.command()
def check(*, as_json: AsJson = False) -> None:
    """Add every chain up again, and name what does not fit."""
    from fairuse.checking import check_books
    from fairuse.settings import load_settings

    check_books(load_settings(), as_json=as_json)
