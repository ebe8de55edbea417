"""A person's word on a detector: who may say it, what it covers, and that it can be taken back."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from access.errors import FactChangedError
from access.vocabulary import Refusal
from detectors.rules import RULES
from detectors.verdict import Action, Kind
from review_api.app import create_app
from review_api.detector_records import StandingChange
from review_api.errors import BadRequestError, DetectorNotFoundError, StandingUnchangedError
from review_api.intake import Intake
from review_api.records import AuditEntry
from review_api.standing import Detector, Word, set_standing, watches, watching
from review_api.tokens import issue_token
from review_api.vocabulary import AuditAction, DetectorStanding, Role
from streams.clock import ManualClock
from tests.verdicts import HOUR, MONDAY, payload

WATCH, ACT = DetectorStanding.DETECT_ONLY, DetectorStanding.ACTING
EVERY, ONE, OTHER = (Detector("automation", version) for version in ("", "m1", "m2"))
SAID = {"standing": "detect_only", "why": "A client release looks like a script."}


@pytest.fixture
def say(house):
    """Give a way of changing a standing, each change an hour after the one before."""
    house.take(payload(action=Action.REVIEW))
    house.take(payload("acc_2", action=Action.REVIEW, model_version="m2"))
    said = []

    def speak(detector, standing, why="Because."):
        said.append(detector)
        with house.database.writers.begin() as session:
            word = Word(standing, "lea", why)
            return set_standing(session, detector, word, MONDAY + len(said) * HOUR)

    return speak


@pytest.fixture
def watched(house):
    def of(*detectors):
        with house.database.readers.begin() as session:
            return [watches(session, detector) for detector in detectors]

    return of


def test_every_detector_begins_by_acting(watched):
    assert watched(EVERY, ONE, Detector("metronome")) == [False] * 3


def test_a_word_on_one_model_version_leaves_the_others(say, watched):
    say(ONE, WATCH)
    assert watched(ONE, OTHER) == [True, False]


def test_a_word_on_every_version_covers_those_to_come(say, watched):
    say(EVERY, WATCH)
    assert watched(ONE, OTHER, Detector("automation", "m9")) == [True] * 3


def test_a_word_on_one_kind_leaves_the_others(say, watched):
    say(EVERY, WATCH)
    assert watched(Detector("scripting", "m1"), Detector("metronome")) == [False] * 2


def test_the_newest_word_that_covers_a_detector_counts(say, watched):
    say(EVERY, WATCH)
    say(ONE, ACT)
    assert watched(ONE, OTHER) == [False, True]
    say(OTHER, ACT)
    say(ONE, WATCH)
    say(EVERY, ACT)
    assert watched(ONE, OTHER) == [False, False]


def test_those_that_only_watch_are_each_told_once(say, house):
    say(ONE, WATCH)
    say(EVERY, WATCH)
    say(OTHER, ACT)
    say(Detector("no_rest"), WATCH)
    with house.database.readers.begin() as session:
        told = [(change.detector, change.model_version) for change in watching(session)]
    assert told == [("no_rest", ""), ("automation", "")]


@pytest.mark.parametrize("action", [Action.PAUSE, Action.REVIEW])
def test_taking_a_word_back_is_its_inverse(house, say, action):
    before = house.take(payload("before", action=action), MONDAY)
    say(EVERY, WATCH)
    during = house.take(payload("during", action=action), MONDAY + HOUR)
    say(EVERY, ACT)
    after = house.take(payload("after", action=action), MONDAY + 2 * HOUR)
    assert during.intake is Intake.REVIEW
    assert after.intake is before.intake
    assert not house.access(MONDAY + 9 * HOUR, "during").paused


def test_a_watching_detector_still_opens_cases_that_a_person_can_decide(house, say):
    say(EVERY, WATCH)
    result = house.take(payload("acc_3"))
    assert (result.intake, result.refusal) == (Intake.REVIEW, Refusal.DETECTOR_WATCHING)
    house.decide(result.case_id)
    assert house.view(result.case_id).status == "restored"


def test_a_word_that_changes_nothing_is_refused(say):
    with pytest.raises(StandingUnchangedError, match="automation of model m1 is already acting"):
        say(ONE, ACT)
    say(EVERY, WATCH)
    for detector in (EVERY, ONE):
        with pytest.raises(StandingUnchangedError):
            say(detector, WATCH)


def test_a_word_on_every_version_is_needed_while_one_stands_otherwise(say, watched):
    say(ONE, WATCH)
    say(EVERY, ACT)
    assert watched(ONE) == [False]


@pytest.mark.parametrize(
    "detector", [Detector("metronom"), Detector(""), Detector("automation", "m9")]
)
def test_a_detector_or_model_that_is_not_there_is_refused(say, detector):
    with pytest.raises(DetectorNotFoundError):
        say(detector, WATCH)


def test_a_rule_has_no_model_versions(say):
    with pytest.raises(DetectorNotFoundError, match="no model versions"):
        say(Detector("metronome", "m1"), WATCH)


def test_a_word_without_a_reason_is_refused(say):
    with pytest.raises(BadRequestError, match="its reason in words"):
        say(ONE, WATCH, " \n")


def test_a_rule_that_a_later_release_no_longer_has_can_still_be_spoken_of(house, say, watched):
    house.take(payload("acc_3", detector="retired_rule"))
    say(Detector("retired_rule"), WATCH)
    assert watched(Detector("retired_rule")) == [True]


def test_a_change_of_standing_cannot_be_rewritten(house, say):
    say(ONE, WATCH)
    with pytest.raises(FactChangedError), house.database.writers.begin() as session:
        session.scalars(select(StandingChange)).one().why = "Another reason."


@pytest.fixture
def call(database):
    """Give a client of the API that speaks for a role."""
    app = create_app(database.engine, ManualClock(MONDAY + HOUR))

    def as_role(role):
        with database.writers.begin() as session:
            token = issue_token(session, role.value, role, MONDAY)
        return TestClient(app, headers={"Authorization": f"Bearer {token}"})

    return as_role


def test_every_rule_and_kind_is_listed_before_it_ever_paused(call):
    body = call(Role.VIEWER).get("/v1/detectors").json()
    assert {each["detector"] for each in body["detectors"]} == {
        *Kind,
        *(rule.code for rule in RULES),
    }
    for each in body["detectors"]:
        assert (each["standing"], each["change"], each["model_version"]) == ("acting", None, None)
        assert each["wrongful"] == {"count": 0, "of": 0, "low": 0.0, "high": 1.0}
    assert body["held_in_the_last_hour"] == 0


def test_a_detector_is_listed_with_its_pauses_and_its_mistakes(call, house):
    for number, version in enumerate(("m1", "m1", "m2")):
        case_id = house.take(payload(f"acc_{number}", model_version=version)).case_id
        if number == 0:
            house.decide(case_id)
    house.take(payload("acc_9", detector="metronome"))
    listed = call(Role.VIEWER).get("/v1/detectors").json()["detectors"]
    found = {(each["detector"], each["model_version"]): each for each in listed}
    assert ("automation", None) not in found
    assert found["automation", "m1"]["pauses_in_31_days"] == 2
    assert found["automation", "m1"]["last_pause_at"] == "2026-11-23T09:00:00Z"
    assert found["automation", "m1"]["wrongful"]["count"] == 1
    assert found["automation", "m1"]["wrongful"]["low"] == pytest.approx(0.025)
    assert found["automation", "m2"]["wrongful"]["of"] == 0
    assert found["metronome", None]["pauses_in_31_days"] == 1


def test_a_lead_makes_a_detector_watch_and_it_is_listed_first(call, house):
    lead = call(Role.LEAD)
    answer = lead.post("/v1/detectors/metronome/standing", json=SAID)
    assert answer.status_code == 201
    assert answer.json() == SAID | {
        "detector": "metronome",
        "model_version": None,
        "since": "2026-11-23T10:00:00Z",
        "actor": "lead",
    }
    first = lead.get("/v1/detectors").json()["detectors"][0]
    assert (first["detector"], first["change"]) == ("metronome", answer.json())
    held = house.take(payload(detector="metronome"), MONDAY + HOUR)
    assert held.refusal is Refusal.DETECTOR_WATCHING


def test_pauses_held_back_in_the_last_hour_are_told(call, house):
    for number in range(6):
        house.take(payload(f"early_{number}"), MONDAY)
        house.take(payload(f"late_{number}"), MONDAY + HOUR)
    assert call(Role.VIEWER).get("/v1/detectors").json()["held_in_the_last_hour"] == 2


@pytest.mark.parametrize("role", [Role.VIEWER, Role.REVIEWER, Role.SERVICE])
def test_only_a_lead_or_an_admin_changes_a_standing(call, role, watched):
    assert call(role).post("/v1/detectors/metronome/standing", json=SAID).status_code == 403
    assert watched(Detector("metronome")) == [False]


def test_the_platform_reads_nothing_of_detectors(call):
    assert call(Role.SERVICE).get("/v1/detectors").status_code == 403


@pytest.mark.parametrize(
    ("name", "change", "status"),
    [
        ("metronom", {}, 404),
        ("automation", {"model_version": "m9"}, 404),
        ("metronome", {"model_version": "m1"}, 404),
        ("metronome", {"standing": "acting"}, 409),
        ("metronome", {"standing": "banned"}, 422),
        ("metronome", {"why": " "}, 422),
        ("metronome", {"why": "a\x00b"}, 422),
        ("metronome", {"surprise": 1}, 422),
        ("m%00", {}, 422),
    ],
)
def test_a_malformed_word_is_refused_and_changes_nothing(call, house, name, change, status):
    answer = call(Role.ADMIN).post(f"/v1/detectors/{name}/standing", json=SAID | change)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert house.count(StandingChange) == 0


def test_who_lists_or_changes_is_in_the_audit_log(call, database):
    admin = call(Role.ADMIN)
    admin.get("/v1/detectors")
    admin.post("/v1/detectors/metronome/standing", json=SAID)
    with database.readers.begin() as session:
        entries = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [(entry.action, entry.actor, entry.detail) for entry in entries] == [
        (AuditAction.DETECTORS_LISTED, "admin", ""),
        (AuditAction.DETECTOR_CHANGED, "admin", "metronome: detect_only"),
    ]
