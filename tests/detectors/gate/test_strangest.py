"""The strangest that nobody has judged: the top of a table of all, however the log is cut."""

from __future__ import annotations

import numpy as np
import pytest

from detectors import memory, strata
from detectors.asking import Judged
from detectors.gate.strangest import Strangest

MONTH = 20
NAMES = [f"acc_{n}" for n in range(40)]


@pytest.fixture
def table():
    """Give two strata; in the second, everybody is twice as strange."""
    rows = np.concatenate([strata.whole(), strata.whole()])
    rows["gain"] = [1.0, 2.0]
    return rows


def lines(rows, standing, *, month=MONTH, stratum=0):
    """Lay out readings as `remember` leaves them: each row's maximum runs along."""
    made = np.zeros(len(rows), dtype=memory.LINE)
    made["row"], made["standing"], made["month"], made["stratum"] = rows, standing, month, stratum
    made["at"] = np.arange(len(rows))
    highest = {}
    for line in made:
        highest[line["row"]] = max(highest.get(line["row"], 0.0), np.float32(line["standing"]))
        line["maximum"] = highest[line["row"]]
    return made


def learnt(found, made, pieces=1):
    empty = np.zeros(1)
    for piece in np.array_split(made, pieces):
        batch = np.arange(len(piece))
        for i in found.higher(piece).tolist():
            line = piece[i].copy()
            line["at"] = i
            found.note(Judged(0, empty, empty, empty, empty, line), batch, NAMES)
    return [(NAMES[row], stand.common) for row, stand in found.top()]


def test_it_is_the_top_of_a_table_of_all_however_it_is_cut(table):
    chance = np.random.default_rng(5)
    rows, standing = chance.integers(0, 40, 2_000), chance.normal(size=2_000)
    peaks = {row: standing[rows == row].max() for row in range(40)}
    top = sorted(((NAMES[row], peak) for row, peak in peaks.items()), key=lambda one: -one[1])[:6]
    for pieces in (1, 7, 300):
        found = learnt(Strangest(6, table, MONTH, frozenset()), lines(rows, standing), pieces)
        assert [name for name, _ in found] == [name for name, _ in top]
        assert [common for _, common in found] == pytest.approx([peak for _, peak in top])


def test_who_was_judged_is_passed_over_and_leaves_room_for_the_next(table):
    found = Strangest(2, table, MONTH, frozenset({"acc_3"}))
    assert learnt(found, lines([1, 2, 3], [1.0, 2.0, 9.0])) == [("acc_2", 2.0), ("acc_1", 1.0)]


def test_strata_are_compared_on_one_scale(table):
    found = Strangest(2, table, MONTH, frozenset())
    learnt(found, lines([1], [5.0], stratum=1))
    assert learnt(found, lines([2], [3.0])) == [("acc_2", 3.0), ("acc_1", 2.5)]


def test_nobody_is_named_for_an_earlier_month_for_nothing_strange_or_when_none_are_asked(table):
    for most, made in (
        (5, lines([1, 2], [3.0, 4.0], month=MONTH - 1)),
        (5, lines([1, 2], [0.0, -2.0])),
        (0, lines([1, 2], [3.0, 4.0])),
    ):
        assert learnt(Strangest(most, table, MONTH, frozenset()), made) == []
