"""Abusive families do what their names say, and are labelled for it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from streams.simulator import KINDS, mix_of, simulate

PEOPLE = {"shared_by_2": 2, "shared_by_3": 3, "shared_by_5": 5}


def log_gaps(requests: pd.DataFrame) -> pd.core.groupby.SeriesGroupBy:
    seconds = requests.groupby("account_id")["occurred_at"].diff().dt.total_seconds().dropna()
    return np.log(seconds.clip(lower=0.01)).groupby(requests["account_id"])


@pytest.mark.parametrize("persona", [name for name, kind in KINDS.items() if kind])
def test_an_abusive_account_is_labelled_with_its_kind_and_pays_for_quota(persona, requests):
    labels = simulate(12, 21, seed=11, mix=mix_of(persona)).labels

    assert {kind for _, kind in labels} == {KINDS[persona]}
    assert (requests(persona)["mode"] == "quota").mean() > 0.5


def test_a_fixed_interval_comes_round_exactly(requests):
    spread = log_gaps(requests("fixed_interval_bot")).apply(
        lambda gaps: gaps.quantile(0.7) - gaps.quantile(0.3)
    )
    assert (spread < 0.01).mean() > 0.5


def test_jittered_bots_do_not(requests):
    spread = log_gaps(requests("jittered_bot")).apply(
        lambda gaps: gaps.quantile(0.7) - gaps.quantile(0.3)
    )
    assert spread.min() > 0.1


def test_a_closed_loop_reacts_to_completion_at_a_machines_pace(traffic):
    def reaction_spread(persona: str) -> float:
        events = traffic(persona)
        done = events[events["type"].isin(["generation.completed", "generation.failed"])]
        asked = events[events["type"] == "generation.requested"]
        both = pd.merge_asof(
            asked[["occurred_at", "account_id"]],
            done[["occurred_at", "account_id"]].assign(done_at=done["occurred_at"]),
            on="occurred_at",
            by="account_id",
        )
        waited = (both["occurred_at"] - both["done_at"]).dt.total_seconds().dropna()
        by = waited.groupby(both["account_id"])
        return float((by.quantile(0.7) - by.quantile(0.3)).median())

    assert reaction_spread("closed_loop_bot") < 0.3
    assert reaction_spread("casual") > 3.0


def test_cron_batches_begin_at_the_same_minute(requests):
    jobs = requests("cron_batch")
    pause = jobs.groupby("account_id")["occurred_at"].diff().dt.total_seconds().fillna(1e9)
    minutes = jobs[pause > 1700]["occurred_at"].dt.minute
    common = minutes.groupby(jobs["account_id"]).agg(lambda m: m.value_counts(normalize=True).max())
    assert (common > 0.9).mean() > 0.6


def test_a_replayed_session_repeats_its_gaps_one_after_the_other(requests):
    def repeated_pairs(persona: str) -> float:
        jobs = requests(persona)
        seconds = jobs.groupby("account_id")["occurred_at"].diff().dt.total_seconds()
        coarse = (seconds / 10).round()
        pairs = pd.DataFrame({"a": coarse, "b": coarse.groupby(jobs["account_id"]).shift()})
        pairs = pairs[(pairs > 3).all(axis=1)]
        return float(pairs.duplicated().mean())

    assert repeated_pairs("session_replay") > repeated_pairs("power_user")


def test_a_copied_cookie_carries_one_session_over_two_networks_and_agents(requests):
    jobs = requests("copied_cookie").dropna(subset=["session_id"])
    networks = jobs.groupby("session_id")["network"].agg(set)
    by_owner = jobs.groupby("account_id")["network"].agg(set)

    assert networks.apply(lambda seen: "hosting" in seen and len(seen) > 1).any()
    assert by_owner.apply(lambda seen: "hosting" in seen and len(seen) > 1).all()


def test_a_script_beside_a_person_uses_the_persons_own_device(requests):
    jobs = requests("human_plus_script")
    counted = jobs.groupby("account_id")["seed"].diff() == 1
    owned = set(jobs[~counted]["device_id"].dropna())

    assert 0.1 < counted.mean() < 0.95
    assert set(jobs[counted]["device_id"].dropna()) <= owned
    assert not (jobs["network"] == "hosting").any()


@pytest.mark.parametrize("persona", PEOPLE)
def test_a_shared_account_has_as_many_homes_as_people(persona, requests):
    asns = requests(persona, 12, 21.0).groupby("account_id")["asn"].nunique()
    devices = requests(persona, 12, 21.0).groupby("account_id")["device_id"].nunique()

    assert devices.max() >= PEOPLE[persona]
    assert asns.median() >= PEOPLE[persona] - 1


def test_a_resale_pool_has_many_buyers_in_many_countries(requests):
    jobs = requests("resale_pool")
    assert jobs.groupby("account_id")["country"].nunique().median() >= 5
    assert jobs.groupby("account_id")["device_id"].nunique().median() >= 6


def test_a_reseller_proxy_never_shows_results_and_never_sleeps(traffic):
    events = traffic("reseller_proxy")
    asked = events[events["type"] == "generation.requested"]
    hours = asked["occurred_at"].dt.hour.groupby(asked["account_id"]).nunique()

    assert not (events["type"] == "result.viewed").any()
    assert set(asked["network"].dropna()) == {"hosting"}
    assert hours.median() == 24
    assert asked.groupby("account_id")["prompt_sketch"].nunique().median() > 100


def test_a_farm_shares_devices_addresses_and_templates_between_accounts(requests):
    jobs = requests("account_farm")
    for field, least in (("device_id", 4), ("ip", 4), ("prompt_sketch", 4), ("params_hash", 4)):
        assert jobs.groupby(field)["account_id"].nunique().max() >= least


def test_programs_hardly_touch_the_interface_and_people_do(traffic):
    def touches(persona: str) -> float:
        kinds = traffic(persona)["type"].value_counts()
        return float(kinds.get("ui.interaction", 0) / kinds["generation.requested"])

    assert touches("cron_batch") < 0.3 < touches("night_owl")


def test_a_bot_with_nights_rests_for_hours_and_is_otherwise_uneven(requests):
    jobs = requests("sleeping_bot")
    hours = jobs["occurred_at"].dt.hour
    quiet = (pd.crosstab(jobs["account_id"], hours, normalize="index") < 0.01).sum(axis=1)
    spread = log_gaps(jobs).apply(lambda gaps: gaps.quantile(0.7) - gaps.quantile(0.3))

    assert quiet.median() + 24 - hours.nunique() >= 4
    assert spread.min() > 0.3


def test_a_headless_script_opens_every_result_and_hardly_touches_a_key(traffic):
    events = traffic("headless_script")
    kinds = events["type"].value_counts()
    touched = events[events["type"] == "ui.interaction"]

    assert kinds["result.viewed"] > 0.85 * kinds["generation.requested"]
    assert touched["keys"].sum() < 2 * kinds["generation.requested"]
    assert not events["user_agent"].dropna().str.contains("Headless|python|node").any()
