from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pytest

from streams.decode import decode
from streams.encode import conform, encode_arrow
from streams.event import DeadReason
from streams.raw import Encoding
from tests.streams.samples import (
    EXAMPLE,
    batch,
    decoded,
    only_event,
    only_letter,
    record,
    same_rows,
)

MOMENT = datetime(2026, 11, 22, 14, 3, 11, 123_000, tzinfo=UTC)


def table(count=1, **columns):
    """Make a table of the example `count` times over; a column given replaces the example's."""
    rows = {**EXAMPLE, "occurred_at": MOMENT, "units": 4.0}
    arrays = {name: pa.array([value] * count) for name, value in rows.items()}
    return pa.table({**arrays, **columns})


def from_arrow(one):
    return decoded(encode_arrow(one), encoding=Encoding.ARROW)


def test_an_arrow_record_holds_the_same_event_as_json():
    event, twin = only_event(encode_arrow(table()), Encoding.ARROW), only_event(record())
    assert event.tobytes() == twin.tobytes()


def test_every_row_keeps_its_place_within_its_record():
    got = decode(batch([encode_arrow(table(3)), encode_arrow(table(2))], Encoding.ARROW, first=40))
    assert got.events.events["offset"].tolist() == [40, 40, 40, 41, 41]
    assert got.events.events["index"].tolist() == [0, 1, 2, 0, 1]


def test_encodings_may_alternate_within_a_batch():
    values = [record(), encode_arrow(table(2)), b"{", b"no arrow", record()]
    mixed = batch(values)
    mixed.encodings[[1, 3]] = Encoding.ARROW
    got = decode(mixed)
    assert got.events.events["offset"].tolist() == [0, 1, 1, 4]
    assert [(letter.offset, letter.reason) for letter in got.dead] == [
        (2, DeadReason.NOT_JSON),
        (3, DeadReason.BAD_ARROW),
    ]


@pytest.mark.parametrize(
    ("column", "same"),
    [
        ({"prompt_chars": pa.array([142.0])}, True),
        ({"prompt_chars": pa.array([142], pa.uint8())}, True),
        ({"units": pa.array([4], pa.int32())}, True),
        ({"asn": pa.array([64500], pa.uint64())}, True),
        ({"seed": pa.nulls(1)}, True),
        ({"seed": pa.array([float("nan")])}, True),
        ({"account_id": pa.array(["acc_91"]).dictionary_encode()}, True),
        ({"account_id": pa.array(["acc_91"], pa.large_string())}, True),
        ({"account_id": pa.array(["acc_91"], pa.string_view())}, True),
        ({"account_id": pa.array([b"acc_91"])}, True),
        ({"occurred_at": pa.array([MOMENT], pa.timestamp("ns", "UTC"))}, True),
        ({"occurred_at": pa.array([MOMENT], pa.timestamp("ms", "Europe/Berlin"))}, True),
        ({"occurred_at": pa.array([MOMENT.replace(tzinfo=None)])}, True),
        ({"occurred_at": pa.array(["2026-11-22T14:03:11.123Z"])}, True),
        ({"units": pa.array([5.0])}, False),
    ],
)
def test_writers_may_differ_in_types_without_differing_in_meaning(column, same):
    twin = only_event(record())
    assert (
        only_event(encode_arrow(table(**column)), Encoding.ARROW).tobytes() == twin.tobytes()
    ) is same


@pytest.mark.parametrize(
    ("column", "reason", "field"),
    [
        ({"account_id": pa.nulls(1)}, DeadReason.MISSING_FIELD, "account_id"),
        ({"account_id": pa.array([91])}, DeadReason.WRONG_TYPE, "account_id"),
        ({"account_id": pa.array([b"\xff"])}, DeadReason.INVALID_UTF8, "account_id"),
        ({"prompt_chars": pa.array([1.5])}, DeadReason.WRONG_TYPE, "prompt_chars"),
        ({"prompt_chars": pa.array([1e30])}, DeadReason.OUT_OF_RANGE, "prompt_chars"),
        ({"prompt_chars": pa.array([-1])}, DeadReason.OUT_OF_RANGE, "prompt_chars"),
        ({"seed": pa.array([2**64 - 1], pa.uint64())}, DeadReason.OUT_OF_RANGE, "seed"),
        ({"units": pa.array([float("inf")])}, DeadReason.OUT_OF_RANGE, "units"),
        ({"units": pa.array(["4"])}, DeadReason.WRONG_TYPE, "units"),
        ({"attested": pa.array([1])}, DeadReason.WRONG_TYPE, "attested"),
        ({"ip": pa.array([[1, 2]])}, DeadReason.WRONG_TYPE, "ip"),
        ({"occurred_at": pa.array([2**62], pa.timestamp("s"))}, DeadReason.OUT_OF_RANGE, None),
        ({"occurred_at": pa.array([-(2**63)], pa.timestamp("ms"))}, DeadReason.OUT_OF_RANGE, None),
        ({"occurred_at": pa.array([-(2**63)], pa.timestamp("us"))}, DeadReason.OUT_OF_RANGE, None),
        ({"occurred_at": pa.array([5])}, DeadReason.WRONG_TYPE, "occurred_at"),
    ],
)
def test_a_row_that_breaks_the_contract_is_a_dead_letter(column, reason, field):
    letter = only_letter(encode_arrow(table(**column)), Encoding.ARROW)
    assert (letter.reason, letter.field) == (reason, field or "occurred_at")
    assert letter.payload.startswith(b"{")


def test_a_bad_row_costs_only_itself():
    got = from_arrow(table(4, units=pa.array([1.0, -1.0, 2.0, None])))
    assert got.events.events["index"].tolist() == [0, 2, 3]
    assert [(letter.index, letter.field) for letter in got.dead] == [(1, "units")]


def test_text_that_is_not_utf8_costs_only_its_row():
    broken = pa.StringArray.from_buffers(
        2, pa.py_buffer(np.array([0, 1, 2], np.int32)), pa.py_buffer(b"a\xff")
    )
    got = from_arrow(table(2, account_id=broken))
    assert got.events.account_ids.tolist() == ["a"]
    assert [(letter.index, letter.reason) for letter in got.dead] == [(1, DeadReason.INVALID_UTF8)]


def test_offsets_that_point_outside_their_buffer_are_found_before_they_are_followed():
    value = encode_arrow(table(account_id=pa.array(["a" * 77])))
    offsets = np.array([0, 77], np.int32).tobytes()
    head, found, tail = value.rpartition(offsets)  # the last is in the body
    assert found
    value = head + np.array([0, 4_000_000], np.int32).tobytes() + tail
    assert only_letter(value, Encoding.ARROW).reason is DeadReason.BAD_ARROW


def test_a_record_cut_short_is_one_dead_letter():
    value = encode_arrow(table(3))
    for length in (0, 7, len(value) // 2):
        assert only_letter(value[:length], Encoding.ARROW).reason is DeadReason.BAD_ARROW


def test_a_column_that_comes_twice_is_refused():
    twice = pa.Table.from_arrays([*table().columns, pa.array(["x"])], [*EXAMPLE, "plan"])
    letter = only_letter(encode_arrow(twice), Encoding.ARROW)
    assert (letter.reason, letter.field) == (DeadReason.BAD_ARROW, "plan")


def test_a_record_without_columns_is_refused():
    letter = only_letter(encode_arrow(table(3).select([])), Encoding.ARROW)
    assert letter.reason is DeadReason.BAD_ARROW


def test_a_small_record_that_unfolds_to_too_much_is_refused():
    many = pa.table({"event_id": [""] * 200_000})
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    with pa.ipc.new_stream(sink, many.schema, options=options) as writer:
        writer.write_table(many)
    value = sink.getvalue().to_pybytes()
    assert len(value) < 2_000
    assert only_letter(value, Encoding.ARROW).reason is DeadReason.TOO_LARGE


def test_a_record_without_rows_gives_nothing():
    got = from_arrow(table().slice(0, 0))
    assert (len(got.events), got.dead) == (0, [])


def test_a_table_in_the_contract_s_schema_means_the_same():
    one = table(2)
    assert same_rows(from_arrow(conform(one)).events.events, from_arrow(one).events.events)


ODD_TEXTS = {
    "event_id": ["e1", "e2", "bell\a", "e4", None, "e" * 65],
    "type": ["login", "new.kind", "", "login", "login", None],
    "account_id": ["a", "b" * 129, "a", None, "tab\t", "a"],
    "session_id": ["s", None, "s", "", "é" * 128, "é" * 129],
    "ip": ["1.2.3.4", "2001:db8::1", "1.2.3.400", "", None, "h:x"],
    "network": ["residential", "nowhere", None, "", "residential", "mobile"],
    "country": ["de", "DE", "DEU", None, "", "1a"],
    "user_agent": ["curl/8.5", None, "Mozilla (iPhone)", "", "x" * 600, "curl/8.5"],
    "plan": ["pro", None, "", "pro", "free", "pro"],
    "prompt_sketch": ["9f3c2a7715e0d4b8", "xyz", None, "", "9F3C2A7715E0D4B8", "0" * 16],
    "feature": ["batch", None, "", "batch", "x", None],
    "challenge": ["c", None, "c", "", "d", "c"],
}


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_a_dictionary_of_texts_says_what_the_texts_say(kind):
    columns = {name: pa.array(texts, kind) for name, texts in ODD_TEXTS.items()}
    plain = table(6, **columns)
    coded = table(6, **{name: column.dictionary_encode() for name, column in columns.items()})
    spare = pa.DictionaryArray.from_arrays(
        pa.array([0, None, 3, 0, 0, 0], pa.int8()), pa.array(["s", "x" * 200, None, None], kind)
    )
    for one, other in (
        (plain, coded),
        (
            plain.set_column(4, "session_id", pa.array(["s", None, None, "s", "s", "s"], kind)),
            coded.set_column(4, "session_id", spare),
        ),
    ):
        said, twin = from_arrow(one), from_arrow(other)
        assert same_rows(said.events.events, twin.events.events)
        assert said.events.account_ids.tolist() == twin.events.account_ids.tolist()
        assert [(dead.index, dead.field, dead.sentence, dead.payload) for dead in said.dead] == [
            (dead.index, dead.field, dead.sentence, dead.payload) for dead in twin.dead
        ]
        assert said.dead
        assert len(said.events)
