"""`fairuse archive`: the events topic becomes Parquet."""

from __future__ import annotations

from fairuse.cli.arguments import UntilEnd


def archive(*, until_end: UntilEnd = False) -> None:
    """Copy usage events to the archive with their partition and offset, until stopped."""
    from fairuse.settings import load_settings
    from fairuse.work import archive as work
    from fairuse.work.run import start

    start(work.archive, "records archived", load_settings(), until_end=until_end)
