"""`fairuse link`: usage events become linked accounts."""

from __future__ import annotations

from fairuse.cli.arguments import UntilEnd


def link(*, until_end: UntilEnd = False) -> None:
    """Note what accounts share, until stopped; start one of these only."""
    from fairuse.settings import load_settings
    from fairuse.work import link as work
    from fairuse.work.run import start

    start(work.link, "events read for links", load_settings(), until_end=until_end)
