from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import DBAPIError

from access.errors import FactChangedError
from fairuse.database import METADATA
from review_api.audit import write_audit
from review_api.audit_chain import START, Head, canonical, link
from review_api.chain_check import check_chain
from review_api.records import AuditEntry, AuditLink
from review_api.sealing import count_unsealed, head_of, seal, seal_due
from review_api.tokens import Caller
from review_api.vocabulary import AuditAction, Role
from tests.verdicts import MONDAY, payload

ANA = Caller("ana", Role.REVIEWER)


@pytest.fixture
def log(database):
    return Log(database)


class Log:
    """The audit log, what one writes into it, and what somebody with all rights does to it."""

    def __init__(self, database):
        self.database = database

    def write(self, many=1, detail="read"):
        for number in range(many):
            with self.database.writers.begin() as session:
                said = f"{detail} {number}"
                write_audit(session, ANA, AuditAction.CASE_READ, MONDAY, case_id="c1", detail=said)

    def seal(self, limit=1000, **more):
        with self.database.writers.begin() as session:
            return seal(session, limit, **more)

    def sealed(self, many):
        self.write(many)
        assert self.seal() == many

    def check(self, kept=None, **more):
        return check_chain(self.database.readers, kept, **more)

    @property
    def head(self):
        with self.database.readers.begin() as session:
            return head_of(session)

    def waiting(self, **more):
        with self.database.readers.begin() as session:
            return count_unsealed(session, **more)

    def tamper(self, *statements):
        """Run statements past the triggers and foreign keys, as the database's owner can."""
        if self.database.url.startswith("sqlite"):
            before = ["PRAGMA foreign_keys = OFF"]
            before += [f"DROP TRIGGER IF EXISTS {t}_refuse_{v}" for t in TABLES for v in VERBS]
        else:
            before = ["SET session_replication_role = replica"]
        with self.database.engine.connect() as connection:
            raw = connection.connection.cursor()
            for statement in (*before, *statements):
                raw.execute(statement)
            connection.connection.commit()
            connection.invalidate()


TABLES = ("audit_entries", "audit_links")
VERBS = ("update", "delete")


def test_an_entry_is_the_same_bytes_wherever_it_is_stored(log):
    log.write()
    with log.database.readers.begin() as session:
        entry = session.scalars(select(AuditEntry)).one()
    assert canonical(entry) == (
        b'["fairuse audit entry 1",1,"2026-11-23T09:00:00.000000+00:00","ana","reviewer",'
        b'"case_read","c1","read 0"]'
    )


def test_the_zone_a_time_was_written_in_changes_nothing():
    there = MONDAY.astimezone(timezone(timedelta(hours=9)))
    entries = [
        AuditEntry(
            id=1, at=at, actor="a", role=Role.LEAD, action=AuditAction.CASE_READ, detail="ключ"
        )
        for at in (MONDAY, there)
    ]
    assert len({link(START, entry) for entry in entries}) == 1
    assert canonical(entries[0]).isascii()


def test_any_change_of_an_entry_changes_its_link():
    row = {
        "id": 1,
        "at": datetime(2026, 1, 1, tzinfo=UTC),
        "actor": "a",
        "role": Role.LEAD,
        "action": AuditAction.CASE_READ,
        "case_id": None,
        "detail": "",
    }
    other = {
        "id": 2,
        "at": datetime(2026, 1, 1, 0, 0, 0, 1, tzinfo=UTC),
        "actor": "b",
        "role": Role.ADMIN,
        "action": AuditAction.CASE_DECIDED,
        "case_id": "",
        "detail": "a",
    }
    links = {link(START, AuditEntry(**row | {name: other[name]})) for name in row}
    assert len(links | {link(START, AuditEntry(**row)), link("1" * 64, AuditEntry(**row))}) == 9


def test_a_log_that_nobody_wrote_in_is_whole(log):
    assert log.head == Head()
    report = log.check()
    assert (report.whole, report.head, report.unsealed) == (True, Head(), 0)


def test_what_is_written_waits_and_is_sealed_in_its_order(log):
    log.write(5)
    assert (log.waiting(), log.check().unsealed) == (5, 5)
    assert [log.seal(2), log.seal(2), log.seal(2), log.seal(2)] == [2, 2, 1, 0]
    assert (log.waiting(), log.check().unsealed) == (0, 0)
    report = log.check(batch=2)
    assert (report.whole, report.head) == (True, log.head)
    with log.database.readers.begin() as session:
        assert session.execute(select(AuditLink.n, AuditLink.entry_id)).all() == [
            (n, n) for n in range(1, 6)
        ]


def test_requests_do_not_wait_for_the_chain(log):
    log.sealed(1)
    with log.database.writers.begin() as session:
        write_audit(session, ANA, AuditAction.CASE_READ, MONDAY)
        session.flush()
        assert session.scalar(select(func.count()).select_from(AuditLink)) == 1


@pytest.mark.parametrize(
    "database", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)
def test_an_entry_that_commits_late_only_gets_a_later_number(log):
    late = log.database.writers()
    write_audit(late, ANA, AuditAction.CASE_DECIDED, MONDAY, detail="slow")
    late.flush()
    log.sealed(3)
    late.commit()
    assert log.seal(reach=100) == 1
    report = log.check()
    assert (report.whole, report.head.n, report.unsealed) == (True, 4, 0)
    with log.database.readers.begin() as session:
        last = session.scalars(select(AuditLink).order_by(AuditLink.n.desc())).first()
    assert (last.n, last.entry_id) == (4, 1)


def test_sealers_at_once_never_fork_the_chain(log):
    log.write(60)
    gate, sealed = threading.Barrier(4), []

    def run():
        gate.wait(20)
        while many := seal_due(log.database.writers, 5):
            sealed.append(many)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sum(sealed) == 60
    report = log.check(batch=7)
    assert (report.whole, report.head.n, report.unsealed) == (True, 60, 0)


def test_an_altered_entry_is_named(log):
    log.sealed(6)
    log.tamper("UPDATE audit_entries SET actor = 'bo' WHERE id = 3")
    report = log.check(batch=2)
    assert "entry 3 (2026-11-23 09:00:00 UTC) was altered or moved" in report.wrong
    assert report.head.n == 2


def test_a_missing_entry_is_named(log):
    log.sealed(6)
    log.tamper("DELETE FROM audit_entries WHERE id = 5")
    assert log.check().wrong == "entry 5 is missing: link 5 names it"


def test_a_missing_link_is_named(log):
    log.sealed(6)
    log.tamper("DELETE FROM audit_links WHERE n IN (2, 3)")
    report = log.check()
    assert report.wrong == "link 2 is missing: link 4 follows 1"
    assert report.unsealed == 2


def test_two_entries_that_changed_places_are_named(log):
    log.sealed(6)
    log.tamper(
        "UPDATE audit_links SET entry_id = -1 WHERE n = 4",
        "UPDATE audit_links SET entry_id = 4 WHERE n = 2",
        "UPDATE audit_links SET entry_id = 2 WHERE n = 4",
    )
    assert "entry 4" in log.check().wrong
    assert "link 2" in log.check().wrong


def test_an_end_that_was_cut_off_shows_against_a_head_kept_elsewhere(log):
    log.sealed(4)
    kept = log.head.hash
    log.sealed(2)
    assert log.check(kept).whole
    assert log.check(START).whole
    log.tamper("DELETE FROM audit_links WHERE n > 3", "DELETE FROM audit_entries WHERE id > 3")
    assert log.check().whole
    assert "was cut off or written anew" in log.check(kept).wrong


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entries SET actor = 'bo'",
        "DELETE FROM audit_entries",
        "UPDATE audit_links SET n = n + 1",
        "DELETE FROM audit_links",
        "UPDATE case_events SET actor = 'bo'",
        "DELETE FROM case_events",
        "DELETE FROM evidence",
        "UPDATE evidence SET abuse = 0",
        "UPDATE decisions SET reviewer = 'bo'",
        "DELETE FROM decisions",
    ],
)
def test_the_database_itself_refuses_to_change_what_happened(log, house, statement):
    case_id = house.take(payload()).case_id
    house.decide(case_id)
    log.sealed(1)
    table = statement.split()[2 if "DELETE" in statement else 1]
    with (
        pytest.raises(DBAPIError, match=f"{table} records what happened and cannot be changed"),
        log.database.writers.begin() as session,
    ):
        session.execute(text(statement))
    assert house.count(METADATA.tables[table]) > 0


@pytest.mark.parametrize(
    "database", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)
@pytest.mark.parametrize("table", ["audit_links", "audit_entries CASCADE", "decisions CASCADE"])
def test_nobody_empties_what_happened(log, table):
    with pytest.raises(DBAPIError, match="cannot be changed"), log.database.engine.begin() as each:
        each.execute(text(f"TRUNCATE {table}"))


def test_the_program_refuses_it_too(log):
    log.sealed(1)
    with pytest.raises(FactChangedError), log.database.writers.begin() as session:
        session.delete(session.scalars(select(AuditLink)).one())


def test_the_walk_reads_no_more_than_a_batch_at_once(log):
    log.sealed(10)
    log.write(5)
    statements = []
    event.listen(log.database.engine, "before_cursor_execute", lambda *a: statements.append(a[2]))
    heard = []
    report = log.check(batch=4, advance=heard.append)
    assert (report.head.n, report.unsealed, heard) == (10, 5, [4, 4, 2])
    assert sum("JOIN" in statement for statement in statements) == 3
