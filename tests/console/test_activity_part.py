"""The part of a case page that shows what the account did, and who looked at it how closely."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from detectors.association import Shared
from detectors.verdict import Kind
from features.sightings import block_key
from review_api import activity
from review_api.activity_records import AccountNetwork
from review_api.addresses import AddressSeal
from review_api.console.looking import Part
from review_api.links import note_sightings
from review_api.metrics import read_metrics
from review_api.records import AuditEntry
from review_api.vocabulary import AuditAction, Role
from tests.console.conftest import form_word
from tests.console.test_queue_page import shown
from tests.doings import did, every, note
from tests.sightings import sighting
from tests.verdicts import DAY, HOUR, MONDAY, payload

WHY = "The customer says that this is the library's network."


def page_of(visitor, case_id, more=""):
    return visitor.get(f"/console/cases/{case_id}{more}")


def audited(database, action):
    with database.readers.begin() as session:
        rows = session.scalars(select(AuditEntry).where(AuditEntry.action == action))
        return [(row.actor, row.case_id, row.detail) for row in rows]


def unmask(visitor, case_id, why=WHY):
    word = form_word(page_of(visitor, case_id))
    form = {"form_word": word, "why": why}
    return visitor.post(f"/console/cases/{case_id}/addresses", data=form)


def test_a_case_of_which_nothing_is_kept_says_so(reviewer, case_id):
    assert "No events of this account are kept here." in shown(page_of(reviewer, case_id))


def test_everything_stands_on_one_axis_with_what_became_of_the_case(reviewer, case_id, database):
    note(database, *every(60, 40), did(type="session.started", at=MONDAY - HOUR))
    page = page_of(reviewer, case_id)
    text = shown(page)
    assert "40 quota jobs; 1 sign-ins." in text
    assert "The score reached 0.97 and a verdict asked for a pause" in text
    assert "Monthly quota paused until 26 Nov 2026, 09:00 UTC" in text
    assert "39 gaps. Most often from 32 s to 1 min: 100% of them." in text
    assert "1 device, 1 session. Never two devices at once." in text
    assert "Hours are UTC+1" in text
    assert page.text.count('role="img"') == 4


def test_every_chart_opens_as_a_table_and_who_opened_it_is_written_down(
    reviewer, case_id, database
):
    note(database, *every(60, 40))
    page_of(reviewer, case_id)
    assert audited(database, AuditAction.EVIDENCE_OPENED) == []
    tables = ("timeline", "hours", "gaps", "devices", "jobs")
    page = page_of(reviewer, case_id, "?span=week&" + "&".join(f"opened={t}" for t in tables))
    for label in ("days", "hours", "gaps", "stretches", "jobs"):
        assert f'aria-label="Table of {label}"' in page.text
    assert audited(database, AuditAction.EVIDENCE_OPENED) == [
        ("reviewer", case_id, "span week, opened devices, gaps, hours, jobs, timeline")
    ]


def test_a_shorter_time_shows_less_and_an_unknown_word_shows_all(reviewer, case_id, database):
    note(database, *every(60, 3), did(at=MONDAY - 3 * DAY), did(at=MONDAY - 20 * DAY))
    counted = dict.fromkeys(("all", "week", "day", "for-ever"), "events")
    for span, count in zip(counted, (5, 4, 3, 5), strict=True):
        text = shown(page_of(reviewer, case_id, f"?span={span}"))
        assert f", {count} events (finished" in text
        assert "Kept of this account: 5 events." in text


def test_what_happened_around_the_verdict_can_be_looked_at_alone(reviewer, case_id, database):
    later = MONDAY + timedelta(days=9)
    note(database, *every(60, 3), did(at=later))
    assert ", 3 events (finished" in shown(page_of(reviewer, case_id, "?span=pause"))


def test_too_many_events_are_cut_to_the_newest_and_the_page_says_so(
    reviewer, case_id, database, monkeypatch
):
    monkeypatch.setattr(activity, "DRAWN", 30)
    note(database, *every(60, 40))
    text = shown(page_of(reviewer, case_id))
    assert ", 30 events (finished jobs are not counted again): only the newest" in text
    assert "Kept of this account: 40 events." in text


def test_finished_jobs_are_not_drawn_a_second_time(reviewer, case_id, database):
    note(database, did(), did(at=MONDAY + HOUR, type="generation.completed"))
    assert ", 1 events (finished" in shown(page_of(reviewer, case_id))


def test_a_network_says_how_many_accounts_were_seen_in_its_block(reviewer, case_id, database):
    note(database, did())
    with database.readers.begin() as session:
        key = session.scalars(select(AccountNetwork.block)).one() % 2**64
    assert key != int(block_key(0))
    with database.writers.begin() as session:
        seen = sighting(shared=Shared.NETWORK_BLOCK, key=key, degree=17)
        note_sightings(session, [seen], MONDAY)
    assert "100.0 % 17" in shown(page_of(reviewer, case_id))


def test_addresses_are_masked_until_a_reason_is_given_and_then_shown_once(
    reviewer, case_id, database
):
    note(database, did())
    page = page_of(reviewer, case_id)
    assert "203.0.113.x" in page.text
    assert "203.0.113.7" not in page.text
    page = unmask(reviewer, case_id)
    assert page.status_code == 200
    assert "203.0.113.7" in page.text
    assert "203.0.113.7" not in page_of(reviewer, case_id).text
    assert audited(database, AuditAction.ADDRESSES_UNMASKED) == [("reviewer", case_id, WHY)]
    with database.readers.begin() as session:
        assert read_metrics(session, MONDAY)["fairuse_addresses_unmasked"] == 1
        assert read_metrics(session, MONDAY + 2 * DAY)["fairuse_addresses_unmasked"] == 0


def test_without_a_reason_nothing_is_unmasked_and_nothing_is_lost(reviewer, case_id, database):
    note(database, did())
    wrong = (("because", "at least 10"), ("x" * 201, "at most 200"), ("\x00" * 20, "control"))
    for why, fault in wrong:
        page = unmask(reviewer, case_id, why)
        assert page.status_code == 422
        assert fault in shown(page)
        assert "203.0.113.7" not in page.text
    assert audited(database, AuditAction.ADDRESSES_UNMASKED) == []


def test_who_may_only_read_cannot_unmask(visit, case_id, database):
    note(database, did())
    viewer = visit(Role.VIEWER)
    assert "Show the addresses in full" not in page_of(viewer, case_id).text
    assert unmask(viewer, case_id).status_code == 403
    assert audited(database, AuditAction.ADDRESSES_UNMASKED) == []


def test_a_form_of_another_site_unmasks_nothing(reviewer, case_id, database):
    note(database, did())
    form = {"form_word": "0" * 64, "why": WHY}
    answer = reviewer.post(f"/console/cases/{case_id}/addresses", data=form)
    assert answer.status_code == 403
    assert audited(database, AuditAction.ADDRESSES_UNMASKED) == []


def test_an_address_sealed_under_another_key_stays_masked(reviewer, case_id, database):
    note(database, did(), seal=AddressSeal(b"another secret"))
    page = unmask(reviewer, case_id)
    assert "203.0.113.x" in page.text
    assert "was sealed under another key" in shown(page)


def test_what_an_event_says_is_escaped(reviewer, case_id, database):
    note(database, did(model="<script>alert(1)</script>", feature='"><b>'))
    page = page_of(reviewer, case_id, "?opened=jobs")
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert" in page.text


def test_a_page_of_five_thousand_events_stays_small(reviewer, case_id, database):
    types = ("generation.requested", "result.viewed", "ui.interaction", "session.started")
    events = [
        did(
            at=MONDAY - timedelta(minutes=9 * number),
            type=types[number % 4],
            event_id=f"e{number}",
            device_id=f"d{number % 9}",
            session_id=f"s{number // 20}",
            ip=f"198.51.{number % 250}.1",
        )
        for number in range(5000)
    ]
    note(database, *events)
    page = page_of(reviewer, case_id, "?" + "&".join(f"opened={part}" for part in Part))
    assert len(page.content) < 300_000


def test_earlier_cases_say_what_they_proved(reviewer, house):
    first = house.take(payload(), MONDAY - 9 * DAY).case_id
    house.decide(first, now=MONDAY - 8 * DAY)
    second = house.take(payload(kind=Kind.RESELLING, offset=9)).case_id
    text = shown(page_of(reviewer, second))
    assert "Automation, restored (false positive)" in text
