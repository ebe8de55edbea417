"""`fairuse detectors`: which detectors may pause, and a person's word on it."""

from __future__ import annotations

import getpass
from typing import Annotated

import typer

from fairuse.cli.arguments import AsJson

app = typer.Typer(help="Who may pause.", no_args_is_help=True, rich_markup_mode=None)

Name = Annotated[
    str, typer.Argument(metavar="NAME", help="A hard rule's code, or the kind of a score.")
]
Why = Annotated[str, typer.Option("--why", help="The reason, in words; it is kept.")]
Model = Annotated[
    str, typer.Option("--model", help="Of a score: only this model version, not every one.")
]
By = Annotated[str, typer.Option("--by", help="Who says so.", show_default="the login name")]


@app.callback()
def detectors() -> None:
    """Keep the standing of detectors."""


@app.command("list")
def show(*, as_json: AsJson = False) -> None:
    """List every detector: whether it may pause, how often it did, how often by mistake."""
    from fairuse.settings import load_settings
    from fairuse.standings import show_detectors

    show_detectors(load_settings(), as_json=as_json)


@app.command()
def act(name: Name, why: Why, model: Model = "", by: By = "", *, as_json: AsJson = False) -> None:
    """Let a detector pause again."""
    _say(name, "acting", why, model, by, as_json=as_json)


@app.command()
def watch(name: Name, why: Why, model: Model = "", by: By = "", *, as_json: AsJson = False) -> None:
    """Let a detector only watch: its verdicts open cases and pause nobody."""
    _say(name, "detect_only", why, model, by, as_json=as_json)


def _say(name: str, standing: str, why: str, model: str, by: str, *, as_json: bool) -> None:
    from fairuse.settings import load_settings
    from fairuse.standings import say_standing
    from review_api.standing import Detector, Word
    from review_api.vocabulary import DetectorStanding

    word = Word(DetectorStanding(standing), by or getpass.getuser(), why)
    say_standing(load_settings(), Detector(name, model), word, as_json=as_json)
