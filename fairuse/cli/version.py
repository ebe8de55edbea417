"""`fairuse version`: which release this is."""

from __future__ import annotations

from fairuse.cli.arguments import AsJson


def version(*, as_json: AsJson = False) -> None:
    """Print the versions of the program and of its feature view."""
    from importlib.metadata import version as installed

    from fairuse.progress import give_facts
    from features.view import VIEW

    facts = {"fairuse": installed("fairuse"), "view": VIEW.fingerprint}
    give_facts(facts, as_json=as_json)
