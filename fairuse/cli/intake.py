"""`fairuse intake`: verdicts become cases and pause leases."""

from __future__ import annotations

from fairuse.cli.arguments import UntilEnd


def intake(*, until_end: UntilEnd = False) -> None:
    """Take verdicts in, one transaction each, until stopped."""
    from fairuse.running import run_intake
    from fairuse.settings import load_settings

    run_intake(load_settings(), until_end=until_end)
