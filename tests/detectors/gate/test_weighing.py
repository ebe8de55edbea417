"""Weighing: both models judge as a scorer would, side by side, and the same wherever it is cut."""

from __future__ import annotations

import pickle
from dataclasses import replace
from datetime import UTC, datetime

import msgspec
import numpy as np
import pytest

from detectors import memory
from detectors.gate.check import Limits, verdict_of
from detectors.gate.flips import Turn, sampled
from detectors.gate.precision import precision
from detectors.gate.weighing import Weighing, weigh
from detectors.labels import Label, LabelSet
from detectors.model import Model
from detectors.passes import ONE, Continued, OneLog
from detectors.policy import RANKS, Policy
from detectors.scorer import Scorer
from detectors.verdict import Action, Kind, Response
from features.state import FeatureState
from streams.vocabulary import NETWORKS
from tests.detectors.people import machine, person, pieces
from tests.features.stories import DAY, HOUR, MONDAY, SECOND, events, log

MONTH = memory.MONTH
FIRST = MONDAY // MONTH * MONTH + MONTH
KNOWN = datetime(2026, 6, 1, tzinfo=UTC)


def sleeper(account, start, *, acts=400):
    """Rows of a script that keeps office hours and shivers a little: no hard rule holds."""
    gaps = np.random.default_rng(account).normal(60.0, 4.0, acts) * SECOND
    gaps[99::100] += 14 * HOUR
    t = start + np.cumsum(gaps).astype(np.int64)
    return events(t, account=account, device=account, block=account, units=2.0, network=4)


@pytest.fixture(scope="module")
def batch():
    """Give people and machines across the turn of a month; hard rules hold for some of them."""
    start = FIRST - 2 * DAY
    return log(
        *(person(account, start=start, acts=150) for account in range(100, 104)),
        machine(201, start=start, every=45.0, acts=400, country=256 * ord("S") + ord("E")),
        machine(202, start=start, every=900.0, acts=400, network=NETWORKS["hosting"]),
        machine(204, start=start, every=500.0, acts=450, declared=1, agent=3),
        *(sleeper(account, start) for account in range(301, 304)),
    )


@pytest.fixture(scope="module")
def milder(certified):
    """Give the same model under another name, its scores turned down until hardly any pauses."""
    manifest = msgspec.structs.replace(certified.manifest, version="m2")
    return Model(replace(certified.bank, gains=certified.bank.gains * 50.0), certified.calibration,
                 manifest)  # fmt: skip


def label(account, *, abusive, known_at=KNOWN):
    return Label(
        account_id=account, kind=Kind.AUTOMATION, abusive=abusive, outcome="", case_id=account,
        decision_id=1, observed_at=known_at, known_at=known_at, reviewer="r",
    )  # fmt: skip


def weighed(batches, champion, candidate, **more):
    upto = max(int(batch.events["t"].max()) for batch in batches)
    return weigh(OneLog(lambda: batches), champion, candidate, Policy(), upto=upto, **more)


@pytest.fixture(scope="module")
def equal(batch, certified):
    return weighed([batch], certified, certified)


@pytest.fixture(scope="module")
def turned(batch, certified, milder):
    """Weigh the milder model as champion: the candidate newly pauses what it lets pass."""
    return weighed([batch], milder, certified)


def test_each_month_asks_for_what_the_live_scorer_asked_for(batch, certified, equal):
    state, scorer, said = FeatureState(), Scorer(certified), {}
    for verdict in scorer.judge(batch, state.update(batch), state):
        month = int(np.datetime64(verdict.occurred_at[:-1], "us").astype(np.int64)) // MONTH
        rank = RANKS.index(verdict.response)
        said[verdict.account_id, month] = max(said.get((verdict.account_id, month), 0), rank)
    found = {
        (equal.names[row["account"]], int(row["month"])): int(row["candidate"]["rank"])
        for row in equal.months
        if row["candidate"]["rank"]
    }
    assert found == said
    assert RANKS.index(Response.PAUSE) in found.values()


def test_equal_models_say_the_same_of_every_month(equal):
    assert equal.months["champion"].tobytes() == equal.months["candidate"].tobytes()
    assert equal.flips == ()


def test_p_values_are_those_of_the_calibration(certified, equal):
    for row in equal.months["champion"]:
        expected = certified.calibration.p_value(float(row["maximum"]), int(row["stratum"]))
        assert row["p"] == expected


@pytest.mark.parametrize("cuts", [3, 40])
def test_however_the_log_is_cut_the_weighing_is_the_same(batch, certified, milder, turned, cuts):
    again = weighed(pieces(batch, cuts, seed=cuts), milder, certified)
    assert again.months.tobytes() == turned.months.tobytes()
    assert again.flips == turned.flips


def test_where_an_account_was_is_known(equal):
    of = {equal.names[row["account"]]: row for row in equal.months}
    assert of["acc_201"]["country"] == 256 * ord("S") + ord("E")
    assert of["acc_202"]["network"] == NETWORKS["hosting"]
    assert of["acc_202"]["country"] == 0


def test_who_is_newly_paused_is_shown_with_the_candidates_verdict(turned, certified):
    paused = {flip.account_id: flip for flip in turned.flips}
    assert paused
    for flip in turned.flips:
        assert flip.turn is Turn.PAUSED
        assert flip.verdict.account_id == flip.account_id
        assert flip.verdict.model_version == certified.manifest.version
        assert (flip.verdict.action, flip.verdict.response) == (Action.REVIEW, Response.NONE)
        assert flip.verdict.reasons
    # A hard rule pauses under either model: no flip.
    assert "acc_204" not in paused


def test_the_strangest_whom_nobody_judged_are_shown_and_only_asked_to_be_looked_at(
    batch, certified, equal
):
    found = weighed([batch], certified, certified, strangest=3).strangest
    assert len(found) == 3
    assert [one.common for one in found] == sorted((one.common for one in found), reverse=True)
    for one in found:
        account = equal.names.tolist().index(one.account_id)
        highest = equal.months["candidate"]["common"][equal.months["account"] == account].max()
        assert one.common == pytest.approx(highest, rel=1e-6)
        said = one.verdict
        assert (said.account_id, said.calibrating) == (one.account_id, True)
        assert (said.action, said.response) == (Action.REVIEW, Response.NONE)
    labels = LabelSet((label(found[0].account_id, abusive=False),), KNOWN, KNOWN)
    others = weighed([batch], certified, certified, strangest=3, labels=labels).strangest
    assert found[0].account_id not in [one.account_id for one in others]
    assert [one.account_id for one in others][:2] == [one.account_id for one in found][1:]


def test_who_is_let_go_is_shown_with_the_champions_verdict(batch, certified, milder, turned):
    freed = weighed([batch], certified, milder)
    assert {flip.account_id for flip in freed.flips} == {f.account_id for f in turned.flips}
    for flip in freed.flips:
        assert flip.turn is Turn.RELEASED
        assert flip.verdict.model_version == certified.manifest.version
    names = {flip.verdict.verdict_id for night in (freed, turned) for flip in night.flips}
    assert len(names) == 2 * len(freed.flips)


def test_whom_people_have_judged_is_no_flip(batch, certified, milder, turned):
    first = turned.flips[0].account_id
    labels = LabelSet((label(first, abusive=True),), KNOWN, KNOWN)
    night = weighed([batch], milder, certified, labels=labels)
    assert first not in {flip.account_id for flip in night.flips}
    assert len(night.flips) == len(turned.flips) - 1
    assert night.standing[night.names == first].tolist() == [1]


def test_only_as_many_verdicts_are_made_as_can_be_sampled(batch, certified, milder, turned):
    night = weighed([batch], milder, certified, sample=1)
    assert [flip.verdict is not None for flip in night.flips] == [True] + [False] * (
        len(night.flips) - 1
    )
    assert [f.account_id for f in night.flips] == [f.account_id for f in turned.flips]
    assert all(f.verdict for f, _ in sampled(turned.flips, Limits(flip_limit=0)))


def test_labels_that_came_after_both_models_were_taught_are_unseen(batch, certified, milder):
    taught = msgspec.structs.replace(milder.manifest, labels_known_by="2026-06-01T00:00:00+00:00")
    later = datetime(2026, 6, 2, tzinfo=UTC)
    labels = LabelSet(
        (label("acc_100", abusive=False), label("acc_201", abusive=True, known_at=later)),
        later, later,
    )  # fmt: skip
    night = weighed([batch], replace(milder, manifest=taught), certified, labels=labels)
    unseen = dict(zip(night.names, night.unseen.tolist(), strict=True))
    assert (unseen["acc_100"], unseen["acc_201"]) == (False, True)


def test_what_came_long_before_only_fills_the_features(batch, certified, milder):
    # The months that count begin long after the log: nobody has any, and nobody is judged.
    late = weigh(OneLog(lambda: [batch]), milder, certified, Policy(), upto=FIRST + 9 * MONTH)
    assert len(late.months) == 0
    assert late.flips == ()
    assert verdict_of((precision(late, Limits()),)).passed


def test_an_empty_log_weighs_nothing(certified):
    night = weigh(OneLog(list), certified, certified, Policy(), upto=FIRST)
    assert len(night.months) == 0
    assert night.days == 0.0


def test_the_task_and_what_it_gives_travel_between_processes(batch, certified, milder):
    task = Weighing(milder, certified, Policy(), FIRST // MONTH - 1, 2, frozenset(), 20)
    part = pickle.loads(pickle.dumps(pickle.loads(pickle.dumps(task))(ONE, [batch])))  # noqa: S301 - our own
    assert part.months.tobytes() == task(ONE, [batch]).months.tobytes()


def test_who_comes_back_after_a_long_time_is_known_and_no_single_moment_accuses(certified):
    """Half a year ago they worked; today's first request is not their first."""
    start = FIRST - 6 * MONTH
    rows = np.concatenate([
        sleeper(301, start), sleeper(301, FIRST + HOUR, acts=3), sleeper(302, FIRST, acts=3),
    ])  # fmt: skip
    batch = log(rows)
    state, scorer = FeatureState(), Scorer(certified, Policy())
    scorer.judge(batch, state.update(batch), state)
    live = scorer.records[0]
    found = weighed([batch], certified, certified, span=1)
    (month,) = found.months[found.names[found.months["account"]] == state.names[0]]
    assert month["tenure"] == live["tenure"]
    # Three requests of sixty-four that count: at once they would have counted for four hundred.
    assert month["candidate"]["peaks"].max() <= live["month_peak"].max() + 0.1
    assert month["candidate"]["peaks"].max() < 0.2 * live["peak"].max()


def test_who_was_there_before_the_log_begins_is_known(certified):
    """The archive let the first half year go, and kept the state it had left behind."""
    whole = log(sleeper(301, FIRST - 6 * MONTH), sleeper(301, FIRST + HOUR, acts=3))
    behind = FeatureState()
    behind.update(whole[:400])

    def left():
        return FeatureState.from_arrays(behind.arrays())

    task = Weighing(certified, certified, Policy(), FIRST // MONTH, 1, frozenset(), 0)
    (month,) = task(ONE, Continued(left, [whole[400:]])).months
    assert 0.0 < month["candidate"]["peaks"].max() < 2.0
