"""`fairuse promise`: is the promise to honest customers in doubt, and a person's word on it."""

from __future__ import annotations

import getpass
from typing import Annotated

import typer

from fairuse.cli.arguments import AsJson

app = typer.Typer(
    help="Whether the promise to honest customers is kept.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.callback()
def promise() -> None:
    """Watch the promise to honest customers."""


@app.command()
def show(*, as_json: AsJson = False) -> None:
    """Say whether the promise is in doubt, and what audits say of it."""
    from fairuse.promising import show_promise
    from fairuse.settings import load_settings

    show_promise(load_settings(), as_json=as_json)


@app.command()
def trust(
    why: Annotated[str, typer.Option("--why", help="The reason, in words; it is kept.")],
    by: Annotated[
        str, typer.Option("--by", help="Who says so.", show_default="the login name")
    ] = "",
    *,
    as_json: AsJson = False,
) -> None:
    """End the doubt: the machine may pause again, and audits are counted anew."""
    from fairuse.promising import trust_promise
    from fairuse.settings import load_settings

    trust_promise(load_settings(), by or getpass.getuser(), why, as_json=as_json)
