"""The fourth check: honest people's scores must not have moved, kind by kind.

Where a kind began or ceased to learn its scores are meant to move, and are reported only. Nor is it
a fault to have moved if the candidate's calibration moved along, because thresholds follow it; or
if the champion no longer fits its own, because the platform has moved on. The candidate's own
thresholds must fit tonight's months either way. Distances that chance explains for so few accounts
never refuse.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from detectors import drift
from detectors.bank import KINDS
from detectors.gate.chance import at_least
from detectors.gate.check import Check
from detectors.gate.distances import RARE, Moved

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from detectors.gate.check import Limits
    from detectors.gate.standing import ModelFacts
    from detectors.gate.weighed import Weighed

NAME: Final = "score drift"
MODELS: Final = ("champion", "candidate")
SHARE: Final = 0.02  # of the calibrating months: the budget of the mildest response
LOOSE: Final = 2.0  # times that share, beyond chance, before the thresholds count as broken
BARS: Final = 20


def scores(weighed: Weighed, limits: Limits) -> Check:
    """Compare the honest account-months' peaks under both models, and each with its calibration."""
    rows = weighed.months[_compared(weighed)]
    scored = rows[(rows["champion"]["maximum"] > 0.0) | (rows["candidate"]["maximum"] > 0.0)]
    over = {name: int(np.count_nonzero(rows[name]["p"] <= SHARE)) for name in MODELS}
    kinds = [_compare(weighed, scored, k, limits) for k in range(len(KINDS))]
    kinds = [kind for kind in kinds if kind]
    figures = {"months": len(scored), "kinds": kinds, "beyond": over, "of": len(rows)}
    if loose := _too_loose(over, len(rows)):
        return Check(name=NAME, passed=False, sentence=loose, figures=figures)
    passed, sentence = _said(kinds, _excuse(weighed, rows, limits), limits)
    return Check(name=NAME, passed=passed, sentence=sentence, figures=figures)


def _excuse(weighed: Weighed, rows: NDArray[Any], limits: Limits) -> str:
    """Say why scores that moved harm nobody; nothing if they may."""
    champion, candidate = (_own(rows[name], getattr(weighed, name)) for name in MODELS)
    if champion and champion.beyond(limits):
        return f"it is the champion that no longer fits its calibration ({champion})"
    if candidate and not candidate.beyond(limits):
        return f"its calibration moved along, and fits tonight's months ({candidate})"
    return ""


def _said(kinds: Sequence[dict[str, Any]], excuse: str, limits: Limits) -> tuple[bool, str]:
    if not kinds:
        return True, "cannot be told from so few scored account-months"
    psi, ks = (max(kind[measure] for kind in kinds) for measure in ("psi", "ks"))
    far = [f"{k['kind']} (PSI {k['psi']:.2f}, KS {k['ks']:.2f})" for k in kinds if k["far"]]
    if not far:
        return (
            True,
            f"honest people score as with the champion (at most PSI {psi:.2f}, KS {ks:.2f})",
        )
    moved = f"the scores of honest people moved: {', '.join(far)}"
    if excuse:
        return True, f"{moved}; but {excuse}"
    return False, f"{moved}; limits are {limits.psi} and {limits.ks}"


def _too_loose(over: dict[str, int], of: int) -> str:
    """Say that too many months lie where a calibration leaves one in fifty; nothing if not.

    In the other direction nobody is harmed: a stricter model than it thinks is left alone.
    """
    count = over["candidate"]
    if count <= over["champion"] or at_least(count, of, LOOSE * SHARE) > RARE:
        return ""
    return (
        f"{count / of:.0%} of tonight's months lie beyond what its calibration leaves to "
        f"{SHARE:.0%} (champion {over['champion'] / of:.0%}): its thresholds would not keep their "
        "budgets"
    )


def _compared(weighed: Weighed) -> NDArray[np.bool_]:
    """Tell which months are compared: of nobody confirmed, whole ones if there are enough."""
    found = weighed.not_confirmed
    whole: NDArray[np.bool_] = found & weighed.whole
    return whole if np.count_nonzero(whole) >= drift.ENOUGH else found


def _own(side: NDArray[Any], model: ModelFacts) -> Moved | None:
    """Compare months of the common pool with those that calibrated it."""
    pools = np.array([stratum.pool for stratum in model.strata])
    return Moved.between(np.array(model.maxima), side["common"][pools[side["stratum"]] == 0])


def _compare(weighed: Weighed, rows: NDArray[Any], k: int, limits: Limits) -> dict[str, Any]:
    """Give one kind's figures, with both histograms over the same edges for the card."""
    both = [rows[name]["peaks"][:, k] for name in MODELS]
    moved = Moved.between(*both)
    if moved is None:
        return {}
    judged = weighed.champion.learnt[k] == weighed.candidate.learnt[k]
    top = max(float(np.quantile(side, 0.995)) for side in both)
    edges = np.linspace(0.0, max(top, 1.0), BARS + 1)
    bars = [np.histogram(np.minimum(side, edges[-1]), edges)[0].tolist() for side in both]
    return {
        "kind": str(KINDS[k]), "psi": moved.psi, "ks": moved.ks, "judged": judged,
        "far": judged and moved.beyond(limits), "top": float(edges[-1]),
        "champion": bars[0], "candidate": bars[1],
    }  # fmt: skip
