"""The seventh check: the candidate may do no less than the champion, or promoting it disarms.

A model calibrated on few months is silent where the champion could act. Strata come and go from
night to night, so what counts is the share of tonight's account-months in which a score may ask for
something, not the table of strata. Strata that the candidate set apart do not count: there honest
people went beyond everybody's threshold, and silence is what the promise asks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from detectors.gate.check import Check
from detectors.verdict import Response

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.gate.standing import ModelFacts
    from detectors.gate.weighed import Weighed

NAME: Final = "what it may do"
LESS: Final = 0.05
"""Of the account-months: what strata that merge from one night to the next may cost."""
ASKED: Final = tuple(str(response) for response in Response if response is not Response.NONE)


def certifies(weighed: Weighed) -> Check:
    """Compare in how many of tonight's account-months each model may ask for each response."""
    models = {"champion": weighed.champion, "candidate": weighed.candidate}
    together = ~_apart(weighed)
    may = {
        name: {asked: _share(weighed.months[name][together], model, asked) for asked in ASKED}
        for name, model in models.items()
    }
    months = {name: model.months for name, model in models.items()}
    apart = 1.0 - float(together.mean()) if len(together) else 0.0
    figures = {"may": may, "months": months, "apart": apart}
    counted = f"{months['candidate']} honest months calibrate it, {months['champion']} the champion"
    if refused := _refuses(weighed, may):
        return Check(name=NAME, passed=False, sentence=refused.format(counted), figures=figures)
    strongest = next((a for a in reversed(ASKED) if may["candidate"][a] > 0.0), "ask for a look")
    sentence = f"it may do all the champion may, up to {strongest}; {counted}"
    if apart:
        sentence += f"; {apart:.0%} of tonight's account-months are in strata that stand apart"
    return Check(name=NAME, passed=True, sentence=sentence, figures=figures)


def _refuses(weighed: Weighed, may: dict[str, dict[str, float]]) -> str:
    """Say what it may do less, with a place for the months behind it; nothing if it may as much."""
    if not len(weighed.months):
        return (
            "no account-month was weighed, so nothing is known: does the log end in the future, or "
            "hold no requests?"
        )
    if not weighed.candidate.months:
        return "no honest account-month calibrates it: it could ask for nothing"
    was, now = may["champion"], may["candidate"]
    lost = [asked for asked in ASKED if now[asked] < was[asked] - LESS]
    if not lost:
        return ""
    return (
        f"it may {lost[-1]} in {now[lost[-1]]:.0%} of tonight's account-months, the champion in "
        f"{was[lost[-1]]:.0%}: {{}}"
    )


def _apart(weighed: Weighed) -> NDArray[np.bool_]:
    """Tell which account-months (R,) are in a stratum that the candidate set apart."""
    apart = np.array([stratum.pool > 0 for stratum in weighed.candidate.strata], dtype=bool)
    found: NDArray[np.bool_] = apart[weighed.months["candidate"]["stratum"]]
    return found


def _share(side: NDArray[Any], model: ModelFacts, asked: str) -> float:
    able = np.array([asked in stratum.may for stratum in model.strata])
    places = side["stratum"]
    return float(able[places].mean()) if len(places) else float(able.any())
