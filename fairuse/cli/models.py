"""`fairuse models`: which models there are, which one scores, and a person's word on it."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from fairuse.cli.arguments import AsJson, RegistryDir

Version = Annotated[str, typer.Argument(metavar="VERSION", help="Twelve hex digits.")]
Other = Annotated[str, typer.Argument(metavar="OTHER", help="The model to compare it with.")]
Why = Annotated[str, typer.Option("--why", help="The reason, in words; it is kept.")]
Against = Annotated[
    bool, typer.Option("--against-the-gate", help="Though the gate refused it, or was not asked.")
]
To = Annotated[
    str | None, typer.Option("--to", metavar="VERSION", help="An earlier champion than the last.")
]
Mlflow = Annotated[
    str, typer.Option("--mlflow", metavar="URI", help="Where MLflow keeps track, as it says it.")
]

app: Final = typer.Typer(help="The models of the registry.", no_args_is_help=True)


@app.command("list")
def list_(registry: RegistryDir = None, *, as_json: AsJson = False) -> None:
    """List every model with its stage, the newest first."""
    from fairuse.governing import shelf
    from fairuse.progress import give_facts
    from fairuse.settings import load_settings

    give_facts({"models": shelf(load_settings(), registry).all()}, as_json=as_json)


@app.command()
def show(version: Version, registry: RegistryDir = None, *, as_json: AsJson = False) -> None:
    """Tell all of one model: its manifest, its moves, what the gate said, what it may do."""
    from fairuse.governing import shelf
    from fairuse.progress import give_facts
    from fairuse.settings import load_settings

    give_facts(shelf(load_settings(), registry).show(version), as_json=as_json)


@app.command()
def diff(
    version: Version, other: Other, registry: RegistryDir = None, *, as_json: AsJson = False
) -> None:
    """Tell what is different about another model: facts, sight, thresholds, what was learnt."""
    from fairuse.governing import shelf
    from fairuse.progress import give_facts
    from fairuse.settings import load_settings

    found = shelf(load_settings(), registry).differ(version, other)
    give_facts({"differences": found}, as_json=as_json)


@app.command()
def promote(
    version: Version, why: Why, registry: RegistryDir = None,
    *, against_the_gate: Against = False, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Make a model the champion; live scorers take it up by themselves."""
    from fairuse.governing import moved, shelf
    from fairuse.progress import give_facts
    from fairuse.settings import load_settings

    move = shelf(load_settings(), registry).promote(version, why, against=against_the_gate)
    give_facts(moved(move), as_json=as_json)


@app.command()
def rollback(
    why: Why, to: To = None, registry: RegistryDir = None, *, as_json: AsJson = False
) -> None:
    """Make the champion before this one champion again."""
    from fairuse.governing import moved, shelf
    from fairuse.progress import give_facts
    from fairuse.settings import load_settings

    give_facts(moved(shelf(load_settings(), registry).rollback(to, why)), as_json=as_json)


@app.command()
def key(*, as_json: AsJson = False) -> None:
    """Make a key to sign models with, and the one that scorers believe."""
    from detectors.signing import key_pair
    from fairuse.progress import give_facts

    signing, believed = key_pair()
    give_facts(
        {"FAIRUSE_MODEL_SIGNING_KEY": signing, "FAIRUSE_MODEL_VERIFY_KEYS": believed},
        as_json=as_json,
    )


@app.command()
def export(
    version: Version, mlflow: Mlflow, registry: RegistryDir = None, *, as_json: AsJson = False
) -> None:
    """Copy a model into MLflow: its manifest, what the gate found, its files."""
    from fairuse.exporting import export as export_model
    from fairuse.governing import shelf
    from fairuse.progress import give_facts
    from fairuse.settings import load_settings
    from streams.clock import SystemClock

    opened = shelf(load_settings(), registry)
    give_facts(export_model(opened, version, mlflow, SystemClock().now()), as_json=as_json)
