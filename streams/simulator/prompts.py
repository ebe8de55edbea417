"""What is asked for: prompts as 64-bit sketches, settings and seeds.

People edit: they re-submit, modify, add and change in the proportions measured on real prompt logs,
and each edit flips some bits of the sketch. Templates fill slots from a small vocabulary, which
flips few bits and comes round again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from streams.simulator.chance import bits, happens, mixed
from streams.simulator.rows import ABSENT

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

# Of the prompts that differ from the one before: modified, added, changed, and the remainder cut.
_EDITS: Final = np.cumsum([0.395, 0.315, 0.201, 0.089])
_EDIT_CHARS: Final = np.array([1.0, 24.0, 4.0, -18.0])
_NEW_TOPIC_AT_START: Final = 0.7
_NEW_TOPIC_WITHIN: Final = 0.06


def flips(rng: Generator, count: int, rounds: int) -> NDArray[np.uint64]:
    """Masks in which each bit is set with chance 2 ** -rounds."""
    mask = bits(rng, count)
    for _ in range(rounds - 1):
        mask &= bits(rng, count)
    return mask


def by_hand(rng: Generator, requests: NDArray[Any], again: float) -> None:
    """Write the prompts, settings and seeds of a person who tries things."""
    count = len(requests)
    starts = np.diff(requests["sitting"], prepend=-1) != 0
    fresh = happens(rng, count, _NEW_TOPIC_WITHIN) & ~starts
    fresh |= starts & happens(rng, count, _NEW_TOPIC_AT_START)
    fresh[:1] = True
    same = happens(rng, count, float(np.clip(again + rng.normal(0, 0.12), 0.02, 0.85)))
    edit = np.minimum(np.searchsorted(_EDITS, rng.random(count)), 3)
    thick, thin = flips(rng, count, 2), flips(rng, count, 3)
    mask = np.where(edit == 2, thick, np.where(edit == 1, thin, thin & bits(rng, count)))  # noqa: PLR2004 - places in _EDITS
    mask[same] = 0
    mask[fresh] = bits(rng, int(fresh.sum()))
    requests["sketch"] = np.bitwise_xor.accumulate(mask)
    _lengths(rng, requests, fresh, np.where(same, 0.0, _EDIT_CHARS[edit]))
    _settings(rng, requests, fresh | starts)


def _lengths(
    rng: Generator, requests: NDArray[Any], fresh: NDArray[np.bool_], change: NDArray[np.float64]
) -> None:
    topic = np.cumsum(fresh) - 1
    begin = np.flatnonzero(fresh)
    grown = np.cumsum(change * rng.uniform(0.2, 2.0, len(change)))
    base = np.exp(rng.normal(rng.normal(4.6, 0.5), 0.6, len(begin)))
    requests["chars"] = np.clip(base[topic] + grown - grown[begin][topic], 3, 4000)


def _settings(rng: Generator, requests: NDArray[Any], turn: NDArray[np.bool_]) -> None:
    """Change settings now and then among a few favourites; some people pin seeds."""
    count = len(requests)
    changed = happens(rng, count, 0.12)
    changed[:1] = True
    palette = mixed(bits(rng, int(rng.integers(2, 9)))).astype(np.uint32)
    picked = palette[rng.integers(0, len(palette), count)]
    requests["params"] = picked[_latest(changed)]
    requests["seed"] = ABSENT
    if rng.random() < 0.2:  # noqa: PLR2004 - one person in five pins seeds
        pinned = happens(rng, count, 0.5)
        drawn = rng.integers(0, 2**31, count)
        requests["seed"] = np.where(pinned, drawn[_latest(turn)], ABSENT)


def _latest(marks: NDArray[np.bool_]) -> NDArray[np.int64]:
    """For each place, the latest marked place at or before it; the first must be marked."""
    return np.maximum.accumulate(np.where(marks, np.arange(len(marks)), 0))


def fill_slots(rng: Generator, requests: NDArray[Any], templates: int, words: int) -> None:
    """Write prompts that fill a few templates from a small vocabulary."""
    count = len(requests)
    base, word = bits(rng, templates), flips(rng, words, 4)
    picked = rng.integers(0, templates, count)
    slot = rng.integers(0, words, count)
    requests["sketch"] = base[picked] ^ word[slot]
    length = rng.integers(40, 260, templates)
    requests["chars"] = length[picked] + rng.integers(-8, 9, words)[slot]


def sweep(rng: Generator, requests: NDArray[Any]) -> None:
    """Write seeds that count upwards and settings that walk a grid."""
    count = len(requests)
    requests["seed"] = int(rng.integers(1, 1_000_000)) + np.arange(count)
    grid = mixed(bits(rng, int(rng.integers(1, 7)))).astype(np.uint32)
    requests["params"] = grid[np.arange(count) % len(grid)]
