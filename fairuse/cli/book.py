"""`fairuse book`: platform events become subscriptions, credits and quota used."""

from __future__ import annotations

from fairuse.cli.arguments import UntilEnd


def book(*, until_end: UntilEnd = False) -> None:
    """Keep the books of subscriptions, credits and quota from usage events, until stopped."""
    from fairuse.settings import load_settings
    from fairuse.work import book as work
    from fairuse.work.run import start

    start(work.book, "events read for the books", load_settings(), until_end=until_end)
