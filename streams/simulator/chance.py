"""Seeded chance: generators that do not depend on each other, and names that look random.

A name is a one-to-one mixing of a number, so that no two differ only by accident and none tells
anything by its order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

_GOLDEN: Final = 0x9E3779B97F4A7C15
_FIRST: Final = np.uint64(0xBF58476D1CE4E5B9)
_SECOND: Final = np.uint64(0x94D049BB133111EB)
_MASK: Final = (1 << 64) - 1


def generator(seed: int, *place: int) -> Generator:
    """Give a generator for one place in the simulation, the same whatever else is simulated."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=place))


def mixed(values: NDArray[Any] | int, salt: int = 0) -> NDArray[np.uint64]:
    """Numbers made to look random, one to one for each salt (the finaliser of splitmix64)."""
    x = np.atleast_1d(np.asarray(values)).astype(np.uint64)
    x = x + np.uint64((salt + 1) * _GOLDEN & _MASK)
    x = (x ^ (x >> np.uint64(30))) * _FIRST
    x = (x ^ (x >> np.uint64(27))) * _SECOND
    return x ^ (x >> np.uint64(31))


def mixed_one(value: int, salt: int = 0) -> int:
    """As `mixed`, for one number."""
    return int(mixed(value, salt)[0])


def bits(rng: Generator, count: int) -> NDArray[np.uint64]:
    """Random 64-bit words."""
    return rng.integers(0, _MASK, count, dtype=np.uint64, endpoint=True)


def happens(rng: Generator, count: int, share: float) -> NDArray[np.bool_]:
    """Throw a coin that falls on its marked side with the given chance."""
    return rng.random(count) < share
