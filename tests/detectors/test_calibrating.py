"""Which account-months calibrate, where the archive has let the beginning of its log go."""

from __future__ import annotations

import numpy as np

from detectors.calibrating import MonthsTask
from detectors.memory import MONTH
from detectors.passes import ONE, Continued
from features.state import FeatureState
from tests.detectors.people import machine, person
from tests.features.stories import HOUR, MONDAY, log

FIRST = MONDAY // MONTH * MONTH + MONTH


def test_who_was_there_before_the_log_gives_no_month_before_it_and_is_smoothed_as_ever(certified):
    early = [machine(201, start=FIRST - 6 * MONTH), person(102, start=FIRST - 6 * MONTH)]
    whole = log(*early, machine(201, start=FIRST + HOUR, acts=3))
    cut = int(np.searchsorted(whole.events["t"], FIRST))
    state = FeatureState()
    state.update(whole[:cut])
    pair = ((certified.bank, certified.bank),)
    fold, starts = np.zeros(2, dtype=np.int64), np.array([0, 2])
    task = MonthsTask(pair, fold, starts, (ONE,), FeatureState)
    ((month,),) = task(ONE, Continued(lambda: state, [whole[cut:]]))

    assert state.names[month["row"]] == "acc_201"
    assert month["month"] == FIRST // MONTH
    # Three acts of sixty-four: at once they would count for four hundred.
    assert 0.0 < month["peaks"].max() < 2.0
