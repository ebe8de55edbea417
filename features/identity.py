"""Identity: which devices and networks an account uses, and whether they are one person's.

Several devices are normal. What tells several people apart is that the *device predicts the rest*:
the day, the hour, the topic; and that device sessions overlap in different networks. Eight devices
are kept exactly, the least recent one making room; abuse lives in one to eight. Overlap between
devices on the same address block (a household, an office) is never counted.

Sources: overlap of device sessions and device-hour information as measured on merged real traces;
information is the plug-in estimate with the Miller-Madow correction (Miller 1955).
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from numba import njit

from features.index import fold
from features.information import entropy, information

SLOTS: Final = 8
HOURS: Final = 6  # four-hour bins of the day
TOPICS: Final = 15
SESSION_S: Final = 1800
FAST_S: Final = 60
INTERLEAVE_S: Final = 1800
AT_ONCE_S: Final = 600
DAY_S: Final = 86400
REMEMBERED: Final = 30  # days without another day apart, after which those before are forgotten
SECOND: Final = 1_000_000
NONE: Final = 255

FIELDS: Final = [
    ("device_id", "u4", (SLOTS,)),  # folded hash
    ("device_last", "u4", (SLOTS,)),  # seconds since 1970
    ("device_since", "u4", (SLOTS,)),  # start of its present session
    ("device_block", "u4", (SLOTS,)),
    ("device_acts", "u4", (SLOTS,)),
    ("device_country", "u2", (SLOTS,)),
    ("device_today", "u2", (SLOTS,)),
    ("device_hours", "u1", (SLOTS, HOURS)),  # halved together when a cell is full
    ("device_topics", "u1", (SLOTS, TOPICS)),
    ("device_now", "u1"),  # slot of the last act; the first device takes slot 0
    ("device_before", "u1"),  # slot of the run before that, NONE when its device made room
    ("devices_seen", "u2"),  # devices that ever took a slot
    ("device_left", "u4"),  # second at which the run before ended
    ("device_day", "i4"),
    ("day_acts", "f4"),  # acts of finished days ...
    ("day_entropy", "f4"),  # ... and their sum of (acts x entropy of devices within the day)
    ("fast_switches", "u4"),
    ("interleaves", "u4"),
    ("active_s", "f4"),  # seconds inside device sessions
    ("overlap_s", "f4"),  # seconds inside two at once, on different blocks
    ("household_s", "f4"),  # ... on the same block
    ("apart_day", "i4"),
    ("apart_days", "u2"),  # days with three devices at once in three countries, none a month apart
]
NAMES: Final = (
    "devices",
    "device_entropy",
    "device_day_information",
    "device_hour_information",
    "device_topic_information",
    "device_overlap_share",
    "fast_switch_share",
    "interleave_share",
    "days_apart",
    "household_share",
)
LEAST: Final = 32


@njit(cache=True)
def slot_of(row: Any, device: int, second: int) -> int:
    """Find the device's slot, or give it the emptiest or least recently used one."""
    oldest = 0
    for k in range(SLOTS):
        if row.device_id[k] == device:
            return k
        if row.device_last[k] < row.device_last[oldest]:
            oldest = k
    row.device_id[oldest] = device
    row.device_since[oldest] = second
    row.device_last[oldest] = 0
    row.device_block[oldest] = 0
    row.device_acts[oldest] = 0
    row.device_country[oldest] = 0
    row.device_today[oldest] = 0
    for k in range(HOURS):
        row.device_hours[oldest, k] = 0
    for k in range(TOPICS):
        row.device_topics[oldest, k] = 0
    if row.device_before == oldest:
        row.device_before = NONE
    row.devices_seen = min(row.devices_seen + 1, 65535)
    return oldest


@njit(cache=True)
def close_day(row: Any, second: int) -> None:
    """When a day ends, add how mixed its devices were."""
    day = second // DAY_S
    if day == row.device_day:
        return
    acts = 0.0
    for k in range(SLOTS):
        acts += row.device_today[k]
    if acts > 0.0:
        row.day_acts += np.float32(acts)
        row.day_entropy += np.float32(acts * entropy(row.device_today, acts))
    row.device_today[:] = 0
    row.device_day = day


@njit(cache=True)
def count_switch(row: Any, slot: int, second: int) -> None:
    now = row.device_now
    if now == slot:
        return
    ended = row.device_last[now]
    row.fast_switches += second - ended < FAST_S
    row.interleaves += slot == row.device_before and second - row.device_left < INTERLEAVE_S
    row.device_before = now
    row.device_left = ended
    row.device_now = slot


@njit(cache=True)
def count_overlap(row: Any, slot: int, second: int) -> None:
    """Add the part of this device's last step in which another device's session was open too."""
    last = row.device_last[slot]
    if last == 0 or second - last >= SESSION_S:
        row.device_since[slot] = second
        return
    row.active_s += np.float32(second - last)
    most = 0
    home = 0
    for k in range(SLOTS):
        if k == slot or row.device_last[k] <= last:
            continue
        both = row.device_last[k] - max(last, row.device_since[k])
        if row.device_block[k] == row.device_block[slot] and row.device_block[k] != 0:
            home = max(home, both)  # one household or one office
        else:
            most = max(most, both)
    row.overlap_s += np.float32(most)
    row.household_s += np.float32(home)


@njit(cache=True)
def count_apart(row: Any, second: int) -> None:
    """Note a day on which three devices act within ten minutes from three countries."""
    devices = 0
    countries = 0
    for k in range(SLOTS):
        if row.device_country[k] == 0 or second - row.device_last[k] >= AT_ONCE_S:
            continue
        devices += 1
        fresh = 1
        for other in range(k):
            same = row.device_country[other] == row.device_country[k]
            if same and second - row.device_last[other] < AT_ONCE_S:
                fresh = 0
        countries += fresh
    day = second // DAY_S
    if devices >= 3 and countries >= 3 and day != row.apart_day:
        row.apart_days = row.apart_days + 1 if day - row.apart_day < REMEMBERED else 1
        row.apart_day = day


@njit(cache=True)
def count_tables(row: Any, slot: int, second: int, topic: Any) -> None:
    hour = (second // (4 * 3600)) % HOURS
    if row.device_hours[slot, hour] == 255:
        for a in range(SLOTS):
            for b in range(HOURS):
                row.device_hours[a, b] //= 2
    row.device_hours[slot, hour] += 1
    row.device_acts[slot] += 1
    row.device_today[slot] = min(row.device_today[slot] + 1, 65535)
    if topic != 0:
        bucket = np.int64((topic >> np.uint64(17)) % np.uint64(TOPICS))
        if row.device_topics[slot, bucket] == 255:
            for a in range(SLOTS):
                for b in range(TOPICS):
                    row.device_topics[a, b] //= 2
        row.device_topics[slot, bucket] += 1


@njit(cache=True)
def acted(row: Any, t: int, device: int, block: int, country: int, topic: int) -> None:
    """Learn one act on `device` (hash, not 0) at `t`, not before the last act."""
    second = t // SECOND
    close_day(row, second)
    slot = slot_of(row, fold(device), second)
    if block != 0:
        row.device_block[slot] = fold(block)
    if country != 0:
        row.device_country[slot] = country
    count_switch(row, slot, second)
    count_overlap(row, slot, second)
    row.device_last[slot] = second
    count_apart(row, second)
    count_tables(row, slot, second, topic)


@njit(cache=True)
def read_devices(row: Any, acts: float, out: Any, at: int) -> None:
    mixed = entropy(row.device_acts, acts)
    used = 0
    for k in range(SLOTS):
        used += row.device_acts[k] >= 0.01 * acts
    out[at] = math.log(max(used, 1))
    out[at + 1] = mixed
    if row.day_acts >= LEAST:
        out[at + 2] = max(mixed - row.day_entropy / row.day_acts, 0.0)
    out[at + 3] = information(row.device_hours)
    out[at + 4] = information(row.device_topics)
    out[at + 5] = row.overlap_s / row.active_s if row.active_s > 0.0 else 0.0
    out[at + 6] = row.fast_switches / acts
    out[at + 7] = row.interleaves / acts
    out[at + 8] = row.apart_days if row.device_day - row.apart_day < REMEMBERED else 0.0
    together = row.household_s + row.overlap_s
    if together > 0.0:
        out[at + 9] = row.household_s / together


@njit(cache=True)
def read(row: Any, out: Any, at: int) -> None:
    """Write this family's numbers to `out[at:]`; NaN where too little is known."""
    for k in range(len(NAMES)):
        out[at + k] = math.nan
    acts = 0.0
    for k in range(SLOTS):
        acts += row.device_acts[k]
    if acts >= LEAST:
        read_devices(row, acts, out, at)
