"""`fairuse stream`: live scoring."""

from __future__ import annotations

from fairuse.cli.arguments import UntilEnd


def stream(*, until_end: UntilEnd = False) -> None:
    """Score usage events as they come and publish verdicts, until stopped."""
    from fairuse.settings import load_settings
    from fairuse.work import stream as work
    from fairuse.work.run import start

    start(work.stream, "records scored", load_settings(), until_end=until_end)
