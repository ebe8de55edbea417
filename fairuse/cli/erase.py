"""`fairuse erase`: an account's personal data go, and the books stay."""

from __future__ import annotations

from typing import Annotated

import typer

from fairuse.cli.arguments import AsJson

Account = Annotated[str, typer.Argument(metavar="ACCOUNT", help="Whose personal data go.")]


def erase(account: Account, *, as_json: AsJson = False) -> None:
    """Erase an account's personal data, for good."""
    from fairuse.erasing import erase_now
    from fairuse.settings import load_settings

    erase_now(load_settings(), account, as_json=as_json)
