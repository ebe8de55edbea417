"""`fairuse token`: which programs, and people without a company account, may use the APIs."""

from __future__ import annotations

from typing import Annotated

import typer

from fairuse.cli.arguments import AsJson
from review_api.vocabulary import Role

app = typer.Typer(help="API tokens.", no_args_is_help=True, rich_markup_mode=None)

Name = Annotated[str, typer.Argument(metavar="NAME", help="Whose token it is; shown in the audit.")]
OfRole = Annotated[Role, typer.Option("--role", help="What its holder may do.")]
Days = Annotated[
    float | None,
    typer.Option("--days", min=0.01, help="Days it lasts; without, until it is revoked."),
]


@app.callback()
def token() -> None:
    """Keep API tokens."""


@app.command()
def create(name: Name, role: OfRole, days: Days = None, *, as_json: AsJson = False) -> None:
    """Make a token, store its hash and print it, once."""
    from fairuse.people import make_token
    from fairuse.settings import load_settings

    make_token(load_settings(), name, role, days=days, as_json=as_json)


@app.command("list")
def show(*, as_json: AsJson = False) -> None:
    """Show every token: whose it is, when it was last used, and whether it is valid."""
    from fairuse.people import list_tokens
    from fairuse.settings import load_settings

    list_tokens(load_settings(), as_json=as_json)


@app.command()
def revoke(name: Name, *, as_json: AsJson = False) -> None:
    """End every token of a name at once."""
    from fairuse.people import end_tokens
    from fairuse.settings import load_settings

    end_tokens(load_settings(), name, as_json=as_json)
