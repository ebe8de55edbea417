"""`fairuse stream`: live scoring."""

from __future__ import annotations

from fairuse.cli.arguments import UntilEnd


def stream(*, until_end: UntilEnd = False) -> None:
    """Score usage events as they come and publish verdicts, until stopped."""
    from fairuse.running import run_stream
    from fairuse.settings import load_settings

    run_stream(load_settings(), until_end=until_end)
