"""The table of shared attributes: who was seen with what, and what is not a sighting."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features import sightings
from features.links import LinkTable
from streams.columns import empty_events
from streams.vocabulary import EventType
from tests.features.meetings import (
    ADDRESS_AND_AGENT,
    BLOCK,
    DEVICE,
    HOME,
    LATER,
    MOBILE,
    PROMPT,
    VPN,
    beginning,
    names,
    of,
    sessions,
    together,
    told,
)
from tests.features.stories import CREDITS, DAY, HOUR, MONDAY, events, log


def crowded_log(seed, count=900):
    """Make a log in which a few accounts share a few of everything, some of it late."""
    rng = np.random.default_rng(seed)
    rows = empty_events(count)
    rows["t"] = MONDAY + np.cumsum(rng.integers(0, 2 * HOUR, count)) - rng.integers(0, DAY, count)
    rows["account"] = rng.integers(1, 90, count)
    rows["type"] = rng.choice([1, 1, 8, 9, 11, 4], count)
    rows["mode"] = rng.integers(0, 3, count)
    for name in ("device", "ip", "agent", "block", "sketch"):
        rows[name] = rng.integers(0, 25, count)
    rows["network"] = rng.integers(0, 7, count)
    rows["prompt_chars"] = rng.integers(0, 90, count)
    return log(rows, by_time=False)


def fields(arrays):
    """Give arrays as plain values, the padding between fields left out."""
    return {
        f"{name}.{field}": (array[field] if field else array).tolist()
        for name, array in arrays.items()
        for field in array.dtype.names or [""]
    }


@given(st.integers(0, 2**31), st.lists(st.integers(1, 899), max_size=5))
@settings(max_examples=15, deadline=None)
def test_the_table_does_not_depend_on_how_the_log_is_cut(seed, cuts):
    whole, parts, batch = LinkTable(1024), LinkTable(1024), crowded_log(seed)
    edges = [0, *sorted(set(cuts)), len(batch)]
    pieces = [batch[start:end] for start, end in itertools.pairwise(edges)]
    assert whole.update(batch) == [news for piece in pieces for news in parts.update(piece)]
    assert fields(whole.arrays()) == fields(parts.arrays())


def test_a_table_restored_from_its_arrays_goes_on_as_if_nothing_had_happened():
    batch = crowded_log(3)
    table = LinkTable(1024)
    table.update(batch[:400])
    restored = LinkTable.from_arrays(table.arrays())
    assert fields(restored.arrays()) == fields(table.arrays())
    assert restored.update(batch[400:]) == table.update(batch[400:])
    assert fields(restored.arrays()) == fields(table.arrays())
    assert list(restored.held(LATER)) == list(table.held(LATER))


def test_arrays_of_another_layout_are_refused():
    arrays = LinkTable(1024).arrays()
    with pytest.raises(ValueError, match="layout"):
        LinkTable.from_arrays(arrays | {"rows": arrays["rows"].view(np.uint8)})


def test_accounts_on_one_device_are_told_with_their_number():
    found = of(told(together([1, 2, 3], device=77)), DEVICE)
    assert names(found) == {"acc_1", "acc_2", "acc_3"}
    assert {sighting.degree for sighting in found} == {3}
    assert len(found) == 3


def test_an_account_alone_on_its_devices_is_told_of_nowhere():
    assert told(together([1], device=77), together([2], device=78)) == []


def test_an_address_counts_only_with_the_same_user_agent():
    found = told(together([1], ip=5, agent=8, block=4), together([2], ip=5, agent=9, block=4))
    assert of(found, ADDRESS_AND_AGENT) == []
    assert names(of(found, BLOCK)) == {"acc_1", "acc_2"}
    same = told(together([1, 2], ip=5, agent=8))
    assert names(of(same, ADDRESS_AND_AGENT)) == {"acc_1", "acc_2"}


def test_a_failed_login_links_nobody_to_the_one_who_tried():
    tries = events(LATER + HOUR * np.arange(9), kind=EventType.LOGIN_FAILED,
                   account=np.arange(9) + 1, device=77)  # fmt: skip
    assert told(together([20], device=77), tries) == []


def test_jobs_on_credits_are_no_evidence():
    jobs = [events(LATER + np.arange(3) * DAY, account=n, device=77, mode=CREDITS) for n in (1, 2)]
    assert told(*jobs) == []


@pytest.mark.parametrize(
    "spared", [{"prompt_chars": 12}, {"official": 1}, {"sketch": 0}, {"prompt_chars": -1}]
)
def test_short_official_and_unsketched_prompts_are_no_evidence(spared):
    columns = {"sketch": 0xABCDEF, "prompt_chars": 120} | spared
    jobs = [events(LATER + np.arange(3) * DAY, account=n, **columns) for n in (1, 2)]
    assert told(*jobs) == []


def test_a_long_prompt_word_for_word_is_shared():
    jobs = [
        events(LATER + np.arange(3) * DAY, account=n, sketch=0xABCDEF, prompt_chars=120)
        for n in (1, 2)
    ]
    assert names(of(told(*jobs), PROMPT)) == {"acc_1", "acc_2"}


def test_nothing_is_told_of_an_attribute_on_its_first_day():
    table = LinkTable(1024)
    assert table.update(log(beginning(), together([1, 2, 3], days=1, device=77))) == []
    late = table.update(log(sessions([LATER + DAY + HOUR], account=2, device=77)))
    assert names(late) == {"acc_1", "acc_2", "acc_3"}


def test_news_names_the_event_that_brought_it():
    rows = together([1, 2], device=77)
    rows["partition"] = 3
    batch = log(rows)
    (first, *_) = LinkTable(1024).update(batch)
    event = batch.events[batch.events["offset"] == first.offset][0]
    assert first.partition == 3
    assert event["t"] == first.t >= batch.events["t"].min() + DAY


def test_a_device_id_that_everybody_has_is_counted_as_a_crowd():
    found = of(told(together(list(range(1, 401)), device=77)), DEVICE)
    assert max(sighting.degree for sighting in found) > 200
    # The first sixteen, the rest up to sixty-four, then only doublings: never four hundred facts.
    assert len(found) < 80


@given(st.integers(20, 120))
@settings(max_examples=20, deadline=None)
def test_the_number_of_accounts_beyond_the_exact_ones_is_about_right(count):
    marks = np.zeros(2, dtype=np.uint64)
    for number in range(count):
        mark = int(sightings.mixed(np.uint64(number + 1), 6)) % sightings.MARKS
        marks[mark // 64] |= np.uint64(1) << np.uint64(mark % 64)
    assert 0.6 * count < sightings.estimate(marks) < 1.5 * count


def test_networks_gather_over_all_visits():
    found = told(
        together([1, 2], ip=5, agent=8, network=HOME), together([3], ip=5, agent=8, network=MOBILE)
    )
    assert found[-1].networks == 1 << HOME | 1 << MOBILE


def test_another_kind_of_network_is_told_though_nobody_joined():
    table = LinkTable(1024)
    table.update(log(beginning(), together([1, 2], ip=5, agent=8, network=HOME)))
    moved = sessions([LATER + 9 * DAY], account=1, ip=5, agent=8, network=MOBILE)
    (news,) = table.update(log(moved))
    assert news.networks == 1 << HOME | 1 << MOBILE


def test_partitions_may_be_read_in_any_order():
    parts = [together([n], start=LATER + n * DAY, device=77) for n in range(1, 5)]
    for order in (parts, parts[::-1], [parts[2], parts[0], parts[3], parts[1]]):
        table = LinkTable(1024)
        found = table.update(log(beginning(), *order, by_time=False))
        assert names(found) == {"acc_1", "acc_2", "acc_3", "acc_4"}


def test_new_accounts_of_one_day_are_a_burst():
    found = of(told(together([1, 2, 3, 4, 5, 6], device=77)), DEVICE)
    assert {sighting.burst for sighting in found} == {6}
    assert all(sighting.fresh for sighting in found)


def test_accounts_that_were_long_there_are_no_burst():
    first = together([1, 2, 3, 4, 5, 6], start=LATER - 9 * DAY, days=1, ip=1, agent=1)
    found = of(told(first, together([1, 2, 3, 4, 5, 6], device=77)), DEVICE)
    assert {sighting.burst for sighting in found} == {0}
    assert not any(sighting.fresh for sighting in found)


def test_new_accounts_of_different_days_are_no_burst():
    parts = [together([n], start=LATER + 2 * n * DAY, device=77) for n in range(1, 7)]
    assert max(sighting.burst for sighting in told(*parts)) == 1


def test_when_the_log_begins_nobody_is_new():
    found = of(told(together([1, 2, 3, 4, 5, 6], start=MONDAY + DAY, device=77)), DEVICE)
    assert {sighting.burst for sighting in found} == {0}


@pytest.mark.parametrize("wrong", [-9000 * DAY, 9000 * DAY])
def test_one_wrong_clock_does_not_move_the_beginning_of_the_log(wrong):
    table = LinkTable(1024)
    rows = beginning()
    rows["t"][0] += wrong
    batch = log(rows, by_time=False)
    table.update(batch)
    early = together([1, 2, 3, 4, 5], start=MONDAY + 4 * DAY, device=70)
    assert {news.burst for news in table.update(log(early))} == {0}
    late = together([11, 12, 13, 14, 15], device=71)
    assert {news.burst for news in table.update(log(late))} == {5}


def test_the_oldest_attributes_are_forgotten_and_those_in_use_are_kept():
    table = LinkTable(attributes=1024)
    table.update(log(beginning(), sessions([LATER], account=1, device=77)))
    for day in range(1, 8):
        strangers = np.arange(600) + 1000 * day
        times = LATER + day * DAY + np.arange(600)
        table.update(log(sessions(times, account=2, device=strangers)))
        table.update(log(sessions([LATER + day * DAY + HOUR], account=1, device=77)))
    assert table.attributes <= 2 * 4 * 1024
    kept = table.update(log(together([1, 3], start=LATER + 8 * DAY, device=77)))
    assert names(kept) == {"acc_1", "acc_3"}
    gone = table.update(log(together([4], start=LATER + 8 * DAY, device=1000)))
    assert gone == []


def test_a_vpn_exit_is_told_as_one():
    found = told(together([1, 2], ip=5, agent=8, network=VPN))
    assert all(sighting.networks == 1 << VPN for sighting in found)
