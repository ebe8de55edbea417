from __future__ import annotations

import threading

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from access.database import open_engine
from fairuse.database import METADATA, _wait_for_turn, downgrade, migrate, revision_of
from fairuse.wiring import _newest_revision


def test_the_migrated_schema_is_the_one_the_models_describe(database):
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []


def test_migrating_twice_changes_nothing(empty_database_url):
    migrate(empty_database_url)
    migrate(empty_database_url)
    assert revision_of(empty_database_url) == _newest_revision()


@pytest.mark.parametrize(
    "empty_database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)
def test_whoever_migrates_waits_for_another_who_migrates(empty_database_url):
    engine = open_engine(empty_database_url)
    late = threading.Thread(target=migrate, args=(empty_database_url,))
    with engine.begin() as holder:
        _wait_for_turn(holder)
        late.start()
        assert _somebody_waits_for_a_turn(engine)
        assert revision_of(empty_database_url) is None
    late.join(30)
    engine.dispose()
    assert revision_of(empty_database_url) == _newest_revision()


def _somebody_waits_for_a_turn(engine):
    waiting = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    for _ in range(400):
        with engine.connect() as connection:
            if connection.execute(waiting).scalar_one():
                return True
        threading.Event().wait(0.01)
    return False


def test_going_back_to_the_beginning_leaves_no_table_of_ours(empty_database_url):
    migrate(empty_database_url)
    downgrade(empty_database_url, "base")
    engine = open_engine(empty_database_url)
    assert set(inspect(engine).get_table_names()) == {"alembic_version"}
    engine.dispose()
    assert revision_of(empty_database_url) is None


def test_going_back_and_forth_keeps_the_cases_that_were_there(empty_database_url):
    migrate(empty_database_url, "0001")
    engine = open_engine(empty_database_url)
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO accounts VALUES ('a', NULL, '2026-01-01')"))
        connection.execute(text(_CASE), {"id": "c", "kind": "automation", "closed": None})
    migrate(empty_database_url)
    with engine.begin() as connection:
        for statement in _LATER:
            connection.execute(text(statement))
    for revision in ("0003", "0002", "0001", "head"):
        (migrate if revision == "head" else downgrade)(empty_database_url, revision)
        with engine.connect() as connection:
            assert connection.execute(text("SELECT id FROM cases")).scalars().all() == ["c"]
    engine.dispose()


def test_a_database_never_migrated_has_no_revision(empty_database_url):
    assert revision_of(empty_database_url) is None


_CASE = "INSERT INTO cases VALUES (:id, 'a', :kind, '2026-01-01', :closed)"
_LATER = (
    "INSERT INTO measures VALUES ('m', 'a', 'challenge', 'c', '', current_date, current_date, 'x')",
    "INSERT INTO measure_ends VALUES ('m', 'passed', current_date, 'x')",
    "INSERT INTO suppressions VALUES ('s', 'a', NULL, 'r', current_date, current_date, 'x')",
    "INSERT INTO suppression_ends VALUES ('s', current_date, 'x')",
    "INSERT INTO pause_causes VALUES (1, 'c', 'v', 'd', 'm', '', '', current_date)",
    "INSERT INTO standing_changes VALUES (1, 'd', 'm', 'acting', current_date, 'x', 'why')",
    "INSERT INTO shared_attributes VALUES ('k', 'device', 2, 1, 0, current_date)",
    "INSERT INTO attribute_members VALUES ('k', 'a', true, current_date, 0, 1)",
    (
        "INSERT INTO subscription_facts "
        "VALUES ('e', 'a', 'started', 'p', current_date, NULL, current_date)"
    ),
    "INSERT INTO quota_switches VALUES (1, 'a', true, current_date, 'x')",
    "INSERT INTO credit_grants VALUES ('g', 'a', 'pack', 1, current_date, NULL, 1, current_date)",
    "INSERT INTO credit_entries VALUES ('g', 1, 'granted', NULL, 1, 1, current_date)",
    (
        "INSERT INTO admissions VALUES ('j', 'a', 'j', 'asked', 'quota', 'basic', 'm', NULL, NULL, "
        "1, '2026-01', 1, 1, NULL, 1, current_date, current_date, NULL)"
    ),
    "INSERT INTO admission_ends VALUES ('j', 'settled', 1, current_date, 'x')",
    "INSERT INTO quota_entries VALUES ('a', '2026-01', 'm', 1, 'used', 'j', 1, 1, current_date)",
    "INSERT INTO pause_leases VALUES ('l', 'a', 'monthly_quota', 'c', 'why', current_date, NULL)",
    "INSERT INTO make_goods VALUES ('l', 'a', '2026-01', 0.5, 60, current_date)",
    "INSERT INTO queue_loads VALUES ('basic', 1, 1, 1, 1, 0, current_date, current_date)",
)
_LEASE = "INSERT INTO pause_leases VALUES (:id, 'a', :what, :id, 'why', '2026-01-01', :ended)"


@pytest.fixture
def connection(database):
    with database.engine.connect() as connection:
        connection.execute(text("INSERT INTO accounts VALUES ('a', NULL, '2026-01-01')"))
        yield connection


def test_the_database_refuses_a_second_open_case_of_the_same_kind(connection):
    connection.execute(text(_CASE), {"id": "1", "kind": "automation", "closed": "2026-01-02"})
    connection.execute(text(_CASE), {"id": "2", "kind": "automation", "closed": None})
    connection.execute(text(_CASE), {"id": "3", "kind": "reselling", "closed": None})
    with pytest.raises(IntegrityError):
        connection.execute(text(_CASE), {"id": "4", "kind": "automation", "closed": None})


def test_the_database_refuses_a_second_open_lease(connection):
    lease = {"what": "monthly_quota"}
    connection.execute(text(_LEASE), {"id": "1", "ended": "2026-01-02", **lease})
    connection.execute(text(_LEASE), {"id": "2", "ended": None, **lease})
    with pytest.raises(IntegrityError):
        connection.execute(text(_LEASE), {"id": "3", "ended": None, **lease})


def test_the_database_refuses_to_pause_credits(connection):
    with pytest.raises(IntegrityError):
        connection.execute(text(_LEASE), {"id": "1", "what": "credits", "ended": None})


def test_the_database_refuses_an_entry_that_would_leave_less_than_nothing(connection):
    connection.execute(text(_GRANT))
    with pytest.raises(IntegrityError):
        connection.execute(text(_ENTRY), {"number": 1, "after": -1})


def test_the_database_refuses_a_chain_that_forks(connection):
    connection.execute(text(_GRANT))
    connection.execute(text(_ENTRY), {"number": 1, "after": 5})
    with pytest.raises(IntegrityError):
        connection.execute(text(_ENTRY), {"number": 1, "after": 4})


_GRANT = (
    "INSERT INTO credit_grants VALUES ('g', 'a', 'pack', 5, '2026-01-01', NULL, 1, '2026-01-01')"
)
_ENTRY = (
    "INSERT INTO credit_entries VALUES ('g', :number, 'granted', NULL, 5, :after, '2026-01-01')"
)
