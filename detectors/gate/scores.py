"""The fourth check: honest people's scores must not have moved, kind by kind.

Where a kind began or ceased to learn its scores are meant to move, and are reported only. And where
the champion no longer fits its own calibration, because the platform has moved on, having moved
away from it is no fault, as long as the candidate fits its own. Distances that chance explains for
so few accounts never refuse.

Source: Yurdakul and Naranjo (Journal of Risk Model Validation 2020) for the law of the stability
index between equal samples: (1/n + 1/m) times chi-squared of one less than the bins.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from detectors import drift
from detectors.bank import KINDS
from detectors.gate.check import Check

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.gate.check import Limits
    from detectors.gate.standing import ModelFacts
    from detectors.gate.weighed import Weighed

NAME: Final = "score drift"
RARE: Final = 0.01
BARS: Final = 20


@dataclass(frozen=True, slots=True)
class Moved:
    """How far two samples are apart, and how far chance would put them (99 of 100 times)."""

    psi: float
    ks: float
    psi_by_chance: float
    ks_by_chance: float

    @classmethod
    def between(cls, one: NDArray[np.floating], other: NDArray[np.floating]) -> Moved | None:
        """Compare two samples; None if there are too few to compare."""
        if min(len(one), len(other)) < drift.ENOUGH:
            return None
        from scipy.stats import chi2, kstwobign  # noqa: PLC0415  as slow to import as all the rest

        few = 1.0 / len(one) + 1.0 / len(other)
        distance, _ = drift.ks(one, other)
        return cls(
            drift.psi(one, other), distance,
            float(few * chi2.ppf(1.0 - RARE, drift.BINS - 1)),
            float(np.sqrt(few) * kstwobign.ppf(1.0 - RARE)),
        )  # fmt: skip

    def beyond(self, limits: Limits) -> bool:
        """Tell whether either measure is past its limit and past chance."""
        far = self.psi > max(limits.psi, self.psi_by_chance)
        return far or self.ks > max(limits.ks, self.ks_by_chance)

    def __str__(self) -> str:
        return f"PSI {self.psi:.2f}, KS {self.ks:.2f}"


def scores(weighed: Weighed, limits: Limits) -> Check:
    """Compare the honest account-months' peaks under both models, and each with its calibration."""
    rows = weighed.months[_compared(weighed)]
    apart = {name: _own(rows[name], getattr(weighed, name)) for name in ("champion", "candidate")}
    rows = rows[(rows["champion"]["maximum"] > 0.0) | (rows["candidate"]["maximum"] > 0.0)]
    figures: dict[str, Any] = {"months": len(rows), "kinds": [], "calibration": {}}
    figures["calibration"] = {
        name: moved and {"psi": moved.psi, "ks": moved.ks} for name, moved in apart.items()
    }
    far, most = [], None
    for k, kind in enumerate(KINDS):
        moved = Moved.between(*(rows[name]["peaks"][:, k] for name in apart))
        judged = weighed.champion.learnt[k] == weighed.candidate.learnt[k]
        if moved is None:
            continue
        figures["kinds"].append(_row(str(kind), moved, rows, k, judged=judged))
        if judged and moved.beyond(limits):
            far.append(f"{kind} ({moved})")
        most = moved if most is None or moved.psi > most.psi else most
    passed, sentence = _said(far, apart, limits)
    if most is None:
        sentence = f"cannot be told from {len(rows)} scored account-months"
    return Check(name=NAME, passed=passed, sentence=sentence.format(most=most), figures=figures)


def _said(far: list[str], apart: dict[str, Moved | None], limits: Limits) -> tuple[bool, str]:
    was, now = apart["champion"], apart["candidate"]
    stale = was is not None and was.beyond(limits)
    if now is not None and now.beyond(limits) and (was is None or now.psi > was.psi):
        return False, (
            f"today's months no longer look like those that calibrate the candidate ({now}): its "
            "thresholds would not keep their budgets"
        )
    if far and not stale:
        listed = ", ".join(far)
        return (
            False,
            f"the scores of honest people moved: {listed}; limits {limits.psi}, {limits.ks}",
        )
    if far:
        return True, (
            f"scores moved ({', '.join(far)}), but it is the champion that no longer fits its "
            f"calibration ({was}); the candidate does ({now})"
        )
    return True, "honest people score as with the champion (at most {most})"


def _compared(weighed: Weighed) -> NDArray[np.bool_]:
    """Tell which months are compared: of nobody confirmed, whole ones if there are enough."""
    found = weighed.not_confirmed
    whole: NDArray[np.bool_] = found & weighed.whole
    return whole if np.count_nonzero(whole) >= drift.ENOUGH else found


def _own(side: NDArray[Any], model: ModelFacts) -> Moved | None:
    """Compare months of the common pool with those that calibrated it."""
    pools = np.array([stratum.pool for stratum in model.strata])
    return Moved.between(np.array(model.maxima), side["common"][pools[side["stratum"]] == 0])


def _row(kind: str, moved: Moved, rows: NDArray[Any], k: int, *, judged: bool) -> dict[str, Any]:
    """Give one kind's figures, with both histograms over the same edges for the card."""
    both = [rows[name]["peaks"][:, k] for name in ("champion", "candidate")]
    top = max(float(np.quantile(side, 0.995)) for side in both)
    edges = np.linspace(0.0, max(top, 1.0), BARS + 1)
    bars = [np.histogram(np.minimum(side, edges[-1]), edges)[0].tolist() for side in both]
    return {
        "kind": kind, "psi": moved.psi, "ks": moved.ks, "judged": judged, "top": float(edges[-1]),
        "champion": bars[0], "candidate": bars[1],
    }  # fmt: skip
