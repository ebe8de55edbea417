"""`fairuse explain`: why, and whether the same would be said again."""

from __future__ import annotations

from typing import Annotated

import typer

from fairuse.cli.arguments import AsJson, RegistryDir

Case = Annotated[str, typer.Argument(metavar="[CASE]", help="The case; its newest verdict.")]
Verify = Annotated[
    bool, typer.Option("--verify", help="Replay the log to the verdict and compare every bit.")
]
From = Annotated[
    list[str],
    typer.Option(
        "--events", metavar="EVENTS", help="Replay these files or archives instead of the log."
    ),
]
InFile = Annotated[
    list[str],
    typer.Option("--file", metavar="EVENTS", help="Explain an account in archived events."),
]
Account = Annotated[str, typer.Option("--account", metavar="ID", help="Which, with --file.")]


def explain(
    case: Case = "",
    *,
    verify: Verify = False,
    events: From = [],  # noqa: B006  Typer copies it
    file: InFile = [],  # noqa: B006
    account: Account = "",
    registry: RegistryDir = None,
    as_json: AsJson = False,
) -> None:
    """Explain a case, or an archived account; with --verify, compute it again and compare."""
    from fairuse.errors import WrongInputError
    from fairuse.explaining import highest_verdict, pinned_verdict
    from fairuse.settings import load_settings
    from fairuse.telling import give_verdict
    from fairuse.verifying import verify as replayed

    if bool(case) == bool(file) or bool(file) != bool(account) or (file and verify):
        raise WrongInputError("explain: give a CASE, or --file together with --account")
    settings = load_settings()
    if file:
        give_verdict(highest_verdict(settings, account, file, registry), as_json=as_json)
        return
    pinned = pinned_verdict(settings, case)
    found = replayed(settings, pinned, events, registry) if verify else None
    give_verdict(pinned, found, as_json=as_json)
    if found and not found.same:
        raise typer.Exit(1)
