"""Training: who is learnt from, who is left out, and that the same log gives the same model."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from detectors import forest, memory, training
from detectors.calibration import Calibration
from detectors.census import Census, CensusTask, Reference, census
from detectors.labels import Judgement
from detectors.model import arrays_of, version_of
from detectors.passes import OneLog
from detectors.tails import EDGES
from detectors.training import FEWEST_ACCOUNTS, TooLittleToFit, learnt
from features.state import FeatureState, Readings
from features.view import VIEW
from streams.columns import EventBatch
from streams.place import Place
from streams.raw import Partition
from tests.detectors.people import machine, person, pieces, platform
from tests.features.stories import MINUTE, events, log

BOTS = frozenset({"acc_901", "acc_902", "acc_903"})


def version(fitted):
    return version_of(arrays_of(fitted.bank, fitted.calibration), fitted.manifest)


@pytest.fixture(autouse=True)
def few_trees(monkeypatch):
    """Grow ten trees a forest: a hundred are nine tenths of the time of a fit."""
    monkeypatch.setattr(forest, "fit", partial(forest.fit, trees=10))


@pytest.fixture(scope="module")
def small():
    return platform(24, acts=90)


def fit(batch, **options):
    return training.fit(lambda: [batch], **options)


def test_the_same_seed_gives_the_same_model_however_the_log_is_cut(small):
    whole = fit(small, seed=3)
    assert version(whole) == version(fit(small, seed=3))
    assert version(whole) == version(training.fit(lambda: pieces(small, 40), seed=3))
    assert version(whole) != version(fit(small, seed=4))


def test_both_passes_read_the_log_from_its_beginning(small):
    passes = []

    def replay():
        passes.append(0)
        for batch in pieces(small, 5):
            passes[-1] += len(batch)
            yield batch

    training.fit(replay)
    assert passes == [len(small)] * 2


def test_labelled_accounts_teach_neither_what_is_usual_nor_what_is_safe(small):
    bots = [machine(account, acts=300, every=30.0) for account in (901, 902, 903)]
    beside = log(small.events, *bots)
    clean, trimmed = fit(small), fit(beside, abusive=BOTS)
    assert trimmed.manifest.excluded == 3
    assert trimmed.manifest.calibrated == clean.manifest.calibrated == 24
    np.testing.assert_array_equal(trimmed.bank.tails.grid, clean.bank.tails.grid)
    assert fit(beside).calibration.maxima[0] > 2 * trimmed.calibration.maxima[0]


def test_unlabelled_accounts_are_never_left_out(small):
    strange = log(small.events, machine(901, acts=300))
    assert fit(strange).manifest.calibrated == 25


def test_too_few_accounts_are_an_error_in_words():
    few = platform(FEWEST_ACCOUNTS - 1, acts=40)
    with pytest.raises(TooLittleToFit, match=rf"{FEWEST_ACCOUNTS - 1} honest accounts"):
        fit(few)


def test_accounts_of_too_few_acts_do_not_count():
    short = log(*(person(account, acts=20) for account in range(1, 30)))
    with pytest.raises(TooLittleToFit, match="0 honest accounts made at least 24 requests"):
        fit(short)


def test_an_empty_log_is_too_little():
    with pytest.raises(TooLittleToFit):
        training.fit(list)


def test_what_a_platform_never_sends_is_named_as_blind():
    quiet = log(*(events(person(a, acts=60)["t"][:60], account=a) for a in range(1, 20)))
    blind = fit(quiet).manifest.blind
    assert {"views_per_request", "devices", "credential_sharing", "reselling"} <= set(blind)
    assert not {"gap_entropy", "automation"} & set(blind)


def test_a_kind_that_cannot_be_seen_scores_nothing():
    quiet = log(*(events(person(a, acts=60)["t"][:60], account=a) for a in range(1, 20)))
    bank = fit(quiet).bank
    vectors = FeatureState(seen=1 << 12).update(quiet).vectors
    vectors[:, VIEW.position("devices")] = 9.0
    assert (bank.score(vectors)[0][:, 2:] == 0.0).all()


def test_the_reference_keeps_the_last_vector_of_each_account_in_each_stratum():
    rng, reference, wanted = np.random.default_rng(1), Reference(), {}
    for _ in range(6):
        rows = rng.integers(0, 5, 40)
        vectors = rng.normal(size=(40, len(VIEW.names)))
        vectors[:, 0] = rng.integers(1, 200, 40)
        nothing = np.zeros(40, dtype=np.int64)
        reference.learn(Readings(rows, nothing, nothing, vectors, nothing, nothing))
        for row, vector in zip(rows.tolist(), vectors, strict=True):
            stratum = int(np.searchsorted(EDGES, vector[0], side="right")) - 1
            if stratum >= 0:
                wanted[stratum, row] = vector
    found = {
        (stratum, row): vector
        for stratum, held in enumerate(reference.strata)
        for row, vector in zip(*held.by_row(), strict=True)
    }  # fmt: skip
    assert found.keys() == wanted.keys()
    for key, vector in found.items():
        np.testing.assert_array_equal(vector, wanted[key])


def test_every_account_gives_one_month_to_the_calibration():
    """Months of one account depend on each other, so only one of them is drawn."""
    start = memory.MONTH * 700 - 5 * 24 * 60 * MINUTE
    long = log(*(person(a, acts=400, start=start) for a in range(1, 25)))
    months = {int(t) for t in long.events["t"] // memory.MONTH}
    assert len(months) >= 2
    fitted = fit(long)
    assert isinstance(fitted.calibration, Calibration)
    assert len(fitted.calibration.maxima) == 24
    assert (np.diff(fitted.calibration.maxima) <= 0).all()
    assert np.isfinite(fitted.calibration.maxima).all()


def test_the_census_counts_the_log(small):
    counted = census(OneLog(lambda: [small, EventBatch.join([])]))
    assert counted.events == len(small)
    assert counted.first == small.events["t"].min()
    assert counted.last == small.events["t"].max()


def test_a_census_comes_back_from_its_arrays(small):
    counted = census(OneLog(lambda: [small]), [place_of(small, 900)])
    again = Census.from_arrays(counted.arrays())
    assert again.arrays().keys() == counted.arrays().keys()
    for name, array in counted.arrays().items():
        np.testing.assert_array_equal(again.arrays()[name], array)
    assert again.names == counted.names


class Divided:
    """A log of some partitions, in this process."""

    def __init__(self, *parts):
        self.parts = {Partition("usage-events", n): part for n, part in enumerate(parts)}

    def partitions(self):
        return tuple(self.parts)

    def each(self, task):
        return [task(one, [part]) for one, part in self.parts.items()]


def place_of(batch, nearly):
    """Give the place of the first reading after the event at `nearly`."""
    readings = FeatureState(seen=1 << 16).update(batch)
    at = readings.at[readings.at >= nearly][0]
    event = batch.events[at]
    return Place("", int(event["partition"]), int(event["offset"]), int(event["index"]))


def test_partitions_are_put_together_in_their_order_with_a_state_each():
    ones, others = platform(14, acts=60), log(*(person(a, acts=60) for a in range(50, 64)))
    both = census(Divided(ones, others))
    alone = [census(OneLog(lambda part=part: [part])) for part in (ones, others)]
    assert both.names == alone[0].names + alone[1].names
    assert both.starts.tolist() == [0, 14, 28]
    for s in range(len(EDGES)):
        vectors = np.concatenate([one.vectors[s] for one in alone])
        np.testing.assert_array_equal(both.vectors[s], vectors)
    assert both.events == len(ones) + len(others)
    fitted = training.fit(Divided(ones, others))
    assert fitted.manifest.calibrated == 28
    assert version(fitted) == version(training.fit(Divided(ones, others)))


def test_a_judged_account_teaches_what_led_to_the_judgement_and_nothing_later(small):
    place = place_of(small, len(small) // 2)
    counted = census(OneLog(lambda: pieces(small, 7)), [place])
    (row,), (vector,) = counted.judged.row, counted.judged.vector
    led = counted.judged.until(int(row), place)
    assert any(np.array_equal(vector, one, equal_nan=True) for one in led)
    upto = next(i for i, e in enumerate(small.events) if e["offset"] == place.offset) + 1
    early = CensusTask()(place.partition, [small.where(np.arange(len(small)) < upto)])
    mine = [v[r == row] for r, v in zip(early.rows, early.vectors, strict=True)]
    np.testing.assert_array_equal(led, np.concatenate(mine))


def test_who_was_judged_where_the_log_does_not_reach_teaches_nothing_and_still_calibrates(small):
    counted = census(OneLog(lambda: [small]))
    said = {"acc_3": Judgement(None, place=Place("", 0, 10**9))}
    lessons = learnt(counted, said)
    assert lessons.honest.all()
    assert lessons.sentences == ()
