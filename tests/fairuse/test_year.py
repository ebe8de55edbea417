"""A subscriber's year, played from events, and the statement it gives however they come."""

from __future__ import annotations

import json

import numpy as np
import pytest

from access.booking import Booked
from access.catalogue import load_catalogue
from access.database import readers, writers
from access.standings import read_standings
from access.statement import statement
from access.statement_rows import read_books
from fairuse.playing import play
from fairuse.statements import as_facts, give_statement
from streams.simulator.year import END, PACK, QUOTA, year_of

CATALOGUE = load_catalogue()
YEAR = year_of("subscriber", 7)


def lines_of(database):
    with readers(database.engine).begin() as session:
        return statement(read_books(session, "subscriber"), CATALOGUE, END)


def facts_of(database):
    return [as_facts(line) for line in lines_of(database)]


def shuffled(rows, seed):
    """Shuffle the events of each day."""
    rng = np.random.default_rng(seed)
    return sorted(rows, key=lambda row: (row["occurred_at"].date(), rng.random()))


@pytest.fixture(scope="module")
def expected():
    """What the year comes to; `test_a_year_played_in_order_is_as_it_should_be` says it is right."""
    return {
        "2025-10": ("basic", 80, 0, 0, 80),
        "2025-11": ("basic", 80, 14, 66, 80),
        "2025-12": ("basic", 140, 116, 0, 104),
        "2026-01": ("basic", 80, 20, 60, 104),
        "2026-02": ("pro", 520, 8, 292, 324),
        "2026-03": ("pro", 300, 16, 284, 324),
        "2026-04": ("pro", 300, 20, 280, 324),
        "2026-05": ("basic", 80, 8, 292, 104),
        "2026-06": ("basic", 80, 16, 64, 104),
        "2026-07": ("free", 20, 20, 60, 44),
        "2026-08": ("free", 20, 20, 20, 24),
        "2026-09": ("basic", 100, 4, 20, 100),
        "2026-10": ("basic", 80, 10, 76, 94),
    }


def credits_by_month(database):
    return {
        line.month: (
            line.plan,
            *map(
                float,
                (line.credits.granted, line.credits.spent, line.credits.expired, line.credits.left),
            ),
        )
        for line in lines_of(database)
    }


def test_a_year_played_in_order_is_as_it_should_be(database, expected):
    booked = play(writers(database.engine), YEAR, CATALOGUE)
    assert booked[Booked.SHORT] == 0
    assert credits_by_month(database) == expected
    lines = {line.month: line for line in lines_of(database)}
    (january,) = lines["2026-01"].quota
    assert (january.used, january.left) == (QUOTA, 0)
    assert [pool.name for pool in lines["2026-03"].quota] == ["images", "film"]
    assert lines["2026-08"].quota == ()
    assert [record.kind.value for record in lines["2026-04"].changes] == [
        "cancelled",
        "renewed",
        "renewed",
    ]
    # Half a year on, five days of which it stood cancelled; then the ramp begins anew.
    assert lines["2026-06"].speed == 1.3
    assert lines["2026-09"].speed == 1.0
    with readers(database.engine).begin() as session:
        standing = read_standings(session, ["subscriber"], CATALOGUE, END)["subscriber"]
    assert lines["2026-10"].credits.left == standing.purse.balance(END)


def test_played_twice_it_is_the_same(database, expected):
    play(writers(database.engine), YEAR, CATALOGUE)
    again = play(writers(database.engine), YEAR, CATALOGUE)
    assert set(again) == {Booked.KNOWN}
    assert credits_by_month(database) == expected


@pytest.mark.parametrize("seed", [1, 2])
def test_shuffled_within_a_day_it_is_the_same(database, expected, monkeypatch, seed):
    monkeypatch.setattr("fairuse.playing.PLAYED_AT_ONCE", 1 + 30 * (seed - 1))
    play(writers(database.engine), shuffled(YEAR, seed), CATALOGUE)
    assert credits_by_month(database) == expected


def test_in_two_halves_with_a_crash_between_it_is_the_same(database, expected):
    rows = shuffled(YEAR, 3)
    half = len(rows) // 2
    poison = {**rows[-1], "event_id": "x", "type": "subscription.started", "plan": "gold"}
    with pytest.raises(Exception, match="gold"):
        # The transaction in which it crashes is rolled back as a whole.
        play(writers(database.engine), [*rows[:half], poison], CATALOGUE)
    committed = half // 100 * 100
    booked = play(writers(database.engine), rows[committed - 40 :], CATALOGUE)
    assert booked[Booked.KNOWN] >= 40
    assert credits_by_month(database) == expected


@pytest.mark.parametrize("seed", [8, 9, 10])
def test_any_other_year_comes_out_even_too(database, seed):
    booked = play(writers(database.engine), year_of("subscriber", seed), CATALOGUE)
    assert booked[Booked.SHORT] == 0
    left = 0
    for line in lines_of(database):
        moved = line.credits.granted - line.credits.spent - line.credits.expired
        assert line.credits.left == left + moved
        assert line.credits.left >= 0
        left = line.credits.left
    with readers(database.engine).begin() as session:
        standing = read_standings(session, ["subscriber"], CATALOGUE, END)["subscriber"]
    assert left == standing.purse.balance(END)


def test_a_statement_is_a_line_a_month_and_json_for_a_script(database, capsys):
    play(writers(database.engine), YEAR[:40], CATALOGUE)
    lines = lines_of(database)
    give_statement("subscriber", lines, as_json=False)
    shown = capsys.readouterr().out.splitlines()
    assert len(shown) == 1 + len(lines)
    assert shown[1].split()[:2] == ["2025-10", "basic"]
    assert "31 Oct started basic" in shown[1]
    give_statement("subscriber", lines, as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert told["account_id"] == "subscriber"
    assert told["months"][0]["changes"][0]["kind"] == "started"


def test_the_year_and_the_packaged_catalogue_agree():
    assert CATALOGUE.plan("basic").pools[0].units == QUOTA
    assert PACK in {pack.credits for pack in CATALOGUE.packs}
