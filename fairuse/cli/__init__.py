"""The command line: one small module a verb, put together here.

Exit status 0 done, 1 failed, 2 wrong usage or bad input. An error is one line on standard error;
a traceback means a fault of ours. Verbs and their formats are a contract, kept in
`docs/command-line.md`.
"""

from __future__ import annotations

import sys
from typing import Final

import typer

from fairuse.cli import (
    archive,
    bench,
    demo,
    fit,
    intake,
    migrate,
    relay,
    score,
    serve,
    simulate,
    stream,
    token,
    version,
)
from fairuse.cli.outcome import EXPECTED, exit_status
from fairuse.cli.progress import say

app: Final = typer.Typer(
    help="Fair-use abuse detection that pauses fairly.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
for module in (demo, simulate, fit, score, stream, intake, relay, serve, archive, migrate, bench):
    name = module.__name__.rpartition(".")[2]
    app.command(name)(getattr(module, name))
app.command("version")(version.version)
app.add_typer(token.app, name="token")


def main() -> None:
    """Run the program; the entry point of `fairuse`."""
    try:
        app(prog_name="fairuse")
    except EXPECTED as error:
        say(f"fairuse: {error}")
        sys.exit(exit_status(error))
