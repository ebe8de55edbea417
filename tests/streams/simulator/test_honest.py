"""Honest personas do what they are there for: to be hard, and to be people."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from streams.simulator import Mix, quantiles, simulate
from streams.simulator.habits import HONEST


def gaps_of(requests: pd.DataFrame) -> pd.Series:
    """Log seconds between the gestures of each account; official many-job features aside."""
    single = requests[requests["feature"].isna()]
    seconds = single.groupby("account_id")["occurred_at"].diff().dt.total_seconds().dropna()
    return np.log(seconds.clip(lower=0.01)).groupby(single["account_id"])


@pytest.fixture(scope="module")
def population():
    honest = Mix(dict.fromkeys(HONEST, 1.0))
    return pa.concat_tables(simulate(220, 21, seed=5, mix=honest).tables()).to_pandas()


@pytest.fixture(scope="module")
def busy(population):
    asked = population[population["type"] == "generation.requested"]
    counts = asked.groupby("account_id").size()
    return asked[asked["account_id"].isin(counts[counts >= 40].index)]


def test_median_gaps_lie_where_those_of_real_people_lie(busy):
    medians = gaps_of(busy).median()
    low, high = quantiles.GENERATION_GAP_P50[0], quantiles.COMMENT_GAP_P50[-1]

    assert medians.between(low, high).mean() > 0.97
    assert quantiles.GENERATION_GAP_P50[1] < medians.median() < quantiles.COMMENT_GAP_P50[1]


def test_people_differ_from_each_other_and_from_themselves(busy):
    gaps = gaps_of(busy)

    assert gaps.mean().std() > 0.4
    assert 1.5 < gaps.std().mean() < 3.0


def test_neighbouring_gaps_are_correlated_as_in_real_traces(busy):
    correlations = gaps_of(busy).apply(lambda own: own.autocorr(1))
    assert 0.0 < correlations.median() < 0.35


def test_some_people_have_no_quiet_hours_and_most_have_some(busy):
    hours = busy["occurred_at"].dt.hour
    shares = pd.crosstab(busy["account_id"], hours, normalize="index")
    shares = shares[busy.groupby("account_id").size() >= 400]
    quiet = (shares < 0.01).sum(axis=1) + 24 - shares.shape[1]

    assert 0 < (quiet <= 1).mean() < 0.4
    assert quiet.median() >= 3


def test_people_resubmit_and_edit_their_prompts(busy):
    same = busy.groupby("account_id")["prompt_sketch"].shift() == busy["prompt_sketch"]
    assert 0.2 < same.mean() < 0.6


def test_power_users_ask_far_more_than_casual_ones(requests):
    assert len(requests("power_user", 40)) > 3 * len(requests("casual", 40))


def test_an_official_batch_is_one_gesture_for_many_jobs(requests, traffic):
    jobs = requests("batch_user")
    batch = jobs[jobs["feature"] == "batch"]
    near = batch.groupby("account_id")["occurred_at"].diff().dt.total_seconds() < 2
    touched = (traffic("batch_user")["type"] == "ui.interaction").sum()

    assert len(batch) > len(jobs) / 2
    assert near.mean() > 0.8
    assert 0 < touched < len(batch) / 4


def test_nobody_else_uses_the_batch_feature(requests):
    assert not (requests("casual")["feature"] == "batch").any()


def test_two_devices_of_a_person_are_used_at_once_behind_one_address(requests):
    jobs = requests("two_devices").dropna(subset=["device_id", "ip"])
    jobs = jobs.assign(block=jobs["ip"].str.replace(r"^(2001:db8:\w+)::.*", r"\1", regex=True))
    other = jobs.groupby("account_id")["device_id"].shift() != jobs["device_id"]
    soon = jobs.groupby("account_id")["occurred_at"].diff().dt.total_seconds() < 600
    same = jobs.groupby("account_id")["block"].shift() == jobs["block"]

    assert (other & soon).sum() > 50
    assert same[other & soon].mean() > 0.9
    assert jobs.groupby("account_id")["device_id"].nunique().max() == 2


def test_a_family_and_an_office_share_addresses_between_accounts(requests):
    for persona, network in (("family_member", "residential"), ("office_worker", "business")):
        jobs = requests(persona)
        there = jobs[jobs["network"] == network]
        assert there.groupby("ip")["account_id"].nunique().max() >= 2
        assert there.groupby("asn")["account_id"].nunique().max() >= 3


def test_travellers_are_seen_in_more_countries_than_people_at_home(requests):
    home, away = (
        requests(persona).groupby("account_id")["country"].nunique()
        for persona in ("casual", "traveller")
    )
    assert home.max() == 1
    assert away[away > 0].mean() > 1.5


def test_vpn_users_leave_by_exits_that_others_use_too(requests):
    jobs = requests("vpn_user", 40)
    exits = jobs[jobs["network"] == "vpn"]

    assert len(exits) > len(jobs) / 3
    assert exits.groupby("ip")["account_id"].nunique().max() >= 3


def test_contest_entrants_do_most_of_it_on_a_few_days(requests):
    def share_of_best_days(persona: str) -> float:
        jobs = requests(persona, 30)
        days = jobs.groupby(["account_id", jobs["occurred_at"].dt.date]).size()
        best = days.groupby("account_id").nlargest(3).groupby(level=0).sum()
        return float((best / days.groupby("account_id").sum()).median())

    assert share_of_best_days("contest_entrant") > share_of_best_days("night_owl") + 0.1


def test_accessibility_users_point_never_and_work_evenly(traffic, requests):
    touched = traffic("accessibility_user").query("type == 'ui.interaction'")
    even = gaps_of(requests("accessibility_user", 30))
    uneven = gaps_of(requests("casual", 30))

    assert touched["pointer"].sum() == 0
    assert touched["keys"].sum() > 0
    assert (even.quantile(0.5) - even.quantile(0.1)).median() < (
        uneven.quantile(0.5) - uneven.quantile(0.1)
    ).median()


def test_no_two_honest_accounts_hold_the_same_device_but_at_school(population):
    personas = simulate(220, 21, seed=5, mix=Mix(dict.fromkeys(HONEST, 1.0))).personas
    pupils = population["account_id"].map(personas) == "classroom_pupil"
    assert population[~pupils].groupby("device_id")["account_id"].nunique().max() == 1


def test_a_class_shares_an_address_and_its_computers_in_the_morning(requests):
    jobs = requests("classroom_pupil", 25).query("network == 'business'")
    days = jobs["occurred_at"].dt.date

    assert jobs.groupby("ip")["account_id"].nunique().max() >= 15
    assert jobs.groupby("device_id")["account_id"].nunique().max() >= 3
    assert jobs.groupby(["account_id", days])["device_id"].nunique().max() == 1


def test_shift_workers_change_their_hours_from_week_to_week(requests):
    def moved(persona: str) -> float:
        jobs = requests(persona, 30, 21.0)
        angle = 2 * np.pi * jobs["occurred_at"].dt.hour / 24
        week = (jobs["occurred_at"] - jobs["occurred_at"].min()).dt.days // 7
        by = [jobs["account_id"], week]
        middle = np.cos(angle).groupby(by).mean() + 1j * np.sin(angle).groupby(by).mean()
        weeks = pd.DataFrame({k: middle.xs(k, level=1) for k in (0, 1)}).dropna()
        return float(np.median(np.abs(np.angle(weeks[1] / weeks[0]))))

    assert moved("shift_worker") > 1.5 * moved("two_devices")


def test_insomniacs_have_fewer_quiet_hours_than_others(requests):
    def hours(persona: str) -> float:
        jobs = requests(persona, 40, 21.0)
        seen = jobs.groupby("account_id")["occurred_at"].agg(lambda t: t.dt.hour.nunique())
        return float(seen[jobs.groupby("account_id").size() > 150].median())

    assert hours("insomniac") >= hours("two_devices") + 2


def test_a_whole_city_is_behind_one_carriers_gateways(requests):
    jobs = requests("carrier_user", 40)
    assert set(jobs["network"].dropna()) == {"mobile"}
    assert jobs.groupby("ip")["account_id"].nunique().max() >= 20


def test_a_macro_keyboard_sends_the_same_prompt_many_times_with_many_keys(traffic, requests):
    jobs = requests("macro_keyboard", 30)
    same = jobs.groupby("account_id")["prompt_sketch"].shift() == jobs["prompt_sketch"]
    touched = traffic("macro_keyboard", 30).query("type == 'ui.interaction'")

    assert same.mean() > 0.5
    assert touched["keys"].sum() > 10 * touched["pointer"].sum()


def test_travellers_with_a_vpn_are_seen_in_many_countries(requests):
    countries = requests("travelling_vpn", 30).groupby("account_id")["country"].nunique()
    assert countries.mean() > 2.5


def test_missing_values_fall_on_honest_accounts_too(population):
    asked = population[population["type"] == "generation.requested"]
    for field in ("device_id", "country", "prompt_sketch", "params_hash"):
        silent = asked[field].isna().groupby(asked["account_id"]).all()
        assert 0 < silent.mean() < 0.2


def test_jobs_are_answered_by_the_platform_once(population):
    asked = population[population["type"] == "generation.requested"].set_index("job_id")
    done = population[population["type"].isin(["generation.completed", "generation.failed"])]
    done = done.set_index("job_id")
    waited = (done["occurred_at"] - asked["occurred_at"].reindex(done.index)).dt.total_seconds()

    assert asked.index.is_unique
    assert done.index.is_unique
    assert len(done) / len(asked) > 0.99
    assert np.allclose(waited, done["latency_ms"] / 1000, atol=0.0011)
    assert 0.005 < (done["type"] == "generation.failed").mean() < 0.03


def test_sessions_begin_before_they_are_used(population):
    told = population.dropna(subset=["session_id"])
    first = told.sort_values("occurred_at", kind="stable").groupby("session_id")["type"].first()
    begins = first.isin(["session.started", "login.failed"])
    assert begins.mean() > 0.97
