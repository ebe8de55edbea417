"""`fairuse activity`: what accounts did, kept for a time for reviewers to look at."""

from __future__ import annotations

from fairuse.cli.arguments import UntilEnd


def activity(*, until_end: UntilEnd = False) -> None:
    """Keep what accounts did, from usage events, for the case page, until stopped."""
    from fairuse.settings import load_settings
    from fairuse.work import activity as work
    from fairuse.work.run import start

    start(work.activity, "events kept for reviewers", load_settings(), until_end=until_end)
