"""The command line: one small module a verb, put together here.

Exit status 0 done, 1 failed, 2 wrong usage or bad input. An error is one line on standard error;
a traceback means a fault of ours. Verbs and their formats are a contract, kept in
`docs/command-line.md`.
"""

from __future__ import annotations

import sys
from typing import Final

import typer

from fairuse.cli.activity import activity
from fairuse.cli.archive import app as archives
from fairuse.cli.audit import app as audits
from fairuse.cli.bench import app as benches
from fairuse.cli.book import book
from fairuse.cli.books import app as books
from fairuse.cli.demo import demo
from fairuse.cli.detectors import app as detectors
from fairuse.cli.erase import erase
from fairuse.cli.evaluate import evaluate
from fairuse.cli.explain import explain
from fairuse.cli.fit import fit
from fairuse.cli.intake import intake
from fairuse.cli.labels import app as labels
from fairuse.cli.link import link
from fairuse.cli.links import links
from fairuse.cli.migrate import migrate
from fairuse.cli.models import app as models
from fairuse.cli.outcome import EXPECTED, exit_status
from fairuse.cli.person import app as persons
from fairuse.cli.promise import app as promises
from fairuse.cli.queue import app as queues
from fairuse.cli.reconcile import reconcile
from fairuse.cli.relay import relay
from fairuse.cli.retrain import retrain
from fairuse.cli.score import score
from fairuse.cli.serve import serve
from fairuse.cli.simulate import simulate
from fairuse.cli.statement import statement
from fairuse.cli.stream import stream
from fairuse.cli.token import app as tokens
from fairuse.cli.version import version
from fairuse.progress import say

app: Final = typer.Typer(
    help="Fair-use abuse detection that pauses fairly.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
VERBS: Final = (
    demo,
    simulate,
    fit,
    score,
    evaluate,
    explain,
    links,
    stream,
    link,
    intake,
    activity,
    book,
    relay,
    reconcile,
    serve,
    statement,
    erase,
    retrain,
    migrate,
)
for verb in VERBS:
    app.command(verb.__name__)(verb)
app.command("version")(version)
app.add_typer(archives, name="archive")
app.add_typer(audits, name="audit")
app.add_typer(benches, name="bench")
app.add_typer(books, name="books")
app.add_typer(detectors, name="detectors")
app.add_typer(labels, name="labels")
app.add_typer(models, name="models")
app.add_typer(persons, name="person")
app.add_typer(promises, name="promise")
app.add_typer(queues, name="queue")
app.add_typer(tokens, name="token")


def main() -> None:
    """Run the program; the entry point of `fairuse`."""
    try:
        app(prog_name="fairuse")
    except EXPECTED as error:
        say(f"fairuse: {error}")
        sys.exit(exit_status(error))
