from __future__ import annotations

import json

import numpy as np
import pytest

from streams.decode import decode
from streams.event import MAX_RECORD_BYTES, DeadReason
from streams.hashing import hash_text
from streams.vocabulary import EventType
from tests.streams.samples import batch, decoded, only_event, only_letter, record, same_rows


def test_the_example_of_the_contract_fills_every_column_it_speaks_of():
    got = decoded(record())
    event = got.events.events[0]

    assert got.events.account_ids.tolist() == ["acc_91"]
    assert event["t"] == 1_795_356_191_123_000
    assert event["account"] == hash_text("acc_91")
    assert event["ip"] == hash_text("203.0.113.7")
    assert event["block"] == hash_text("203.0.113")
    assert event["sketch"] == 0x9F3C2A7715E0D4B8
    assert event["country"] == ord("D") << 8 | ord("E")
    assert (event["type"], event["network"], event["client"]) == (1, 1, 1)
    assert (event["media"], event["mode"], event["attested"]) == (2, 1, 0)
    assert (event["units"], event["asn"], event["prompt_chars"]) == (4.0, 64500, 142)
    assert (event["partition"], event["offset"], event["index"]) == (3, 0, 0)


def test_what_is_not_said_is_absent_and_not_false():
    event = only_event(
        b'{"event_id":"e","type":"session.ended","occurred_at":"2026-01-01T00:00:00Z",'
        b'"account_id":"a"}'
    )
    assert event["attested"] == -1
    assert event["seed"] == event["asn"] == event["pointer"] == -1
    assert np.isnan(event["units"])
    assert event["session"] == event["ip"] == event["country"] == event["official"] == 0


@pytest.mark.parametrize(
    ("value", "reason", "field"),
    [
        (b"", DeadReason.NOT_JSON, ""),
        (b"{", DeadReason.NOT_JSON, ""),
        (record() + b"x", DeadReason.NOT_JSON, ""),
        (b"[" * 100_000, DeadReason.NOT_JSON, ""),
        (b'{"a":NaN}', DeadReason.NOT_JSON, ""),
        (b"[]", DeadReason.WRONG_TYPE, ""),
        (b"null", DeadReason.WRONG_TYPE, ""),
        (b"\xff\xfe", DeadReason.INVALID_UTF8, ""),
        (record().replace(b"acc_", b"acc\xff"), DeadReason.INVALID_UTF8, ""),
        (record(unheard_of="x").replace(b"unheard_of", b"\xc3("), DeadReason.INVALID_UTF8, ""),
        (record(account_id=...), DeadReason.MISSING_FIELD, "account_id"),
        (record(account_id=None), DeadReason.MISSING_FIELD, "account_id"),
        (record(account_id=""), DeadReason.MISSING_FIELD, "account_id"),
        (record(event_id=...), DeadReason.MISSING_FIELD, "event_id"),
        (record(type=""), DeadReason.MISSING_FIELD, "type"),
        (record(occurred_at=...), DeadReason.MISSING_FIELD, "occurred_at"),
        (record(event_id="e" * 65), DeadReason.OUT_OF_RANGE, "event_id"),
        (record(account_id="a" * 129), DeadReason.OUT_OF_RANGE, "account_id"),
        (record(account_id="a\0b"), DeadReason.OUT_OF_RANGE, "account_id"),
        (record(account_id=91), DeadReason.WRONG_TYPE, "account_id"),
        (record(user_agent="u" * 513), DeadReason.OUT_OF_RANGE, "user_agent"),
        (record(occurred_at="9999-12-31T23:59:59Z"), DeadReason.OUT_OF_RANGE, "occurred_at"),
        (record(occurred_at="9999-12-31T23:59:59-01:00"), DeadReason.OUT_OF_RANGE, "occurred_at"),
        (record(occurred_at="1999-12-31T23:59:59Z"), DeadReason.OUT_OF_RANGE, "occurred_at"),
        (record(occurred_at="2026-02-29T00:00:00Z"), DeadReason.OUT_OF_RANGE, "occurred_at"),
        (record(occurred_at="2026-11-22T14:03:11"), DeadReason.OUT_OF_RANGE, "occurred_at"),
        (record(occurred_at=1_795_356_191), DeadReason.WRONG_TYPE, "occurred_at"),
        (record(units=-1), DeadReason.OUT_OF_RANGE, "units"),
        (record(units="4"), DeadReason.WRONG_TYPE, "units"),
        (record(asn=-1), DeadReason.OUT_OF_RANGE, "asn"),
        (record(asn=True), DeadReason.WRONG_TYPE, "asn"),
        (record(prompt_chars=1.5), DeadReason.WRONG_TYPE, "prompt_chars"),
        (record(prompt_chars=2**31), DeadReason.OUT_OF_RANGE, "prompt_chars"),
        (record(seed=2**63), DeadReason.OUT_OF_RANGE, "seed"),
        (record(lat=90.5), DeadReason.OUT_OF_RANGE, "lat"),
        (record(lon=-181), DeadReason.OUT_OF_RANGE, "lon"),
        (record(country="DEU"), DeadReason.OUT_OF_RANGE, "country"),
        (record(country="1!"), DeadReason.OUT_OF_RANGE, "country"),
        (record(network="satellite"), DeadReason.OUT_OF_RANGE, "network"),
        (record(prompt_sketch="9f3c"), DeadReason.OUT_OF_RANGE, "prompt_sketch"),
        (record(prompt_sketch="g" * 16), DeadReason.OUT_OF_RANGE, "prompt_sketch"),
        (record(ip="300.1.1.1"), DeadReason.OUT_OF_RANGE, "ip"),
        (record(ip="1.2.3.04"), DeadReason.OUT_OF_RANGE, "ip"),
        (record(ip="fe80::1%eth0"), DeadReason.OUT_OF_RANGE, "ip"),
        (record(ip="h:"), DeadReason.OUT_OF_RANGE, "ip"),
        (record(attested="yes"), DeadReason.WRONG_TYPE, "attested"),
        (record(params_hash="p" * 33), DeadReason.OUT_OF_RANGE, "params_hash"),
        (record(period_end="soon"), DeadReason.OUT_OF_RANGE, "period_end"),
        (record(type="subscription.renewed", plan=None), DeadReason.MISSING_FIELD, "plan"),
        (record(type="credits.purchased", units=0), DeadReason.OUT_OF_RANGE, "units"),
    ],
)
def test_a_record_that_breaks_the_contract_is_a_dead_letter_naming_reason_and_field(
    value, reason, field
):
    letter = only_letter(value)
    assert (letter.reason, letter.field) == (reason, field)
    assert letter.field in letter.sentence


def test_a_record_of_ten_megabytes_is_refused_for_its_size_and_not_kept_whole():
    value = record(unheard_of="x" * 10_000_000)
    letter = only_letter(value)
    assert letter.reason is DeadReason.TOO_LARGE
    assert letter.size == len(value) > MAX_RECORD_BYTES
    assert len(letter.payload) == 4096


def test_a_bad_record_costs_only_itself():
    got = decoded(record(account_id="a"), b"{", record(units=-1), record(account_id="d"))
    assert got.events.account_ids.tolist() == ["a", "d"]
    assert got.events.events["offset"].tolist() == [0, 3]
    assert [letter.offset for letter in got.dead] == [1, 2]
    assert [letter.payload[:1] for letter in got.dead] == [b"{", b"{"]


def test_an_unknown_type_is_accepted_and_counted():
    got = decoded(record(type="hologram.rotated"), record())
    assert got.unknown_types == 1
    assert got.events.events["type"].tolist() == [EventType.OTHER, EventType.GENERATION_REQUESTED]


def test_unknown_fields_are_ignored():
    assert only_event(record(mood={"deep": ["nested"]}))["units"] == 4


def test_whole_numbers_written_as_3_0_are_whole_numbers():
    assert only_event(record(prompt_chars=142.0))["prompt_chars"] == 142


@pytest.mark.parametrize("seed", [-(2**63), -1, 0, 2**53 + 1, 2**63 - 1])
def test_a_seed_may_be_any_64_bit_number(seed):
    assert only_event(record(seed=seed))["seed"] == seed


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-22T14:03:11.123Z",
        "2026-11-22T14:03:11.123000Z",
        "2026-11-22T15:03:11.123+01:00",
        "2026-11-22t14:03:11.123z",
        "2026-11-22T14:03:11.123000400Z",
    ],
)
def test_one_moment_is_one_time_however_it_is_written(text):
    assert only_event(record(occurred_at=text))["t"] == 1_795_356_191_123_000


def test_one_address_is_one_hash_however_it_is_written():
    short = only_event(record(ip="2001:db8::1"))
    long = only_event(record(ip="2001:0DB8:0:0:0:0:0:1"))
    mapped, plain = only_event(record(ip="::ffff:203.0.113.7")), only_event(record())
    assert (short["ip"], short["block"]) == (long["ip"], long["block"])
    assert (mapped["ip"], mapped["block"]) == (plain["ip"], plain["block"])


def test_neighbours_share_a_block_and_strangers_do_not():
    def block(ip):
        return only_event(record(ip=ip))["block"]

    assert block("203.0.113.7") == block("203.0.113.250") != block("203.0.114.7")
    assert block("2001:db8:5::1") == block("2001:db8:5:ffff::9") != block("2001:db8:6::1")
    assert block("h:abc") != block("h:abd")


def test_empty_text_is_absent_so_that_no_two_accounts_share_an_empty_device():
    event = only_event(record(device_id="", ip="", network="", country="", feature=""))
    assert event["device"] == event["ip"] == event["network"] == event["country"] == 0
    assert event["official"] == 0


def test_an_official_feature_is_marked():
    assert only_event(record(feature="batch"))["official"] == 1


def cloud(**changes):
    event = {
        "specversion": "1.0",
        "source": "/platform",
        "id": "e1",
        "time": "2026-11-22T14:03:11.123Z",
        "subject": "acc_91",
        "type": "com.example.result.viewed",
        "data": {"job_id": "j", "dwell_ms": 1200.0, "client": "web"},
        **changes,
    }
    return json.dumps(event).encode()


def test_a_cloud_event_is_the_event_it_wraps():
    event = only_event(cloud())
    assert event["type"] == EventType.RESULT_VIEWED
    assert (event["dwell_ms"], event["client"]) == (1200, 1)
    assert (event["account"], event["event"]) == (hash_text("acc_91"), hash_text("e1"))


def test_a_cloud_event_without_data_is_accepted():
    assert only_event(cloud(type="session.ended", data=None))["type"] == EventType.SESSION_ENDED


@pytest.mark.parametrize(
    ("changes", "reason", "field"),
    [
        ({"specversion": "0.3"}, DeadReason.OUT_OF_RANGE, "specversion"),
        ({"subject": None}, DeadReason.MISSING_FIELD, "account_id"),
        ({"time": 5}, DeadReason.WRONG_TYPE, "occurred_at"),
        ({"data": {"dwell_ms": "1"}}, DeadReason.WRONG_TYPE, "dwell_ms"),
        ({"data": {"dwell_ms": -1}}, DeadReason.OUT_OF_RANGE, "dwell_ms"),
        ({"data": "text"}, DeadReason.WRONG_TYPE, "data"),
    ],
)
def test_a_broken_cloud_event_names_our_field(changes, reason, field):
    letter = only_letter(cloud(**changes))
    assert (letter.reason, letter.field) == (reason, field)


def test_a_large_batch_equals_its_records_decoded_one_by_one():
    values = [
        record(event_id=f"e{i}", account_id=f"a{i % 7}", units=i - 3, ip=f"10.0.{i % 256}.{i % 9}")
        for i in range(1100)
    ]
    values[600] = b"{"
    whole = decode(batch(values))
    parts = [decode(batch([value], first=i)) for i, value in enumerate(values)]

    assert same_rows(whole.events.events, np.concatenate([p.events.events for p in parts]))
    assert whole.dead == [letter for part in parts for letter in part.dead]
    assert len(whole.dead) == 4
    assert whole.events.account_ids.tolist() == [p.events.account_ids[0] for p in parts if p.events]


def test_an_unknown_encoding_is_a_dead_letter():
    assert only_letter(record(), encoding=9).reason is DeadReason.UNKNOWN_ENCODING


def test_an_empty_batch_gives_no_events():
    got = decode(batch([]))
    assert (len(got.events), got.dead, got.unknown_types) == (0, [], 0)
