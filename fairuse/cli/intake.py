"""`fairuse intake`: verdicts become cases and pause leases."""

from __future__ import annotations

from fairuse.cli.arguments import UntilEnd


def intake(*, until_end: UntilEnd = False) -> None:
    """Take verdicts in, one transaction each, until stopped."""
    from fairuse.settings import load_settings
    from fairuse.work import intake as work
    from fairuse.work.run import start

    start(work.intake, "verdicts taken in", load_settings(), until_end=until_end)
