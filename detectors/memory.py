"""What scoring remembers of each account: smoothed scores, the month's maximum, what was asked.

One small record an account, beside its feature state and saved in the same snapshot. Scores are
smoothed over about `MEMORY` acts from zero upwards, so that a few strange minutes of a new account
accuse nobody; the maximum starts again with each 30-day month, as the calibration counts months,
and the stratum is chosen there, by what was known before.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numba import njit

from detectors import strata
from detectors.auditing import ENOUGH
from detectors.bank import KINDS
from detectors.rules import RULES, hard_bits
from detectors.verdict import Response
from features.view import VIEW

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from features.state import FeatureState, Readings
    from streams.columns import EventBatch

MONTH: Final = 30 * 86_400_000_000
MEMORY: Final = 64.0
STRONGEST: Final = len(Response) - 1
MOST: Final = 2.0  # challenges change the evidence by no more than four times, either way
BALANCE: Final = "challenge_balance"
"""A feature: the logarithm to base 2 by which answered challenges change the evidence."""

RECORD: Final = np.dtype(
    [
        ("plan", "u8"),  # at the last reading
        ("plan_before", "u8"),  # at the last reading before `month`
        ("first_action_t", "i8"),
        ("month", "i4"),  # of `maximum` and `stratum`
        ("response_month", "i4"),  # of `response`
        ("shadow_month", "i4"),  # of `shadow`
        ("acts", "u4"),  # acts at the last reading
        ("acts_before", "u4"),  # acts when the month began
        ("score", "f4", (len(KINDS),)),  # smoothed
        ("peak", "f4", (len(KINDS),)),  # highest smoothed score ever
        ("month_peak", "f4", (len(KINDS),)),  # highest smoothed score of the month
        ("maximum", "f4"),  # highest score of the month that may ask for anything
        ("stratum", "u2"),  # place in the model's table
        ("volume", "u1"),  # of the month before
        ("tenure", "u1"),
        ("response", "u1"),  # strongest of its month, 0 none
        ("strongest", "u1"),  # strongest response ever
        ("hard", "u1"),  # rules that ever held, a bit each
        ("shadow", "u1", (len(RULES) + len(KINDS),)),  # what watching detectors would have asked
    ],
    align=True,
)

LINE: Final = np.dtype(
    [
        ("row", "i8"),
        ("at", "i8"),  # place in the batch
        ("t", "i8"),
        ("since", "i8"),  # the account's first event
        ("plan", "u8"),
        ("acts", "f8"),
        ("weight", "f8"),  # of the evidence, after answered challenges
        ("standing", "f8"),  # out: highest smoothed score that may ask for anything
        ("maximum", "f8"),  # out: its maximum in the month
        ("month", "i4"),  # out
        ("stratum", "u2"),  # out
        ("bits", "u1"),  # hard rules that hold
        ("candidate", "u1"),  # out: 1 when the policy must look
        ("enough", "u1"),  # out: 1 when the month's acts reach what an audit needs
    ],
    align=True,
)
"""One reading on its way through `remember`."""

ENDED: Final = np.dtype(
    [("row", "i8"), ("month", "i4"), ("peaks", "f4", (len(KINDS),)), *strata.KEY_FIELDS],
    align=True,
)
"""An account-month that is over, with the peak of each kind's smoothed score."""

NO_SCORES: Final = ("plan", "plan_before", "month", "acts", "acts_before", "volume", "tenure")
"""What a record says of the account whichever model scores it."""


def room_for(records: NDArray[Any], count: int) -> NDArray[Any]:
    """Give `records`, grown to at least `count` rows."""
    if count <= len(records):
        return records
    wider = np.zeros(max(count, 2 * len(records)), dtype=RECORD)
    wider[: len(records)] = records
    return wider


def behind(state: FeatureState) -> NDArray[Any]:
    """Give the records (A,) of accounts of which the log that `state` learnt is gone.

    What they did until their last reading is known, and their plan; in which month, no more.
    """
    records = np.zeros(state.accounts, dtype=RECORD)
    records["acts"] = state.column("acts") - state.column("unscored")
    records["plan"] = state.column("plan")
    return records


def handed_on(records: NDArray[Any], table: NDArray[Any]) -> NDArray[Any]:
    """Give the records (A,) with which another model, of the strata `table`, goes on.

    Whom an account is compared with stays; scores and maxima begin at zero, as a new account's do.
    Without the acts the next reading would count for all of them at once, unsmoothed. Records of
    another release hand on what they have.
    """
    fresh = np.zeros(len(records), dtype=RECORD)
    for name in set(NO_SCORES).intersection(records.dtype.names or ()):
        fresh[name] = records[name]
    place(fresh, table)
    return fresh


def met(
    records: NDArray[Any], batch: EventBatch, readings: Readings, accounts: int
) -> NDArray[Any]:
    """Give `records`, grown to `accounts`, after readings that nobody scored: only who they are of.

    Another model goes on from them as `handed_on` says.
    """
    records = room_for(records, accounts)
    remember(
        records, lines_of(batch, readings), np.zeros((len(readings), len(KINDS))), strata.whole(),
        np.full((1, 3), np.inf), np.ones(len(RULES) + len(KINDS), dtype=bool),
        np.zeros(0, dtype=ENDED),
    )  # fmt: skip
    return records


@njit(cache=True)
def place(records: Any, table: Any) -> None:
    """Find every record's stratum in a model's table."""
    for record in records:
        found = strata.find(table, record.plan_before, record.volume, record.tenure)
        record.stratum = np.uint16(found)


def lines_of(batch: EventBatch, readings: Readings) -> NDArray[Any]:
    """Lay out what `remember` needs of each reading."""
    lines = np.zeros(len(readings), dtype=LINE)
    lines["row"], lines["at"] = readings.rows, readings.at
    lines["t"] = batch.events["t"][readings.at]
    lines["since"], lines["plan"] = readings.since, readings.plans
    lines["acts"] = readings.vectors[:, 0]
    lines["weight"] = 1.0
    if BALANCE in VIEW.names:
        balance = np.nan_to_num(readings.vectors[:, VIEW.position(BALANCE)])
        lines["weight"] = 2.0 ** np.clip(balance, -MOST, MOST)
    lines["bits"] = hard_bits(readings.vectors)
    return lines


@njit(cache=True)
def remember(
    records: Any, lines: Any, scores: Any, table: Any, limits: Any, watching: Any, ended: Any
) -> int:  # fmt: skip
    """Learn scores (n, K) in order, replacing them by the smoothed ones, and fill in `lines` (n,).

    Candidates are the lines where a hard rule holds or a limit (S, 3) stands exceeded whose
    response the account's month has not seen yet; the policy decides the rest, and writes the
    response. `watching` (D,) tells which detectors may not act. Months that end are written to
    `ended`, as many as it has room for; returns their number. What is written of a line depends on
    nothing after it.
    """
    over = 0
    for i in range(len(lines)):
        line = lines[i]
        record = records[line.row]
        if begins(record, line.t // MONTH):
            if record.acts > 0 and over < len(ended):
                leave(record, line.row, ended[over])
                over += 1
            begin(record, line, table)
        record.plan = line.plan
        line.enough = reaches(record, line.acts)
        smooth(record, line, scores[i])
        record.hard |= line.bits
        line.month = record.month
        line.stratum = record.stratum
        weigh(record, line, scores[i], limits[record.stratum], watching)
    return over


@njit(cache=True)
def begins(record: Any, month: int) -> bool:
    """Tell whether a reading begins another month; a straggler of the month before does not."""
    return bool(month > record.month or month < record.month - 1)


@njit(cache=True)
def reaches(record: Any, acts: float) -> bool:
    """Tell whether the month's acts become enough for an audit with this reading: once a month."""
    enough = record.acts_before + ENOUGH
    return bool(record.acts < enough <= acts)


@njit(cache=True)
def begin(record: Any, line: Any, table: Any) -> None:
    """Enter a month: its maximum from zero, its stratum by what was known before it."""
    month = np.int32(line.t // MONTH)
    before = record.acts - record.acts_before if record.month == month - 1 else 0
    known = month * MONTH - line.since >= MONTH
    record.plan_before = record.plan
    record.acts_before = record.acts
    record.month = month
    record.maximum = np.float32(0.0)
    record.month_peak[:] = 0.0
    record.volume = np.uint8(strata.volume_of(before))
    record.tenure = np.uint8(strata.KNOWN if known else strata.NEW)
    place = strata.find(table, record.plan_before, record.volume, record.tenure)
    record.stratum = np.uint16(place)


@njit(cache=True)
def leave(record: Any, row: int, out: Any) -> None:
    """Write down the account-month that the record stands in."""
    out.row = row
    out.month = record.month
    out.peaks[:] = record.month_peak
    out.plan = record.plan_before
    out.volume = record.volume
    out.tenure = record.tenure


@njit(cache=True)
def smooth(record: Any, line: Any, scores: Any) -> None:
    """Smooth one reading's scores (K,) in place; what accuses is weighed by challenges first."""
    share = 1.0 - math.exp(-(line.acts - record.acts) / MEMORY)
    record.acts = np.uint32(line.acts)
    for k in range(len(scores)):
        fresh = scores[k] * line.weight if scores[k] > 0.0 else scores[k]
        record.score[k] = np.float32(record.score[k] + share * (fresh - record.score[k]))
        record.peak[k] = max(record.peak[k], record.score[k])
        record.month_peak[k] = max(record.month_peak[k], record.score[k])
        scores[k] = record.score[k]


@njit(cache=True)
def weigh(record: Any, line: Any, scores: Any, limits: Any, watching: Any) -> None:
    """Find what stands, and whether the policy must look at it."""
    rules = len(watching) - len(scores)
    response = record.response if record.response_month == line.month else 0
    for d in range(len(watching)):
        asked = response
        if watching[d]:
            asked = record.shadow[d] if record.shadow_month == line.month else 0
        if asked == STRONGEST:
            continue
        holds = d < rules and (line.bits >> d) & 1
        if holds or (d >= rules and scores[d - rules] > limits[asked]):
            line.candidate = 1
    standing = 0.0
    for k in range(len(scores)):
        if not watching[rules + k]:
            standing = max(standing, scores[k])
    line.standing = standing
    record.maximum = max(record.maximum, np.float32(standing))
    line.maximum = record.maximum
