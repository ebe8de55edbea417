"""Opens what the settings name: the database, the topics, the registry.

Everything here is about where things are; what is done with them is elsewhere.
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from alembic.script import ScriptDirectory
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

import fairuse
from access.catalogue import PACKAGED, load_catalogue
from access.database import open_engine, place_of, readers
from access.errors import CatalogueError
from access.subscribing import plans_in_use
from fairuse import database
from fairuse.errors import ProgramError
from fairuse.topics import Topics
from review_api.policy import BreakerPolicy, ReviewPolicy
from streams import urls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.engine import Engine
    from sqlalchemy.orm import Session

    from access.catalogue import Catalogue
    from fairuse.settings import Settings
    from streams.clock import Clock


def make_room(url: str) -> None:
    """Create the folder of a SQLite file; other addresses need none."""
    try:
        address = make_url(url)
    except ArgumentError:
        return  # opening it will say what is wrong
    if address.get_backend_name() == "sqlite" and address.database:
        Path(address.database).parent.mkdir(parents=True, exist_ok=True)


def open_database(settings: Settings) -> Engine:
    """Open a database whose schema is this release's; `ProgramError` if it is another."""
    make_room(settings.database_url)
    engine = open_engine(settings.database_url)
    found, needed = database.revision_of(settings.database_url), _newest_revision()
    if found != needed:
        where = place_of(engine.url)
        engine.dispose()
        raise ProgramError(
            f"the schema of the database at {where} is {found or 'not there yet'}, "
            f"this release needs {needed}: run `fairuse migrate`"
        )
    return engine


@contextmanager
def reading(settings: Settings) -> Iterator[Session]:
    """Open the database for one transaction that only reads."""
    engine = open_database(settings)
    try:
        with readers(engine).begin() as session:
            yield session
    finally:
        engine.dispose()


def read_offers(settings: Settings) -> Catalogue:
    """Read the catalogue of plans and models; `CatalogueError` if it cannot be used."""
    return load_catalogue(Path(settings.catalogue) if settings.catalogue else None)


def refuse_lost_plans(engine: Engine, settings: Settings, catalogue: Catalogue) -> None:
    """Refuse a catalogue without a plan that customers have or had: their books need its rules."""
    with readers(engine).begin() as session:
        lost = sorted(plans_in_use(session) - catalogue.plans.keys())
    if lost:
        raise CatalogueError(
            f"{settings.catalogue or PACKAGED}: [plans.{lost[0]}] is missing, and there are "
            "subscriptions to it; a plan may change, but not go"
        )


def open_topics(settings: Settings, clock: Clock) -> Topics:
    """Read where the topics are and create those that are missing."""
    topics = Topics.at(settings.events_url)
    urls.ensure_topics(topics.url, topics.specs(settings.partitions), clock=clock)
    return topics


def review_policy(settings: Settings) -> ReviewPolicy:
    """Give the rules of review."""
    return ReviewPolicy(
        pause_for=timedelta(hours=settings.pause_hours),
        hold_for=timedelta(days=settings.hold_days),
        challenge_for=timedelta(hours=settings.challenge_hours),
        uphold_for=timedelta(days=settings.uphold_days),
        clear_for=timedelta(days=settings.clearance_days),
        protect_for=timedelta(days=settings.protected_days),
        grace=timedelta(seconds=settings.grace_seconds),
        second_share=settings.second_share,
        double_share=settings.double_share,
        claim_for=timedelta(minutes=settings.claim_minutes),
        review_within=timedelta(hours=settings.review_hours),
        appeal_within=timedelta(hours=settings.appeal_hours),
        messages_for=timedelta(days=settings.message_days),
        attempts_for=timedelta(days=settings.attempt_days),
        breaker=BreakerPolicy(
            pauses_per_minute=settings.pauses_per_minute,
            model_pauses_per_minute=settings.model_pauses_per_minute,
            segment_pauses_per_minute=settings.segment_pauses_per_minute,
            restore_run=settings.restore_run,
            restore_sample=settings.restore_sample,
            restore_share=settings.restore_share,
        ),
    )


def _newest_revision() -> str | None:
    scripts = Path(fairuse.__file__).parent / "migrations"
    return ScriptDirectory(str(scripts)).get_current_head()
