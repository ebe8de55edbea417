"""A customer contests a pause: when they may, who answers, and what becomes of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from detectors.verdict import Action
from review_api.appeal_views import list_appeals, read_appeal
from review_api.appeals import file_appeal, find_pause, take_answer
from review_api.claims import Hold, claim, release, standing_claim
from review_api.decisions import undo
from review_api.errors import (
    AppealNotFoundError,
    AppealRefusedError,
    BadRequestError,
    MoveRefusedError,
    NotAllowedError,
)
from review_api.models import RATIONALE_LENGTH
from review_api.references import reference_of
from review_api.steps import Step, ask_customer
from review_api.vocabulary import AppealResult, AppealStage, CaseEventKind, CaseStatus, Choice
from tests.house import POLICY, House
from tests.verdicts import DAY, HOUR, MONDAY, payload

WORDS = "I was on a train, and my phone and my laptop shared its network."
ANSWER = "You were right: it was one person on a train."


@pytest.fixture
def case_id(house):
    return house.take(payload()).case_id


@pytest.fixture
def upheld(house, case_id):
    house.decide(case_id, Choice.UPHOLD)
    return case_id


def appeal(house, case_id, words=WORDS, now=MONDAY, *, number=None):
    with house.database.writers.begin() as session:
        case = find_pause(session, "acc_1", case_id)
        filed, new = file_appeal(
            session, case, words, by="shop", now=now, policy=house.policy, number=number
        )
        return filed.id, new


def seen(house, appeal_id):
    with house.database.readers.begin() as session:
        view = read_appeal(session, appeal_id)
        assert view.appeal.case.events
        return view


def ask(house, case_id, words="Were you abroad?", now=MONDAY):
    with house.database.writers.begin() as session:
        step = Step(case_id, house.view(case_id).version, words, "ben")
        ask_customer(session, step, now)


def answer(house, case_id, words="In Norway.", now=MONDAY, question=None):
    with house.database.writers.begin() as session:
        return take_answer(session, case_id, words, now, question).sequence


def test_an_appeal_puts_an_upheld_case_back_before_the_reviewers(house, upheld):
    appeal_id, new = appeal(house, upheld)
    view = house.view(upheld)
    assert new
    assert view.status is CaseStatus.APPEALED
    assert view.events[-1].kind is CaseEventKind.APPEALED
    assert view.events[-1].detail == {"appeal": appeal_id, "number": 1}
    assert house.access().paused
    said = seen(house, appeal_id)
    assert (said.stage, said.appeal.words, said.appeal.filed_by) == (
        AppealStage.RECEIVED,
        WORDS,
        "shop",
    )


def test_an_appeal_before_any_decision_is_answered_by_the_first_look(house, case_id):
    appeal_id, _ = appeal(house, case_id)
    assert house.view(case_id).status is CaseStatus.OPEN
    house.decide(case_id, answer=ANSWER, now=MONDAY + HOUR)
    view = seen(house, appeal_id)
    assert (view.stage, view.result, view.answer, view.decided_at) == (
        AppealStage.DECIDED,
        AppealResult.OVERTURNED,
        ANSWER,
        MONDAY + HOUR,
    )
    assert not house.access(now=MONDAY + HOUR).paused


@pytest.mark.parametrize(
    ("choice", "result"),
    [
        (Choice.RESTORE, AppealResult.OVERTURNED),
        (Choice.CONVERT, AppealResult.OVERTURNED),
        (Choice.UPHOLD, AppealResult.UPHELD),
    ],
)
def test_another_person_answers_in_words_and_the_choice_says_how_it_ends(
    house, upheld, choice, result
):
    appeal_id, _ = appeal(house, upheld)
    house.decide(upheld, choice, reviewer="ben", answer=ANSWER)
    assert (seen(house, appeal_id).result, seen(house, appeal_id).answer) == (result, ANSWER)
    assert house.access().paused == (choice is Choice.UPHOLD)
    assert house.view(upheld).status is not CaseStatus.APPEALED
    last = house.view(upheld).events[-1]
    assert (last.kind, last.detail) == (
        CaseEventKind.APPEAL_DECIDED,
        {"appeal": appeal_id, "result": result.value},
    )


def test_whoever_has_judged_the_case_may_not_answer_its_appeal(house, upheld):
    appeal(house, upheld)
    with pytest.raises(NotAllowedError, match="somebody who has not judged the case"):
        house.decide(upheld, reviewer="ana", answer=ANSWER)
    assert house.view(upheld).status is CaseStatus.APPEALED
    assert house.access().paused


def test_who_took_their_decision_back_has_judged_it_all_the_same(database):
    house = House(database, replace(POLICY, grace=timedelta(seconds=20)))
    case_id = house.take(payload()).case_id
    house.decide(case_id, Choice.UPHOLD)
    with database.writers.begin() as session:
        undo(session, case_id, reviewer="ana", now=MONDAY)
    appeal(house, case_id)
    with pytest.raises(NotAllowedError):
        house.decide(case_id, reviewer="ana", answer=ANSWER)


def test_an_appeal_is_not_decided_without_an_answer_in_words(house, upheld):
    appeal(house, upheld)
    with pytest.raises(BadRequestError, match="answer: an appeal needs an answer"):
        house.decide(upheld, reviewer="ben", answer=" \n")
    assert house.view(upheld).status is CaseStatus.APPEALED


def test_nothing_of_an_answer_shows_before_it_is_carried_out(database):
    house = House(database, replace(POLICY, grace=timedelta(seconds=20)))
    case_id = house.take(payload()).case_id
    appeal_id, _ = appeal(house, case_id)
    house.decide(case_id, reviewer="ben", answer=ANSWER)
    assert (seen(house, appeal_id).stage, seen(house, appeal_id).answer) == (
        AppealStage.RECEIVED,
        "",
    )
    assert house.settle(MONDAY + timedelta(seconds=20)) == 1
    assert seen(house, appeal_id).answer == ANSWER


def test_an_appeal_filed_while_an_uphold_waits_is_not_answered_by_it(database):
    house = House(database, replace(POLICY, grace=timedelta(seconds=20)))
    case_id = house.take(payload()).case_id
    house.decide(case_id, Choice.UPHOLD)
    appeal_id, _ = appeal(house, case_id)
    house.settle(MONDAY + timedelta(seconds=20))
    assert house.view(case_id).status is CaseStatus.APPEALED
    assert seen(house, appeal_id).stage is AppealStage.RECEIVED


def test_an_appeal_filed_while_a_restore_waits_ends_with_it_and_survives_its_undoing(database):
    house = House(database, replace(POLICY, grace=timedelta(seconds=20)))
    case_id = house.take(payload()).case_id
    house.decide(case_id, Choice.UPHOLD)
    house.settle(MONDAY + HOUR)
    house.decide(case_id, now=MONDAY + HOUR, reviewer="ben")
    appeal_id, _ = appeal(house, case_id, now=MONDAY + HOUR)
    with database.writers.begin() as session:
        case = undo(session, case_id, reviewer="ben", now=MONDAY + HOUR)
    assert house.view(case.case_id).status is CaseStatus.APPEALED
    house.decide(case_id, now=MONDAY + HOUR, reviewer="cleo", answer=ANSWER)
    house.settle(MONDAY + 2 * HOUR)
    assert seen(house, appeal_id).result is AppealResult.OVERTURNED


def test_the_same_words_again_are_the_same_appeal(house, upheld):
    first, new = appeal(house, upheld)
    again, new_again = appeal(house, upheld, f" {WORDS}\n", MONDAY + HOUR)
    assert (again, new, new_again) == (first, True, False)
    with pytest.raises(AppealRefusedError, match="open already"):
        appeal(house, upheld, "And another thing.")
    assert house.view(upheld).version == 4


def test_a_form_sent_twice_is_one_appeal_even_after_it_was_answered(house, upheld):
    first, _ = appeal(house, upheld, number=1)
    house.decide(upheld, Choice.UPHOLD, reviewer="ben", answer=ANSWER)
    assert appeal(house, upheld, number=1) == (first, False)
    with pytest.raises(AppealRefusedError, match="changed since you opened"):
        appeal(house, upheld, "Other words.", number=1)
    second, new = appeal(house, upheld, number=2)
    assert new
    assert second != first


def test_a_pause_is_contested_at_most_three_times(house, upheld):
    for turn, reviewer in enumerate(("ben", "cleo", "dan"), 1):
        appeal(house, upheld, f"Appeal {turn}.")
        house.decide(upheld, Choice.UPHOLD, reviewer=reviewer, answer=ANSWER)
    with pytest.raises(AppealRefusedError, match="contested 3 times"):
        appeal(house, upheld, "Appeal 4.")


def test_a_pause_can_be_contested_for_half_a_year_after_it_and_no_longer(house, upheld):
    over = MONDAY + 30 * DAY  # an upheld pause lasts so long
    appeal(house, upheld, now=over + 183 * DAY)
    other = house.take(payload("acc_2")).case_id
    late = MONDAY + 3 * DAY + 184 * DAY
    with house.database.writers.begin() as session:
        case = find_pause(session, "acc_2", other)
        with pytest.raises(AppealRefusedError, match="ended on 29 May 2027"):
            file_appeal(session, case, WORDS, by="shop", now=late, policy=POLICY)


def test_half_a_year_counts_from_a_decision_that_came_after_the_pause(house, case_id):
    decided = MONDAY + 100 * DAY
    house.decide(case_id, Choice.UPHOLD, now=decided)
    assert appeal(house, case_id, now=decided + 183 * DAY)[1]
    assert not house.access(now=decided).paused


def test_what_was_given_back_cannot_be_contested(house, case_id):
    house.decide(case_id)
    with pytest.raises(AppealRefusedError, match="access was given back"):
        appeal(house, case_id)


def test_a_pause_is_named_by_its_case_or_its_reference_and_only_by_its_own_customer(
    house, case_id, database
):
    unpaused = house.take(payload(kind="reselling", action=Action.REVIEW, offset=9)).case_id
    with database.readers.begin() as session:
        reference = reference_of(case_id)
        for name in (case_id, reference, reference.lower(), reference.replace("-", " ")):
            assert find_pause(session, "acc_1", name).id == case_id
        for account, name in (("acc_2", case_id), ("acc_1", "none"), ("acc_1", unpaused)):
            with pytest.raises(AppealNotFoundError):
                find_pause(session, account, name)


@pytest.mark.parametrize("words", ["", " \n\t", "x" * (RATIONALE_LENGTH + 1)])
def test_an_appeal_says_something_and_not_everything(house, upheld, words):
    with pytest.raises(BadRequestError):
        appeal(house, upheld, words)
    assert house.view(upheld).status is CaseStatus.UPHELD


def test_a_question_and_its_answer_are_followed_with_their_times(house, upheld):
    appeal_id, _ = appeal(house, upheld)
    ask(house, upheld, now=MONDAY + HOUR)
    view = seen(house, appeal_id)
    assert (view.stage, view.looked_at) == (AppealStage.QUESTION, MONDAY + HOUR)
    answer(house, upheld, now=MONDAY + 2 * HOUR)
    view = seen(house, appeal_id)
    (said,) = view.questions
    assert view.stage is AppealStage.IN_REVIEW
    assert (said.words, said.answer, said.answered_at) == (
        "Were you abroad?",
        "In Norway.",
        MONDAY + 2 * HOUR,
    )


def test_whoever_takes_the_case_after_the_appeal_looks_at_it(house, upheld):
    with house.database.writers.begin() as session:
        claim(session, upheld, "ben", MONDAY, POLICY)
        release(session, Hold(upheld, "ben", standing_claim(session, upheld, MONDAY).token), MONDAY)
    appeal_id, _ = appeal(house, upheld, now=MONDAY + HOUR)
    assert seen(house, appeal_id).stage is AppealStage.RECEIVED
    with house.database.writers.begin() as session:
        claim(session, upheld, "ben", MONDAY + 2 * HOUR, POLICY)
    view = seen(house, appeal_id)
    assert (view.stage, view.looked_at) == (AppealStage.IN_REVIEW, MONDAY + 2 * HOUR)


def test_the_same_answer_again_changes_nothing_and_another_one_is_refused(house, case_id):
    ask(house, case_id)
    assert answer(house, case_id) == answer(house, case_id, " In Norway. ")
    with pytest.raises(MoveRefusedError, match="no question waits"):
        answer(house, case_id, "In Spain.")


def test_an_answer_to_a_question_that_is_over_is_refused(house, case_id):
    ask(house, case_id)
    first = house.view(case_id).version
    answer(house, case_id)
    ask(house, case_id, "For how long?")
    with pytest.raises(AppealRefusedError, match="newer question"):
        answer(house, case_id, "Alone.", question=first)


def test_appeals_are_listed_with_the_longest_wait_first_a_page_at_a_time(house, database):
    filed = []
    for number in range(5):
        account = f"acc_{number}"
        # An hour apart: the breaker holds back many pauses in one minute.
        case_id = house.take(payload(account, offset=number), MONDAY + number * HOUR).case_id
        with database.writers.begin() as session:
            case = find_pause(session, account, case_id)
            made, _ = file_appeal(
                session, case, WORDS, by="shop", now=MONDAY + number * HOUR, policy=POLICY
            )
            filed.append(made.id)
    house.decide(case_id, now=MONDAY + DAY, answer=ANSWER)
    shown, cursor = [], None
    with database.readers.begin() as session:
        while True:
            page = list_appeals(session, only_open=True, limit=3, cursor=cursor)
            shown += [view.appeal.id for view in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
        every = list_appeals(session, only_open=False, limit=100, cursor=None)
    assert shown == filed[:4]
    assert [view.appeal.id for view in every.items] == filed
    assert every.items[-1].stage is AppealStage.DECIDED
