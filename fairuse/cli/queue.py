"""`fairuse queue`: the reviewers' queue, made anew from the cases."""

from __future__ import annotations

from typing import Final

import typer

from fairuse.cli.arguments import AsJson

app: Final = typer.Typer(no_args_is_help=True, help="The reviewers' queue.")


@app.callback()
def queue() -> None:
    """The reviewers' queue."""  # noqa: D401 - it names what its verbs are about


@app.command()
def rebuild(*, as_json: AsJson = False) -> None:
    """Make every place in the queue anew; safe while others work, and to repeat."""
    from fairuse.queueing import rebuild_queue
    from fairuse.settings import load_settings

    rebuild_queue(load_settings(), as_json=as_json)
