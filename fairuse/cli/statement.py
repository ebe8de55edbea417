"""`fairuse statement`: an account's books, month by month."""

from __future__ import annotations

from typing import Annotated

import typer

from fairuse.cli.arguments import AsJson

Account = Annotated[str, typer.Argument(metavar="ACCOUNT", help="The account's id.")]


def statement(account: Account, *, as_json: AsJson = False) -> None:
    """Print plan, credits, quota, speed and what was said of an account, month by month."""
    from fairuse.settings import load_settings
    from fairuse.statements import give_statement, read_statement
    from streams.clock import SystemClock

    lines = read_statement(load_settings(), account, SystemClock().now())
    give_statement(account, lines, as_json=as_json)
