"""Honest accounts by country, network, plan, tenure, volume and persona: nobody pays for others.

A promise about everybody is easily kept at the cost of a few; so every segment is held to twice the
budget on its own, and where it is too small to tell, that is said.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from detectors.evaluation import Share
from detectors.memory import MONTH
from detectors.verdict import Response
from fairuse.bench.detection import trial
from streams.hashing import hash_text
from streams.simulator.catalogue import PLANS
from streams.vocabulary import NETWORKS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from fairuse.bench.detection.findings import Met
    from fairuse.bench.detection.trial import Trial

BUDGETS: Final = {Response.HOLD: 0.02, Response.CHALLENGE: 0.005, Response.PAUSE: 0.001}
TWICE: Final = 2.0
VOLUMES: Final = (0, 30, 100, 300, 1000, 3000)
_NETWORK: Final = {code: name for name, code in NETWORKS.items()} | {0: "not said"}
_PLAN: Final = {hash_text(name): name for name in PLANS} | {0: "none"}


@dataclass(frozen=True, slots=True)
class Segment:
    """One part of the honest accounts, and of how many of them what was asked."""

    by: str
    name: str
    held: Share
    challenged: Share
    paused: Share

    @property
    def kept(self) -> Met:
        """Tell whether twice the pause budget held here, as far as the interval can tell."""
        limit = TWICE * BUDGETS[Response.PAUSE]
        low, high = self.paused.interval
        if low > limit:
            return "missed"
        if high <= limit:
            return "met"
        return "too few to tell"


def everyone(found: Trial) -> Segment:
    """Give all of them as one segment."""
    return _segment(found, "all", "everyone", np.ones(len(found.outcomes), dtype=bool))


def segments(found: Trial) -> Iterator[Segment]:
    """Give every segment, the largest of each sort first."""
    accounts = found.log.accounts[found.rows]
    volume = np.searchsorted(VOLUMES, _a_month(accounts), side="right") - 1
    sorts = {
        "persona": found.log.personas[found.rows],
        "country": np.array([_country(int(code)) for code in accounts["country"]]),
        "network": np.array([_NETWORK[int(code)] for code in accounts["network"]]),
        "plan": np.array([_PLAN.get(int(code), "other") for code in accounts["plan"]]),
        "tenure": np.where(found.months == 0, "first month", "second month"),
        "requests a month": np.array([_volume(int(place)) for place in volume]),
    }
    for by, names in sorts.items():
        known, counts = np.unique(names.astype(str), return_counts=True)
        for name in known[np.argsort(-counts, kind="stable")].tolist():
            yield _segment(found, by, name, names == name)


def _segment(found: Trial, by: str, name: str, marks: NDArray[np.bool_]) -> Segment:
    shares = [
        Share(int((found.reached(response) & marks).sum()), int(marks.sum()))
        for response in trial.RESPONSES
    ]
    return Segment(by, name, *shares)


def _a_month(accounts: NDArray[Any]) -> NDArray[np.float64]:
    months = 1 + accounts["last_t"] // MONTH - accounts["first_t"] // MONTH
    share: NDArray[np.float64] = accounts["requests"] / months
    return share


def _country(code: int) -> str:
    return code.to_bytes(2, "big").decode("ascii") if code else "not said"


def _volume(place: int) -> str:
    if place + 1 == len(VOLUMES):
        return f"{VOLUMES[place]:,} and more"
    return f"{VOLUMES[place]:,} to {VOLUMES[place + 1] - 1:,}"
