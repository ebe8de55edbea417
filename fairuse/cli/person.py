"""`fairuse person`: who may sign in to the console with a company account."""

from __future__ import annotations

from typing import Annotated

import typer

from fairuse.cli.arguments import AsJson
from review_api.vocabulary import Role

app = typer.Typer(help="People who review.", no_args_is_help=True, rich_markup_mode=None)

Name = Annotated[
    str, typer.Argument(metavar="NAME", help="As the company's sign-in tells it, say an e-mail.")
]
OfRole = Annotated[Role, typer.Option("--role", help="What the person may do.")]


@app.callback()
def person() -> None:
    """Keep the people who review."""


@app.command()
def add(name: Name, role: OfRole, *, as_json: AsJson = False) -> None:
    """Let a person sign in, or change their role."""
    from fairuse.people import put_person
    from fairuse.settings import load_settings

    put_person(load_settings(), name, role, as_json=as_json)


@app.command("list")
def show(*, as_json: AsJson = False) -> None:
    """Show everybody and their roles."""
    from fairuse.people import list_people
    from fairuse.settings import load_settings

    list_people(load_settings(), as_json=as_json)


@app.command()
def disable(name: Name, *, as_json: AsJson = False) -> None:
    """End a person's sessions and tokens, and let them in no more."""
    from fairuse.people import stop_person
    from fairuse.settings import load_settings

    stop_person(load_settings(), name, as_json=as_json)
