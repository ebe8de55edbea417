"""Applies the rules of `streams.event` to whole columns and fills `EVENT` rows.

Takes Arrow columns whose types are right already (`streams.decode_json`, `streams.decode_arrow`
see to that); finds the values that are not allowed. One table of rules serves every encoding.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from streams import decode_kernels as kernels
from streams.agents import read_agents
from streams.columns import empty_events
from streams.decode_faults import Fault
from streams.decode_spans import Spans, Words, mask
from streams.decode_special import read_addresses, read_times
from streams.event import EARLIEST, LATEST, NEED_PLAN, RULES, Choice, DeadReason, Real, Text, Whole
from streams.hashing import hash_spans, split_key
from streams.schema import REQUIRED
from streams.vocabulary import EventType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from streams.decode_faults import Faults
    from streams.event import Special

_EARLIEST: Final = int(EARLIEST.timestamp()) * 1_000_000
_LATEST: Final = int(LATEST.timestamp()) * 1_000_000


def fill_rows(
    columns: Mapping[str, pa.Array], count: int, faults: Faults, key: bytes
) -> NDArray[Any]:
    """Give `count` rows of dtype `EVENT`; rows that break a rule are marked in `faults`.

    A column that is not in `columns` is absent from every row. Where a row stands in the log
    is for the caller to write.
    """
    filling = _Filling(empty_events(count), faults, key)
    for field, rule in RULES.items():
        column = columns.get(field)
        if column is None:
            filling.require(field, np.zeros(count, dtype=np.bool_))
            continue
        match rule:
            case Text():
                filling.text(field, rule, column)
            case Choice():
                filling.choice(field, rule, column)
            case Whole() | Real():
                filling.number(field, rule, column)
            case _:
                filling.special(field, rule, column)
    filling.across_fields()
    agents = columns.get("user_agent")
    if agents is not None:
        filling.rows["declared"], filling.rows["system"] = read_agents(
            agents, filling.rows["client"]
        )
    return filling.rows


class _Filling:
    """One batch being filled: a method for each sort of rule."""

    def __init__(self, rows: NDArray[Any], faults: Faults, key: bytes) -> None:
        self.rows, self.faults = rows, faults
        self.low, self.high = split_key(key)

    def require(self, field: str, present: NDArray[np.bool_]) -> None:
        if field in REQUIRED:
            self.faults.mark(
                ~present, Fault(DeadReason.MISSING_FIELD, field, f"{field} is missing")
            )

    def refuse(self, field: str, rows: NDArray[np.bool_], must: str) -> None:
        sentence = f"{field} must be {must}"
        self.faults.mark(rows, Fault(DeadReason.OUT_OF_RANGE, field, sentence))

    def refuse_words(self, field: str, words: Words, bad: NDArray[np.bool_], must: str) -> None:
        if bad.any():
            self.refuse(field, words.each(bad), must)

    def text(self, field: str, rule: Text, column: pa.Array) -> None:
        words = Words.of(column)
        spans = Spans.of(words.texts)
        if field in REQUIRED:
            self.require(field, words.each(spans.lengths > 0))
        if rule.limit is not None and (spans.lengths > rule.limit).any():
            letters = pc.fill_null(pc.utf8_length(words.texts), 0).to_numpy(zero_copy_only=False)
            must = f"at most {rule.limit} characters"
            self.refuse_words(field, words, letters > rule.limit, must)
        if rule.name:
            found = kernels.find_control_codes(*spans.parts)
            self.refuse_words(field, words, found, "free of control characters")
        if rule.column is not None:
            self.rows[rule.column] = words.each(hash_spans(*spans.parts, self.low, self.high))

    def choice(self, field: str, rule: Choice, column: pa.Array) -> None:
        words = Words.of(column)
        filled = Spans.of(words.texts).lengths > 0
        if field in REQUIRED:
            self.require(field, words.each(filled))
        known = pa.array(rule.codes, pa.large_string())
        places = pc.fill_null(pc.index_in(words.texts, known), -1).to_numpy(zero_copy_only=False)
        codes = np.array([*rule.codes.values(), 0], dtype=np.uint8)  # place -1 is the last: 0
        self.rows[rule.column] = words.each(codes[places])
        if not rule.open:
            must = f"one of {', '.join(rule.codes)}"
            self.refuse_words(field, words, (places < 0) & filled, must)

    def number(self, field: str, rule: Whole | Real, column: pa.Array) -> None:
        present = mask(column, len(column))
        values = pc.fill_null(column, 0).to_numpy(zero_copy_only=False)
        allowed = (values >= rule.low) & (values <= rule.high) & np.isfinite(values)
        self.refuse(field, present & ~allowed, _range(rule))
        taken = present & allowed
        self.rows[rule.column][taken] = values[taken]

    def special(self, field: str, rule: Special, column: pa.Array) -> None:
        match rule.kind:
            case "flag":
                present = mask(column, len(column))
                values = pc.fill_null(column, False).to_numpy(zero_copy_only=False)
                self.rows[rule.column][present] = values[present]
                return
            case "time":
                self.time(field, rule, column)
                return
        words = Words.of(column)
        spans = Spans.of(words.texts)
        filled = spans.lengths > 0
        match rule.kind:
            case "address":
                ips, blocks, good = read_addresses(words.texts, spans, self.low, self.high)
                self.rows["ip"], self.rows["block"] = words.each(ips), words.each(blocks)
            case "country":
                codes, good = kernels.parse_countries(*spans.parts)
                self.rows["country"] = words.each(codes)
            case "sketch":
                sketches, good = kernels.parse_sketches(*spans.parts)
                self.rows["sketch"] = words.each(sketches)
            case _:
                good = filled
                self.rows[rule.column] = words.each(filled)
        self.refuse_words(field, words, filled & ~good, rule.grammar)

    def time(self, field: str, rule: Special, column: pa.Array) -> None:
        times, present, good = read_times(column)
        self.require(field, present)
        good &= (times >= _EARLIEST) & (times < _LATEST)
        self.refuse(field, present & ~good, rule.grammar)
        if rule.column is not None:
            self.rows[rule.column] = times

    def across_fields(self) -> None:
        """Apply the rules that join two fields."""
        kinds = self.rows["type"]
        lacking = np.isin(kinds, NEED_PLAN) & (self.rows["plan"] == 0)
        self.faults.mark(lacking, Fault(DeadReason.MISSING_FIELD, "plan", "plan is missing"))
        bought = (kinds == EventType.CREDITS_PURCHASED) & (self.rows["units"] <= 0)
        self.refuse("units", bought, "above 0 when credits are purchased")


def _range(rule: Whole | Real) -> str:
    if isinstance(rule, Whole):
        return f"a whole number from {rule.low} to {rule.high}"
    high = "" if rule.high == float("inf") else f" and at most {rule.high:g}"
    return f"a finite number of at least {rule.low:g}{high}"
