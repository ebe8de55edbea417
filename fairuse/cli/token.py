"""`fairuse token create`: who may use the APIs and the console."""

from __future__ import annotations

from typing import Annotated

import typer

from fairuse.cli.arguments import AsJson
from review_api.vocabulary import Role

app = typer.Typer(help="API tokens.", no_args_is_help=True, rich_markup_mode=None)

Name = Annotated[str, typer.Argument(metavar="NAME", help="Whose token it is; shown in the audit.")]
OfRole = Annotated[Role, typer.Option("--role", help="What its holder may do.")]


@app.callback()
def token() -> None:
    """Keep API tokens."""


@app.command()
def create(name: Name, role: OfRole, *, as_json: AsJson = False) -> None:
    """Make a token, store its hash and print it, once."""
    from fairuse.progress import give_facts
    from fairuse.settings import load_settings
    from fairuse.wiring import make_token

    made = make_token(load_settings(), name, role)
    give_facts({"name": name, "role": role.value, "token": made}, as_json=as_json)
