"""`fairuse relay`: the outbox leaves for the log."""

from __future__ import annotations

from fairuse.cli.arguments import UntilEnd


def relay(*, until_end: UntilEnd = False) -> None:
    """Publish what the outbox holds, in order, until stopped."""
    from fairuse.settings import load_settings
    from fairuse.work import relay as work
    from fairuse.work.run import start

    start(work.relay, "messages published", load_settings(), until_end=until_end)
