"""Whatever the bytes: an event or a dead letter, and JSON and Arrow of one mind."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import numpy as np
import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streams.decode import decode
from streams.decode_special import read_times
from streams.encode import encode_arrow, encode_json
from streams.raw import Encoding
from streams.schema import EVENTS
from streams.vocabulary import CLIENTS, EVENT_TYPES, MEDIA, NETWORKS
from tests.streams.samples import batch, record, same_rows

QUIET = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)

text = st.text(st.characters(codec="utf-8"), max_size=140)
whole = st.integers(-3, 2**33) | st.integers(-(2**63), 2**63 - 1)
number = st.floats(allow_nan=False, width=64) | st.floats(-200, 200)
times = st.datetimes(
    datetime(1995, 1, 1),  # noqa: DTZ001 - a bound
    datetime(2110, 1, 1),  # noqa: DTZ001 - a bound
    timezones=st.just(UTC),
)
addresses = st.ip_addresses().map(str) | st.sampled_from(["h:x", "1.2.3", "", "01.2.3.4"])


def maybe(values):
    return st.none() | values


events = st.fixed_dictionaries(
    {
        "event_id": st.text("ab\x07", max_size=66) | maybe(text),
        "type": st.sampled_from([*EVENT_TYPES, "other.kind", ""]),
        "occurred_at": times,
        "account_id": text,
        "session_id": maybe(text),
        "ip": maybe(addresses | text),
        "asn": maybe(whole),
        "network": maybe(st.sampled_from([*NETWORKS, "moon"])),
        "country": maybe(st.sampled_from(["DE", "fr", "X", "1A"]) | text),
        "lat": maybe(number),
        "lon": maybe(number),
        "client": maybe(st.sampled_from([*CLIENTS, ""])),
        "attested": maybe(st.booleans()),
        "plan": maybe(text),
        "media": maybe(st.sampled_from([*MEDIA, "opera"])),
        "units": maybe(number),
        "prompt_sketch": maybe(st.from_regex(r"[0-9a-fA-F]{15,16}", fullmatch=True)),
        "prompt_chars": maybe(whole),
        "seed": maybe(whole),
        "feature": maybe(text),
        "period_end": maybe(times),
    }
)


def accepted(got):
    return [(int(e["offset"]), int(e["index"])) for e in got.events.events]


@QUIET
@given(st.lists(events, min_size=1, max_size=8))
def test_json_and_arrow_give_the_same_columns_and_the_same_verdict(rows):
    # A null account is missing in both; JSON leaves it out, Arrow says null.
    as_json = decode(batch(encode_json(rows)))
    schema = pa.schema([field.with_nullable(nullable=True) for field in EVENTS])
    table = pa.Table.from_pylist(rows, schema=schema)
    as_arrow = decode(batch([encode_arrow(table)], Encoding.ARROW))

    assert [place[0] for place in accepted(as_json)] == [place[1] for place in accepted(as_arrow)]
    assert [(d.offset, d.field, d.reason) for d in as_json.dead] == [
        (d.index, d.field, d.reason) for d in as_arrow.dead
    ]
    left, right = as_json.events.events.copy(), as_arrow.events.events.copy()
    left["offset"] = right["offset"] = left["index"] = right["index"] = 0
    assert same_rows(left, right)
    assert as_json.events.account_ids.tolist() == as_arrow.events.account_ids.tolist()
    assert as_json.unknown_types == as_arrow.unknown_types


@QUIET
@given(st.lists(st.binary(max_size=60), max_size=5), st.sampled_from(Encoding))
def test_random_bytes_are_dead_letters_and_nothing_worse(values, encoding):
    got = decode(batch(values, encoding))
    assert len(got.events) + len(got.dead) == len(values)


def broken(value, changes):
    body = bytearray(value)
    for place, byte in changes:
        body[place % len(body)] = byte
    return bytes(body)


changes = st.lists(st.tuples(st.integers(0, 1 << 20), st.integers(0, 255)), max_size=6)
ARROW = encode_arrow(
    pa.Table.from_pylist(
        [msgspec.json.decode(record(event_id=f"e{i}", units=float(i))) for i in range(3)]
    )
)


@QUIET
@given(changes)
def test_a_damaged_json_record_is_an_event_or_a_dead_letter(changed):
    got = decode(batch([record(), broken(record(), changed), record()]))
    assert len(got.events) + len(got.dead) == 3
    assert {0, 2} <= {offset for offset, _ in accepted(got)}


@QUIET
@given(changes)
def test_a_damaged_arrow_record_never_raises_and_spares_its_neighbours(changed):
    got = decode(batch([ARROW, broken(ARROW, changed), ARROW], Encoding.ARROW))
    assert len([place for place in accepted(got) if place[0] != 1]) == 6


@QUIET
@given(
    st.one_of(
        st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30)).map(  # noqa: DTZ001 - bounds
            lambda when: when.isoformat() + "Z"
        ),
        st.from_regex(
            r"20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9](\.[0-9]{1,9})?Z",
            fullmatch=True,
        ),
        st.text("0123456789-:TZtz.+ ", max_size=32),
    )
)
def test_the_compiled_reading_of_times_agrees_with_the_authority(written):
    column = pa.array([written], pa.large_string())
    (time,), _, (good,) = read_times(column)
    try:
        when = msgspec.convert(written, datetime)
    except msgspec.ValidationError:
        when = None
    if when is None or when.tzinfo is None:
        assert not good
    else:
        assert good
        assert timedelta(microseconds=int(time)) == when - datetime(1970, 1, 1, tzinfo=UTC)


@QUIET
@given(st.lists(events, min_size=1, max_size=12), st.integers(0, 12))
def test_a_batch_cut_in_two_gives_what_the_whole_gives(rows, cut):
    values = encode_json(rows)
    whole = decode(batch(values))
    head, tail = decode(batch(values[:cut])), decode(batch(values[cut:], first=min(cut, len(rows))))
    joined = np.concatenate([head.events.events, tail.events.events])
    assert same_rows(whole.events.events, joined)
    assert whole.dead == head.dead + tail.dead
