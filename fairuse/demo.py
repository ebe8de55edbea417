"""The whole loop on one machine: simulated traffic in, a paused account and its case out.

The same workers as in production, one after the other, on the embedded log and SQLite. Traffic is
simulated once; a later demo goes on with what is there.
"""

from __future__ import annotations

import secrets
from contextlib import closing, contextmanager
from threading import Event, Thread
from typing import TYPE_CHECKING, Final

from pydantic import SecretStr

from access.database import open_engine, readers, writers
from access.statement import statement
from access.statement_rows import read_books
from fairuse import database
from fairuse.errors import WrongInputError
from fairuse.playing import play
from fairuse.progress import Lines, give, give_facts, meter, say
from fairuse.serving import run_server, sign_in_link
from fairuse.simulating import publish
from fairuse.statements import give_statement
from fairuse.wiring import make_room, open_topics, read_offers
from fairuse.work.activity import activity
from fairuse.work.intake import intake
from fairuse.work.link import link
from fairuse.work.relay import relay
from fairuse.work.run import Run
from fairuse.work.stream import stream
from review_api.metrics import read_metrics
from review_api.tokens import issue_token, revoke_tokens
from review_api.vocabulary import Role
from streams.clock import SystemClock
from streams.raw import Partition
from streams.simulator import simulate
from streams.simulator.year import END, year_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fairuse.settings import Settings
    from fairuse.topics import Topics
    from streams.clock import Clock

ACCOUNTS: Final = 300
DAYS: Final = 5.0
SEED: Final = 7
WHO: Final = "demo"
SUBSCRIBER: Final = "subscriber"


def run_demo(settings: Settings, *, once: bool, as_json: bool) -> None:
    """Simulate, score, take in, relay; then serve the console, or print a summary and leave."""
    clock = SystemClock()
    settings = _with_a_key(settings)
    topics = _prepare(settings, clock)
    if _is_empty(settings, topics, clock):
        _simulate(topics, clock)
    steps = {
        "scoring": stream,
        "opening cases": intake,
        "linking accounts": link,
        "keeping what they did": activity,
        "announcing": relay,
    }
    for label, work in steps.items():
        with meter(label) as shown:
            work(Run(settings, Event(), shown, until_end=True, clock=clock))
    _play_a_year(settings)
    facts = _summary(settings, clock)
    if once:
        give_facts(facts, as_json=as_json)
        return
    say(", ".join(f"{value:.0f} {name.replace('_', ' ')}" for name, value in facts.items()))
    token = _new_token(settings, clock)
    with _relaying(settings, clock):
        run_server(settings, greet=lambda address: _greet(address, token))


@contextmanager
def _relaying(settings: Settings, clock: Clock) -> Iterator[None]:
    """Announce what reviewers decide while the console is open."""
    run = Run(settings, Event(), Lines("messages published", None, clock), clock=clock)
    thread = Thread(target=relay, args=(run,), name="relay", daemon=True)
    thread.start()
    try:
        yield
    finally:
        run.stop.set()
        thread.join(timeout=2 * settings.poll_seconds + 5)


def _with_a_key(settings: Settings) -> Settings:
    # Without one no address would be kept that the console could open.
    if settings.session_key.get_secret_value():
        return settings
    return settings.model_copy(update={"session_key": SecretStr(secrets.token_hex(32))})


def _prepare(settings: Settings, clock: Clock) -> Topics:
    if settings.events_url.startswith("kafka:"):
        raise WrongInputError(
            "FAIRUSE_EVENTS_URL: the demo simulates traffic; it will not do so on Kafka"
        )
    make_room(settings.database_url)
    database.migrate(settings.database_url)
    return open_topics(settings, clock)


def _is_empty(settings: Settings, topics: Topics, clock: Clock) -> bool:
    with closing(topics.source(settings.group, settings, clock)) as source:
        parts = [Partition(topics.events, number) for number in range(settings.partitions)]
        return all(source.end(part) == source.beginning(part) for part in parts)


def _simulate(topics: Topics, clock: Clock) -> None:
    with (
        closing(topics.sink(clock)) as sink,
        meter("simulating traffic") as shown,
    ):
        for table in simulate(ACCOUNTS, DAYS, SEED).tables():
            publish(sink, topics.events, table)
            shown.advance(len(table))


def _play_a_year(settings: Settings) -> None:
    """Book a subscriber's year and show what it came to; played again, it changes nothing."""
    catalogue, engine = read_offers(settings), open_engine(settings.database_url)
    try:
        play(writers(engine), year_of(SUBSCRIBER, SEED), catalogue)
        with readers(engine).begin() as session:
            lines = statement(read_books(session, SUBSCRIBER), catalogue, END)
    finally:
        engine.dispose()
    say(f"a year of the account {SUBSCRIBER}, from its events (fairuse statement {SUBSCRIBER}):")
    give_statement(SUBSCRIBER, lines, write=say)


def _summary(settings: Settings, clock: Clock) -> dict[str, float]:
    engine = open_engine(settings.database_url)
    try:
        with readers(engine).begin() as session:
            figures = read_metrics(session, clock.now())
    finally:
        engine.dispose()
    return {
        "open_cases": int(figures["fairuse_open_cases"]),
        "paused_accounts": int(figures["fairuse_paused_accounts"]),
        "unsent_messages": int(figures["fairuse_outbox_unsent_messages"]),
    }


def _new_token(settings: Settings, clock: Clock) -> str:
    engine = open_engine(settings.database_url)
    try:
        with writers(engine).begin() as session:
            revoke_tokens(session, WHO, clock.now())
            return issue_token(session, WHO, Role.REVIEWER, clock.now())
    finally:
        engine.dispose()


def _greet(address: str, token: str) -> None:
    give(f"the console is on {address}; sign in with {sign_in_link(address, token)}")
    say("Ctrl-C stops")
