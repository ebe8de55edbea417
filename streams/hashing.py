"""Keyed 64-bit hashes of text: SipHash-2-4, the same on every machine and in every run.

Raw addresses, devices and names go no further than decoding; the key keeps their hashes from
being guessed by hashing all addresses. Never Python's own `hash`, which is salted per run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

DEFAULT_KEY: Final = b"fairuse-events-1"
"""Public, so it hides nothing: a deployment sets its own and keeps it as long as its state."""

KEY_BYTES: Final = 16
ABSENT_HASH: Final = 0


def hash_text(text: str, key: bytes = DEFAULT_KEY) -> int:
    """Hash one string, as `hash_column` would; the empty string is absent (0).

    Examples
    --------
    >>> hash_text("") == ABSENT_HASH
    True
    """
    payload = np.frombuffer(text.encode(), dtype=np.uint8)
    ends = np.array([0, len(payload)], dtype=np.int64)
    return int(hash_spans(ends[:1], ends[1:], payload, *split_key(key))[0])


def split_key(key: bytes) -> tuple[np.uint64, np.uint64]:
    """Give the key as the two words the kernels take."""
    if len(key) != KEY_BYTES:
        raise ValueError(f"a hash key has {KEY_BYTES} bytes, this one {len(key)}")
    low, high = np.frombuffer(key, dtype="<u8")
    return low, high


@njit(cache=True, nogil=True)
def hash_spans(
    starts: NDArray[np.int64], ends: NDArray[np.int64], text: NDArray[np.uint8], low: Any, high: Any
) -> NDArray[np.uint64]:
    """Hash each ``text[start:end]``; an empty span gives 0, and no other ever does."""
    hashes = np.zeros(len(starts), dtype=np.uint64)
    for i in range(len(starts)):
        if ends[i] > starts[i]:
            hashes[i] = siphash(text, starts[i], ends[i], low, high)
            if hashes[i] == 0:
                hashes[i] = 1
    return hashes


@njit(cache=True, nogil=True)
def siphash(text: NDArray[np.uint8], start: int, end: int, low: Any, high: Any) -> Any:
    """SipHash-2-4 (Aumasson and Bernstein, 2012) of ``text[start:end]``."""
    v0 = np.uint64(low) ^ np.uint64(0x736F6D6570736575)
    v1 = np.uint64(high) ^ np.uint64(0x646F72616E646F6D)
    v2 = np.uint64(low) ^ np.uint64(0x6C7967656E657261)
    v3 = np.uint64(high) ^ np.uint64(0x7465646279746573)
    whole = (end - start) // 8
    for block in range(whole):
        at = start + 8 * block
        word = np.uint64(0)
        for byte in range(8):
            word |= np.uint64(text[at + byte]) << np.uint64(8 * byte)
        v3 ^= word
        v0, v1, v2, v3 = _round(v0, v1, v2, v3)
        v0, v1, v2, v3 = _round(v0, v1, v2, v3)
        v0 ^= word
    word = np.uint64(end - start) << np.uint64(56)
    for byte in range((end - start) - 8 * whole):
        word |= np.uint64(text[start + 8 * whole + byte]) << np.uint64(8 * byte)
    v3 ^= word
    v0, v1, v2, v3 = _round(v0, v1, v2, v3)
    v0, v1, v2, v3 = _round(v0, v1, v2, v3)
    v0 ^= word
    v2 ^= np.uint64(0xFF)
    for _ in range(4):
        v0, v1, v2, v3 = _round(v0, v1, v2, v3)
    return v0 ^ v1 ^ v2 ^ v3


@njit(cache=True, nogil=True)
def _round(v0: Any, v1: Any, v2: Any, v3: Any) -> tuple[Any, Any, Any, Any]:
    v0 += v1
    v1 = _rotate(v1, 13) ^ v0
    v0 = _rotate(v0, 32)
    v2 += v3
    v3 = _rotate(v3, 16) ^ v2
    v0 += v3
    v3 = _rotate(v3, 21) ^ v0
    v2 += v1
    v1 = _rotate(v1, 17) ^ v2
    v2 = _rotate(v2, 32)
    return v0, v1, v2, v3


@njit(cache=True, nogil=True, inline="always")
def _rotate(word: Any, bits: int) -> Any:
    return (word << np.uint64(bits)) | (word >> np.uint64(64 - bits))
