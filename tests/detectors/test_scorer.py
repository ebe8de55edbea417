"""The scorer: one verdict a rise, the same however the log is cut, resumed where it was left."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from detectors import memory, strata, summary
from detectors.model import Incompatible, Model
from detectors.policy import DETECTORS
from detectors.rules import RULES
from detectors.scorer import Scorer, rfc3339, unit
from detectors.verdict import Action, Response, decode, encode
from features.state import FeatureState
from features.view import VIEW
from streams.columns import EventBatch
from tests.detectors.people import machine, person, pieces
from tests.features.stories import DAY, MONDAY, SECOND, events, log

MONTH = memory.MONTH
FIRST_OF_MONTH = MONDAY // MONTH * MONTH + MONTH


def mixed_log():
    """Six people and five machines of several kinds across the turn of a month."""
    start = FIRST_OF_MONTH - 2 * DAY
    return log(
        *(person(account, start=start, acts=150) for account in range(100, 106)),
        machine(201, start=start, every=45.0, acts=400),
        machine(202, start=start, every=900.0, acts=400),
        machine(203, start=start, every=600.0, acts=450, device=np.arange(450) % 3 + 1,
                block=np.arange(450) % 3 + 1, country=np.arange(450) % 3 + 300),
        machine(204, start=start, every=500.0, acts=450, declared=1, agent=3),
        machine(205, start=start, every=420.0, acts=700),
    )  # fmt: skip


@pytest.fixture(scope="module")
def mixed():
    return mixed_log()


def run(model, batches):
    """Score batches one after the other; returns verdicts, summary rows and the scorer."""
    state, scorer, verdicts = FeatureState(seen=1 << 16), Scorer(model), []
    for batch in batches:
        verdicts += scorer.judge(batch, state.update(batch), state, "usage-events")
    return verdicts, list(summary.rows(scorer, state)), scorer


@pytest.fixture(scope="module")
def whole(certified, mixed):
    return run(certified, [mixed])


@pytest.mark.parametrize("cuts", [2, 7, 60, 900])
def test_however_the_log_is_cut_the_verdicts_are_the_same(certified, mixed, whole, cuts):
    verdicts, rows, scorer = run(certified, pieces(mixed, cuts, seed=cuts))
    assert verdicts == whole[0]
    assert rows == whole[1]
    used = len(rows)
    for name in memory.RECORD.names:
        np.testing.assert_array_equal(scorer.records[name][:used], whole[2].records[name][:used])


def test_an_action_is_said_once_a_month_unless_it_rises(whole):
    said = {}
    for verdict in whole[0]:
        month = np.datetime64(verdict.occurred_at[:-1], "us").astype(int) // MONTH
        said.setdefault((verdict.account_id, month), []).append(verdict.action)
    assert said
    ranks = list(Action)
    for actions in said.values():
        places = [ranks.index(action) for action in actions]
        assert places == sorted(set(places))
        assert Action.ALLOW not in actions


def test_a_new_month_begins_anew(whole):
    months = {}
    for verdict in whole[0]:
        if verdict.account_id == "acc_205":
            time = np.datetime64(verdict.occurred_at[:-1], "us").astype(int)
            months.setdefault(int(time // MONTH), set()).add(verdict.action)
    assert len(months) == 2
    assert all(Action.PAUSE in actions for actions in months.values())


def test_verdicts_name_their_place_and_repeat_it(certified, mixed, whole):
    again, _, _ = run(certified, [mixed])
    assert [v.verdict_id for v in again] == [v.verdict_id for v in whole[0]]
    assert len({v.verdict_id for v in again}) == len(again)
    for verdict in again:
        event = mixed.events[verdict.offset]
        assert (event["offset"], f"acc_{event['account']}") == (verdict.offset, verdict.account_id)
        assert verdict.occurred_at == rfc3339(int(event["t"]))
        upto = mixed.events["account"][: verdict.offset + 1] == event["account"]
        assert verdict.events == np.count_nonzero(upto)


def test_a_verdict_survives_the_wire(whole):
    for verdict in whole[0]:
        assert decode(encode(verdict)) == verdict
        assert all(0.0 <= score <= 1.0 for score in [verdict.abuse, *verdict.scores.values()])
        assert 0.0 < verdict.p_value <= 1.0
        assert verdict.reasons
        assert None in verdict.features.values() or len(verdict.features) == 43


def test_a_verdict_says_who_asked_for_what_among_which_peers(whole, certified):
    labels = {strata.label(row) for row in certified.calibration.strata}
    for verdict in whole[0]:
        assert verdict.action is verdict.response.action
        assert verdict.detector in DETECTORS
        assert verdict.stratum in labels
        assert (verdict.shadow, verdict.asked) == (Response.NONE, Response.NONE)
        if verdict.detector not in {rule.code for rule in RULES}:
            assert verdict.detector == verdict.kind
        if verdict.response is Response.PAUSE and verdict.detector == verdict.kind:
            assert len(verdict.groups) >= 2


def test_a_country_is_two_letters_or_nothing(certified):
    t = MONDAY + np.arange(400) * 60 * SECOND
    for code, letters in ((256 * ord("S") + ord("E"), "SE"), (0, "")):
        rows = events(t, account=9, device=9, block=9, country=code)
        verdicts, _, _ = run(certified, [log(rows)])
        assert {verdict.country for verdict in verdicts} == {letters}


def test_a_first_model_asks_for_no_response_but_that_of_a_hard_rule(model, mixed):
    manifest = msgspec.structs.replace(model.manifest, origin="simulator")
    verdicts, _, _ = run(Model(model.bank, model.calibration, manifest), [mixed])
    assert {verdict.action for verdict in verdicts} == {Action.REVIEW, Action.PAUSE}
    for verdict in verdicts:
        hard = verdict.detector in {rule.code for rule in RULES}
        assert verdict.response is (Response.PAUSE if hard else Response.NONE)


def test_a_restored_scorer_goes_on_as_if_never_stopped(certified, mixed, whole):
    middle = len(mixed) // 2
    state, scorer = FeatureState(seen=1 << 16), Scorer(certified)
    said = scorer.judge(mixed[:middle], state.update(mixed[:middle]), state, "usage-events")
    again = FeatureState.from_arrays(state.arrays())
    other = Scorer(certified, records=scorer.records.copy())
    said += other.judge(mixed[middle:], again.update(mixed[middle:]), again, "usage-events")
    assert said == whole[0]
    assert list(summary.rows(other, again)) == whole[1]


def test_accounts_are_judged_alike_in_whatever_order_they_come(certified, mixed, whole):
    order = np.lexsort((np.arange(len(mixed)), mixed.events["account"]))
    verdicts, rows, _ = run(certified, [EventBatch(mixed.events[order], mixed.account_ids[order])])
    assert sorted(rows) == sorted(whole[1])
    assert sorted(v.verdict_id for v in verdicts) == sorted(v.verdict_id for v in whole[0])


def test_a_row_scores_alone_as_in_a_batch(certified, mixed):
    state = FeatureState(seen=1 << 16)
    vectors = state.update(mixed).vectors[::7]
    scores, nats = certified.bank.score(vectors)
    for place, vector in enumerate(vectors):
        alone, tails = certified.bank.score(vector[None])
        assert alone[0].tobytes() == scores[place].tobytes()
        assert tails[0].tobytes() == nats[place].tobytes()


def test_no_score_is_ever_unknown(certified, mixed):
    state = FeatureState(seen=1 << 16)
    vectors = np.concatenate([state.update(mixed).vectors, np.full((3, len(VIEW.names)), np.nan)])
    vectors[-2, 0], vectors[-1, 0] = 1.0, 5000.0
    assert np.isfinite(certified.bank.score(vectors)[0]).all()


def test_a_few_strange_minutes_of_a_new_account_accuse_nobody(model):
    batch = log(machine(300, every=20.0, acts=26))
    verdicts, rows, _ = run(model, [batch])
    assert verdicts == []
    assert rows[0][7] == Action.ALLOW


def test_a_model_of_another_view_is_refused(model):
    manifest = msgspec.structs.replace(model.manifest, view_fingerprint="0" * 16)
    with pytest.raises(Incompatible, match="0000000000000000"):
        Scorer(Model(model.bank, model.calibration, manifest))


def test_a_batch_in_which_nobody_came_due_says_nothing(model):
    assert run(model, [log(events([MONDAY])), log(events([MONDAY + SECOND]))])[0] == []


def test_an_empty_log_gives_no_rows(model):
    assert run(model, [])[1] == []


def test_scores_map_onto_zero_to_one_in_their_order():
    scores = [-1e9, -1.0, 0.0, 0.5, 1.0, 7.0, 1e9]
    mapped = [unit(score) for score in scores]
    assert mapped == sorted(mapped)
    assert (unit(0.0), unit(1.0)) == (0.5, 0.75)
    assert 0.0 <= mapped[0] < mapped[-1] <= 1.0
