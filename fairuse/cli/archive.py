"""`fairuse archive`: the events topic becomes Parquet, and what is looked after there."""

from __future__ import annotations

from typing import Final

import typer

from fairuse.cli.arguments import AsJson, UntilEnd

app: Final = typer.Typer(invoke_without_command=True)


@app.callback()
def archive(context: typer.Context, *, until_end: UntilEnd = False) -> None:
    """Copy usage events to the archive with their partition and offset, until stopped."""
    if context.invoked_subcommand is None:
        from fairuse.settings import load_settings
        from fairuse.work import archive as work
        from fairuse.work.run import start

        start(work.archive, "records archived", load_settings(), until_end=until_end)


@app.command()
def compact(*, as_json: AsJson = False) -> None:
    """Merge the small files of past days; safe while others archive and read."""
    from fairuse.archiving.verbs import compact_now
    from fairuse.settings import load_settings

    compact_now(load_settings(), as_json=as_json)


@app.command()
def keep(*, as_json: AsJson = False) -> None:
    """Let go of days that are too old, after folding them into the base of replays."""
    from fairuse.archiving.verbs import keep_now
    from fairuse.settings import load_settings

    keep_now(load_settings(), as_json=as_json)


@app.command()
def status(*, as_json: AsJson = False) -> None:
    """Check every file; say what is kept of each partition, and what is damaged."""
    from fairuse.archiving.status import tell_status
    from fairuse.settings import load_settings

    tell_status(load_settings(), as_json=as_json)


@app.command()
def erase(*, as_json: AsJson = False) -> None:
    """Take out of the archive whoever was erased; safe to repeat."""
    from fairuse.archiving.verbs import erase_now
    from fairuse.settings import load_settings

    erase_now(load_settings(), as_json=as_json)
