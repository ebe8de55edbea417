"""Who was seen with what: the compiled loop behind linked accounts.

An attribute is a device, an address together with a user agent, a prompt, or a block of addresses,
known by its hash alone. For each one the first accounts are kept exactly, the number of all of them
about, and how fast new accounts came to it. Failed logins show nobody, and jobs paid with credits
are never evidence. Nothing here says what a link is worth: `detectors.association` does.

Source: the number of accounts beyond the exact ones by linear counting (Whang, Vander-Zanden and
Taylor 1990).
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from numba import njit

from features.index import place
from features.information import bits
from streams.vocabulary import MODES, EventType

Array = Any

DEVICE: Final = 0
ADDRESS_AND_AGENT: Final = 1
PROMPT: Final = 2
BLOCK: Final = 3
KINDS: Final = 4

MEMBERS: Final = 16
"""Accounts of an attribute that are kept exactly."""
MARKS: Final = 128  # bits that estimate how many there are beyond them
MOST: Final = 1000  # as far as those bits can count
LONG_PROMPT: Final = 40  # characters below which strangers write the same prompt by chance
TELLING: Final = 64  # accounts beyond which only every doubling is told

DAY: Final = 86_400_000_000  # microseconds
SETTLED: Final = DAY
"""An attribute is told a day after it was first seen: by then one that everybody has shows it."""
WARM_UP: Final = 7 * DAY
"""An account first seen this soon after the log began may be old: nobody can tell."""
NEW: Final = 7 * DAY
"""For so long after it was first seen an account is new."""
EARLY: Final = 63  # accounts whose first times together say when the log began

ACCOUNT: Final = np.dtype([("first", "i8"), ("recent", "u8", (KINDS,))], align=True)
ATTRIBUTE: Final = np.dtype(
    [
        ("key", "u8"),
        ("first", "i8"),  # earliest time it was shown, microseconds since 1970 as all times here
        ("last", "i8"),  # ... and the latest
        ("marks", "u8", (MARKS // 64,)),
        ("members", "u4", (MEMBERS,)),  # account rows, in the order in which they came
        ("degree", "u2"),
        ("fresh", "u2"),  # one bit a member: it was a new account when it came
        ("burst", "u2"),  # most new accounts among `members` that were first seen within a day
        ("told", "u1"),  # how many of `members` were told
        ("doublings", "u1"),  # how often the degree had doubled when last looked at
        ("networks", "u1"),  # one bit for each network kind it was seen from
    ],
    align=True,
)
NEWS: Final = np.dtype(
    [
        ("key", "u8"),
        ("t", "i8"),
        ("at", "i8"),  # place in the batch of the event that brought it
        ("account", "u4"),
        ("degree", "u2"),
        ("burst", "u2"),
        ("kind", "u1"),
        ("networks", "u1"),
        ("fresh", "u1"),
    ],
    align=True,
)
MOST_NEWS: Final = KINDS * MEMBERS
"""What one event can bring at most."""

_REQUESTED = int(EventType.GENERATION_REQUESTED)
_STARTED = int(EventType.SESSION_STARTED)
_REFRESHED = int(EventType.SESSION_REFRESHED)
_CREDITS = MODES["credits"]


@njit(cache=True)
def mixed(word: Any, salt: Any) -> Any:
    """Mix a 64-bit hash with a salt (the finaliser of MurmurHash3); never 0."""
    word = np.uint64(word) ^ (np.uint64(salt) * np.uint64(0x9E3779B97F4A7C15))
    word = (word ^ (word >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    word = (word ^ (word >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
    word ^= word >> np.uint64(33)
    return word if word != 0 else np.uint64(1)


@njit(cache=True)
def block_key(block: Any) -> Any:
    """Give the key under which a block of addresses is remembered."""
    return mixed(block, 5)


@njit(cache=True)
def show(event: Any, keys: Array) -> bool:
    """Write the attributes an event shows to `keys` (KINDS,), 0 = none; False if it shows none."""
    requested = event.type == _REQUESTED
    if not requested and event.type not in (_STARTED, _REFRESHED):
        return False
    if event.mode == _CREDITS:
        return False
    keys[:] = 0
    if event.device != 0:
        keys[DEVICE] = mixed(event.device, 1)
    if event.ip != 0 and event.agent != 0:
        keys[ADDRESS_AND_AGENT] = mixed(event.ip ^ mixed(event.agent, 2), 3)
    # Strangers take up the same official example; that is what it is for.
    if requested and event.official == 0 and event.prompt_chars >= LONG_PROMPT:
        keys[PROMPT] = mixed(event.sketch, 4) if event.sketch != 0 else np.uint64(0)
    if event.block != 0:
        keys[BLOCK] = block_key(event.block)
    return True


@njit(cache=True)
def forget_oldest(keys: Array, fill: Array, young: Array, kind: int) -> None:
    """Begin a new generation of one kind of attributes, in place of the older one."""
    young[kind] = 1 - young[kind]
    keys[kind, young[kind]] = 0
    fill[kind, young[kind]] = 0


@njit(cache=True)
def row_of(
    keys: Array, places: Array, rows: Array, fill: Array, young: Array, kind: int, key: Any
) -> int:
    """Give the attribute's row in the young generation, fetched from the old one or empty."""
    if fill[kind, young[kind]] == rows.shape[2]:
        forget_oldest(keys, fill, young, kind)
    now = young[kind]
    here = place(keys[kind, now], key)
    if keys[kind, now, here] == key:
        return int(places[kind, now, here])
    row = fill[kind, now]
    fill[kind, now] += 1
    keys[kind, now, here] = key
    places[kind, now, here] = row
    attribute = rows[kind, now, row]
    there = place(keys[kind, 1 - now], key)
    if keys[kind, 1 - now, there] == key:
        copy(rows[kind, 1 - now, places[kind, 1 - now, there]], attribute)
    else:
        clear(attribute, key)
    return int(row)


@njit(cache=True)
def clear(attribute: Any, key: Any) -> None:
    attribute.key = key
    attribute.first = 0
    attribute.last = 0
    attribute.marks[:] = 0
    attribute.members[:] = 0
    attribute.degree = 0
    attribute.fresh = 0
    attribute.burst = 0
    attribute.told = 0
    attribute.doublings = 0
    attribute.networks = 0


@njit(cache=True)
def copy(old: Any, new: Any) -> None:
    new.key = old.key
    new.first = old.first
    new.last = old.last
    new.marks[:] = old.marks
    new.members[:] = old.members
    new.degree = old.degree
    new.fresh = old.fresh
    new.burst = old.burst
    new.told = old.told
    new.doublings = old.doublings
    new.networks = old.networks


@njit(cache=True)
def join(attribute: Any, account: int, name: Any, fresh: bool) -> bool:
    """Add an account (its row, and the hash of its name); tells whether it was not known there."""
    kept = min(attribute.degree, MEMBERS)
    for k in range(kept):
        if attribute.members[k] == account:
            return False
    mark = mixed(name, 6) % np.uint64(MARKS)
    word, bit = np.int64(mark // np.uint64(64)), np.uint64(1) << (mark % np.uint64(64))
    if kept == MEMBERS and attribute.marks[word] & bit != 0:
        return False
    attribute.marks[word] |= bit
    if kept < MEMBERS:
        attribute.members[kept] = account
        attribute.fresh |= np.uint16(fresh) << np.uint16(kept)
        attribute.degree = kept + 1
    else:
        attribute.degree = max(attribute.degree + 1, estimate(attribute.marks))
    return True


@njit(cache=True)
def visit(attribute: Any, t: int, network: int) -> bool:
    """Note when and whence an attribute was shown; tells whether it was a new kind of network.

    Partitions are read in no common order, so the earliest time is not that of the first to come.
    """
    if attribute.degree == 0:
        attribute.first = t
        attribute.last = t
    attribute.first = min(attribute.first, t)
    attribute.last = max(attribute.last, t)
    known = attribute.networks
    attribute.networks |= np.uint8(1) << network
    moved = attribute.networks != known
    return bool(moved and known != 0)


@njit(cache=True)
def estimate(marks: Array) -> int:
    """Tell how many accounts left these marks, by linear counting."""
    empty = MARKS
    for k in range(len(marks)):
        empty -= bits(marks[k])
    if empty == 0:
        return MOST
    return int(-MARKS * math.log(empty / MARKS))


@njit(cache=True)
def count_burst(attribute: Any, accounts: Array) -> None:
    """Count the new accounts among the exact members that were first seen within one day."""
    kept = min(attribute.degree, MEMBERS)
    for i in range(kept):
        first = accounts[attribute.members[i]].first
        count = 0
        for j in range(kept):
            later = accounts[attribute.members[j]].first - first
            count += attribute.fresh >> np.uint16(j) & np.uint16(1) and 0 <= later <= DAY
        attribute.burst = max(attribute.burst, count)


@njit(cache=True)
def is_new(first: int, t: int, early: Array) -> bool:
    """Tell whether an account of this first time is new at `t`, as far as the log can tell."""
    if early[0] < EARLY:
        return False
    return bool(0 <= t - first <= NEW and first - early[1] > WARM_UP)


@njit(cache=True)
def meet(account: Any, t: int, early: Array) -> None:
    """Note an account's first time; the median of the earliest few is when the log began.

    A median, because one wrong clock among them must neither end the warm-up nor prolong it.
    """
    account.first = t
    if early[0] < EARLY:
        early[2 + early[0]] = t
        early[0] += 1
        if early[0] == EARLY:
            early[1] = np.sort(early[2:])[EARLY // 2]


@njit(cache=True)
def tell(
    attribute: Any, kind: int, t: int, at: int, account: int, fresh: bool, news: Array, count: int
) -> int:
    """Write what is new of a settled attribute to `news`; `account` brought it, -1 if none did."""
    degree = attribute.degree
    if degree < 2 or attribute.last - attribute.first < SETTLED:
        return count
    before = count
    for k in range(attribute.told, min(degree, MEMBERS)):
        news[count].account = attribute.members[k]
        news[count].fresh = attribute.fresh >> np.uint16(k) & np.uint16(1)
        count += 1
    attribute.told = min(degree, MEMBERS)
    doublings = np.uint8(math.log2(degree))
    worth = degree <= TELLING or doublings > attribute.doublings
    if count == before and account >= 0 and worth:
        news[count].account = account
        news[count].fresh = fresh
        count += 1
    attribute.doublings = doublings
    for k in range(before, count):
        news[k].key = attribute.key
        news[k].kind = kind
        news[k].t = t
        news[k].at = at
        news[k].degree = degree
        news[k].burst = attribute.burst
        news[k].networks = attribute.networks
    return count


@njit(cache=True)
def learn(
    events: Array, at: int, seats: Array, accounts: Array, early: Array,
    keys: Array, places: Array, rows: Array, fill: Array, young: Array, news: Array,
) -> tuple[int, int]:  # fmt: skip
    """Learn `events` from place `at` on, until they end or `news` may be too short.

    `seats` (n,) are account rows. Returns where to go on and how much news there is.
    """
    shown = np.zeros(KINDS, dtype=np.uint64)
    count = 0
    while at < len(events) and count + MOST_NEWS <= len(news):
        event = events[at]
        if not show(event, shown):
            at += 1
            continue
        account = accounts[seats[at]]
        if account.first == 0:
            meet(account, event.t, early)
        fresh = is_new(account.first, event.t, early)
        day = event.t // DAY
        for kind in range(KINDS):
            if shown[kind] == 0:
                continue
            # Looked at once a day for each account: the same again the same day says nothing.
            today = mixed(shown[kind], day)
            if account.recent[kind] == today:
                continue
            account.recent[kind] = today
            row = row_of(keys, places, rows, fill, young, kind, shown[kind])
            attribute = rows[kind, young[kind], row]
            moved = visit(attribute, event.t, event.network)
            joined = join(attribute, seats[at], event.account, fresh)
            if joined and fresh:
                count_burst(attribute, accounts)
            who = seats[at] if joined or moved else -1
            count = tell(attribute, kind, event.t, at, who, fresh, news, count)
        at += 1
    return at, count
