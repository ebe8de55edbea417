"""One row an account: what `fairuse score` prints, in the order accounts first appeared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from detectors.bank import KINDS
from detectors.explanation import reasons
from detectors.policy import RANKS
from detectors.rules import hard_bits
from detectors.scorer import rfc3339, unit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from detectors.scorer import Scorer
    from features.state import FeatureState

COLUMNS: Final = (
    "account_id", "events", *(str(kind) for kind in KINDS), "abuse", "action", "first_action_at",
    "reasons",
)  # fmt: skip


def standing(records: NDArray[Any]) -> NDArray[np.float64]:
    """Give each account's score of each kind, shape (n, K).

    Mostly where the account stands now, when most is known of it, and a quarter its highest
    standing, so that a quiet end does not hide the rest.
    """
    scores: NDArray[np.float64] = 0.75 * records["score"] + 0.25 * records["peak"]
    return scores


def rows(scorer: Scorer, state: FeatureState) -> Iterator[tuple[Any, ...]]:
    """Yield one tuple in the order of `COLUMNS` for every account of the partition.

    `abuse` is the highest standing of the kinds.
    """
    records = scorer.records[: state.accounts]
    standings = standing(records)
    vectors = state.vectors()
    _, nats = scorer.model.bank.score(vectors)
    bits = hard_bits(vectors) | records["hard"]
    events = state.column("events")
    for row in range(state.accounts):
        scores = [unit(float(score)) for score in standings[row]]
        best = int(np.argmax(scores))
        action = RANKS[int(records["strongest"][row])].action
        first = int(records["first_action_t"][row])
        known = scorer.model.bank.tails.known_at(vectors[row, 0])
        found = reasons(vectors[row], nats[row], known, best, int(bits[row]))
        yield (
            state.names[row], int(events[row]), *(f"{score:.9f}" for score in scores),
            f"{scores[best]:.9f}", str(action), rfc3339(first) if first else "",
            ";".join(reason.code for reason in found),
        )  # fmt: skip
