from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from streams.decode import decode_table
from streams.decode_places import Places
from streams.raw import Partition
from streams.schema import EVENTS
from streams.simulator import DEFAULT_MIX, KINDS, START, Mix, disorder, mix_of, simulate


def events_of(simulation, rows=65536):
    return pa.concat_tables(simulation.tables(rows))


def test_the_same_seed_gives_the_same_events_bit_for_bit():
    assert events_of(simulate(40, 5, seed=3)).equals(events_of(simulate(40, 5, seed=3)))


def test_another_seed_gives_other_events_and_other_names():
    one, other = simulate(40, 5, seed=3), simulate(40, 5, seed=4)

    assert not set(one.account_ids) & set(other.account_ids)
    ids = [set(events_of(s).column("event_id").to_pylist()) for s in (one, other)]
    assert not ids[0] & ids[1]


def test_an_account_does_not_change_when_more_accounts_are_simulated():
    few, many = simulate(24, 5, seed=5), simulate(60, 5, seed=5)

    assert many.labels[:24] == few.labels
    everyone = events_of(many)
    mask = pc.is_in(everyone.column("account_id"), value_set=pa.array(few.account_ids))
    assert everyone.filter(mask).equals(events_of(few))


def test_the_cut_into_tables_changes_nothing():
    simulation = simulate(30, 6, seed=8)
    whole = events_of(simulation, rows=10_000_000)

    assert len(list(simulation.tables(rows=500))) > 10
    assert events_of(simulation, rows=500).equals(whole)


def test_blocks_of_accounts_laid_aside_are_merged_in_time_order(monkeypatch):
    whole = events_of(simulate(60, 6, seed=8))
    monkeypatch.setattr("streams.simulator.simulation._BLOCK_ROWS", 2000)
    merged = events_of(simulate(60, 6, seed=8))

    assert merged.equals(whole)


def test_events_are_in_time_order_inside_the_window_and_named_once():
    start = datetime(2026, 11, 1, tzinfo=UTC)
    events = events_of(simulate(60, 9, seed=1, start=start))
    times = events.column("occurred_at").to_numpy().astype("datetime64[us]")

    assert (np.diff(times) >= np.timedelta64(0)).all()
    assert times[0] >= np.datetime64("2026-11-01")
    assert times[-1] < np.datetime64("2026-11-10")
    assert len(set(events.column("event_id").to_pylist())) == len(events)


def test_every_event_of_every_persona_keeps_the_contract():
    simulation = simulate(72, 4, seed=2, mix=Mix(dict.fromkeys(KINDS, 1.0)))
    assert set(simulation.personas.values()) == set(KINDS)

    for table in simulation.tables():
        table.validate(full=True)
        assert table.schema.equals(EVENTS, check_metadata=True)
        offsets = np.arange(len(table), dtype=np.int64)
        decoded = decode_table(table, Places.of_records(Partition("events", 0), offsets))
        assert not decoded.dead
        assert decoded.unknown_types == 0
        assert len(decoded.events) == len(table)


def test_every_account_is_labelled_and_only_known_accounts_have_events():
    simulation = simulate(300, 4, seed=6)
    named = [account for account, _ in simulation.labels]

    assert len(set(named)) == 300
    assert {kind for _, kind in simulation.labels} == set(KINDS.values())
    assert set(events_of(simulation).column("account_id").to_pylist()) <= set(named)


@pytest.mark.parametrize("days", [0.001, 0.02, 0.5])
def test_a_window_of_moments_is_simulated_too(days):
    simulation = simulate(48, days, seed=2, mix=Mix(dict.fromkeys(KINDS, 1.0)))
    moments = [t for part in simulation.tables() for t in part.column("occurred_at").to_pylist()]

    assert all(0 <= (moment - START).total_seconds() < days * 86_400 for moment in moments)


def test_the_default_mix_is_mostly_honest():
    abusive = sum(share for name, share in DEFAULT_MIX.shares.items() if KINDS[name])
    drawn = np.mean([kind != "" for _, kind in simulate(2000, 1, seed=9).labels])

    assert sum(DEFAULT_MIX.shares.values()) == pytest.approx(1.0)
    assert abusive == pytest.approx(0.08)
    assert drawn == pytest.approx(0.08, abs=0.01)


def test_a_mix_refuses_personas_nobody_wrote():
    with pytest.raises(ValueError, match="no such persona: gremlin"):
        mix_of("gremlin")
    with pytest.raises(ValueError, match="not negative"):
        Mix({"casual": -1.0})


@pytest.mark.parametrize("bad", [(0, 1, 1), (1, 0, 1), (1, 1, -1)])
def test_a_simulation_of_nothing_is_refused(bad):
    with pytest.raises(ValueError, match="needs an account"):
        simulate(*bad)


def test_a_start_without_a_time_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        simulate(1, 1, 1, start=datetime(2026, 1, 1))  # noqa: DTZ001


def test_disorder_loses_nothing_repeats_some_and_is_repeatable():
    events = events_of(simulate(20, 5, seed=4))
    arrived = disorder(events, seed=1, duplicates=0.05, lateness_s=60)
    ids = arrived.column("event_id").to_pylist()

    assert arrived.equals(disorder(events, seed=1, duplicates=0.05, lateness_s=60))
    assert set(ids) == set(events.column("event_id").to_pylist())
    assert 0.03 < len(ids) / len(set(ids)) - 1 < 0.07
    times = arrived.column("occurred_at").to_numpy().astype("datetime64[us]").astype(np.int64)
    behind = np.maximum.accumulate(times) - times
    assert 0 < behind.max() <= 60e6
