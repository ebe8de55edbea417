"""Around a decision: take it back, agree with it, ask, note, wait, hand to the leads, reopen."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from detectors.verdict import Kind
from review_api.appeals import file_appeal, find_pause
from review_api.console.stepforms import FORMS
from review_api.vocabulary import CaseEventKind, CaseStatus, Choice, Fate, Role
from tests.console.conftest import form_word
from tests.console.test_queue_page import shown
from tests.house import POLICY, ruled_out
from tests.verdicts import HOUR, MONDAY, payload

WORDS = "Somebody should ring them up."
GRACE = timedelta(seconds=20)
RESTORE = {"choice": "restore", "reason_code": "shared_network", "rationale": "A family."}
UPHOLD = {
    "choice": "uphold",
    "reason_code": "automation_confirmed",
    "rationale": "Looked at every job.",
    **{f"check-{code}": answer for code, answer in ruled_out(Kind.AUTOMATION).items()},
}


@pytest.fixture
def rules(app, house):
    """Change the rules that the console and the house go by."""

    def changed(**more):
        house.policy = replace(POLICY, **more)
        parts = replace(app.state.parts, policy=house.policy)
        app.state.parts = parts
        console = next(
            route.app for route in app.routes if getattr(route, "path", "") == "/console"
        )
        console.state.parts = parts

    return changed


@pytest.fixture
def send(case_id):
    """Send a form of the case as somebody, with the word and the version of its page."""

    def sent(client, place="", version=None, **fields):
        page = client.get(f"/console/cases/{case_id}")
        fields["form_word"] = form_word(page)
        if (found := re.search(r'name="version" value="(\d+)"', page.text)) or version:
            fields["version"] = version or found[1]
        return client.post(f"/console/cases/{case_id}{place}", data=fields)

    return sent


def kinds(house, case_id):
    return [event.kind for event in house.view(case_id).events]


def appeal(house, case_id, words="It was me, on a train."):
    with house.database.writers.begin() as session:
        case = find_pause(session, "acc_1", case_id)
        file_appeal(session, case, words, by="shop", now=MONDAY, policy=house.policy)


def test_a_decision_in_its_grace_is_told_as_not_carried_out_and_can_be_taken_back(
    visit, rules, house, case_id, send
):
    rules(grace=GRACE)
    ana = visit(Role.REVIEWER, "ana")
    place = send(ana, **RESTORE).headers["location"]
    page = ana.get(place)
    assert "Restore: recorded, not carried out yet" in shown(page)
    assert 'data-grace="20.0"' in page.text
    assert 'aria-keyshortcuts="z"' in page.text
    assert 'name="choice"' not in page.text
    assert house.access().paused
    back = ana.get(send(ana, "/undo").headers["location"])
    assert "Taken back. Nothing had left." in shown(back)
    assert re.search(r'value="shared_network"[^>]* checked', back.text)
    assert ">A family.</textarea>" in back.text
    assert house.view(case_id).decisions[-1].end.fate is Fate.UNDONE
    assert house.access().paused


def test_only_who_decided_or_a_lead_may_take_a_decision_back(visit, rules, house, case_id, send):
    rules(grace=GRACE)
    send(visit(Role.REVIEWER, "ana"), **RESTORE)
    ben = visit(Role.REVIEWER, "ben")
    assert 'aria-keyshortcuts="z"' not in ben.get(f"/console/cases/{case_id}").text
    answer = send(ben, "/undo")
    assert answer.status_code == 403
    assert "Nothing was done: ana took this decision" in shown(answer)
    assert send(visit(Role.LEAD, "lea"), "/undo").status_code == 303


def test_what_was_carried_out_is_not_taken_back_and_the_page_says_so(
    visit, rules, house, case_id, send
):
    rules(grace=GRACE)
    ana = visit(Role.REVIEWER, "ana")
    send(ana, **RESTORE)
    house.settle(MONDAY + GRACE)
    answer = send(ana, "/undo")
    assert answer.status_code == 409
    assert "Nothing was done: there is nothing to take back" in shown(answer)


def test_an_uphold_that_needs_two_waits_for_somebody_else(visit, rules, house, case_id, send):
    rules(second_share=1.0)
    ana, ben = visit(Role.REVIEWER, "ana"), visit(Role.REVIEWER, "ben")
    send(ana, **UPHOLD)
    own = ana.get(f"/console/cases/{case_id}")
    assert "Uphold: waits for a second person" in shown(own)
    assert 'name="agrees"' not in own.text
    assert send(ana, "/second", agrees="yes", rationale="Me too.").status_code == 403
    assert 'name="agrees"' in ben.get(f"/console/cases/{case_id}").text
    assert send(ben, "/second", agrees="yes", rationale="I see it too.").status_code == 303
    assert house.view(case_id).status is CaseStatus.UPHELD
    assert "ben agreed: “I see it too.”" in shown(ana.get(f"/console/cases/{case_id}"))


def test_a_second_person_who_does_not_agree_opens_the_case_again(
    visit, rules, house, case_id, send
):
    rules(second_share=1.0)
    send(visit(Role.REVIEWER, "ana"), **UPHOLD)
    ben = visit(Role.REVIEWER, "ben")
    for fields, words in (
        ({"rationale": "Hm."}, "choose whether you agree"),
        ({"agrees": "no", "rationale": " "}, "say it in words"),
        ({"agrees": "no", "rationale": "x" * 4001}, "in 1 to 4000 characters"),
    ):
        answer = send(ben, "/second", **fields)
        assert answer.status_code == 422
        assert words in shown(answer)
        assert f">{fields['rationale']}</textarea>" in answer.text
    send(ben, "/second", agrees="no", rationale="It is a family.")
    assert house.view(case_id).status is CaseStatus.OPEN


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("question", CaseEventKind.ASKED),
        ("extension", CaseEventKind.EXTENDED),
        ("escalation", CaseEventKind.ESCALATED),
        ("note", CaseEventKind.NOTED),
    ],
)
def test_a_step_is_taken_told_and_in_the_thread(  # noqa: PLR0917 - two vary
    visit, house, case_id, send, name, kind
):
    ana = visit(Role.REVIEWER, "ana")
    answer = send(ana, f"/steps/{name}", words=WORDS)
    assert answer.status_code == 303
    text = shown(ana.get(answer.headers["location"]))
    assert FORMS[name].done in text
    assert WORDS in text
    assert kinds(house, case_id)[-1] is kind


def test_a_step_that_makes_no_sense_is_not_offered(visit, house, case_id, send):
    ana = visit(Role.REVIEWER, "ana")

    def offered():
        page = ana.get(f"/console/cases/{case_id}").text
        return re.findall(r'action="[^"]+/steps/(\w+)"', page)

    assert offered() == ["question", "extension", "escalation", "note"]
    send(ana, "/steps/question", words="Were you abroad?")
    for _ in range(2):
        send(ana, "/steps/extension", words="They are on leave.")
    assert offered() == ["escalation", "note"]
    house.decide(case_id)
    assert offered() == ["note"]
    lead = visit(Role.LEAD).get(f"/console/cases/{case_id}").text
    assert "/steps/reopening" in lead


def test_a_lead_opens_a_decided_case_again_and_nobody_else(visit, house, case_id, send):
    house.decide(case_id)
    assert send(visit(Role.REVIEWER), "/steps/reopening", words=WORDS).status_code == 403
    assert send(visit(Role.LEAD), "/steps/reopening", words=WORDS).status_code == 303
    assert house.view(case_id).status is CaseStatus.OPEN
    assert not house.access().paused


def test_a_step_that_cannot_be_taken_loses_no_word(visit, house, case_id, send):
    ana = visit(Role.REVIEWER, "ana")
    for words, fault in (
        (" ", "Say it in words"),
        ("x" * 4001, "in 1 to 4000 characters"),
        ("a\x00b", "Leave out control characters."),
    ):
        answer = send(ana, "/steps/note", words=words)
        assert answer.status_code == 422
        assert fault in shown(answer)
        assert words.strip() in answer.text
    answer = send(ana, "/steps/note", version=1, words=WORDS)
    assert answer.status_code == 409
    assert "The case has changed since you read it." in shown(answer)
    assert f">{WORDS}</textarea>" in answer.text
    send(ana, "/steps/question", words="Were you abroad?")
    answer = send(ana, "/steps/question", words="And when?")
    assert answer.status_code == 409
    assert ">And when?</textarea>" in answer.text


def test_a_note_of_five_megabytes_is_refused_with_what_to_do(visit, house, case_id, send):
    before = house.view(case_id).version
    answer = send(visit(Role.REVIEWER), "/steps/note", words="x" * 5_000_000)
    assert answer.status_code == 413
    assert "go back, where your words still are, and shorten it to at most 4000" in shown(answer)
    assert house.view(case_id).version == before


def test_markup_in_a_note_is_text_everywhere(visit, house, case_id, send):
    evil = "</textarea><script>alert(1)</script><img src=x onerror=alert(2)>"
    ana = visit(Role.REVIEWER, "ana")
    appeal(house, case_id, evil)
    faulty = send(ana, "/steps/note", version=1, words=evil)
    for name in ("note", "question"):
        assert send(ana, f"/steps/{name}", words=evil).status_code == 303
    answered = send(ana, **RESTORE, answer=evil)
    assert answered.status_code == 303
    for page in (faulty, ana.get(f"/console/cases/{case_id}"), ana.get("/console/")):
        assert "<script>alert" not in page.text
        assert "<img" not in page.text
    assert "&lt;script&gt;alert(1)" in ana.get(f"/console/cases/{case_id}").text


@pytest.mark.parametrize("place", ["", "/undo", "/second", "/suggestion", "/steps/note"])
def test_a_viewer_takes_no_step(visit, house, case_id, send, place):
    before = house.view(case_id).version
    fields = {"words": WORDS, "agrees": "yes", **RESTORE}
    answer = send(visit(Role.VIEWER), place, version=before, **fields)
    assert answer.status_code == 403
    assert house.view(case_id).version == before


def test_a_checklist_is_answered_before_an_uphold_and_what_was_answered_stays(
    visit, house, case_id, send
):
    ana = visit(Role.REVIEWER, "ana")
    codes = list(ruled_out(Kind.AUTOMATION))
    for change, fault in (
        ({f"check-{codes[0]}": ""}, "1 left."),
        ({f"check-{codes[1]}": "applies"}, "You say this applies"),
        (dict.fromkeys((f"check-{code}" for code in codes), "cannot_tell"), "nothing to uphold"),
    ):
        answer = send(ana, **UPHOLD | change)
        assert answer.status_code == 422
        assert fault in shown(answer)
    last = rf'name="check-{codes[2]}" value="cannot_tell" checked'
    assert re.search(last, answer.text)
    assert house.view(case_id).status is CaseStatus.OPEN


def test_without_a_script_the_server_suggests_words_and_keeps_what_was_typed(
    visit, house, case_id, send
):
    ana = visit(Role.REVIEWER, "ana")
    page = send(ana, "/suggestion", **RESTORE).text
    said = (
        "A family.\nA family, an office or a carrier behind one address. That, and not abuse, is "
        "behind what stood out most: 212 of 220 jobs came exactly 60 seconds after the one before."
    )
    assert f">{said}</textarea>" in page
    assert send(ana, "/suggestion", **RESTORE | {"rationale": said}).text.count(said) == 1
    nothing = send(ana, "/suggestion", rationale="Hm.")
    assert "Choose the reason first." in shown(nothing)
    assert ">Hm.</textarea>" in nothing.text
    assert house.view(case_id).decisions == ()


def test_an_appeal_stands_on_the_page_in_the_customers_words(visit, house, case_id):
    house.decide(case_id, Choice.UPHOLD)
    appeal(house, case_id)
    page = visit(Role.REVIEWER, "ben").get(f"/console/cases/{case_id}")
    text = shown(page)
    assert "The customer appeals Appeal 1 of at most 3" in text
    assert "It was me, on a train." in text
    assert "Decided before by ana (uphold, a program made the requests)." in text
    assert "Answer to the customer" in text


def test_who_has_judged_the_case_reads_that_somebody_else_answers_the_appeal(
    visit, house, case_id, send
):
    house.decide(case_id, Choice.UPHOLD)
    appeal(house, case_id)
    ana = visit(Role.REVIEWER, "ana")
    page = ana.get(f"/console/cases/{case_id}")
    assert "Somebody else answers this appeal." in shown(page)
    assert 'name="choice"' not in page.text
    answer = send(ana, version=house.view(case_id).version, **RESTORE, answer="You were right.")
    assert answer.status_code == 403
    assert "Nothing was done: an appeal is decided by somebody who" in shown(answer)
    assert "nothing of it is lost: A family. To the customer: You were right." in shown(answer)
    assert house.view(case_id).status is CaseStatus.APPEALED


def test_an_appeal_is_answered_in_words_and_they_are_not_lost(visit, house, case_id, send):
    house.decide(case_id, Choice.UPHOLD)
    appeal(house, case_id)
    ben = visit(Role.REVIEWER, "ben")
    answer = send(ben, **RESTORE)
    assert answer.status_code == 422
    assert "Answer the customer in words: they have appealed." in shown(answer)
    answer = send(ben, **RESTORE | {"rationale": ""}, answer="You were right.")
    assert ">You were right.</textarea>" in answer.text
    answer = send(ben, **RESTORE, answer="You were right.")
    text = shown(ben.get(answer.headers["location"]))
    assert "Restored." in text
    assert "overturned 23 Nov 2026, 09:00 UTC by ben" in text
    assert "Answered: You were right." in text


def test_an_appeal_of_a_lapsed_pause_can_still_be_overturned(visit, house, case_id, clock, send):
    clock.advance(4 * 24 * HOUR.total_seconds())
    appeal(house, case_id)
    answer = send(visit(Role.REVIEWER), **RESTORE, answer="It was a mistake.")
    assert answer.status_code == 303
    assert house.view(case_id).status is CaseStatus.RESTORED
    assert house.take(payload(offset=8)).case_id != case_id
