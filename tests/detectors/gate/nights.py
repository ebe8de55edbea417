"""Made-up nights: account-months under a champion and a candidate, as weighing gives them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from detectors.bank import KINDS
from detectors.gate.families import Found
from detectors.gate.flips import Flip, Turn, lot_of
from detectors.gate.sides import PAUSE
from detectors.gate.standing import ModelFacts, StratumFacts
from detectors.gate.suite import FAMILIES
from detectors.gate.weighed import MONTHS, Weighed

ALL = ("hold", "challenge", "pause")
BUDGET = 0.001


def facts(version="c", *, may=ALL, months=9000, maxima=None, learnt=False):
    """Facts of a model of one stratum."""
    maxima = np.linspace(3.0, 0.0, months) if maxima is None else maxima
    stratum = StratumFacts("any/any/any", months, may, 0.0004)
    return ModelFacts(version, (stratum,), months, (learnt,) * len(KINDS), (), tuple(maxima))


def night(accounts=4000, *, seed=0, strange=100):
    """A night in which both models say the same of honest people and of `strange` accounts.

    The strange come first, are paused by both models and are confirmed; the next hundred are
    cleared. Five countries and two networks are spread evenly.
    """
    rng = np.random.default_rng(seed)
    months = np.zeros(accounts, dtype=MONTHS)
    months["account"] = np.arange(accounts)
    months["country"] = np.array([256 * ord(a) + ord("E") for a in "ABCDE"])[
        np.arange(accounts) % 5
    ]
    months["network"] = 1 + np.arange(accounts) // 5 % 2
    months["plan"], months["volume"], months["tenure"] = 7, np.arange(accounts) % 3, 1
    common = rng.uniform(0.0, 3.0, accounts)
    common[:strange] += 4.0
    for side in ("champion", "candidate"):
        months[side]["common"] = months[side]["maximum"] = common
        months[side]["peaks"] = common[:, None] * np.array([1.0, 0.9, 0.7, 0.5])
        months[side]["p"] = 1.0 - common / common.max()
        months[side]["rank"][:strange] = PAUSE
    standing = np.zeros(accounts, dtype=np.int8)
    standing[:strange], standing[strange : strange + 100] = 1, -1
    names = np.array([f"acc_{n}" for n in range(accounts)], dtype=object)
    every = np.ones(accounts, dtype=bool)
    return Weighed(
        months, names, standing, (standing != 0).astype(float), standing != 0, every, 30.0, BUDGET,
        facts("champion"), facts("candidate"),
    )  # fmt: skip


def pausing(weighed, accounts, *, side="candidate"):
    """Give the same night, but one model pauses these accounts, too; their flips with it."""
    months = weighed.months.copy()
    months[side]["rank"][accounts] = PAUSE
    return with_flips(replace(weighed, months=months))


def with_flips(weighed):
    """Give the same night with the flip list that its months ask for."""
    ranks = [weighed.months[side]["rank"] == PAUSE for side in ("champion", "candidate")]
    undecided = weighed.standing == 0
    turned = ((ranks[1] & ~ranks[0], Turn.PAUSED), (ranks[0] & ~ranks[1], Turn.RELEASED))
    flips = [
        Flip(name, turn, lot_of(name, weighed.candidate.version))
        for which, turn in turned
        for name in weighed.names[which & undecided].tolist()
    ]
    return replace(weighed, flips=tuple(sorted(flips, key=lambda flip: flip.lot)))


def undecided(weighed, count, country=None):
    """Give places of accounts that nobody judged, all from one country if it is named."""
    ours = weighed.standing == 0
    if country:
        ours &= weighed.months["country"] == 256 * ord(country[0]) + ord(country[1])
    return np.flatnonzero(ours)[:count]


def found(*, lost=(), seed=0, honest=300, each=24):
    """What two models of equal sight make of a suite; the candidate does not see who is `lost`."""
    rng = np.random.default_rng(seed)
    family = np.concatenate([np.full(honest, -1), np.repeat(np.arange(len(FAMILIES)), each)])
    scores = np.where(family < 0, rng.normal(0, 1, len(family)), rng.normal(4, 1, len(family)))
    candidate = scores + rng.normal(0, 0.05, len(family))
    for name in lost:
        candidate[family == FAMILIES.index(name)] -= 4.0
    return Found(family, scores, candidate)
