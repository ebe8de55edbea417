from __future__ import annotations

import socket
import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError, StatementError

from access.accounts import lock_account
from access.database import (
    BadDatabaseUrlError,
    DatabaseUnreachableError,
    open_engine,
    readers,
    writers,
)
from access.errors import FactChangedError
from access.models import Account, Clearance
from access.vocabulary import Entitlement
from tests.verdicts import MONDAY


@pytest.fixture
def unused_port():
    with socket.socket() as held:
        # Bound but not listening: whoever connects is refused, and nobody else can take it.
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


def test_an_unreachable_server_is_named_without_its_password(unused_port):
    engine = open_engine(f"postgresql://ana:hunter2@127.0.0.1:{unused_port}/fairuse")
    with pytest.raises(DatabaseUnreachableError) as caught, engine.connect():
        pass
    assert str(caught.value) == f"no database answers at 127.0.0.1:{unused_port}"
    assert "hunter2" not in str(caught.value)


def test_a_file_that_cannot_be_opened_is_named(tmp_path):
    engine = open_engine(f"sqlite:///{tmp_path}/no/such/folder/x.db")
    with pytest.raises(DatabaseUnreachableError, match=r"no/such/folder/x\.db"), engine.connect():
        pass


def test_a_file_that_is_no_database_is_an_error_and_stays_as_it_was(tmp_path):
    file = tmp_path / "x.db"
    file.write_bytes(b"not a database" * 100)
    engine = open_engine(f"sqlite:///{file}")
    with pytest.raises(DatabaseUnreachableError, match=r"x\.db"), engine.connect():
        pass
    assert file.read_bytes() == b"not a database" * 100


@pytest.mark.parametrize(
    "url",
    ["", "nonsense", "mysql://ana:hunter2@h/x", "postgresql+asyncpg://h/x", "sqlite://", "sqlite:///:memory:"],
)  # fmt: skip
def test_an_address_we_cannot_open_is_refused_without_showing_its_password(url):
    with pytest.raises(BadDatabaseUrlError) as caught:
        open_engine(url)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("prefix", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_usual_way_to_write_a_postgresql_address_is_understood(prefix):
    engine = open_engine(f"{prefix}://ana@db:5433/fairuse?options=-c%20search_path%3Dx")
    assert engine.dialect.driver == "psycopg"


@pytest.mark.postgres
def test_waits_on_postgresql_are_bounded_and_what_the_address_asks_wins(postgres_server):
    engine = open_engine(f"{postgres_server}?options=-c%20statement_timeout%3D1234ms")
    with engine.connect() as connection:
        asked = {
            name: connection.execute(text(f"SHOW {name}")).scalar_one()
            for name in ("lock_timeout", "statement_timeout")
        }
    engine.dispose()
    assert asked == {"lock_timeout": "5s", "statement_timeout": "1234ms"}


def test_sqlite_keeps_foreign_keys_and_the_write_ahead_log(tmp_path):
    engine = open_engine(f"sqlite:///{tmp_path / 'x.db'}")
    with engine.connect() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "foreign_keys")
        }
    engine.dispose()
    assert found == {"journal_mode": "wal", "foreign_keys": 1}


def _clearance(until=MONDAY):
    return Clearance(
        account_id="a",
        entitlement=Entitlement.MONTHLY_QUOTA,
        case_id="c",
        since=MONDAY,
        until=until,
        actor="ana",
    )


def test_a_time_comes_back_as_it_went_in_and_in_utc(database):
    kolkata = datetime(2026, 3, 29, 4, 30, 0, 123456, timezone(timedelta(hours=5.5)))
    with database.writers.begin() as session:
        session.add(Account(id="a", first_seen=kolkata))
    with database.readers.begin() as session:
        found = session.get_one(Account, "a").first_seen
    assert found == kolkata
    assert found.tzinfo is UTC


def test_a_time_without_its_zone_is_refused(database):
    with pytest.raises(StatementError, match="time zone"), database.writers.begin() as session:
        session.add(Account(id="a", first_seen=MONDAY.replace(tzinfo=None)))


def test_times_are_compared_as_times_whatever_their_zone(database):
    with database.writers.begin() as session:
        session.add(Account(id="a", first_seen=MONDAY))
    tokyo = timezone(timedelta(hours=9))
    earlier = (MONDAY - timedelta(seconds=1)).astimezone(tokyo)
    with database.readers.begin() as session:
        found = session.query(Account).where(Account.first_seen > earlier).count()
    assert found == 1


def test_a_row_cannot_point_at_an_account_that_is_not_there(database):
    with pytest.raises(IntegrityError), database.writers.begin() as session:
        session.add(_clearance())


def test_a_fact_cannot_be_changed(database):
    with database.writers.begin() as session:
        lock_account(session, "a", MONDAY)
        session.add(_clearance())
    with pytest.raises(FactChangedError), database.writers.begin() as session:
        session.query(Clearance).one().actor = "eve"


def test_a_fact_cannot_be_deleted(database):
    with database.writers.begin() as session:
        lock_account(session, "a", MONDAY)
        session.add(_clearance())
    with pytest.raises(FactChangedError), database.writers.begin() as session:
        session.delete(session.query(Clearance).one())


def test_a_reader_cannot_write_on_postgresql_and_waits_for_no_writer(database):
    with database.writers.begin() as writer, database.readers.begin() as reader:
        lock_account(writer, "a", MONDAY)
        assert reader.query(Account).count() == 0


def test_locking_an_account_twice_keeps_its_first_day(database):
    for day in (MONDAY, MONDAY + timedelta(days=3)):
        with database.writers.begin() as session:
            lock_account(session, "a", day)
    with database.readers.begin() as session:
        assert session.get_one(Account, "a").first_seen == MONDAY


def test_two_writers_of_one_account_take_turns(database):
    """The second waits for the first; without the lock it would read the plan too early."""
    first_holds, seen = threading.Event(), []

    def add_a_letter(letter, *, announce):
        with database.writers.begin() as session:
            account = lock_account(session, "a", MONDAY)
            if announce:
                first_holds.set()
                threading.Event().wait(0.2)
            seen.append(account.plan)
            account.plan = (account.plan or "") + letter

    first = threading.Thread(target=add_a_letter, args="x", kwargs={"announce": True})
    first.start()
    assert first_holds.wait(10)
    add_a_letter("y", announce=False)
    first.join(10)
    assert seen == [None, "x"]


def test_many_writers_on_sqlite_queue_instead_of_failing(sqlite_template, tmp_path):
    file = tmp_path / "x.db"
    file.write_bytes(sqlite_template.read_bytes())
    engine = open_engine(f"sqlite:///{file}", connections=10)
    failures = []

    def write(number):
        try:
            with writers(engine).begin() as session:
                session.query(Account).count()
                lock_account(session, f"a{number}", MONDAY)
        except OperationalError as problem:
            failures.append(problem)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    with readers(engine).begin() as session:
        assert session.query(Account).count() == 10
    engine.dispose()
    assert failures == []


@pytest.mark.postgres
def test_a_connection_lost_while_idle_is_replaced_without_anybody_noticing(postgres_server):
    engine, other = open_engine(postgres_server, connections=1), open_engine(postgres_server)
    with engine.connect() as connection:
        lost = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    with other.connect() as connection:
        connection.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": lost})
    with engine.connect() as connection:
        assert connection.execute(text("SELECT pg_backend_pid()")).scalar_one() != lost
    engine.dispose()
    other.dispose()


@pytest.mark.postgres
def test_a_connection_lost_in_the_middle_is_an_unreachable_database(postgres_server):
    engine, other = open_engine(postgres_server), open_engine(postgres_server)
    with pytest.raises(DatabaseUnreachableError, match="no database answers"):
        _lose_connection(engine, other)
    engine.dispose()
    other.dispose()


def _lose_connection(engine, other):
    with engine.connect() as connection:
        lost = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with other.connect() as killer:
            killer.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": lost})
        connection.execute(text("SELECT 1"))
