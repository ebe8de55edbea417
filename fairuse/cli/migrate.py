"""`fairuse migrate`: the database gets the newest schema."""

from __future__ import annotations

from fairuse.cli.arguments import AsJson


def migrate(*, as_json: AsJson = False) -> None:
    """Bring the database to the newest schema."""
    from fairuse import database
    from fairuse.progress import give_facts
    from fairuse.queueing import rebuild_if_missing
    from fairuse.settings import load_settings
    from fairuse.wiring import make_room

    settings = load_settings()
    make_room(settings.database_url)
    before = database.revision_of(settings.database_url)
    database.migrate(settings.database_url)
    rebuild_if_missing(settings)
    after = database.revision_of(settings.database_url)
    give_facts({"before": before, "after": after}, as_json=as_json)
