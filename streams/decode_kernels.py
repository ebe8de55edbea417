"""Compiled loops over Arrow text buffers: times, addresses, sketches, countries.

Each recognises the plain form and flags the rest, which the caller hands one by one to the
authority. A kernel may so refuse what the authority accepts, never the reverse.
"""

# ruff: noqa: PLR2004 - digits, letters and the calendar are what this file is made of

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numba import njit

from streams.hashing import siphash

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]
    Bytes = NDArray[np.uint8]
    Marks = NDArray[np.bool_]

_ZERO: Final = ord("0")
_NINE: Final = ord("9")
_MONTH_DAYS: Final = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], dtype=np.int64)
_FRACTION: Final = 20  # where the digits after the point begin
_SHORTEST: Final = 20  # 2026-11-22T14:03:11Z
_LONGEST: Final = 27  # 2026-11-22T14:03:11.123456Z
_SKETCH: Final = 16


@njit(cache=True, nogil=True)
def _number(text: Bytes, start: int, count: int) -> int:
    """Read `count` decimal digits; -1 if one is not a digit."""
    number = 0
    for i in range(start, start + count):
        if text[i] < _ZERO or text[i] > _NINE:
            return -1
        number = number * 10 + (text[i] - _ZERO)
    return number


@njit(cache=True, nogil=True)
def parse_times(starts: Numbers, ends: Numbers, text: Bytes) -> tuple[Numbers, Marks]:
    """Read ``YYYY-MM-DDTHH:MM:SS[.ffffff]Z`` as microseconds; the second array says where."""
    times = np.zeros(len(starts), dtype=np.int64)
    plain = np.zeros(len(starts), dtype=np.bool_)
    for i in range(len(starts)):
        if _SHORTEST <= ends[i] - starts[i] <= _LONGEST:
            times[i], plain[i] = _time(text, starts[i], ends[i])
    return times, plain


@njit(cache=True, nogil=True)
def _time(text: Bytes, at: int, end: int) -> tuple[int, bool]:
    for place, mark in ((4, 45), (7, 45), (10, 84), (13, 58), (16, 58)):  # the marks of --T::
        if text[at + place] != mark:
            return 0, False
    if text[end - 1] != 90:  # the letter Z
        return 0, False
    year, month, day = _number(text, at, 4), _number(text, at + 5, 2), _number(text, at + 8, 2)
    hour, minute = _number(text, at + 11, 2), _number(text, at + 14, 2)
    second, micro = _number(text, at + 17, 2), _micro(text, at, end)
    if not _is_clock(hour, minute, second) or micro < 0 or not _is_date(year, month, day):
        return 0, False
    seconds = _days(year, month, day) * 86400 + hour * 3600 + minute * 60 + second
    return seconds * 1_000_000 + micro, True


@njit(cache=True, nogil=True)
def _micro(text: Bytes, at: int, end: int) -> int:
    """Read the fraction of a second; -1 if it is not one."""
    digits = end - 1 - at - _FRACTION
    if end - at == _SHORTEST:
        return 0
    if digits < 1 or text[at + _FRACTION - 1] != 46:  # the point
        return -1
    micro = _number(text, at + _FRACTION, digits)
    for _ in range(6 - digits):
        micro *= 10
    return micro


@njit(cache=True, nogil=True)
def _is_clock(hour: int, minute: int, second: int) -> bool:
    return 0 <= hour < 24 and 0 <= minute < 60 and 0 <= second < 60


@njit(cache=True, nogil=True)
def _is_date(year: int, month: int, day: int) -> bool:
    if year < 1 or month < 1 or month > 12 or day < 1:
        return False
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return bool(day <= _MONTH_DAYS[month - 1] + (1 if leap and month == 2 else 0))


@njit(cache=True, nogil=True)
def _days(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01, counting years from March so that the leap day comes last."""
    shifted = year - (1 if month <= 2 else 0)
    era = shifted // 400
    of_era = shifted - era * 400
    of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468


@njit(cache=True, nogil=True)
def hash_addresses(
    starts: Numbers, ends: Numbers, text: Bytes, low: Any, high: Any
) -> tuple[NDArray[np.uint64], NDArray[np.uint64], Marks]:
    """Hash dotted quads and their /24, and ``h:`` tokens; the third array says which they were.

    A /24 is named by its text up to the last dot, a token's block is the token.
    """
    addresses = np.zeros(len(starts), dtype=np.uint64)
    blocks = np.zeros(len(starts), dtype=np.uint64)
    plain = np.zeros(len(starts), dtype=np.bool_)
    for i in range(len(starts)):
        stop = _block_end(text, starts[i], ends[i])
        if stop > 0:
            addresses[i] = max(siphash(text, starts[i], ends[i], low, high), np.uint64(1))
            blocks[i] = max(siphash(text, starts[i], stop, low, high), np.uint64(1))
            plain[i] = True
    return addresses, blocks, plain


@njit(cache=True, nogil=True)
def _block_end(text: Bytes, start: int, end: int) -> int:
    """Where the name of the block ends: at the last dot, or at the end of a token; 0 if neither."""
    if end - start > 2 and text[start] == 104 and text[start + 1] == 58:  # h:
        return end
    dots, digits, number, last = 0, 0, 0, 0
    for i in range(start, end):
        if text[i] == 46 and digits > 0:  # the dot
            dots, digits, number, last = dots + 1, 0, 0, i
        elif _ZERO <= text[i] <= _NINE and not (digits > 0 and number == 0):
            digits, number = digits + 1, number * 10 + (text[i] - _ZERO)
            if number > 255:
                return 0
        else:
            return 0
    return last if dots == 3 and digits > 0 else 0


@njit(cache=True, nogil=True)
def parse_sketches(starts: Numbers, ends: Numbers, text: Bytes) -> tuple[NDArray[np.uint64], Marks]:
    """Read 16 hex digits as one number; the second array says which they were."""
    sketches = np.zeros(len(starts), dtype=np.uint64)
    good = np.zeros(len(starts), dtype=np.bool_)
    for i in range(len(starts)):
        good[i] = ends[i] - starts[i] == _SKETCH
        for place in range(starts[i], ends[i] if good[i] else starts[i]):
            digit = _hex(text[place])
            good[i] = good[i] and digit >= 0
            sketches[i] = (sketches[i] << np.uint64(4)) | np.uint64(max(digit, 0))
    return sketches, good


@njit(cache=True, nogil=True)
def _hex(letter: int) -> int:
    if _ZERO <= letter <= _NINE:
        return letter - _ZERO
    small = letter | 32
    return small - 87 if 97 <= small <= 102 else -1  # a to f


@njit(cache=True, nogil=True)
def parse_countries(
    starts: Numbers, ends: Numbers, text: Bytes
) -> tuple[NDArray[np.uint16], Marks]:
    """Read two letters as one number, capitals, the first in the high byte."""
    codes = np.zeros(len(starts), dtype=np.uint16)
    good = np.zeros(len(starts), dtype=np.bool_)
    for i in range(len(starts)):
        if ends[i] - starts[i] == 2:
            first, second = text[starts[i]] & 0xDF, text[starts[i] + 1] & 0xDF
            good[i] = 65 <= first <= 90 and 65 <= second <= 90  # A to Z
            codes[i] = first << 8 | second
    return codes, good


@njit(cache=True, nogil=True)
def find_control_codes(starts: Numbers, ends: Numbers, text: Bytes) -> Marks:
    """Say which spans hold a control code (below space, or delete)."""
    found = np.zeros(len(starts), dtype=np.bool_)
    for i in range(len(starts)):
        for place in range(starts[i], ends[i]):
            found[i] = found[i] or text[place] < 32 or text[place] == 127
    return found
