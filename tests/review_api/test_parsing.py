from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.verdict import Action
from review_api.parsing import instant, read_verdict
from tests.verdicts import payload, verdict

UNREADABLE = {
    "empty": b"",
    "not json": b"{",
    "not utf-8": b'{"verdict_id":"\xff"}',
    "not utf-8 in a field we ignore": payload()[:-1] + b',"more":"\xff"}',
    "another shape": b"[]",
    "deep": b"[" * 200_000,
    "lone surrogate": payload("acc_1").replace(b'"acc_1"', rb'"\ud800"'),
    "a word of no vocabulary": payload().replace(b'"pause"', b'"ban"'),
    "no account": payload(""),
    "long account": payload("a" * 129),
    "NUL in the account": payload("a\x00b"),
    "no id": payload(verdict_id=""),
    "long id": payload(verdict_id="v" * 65),
    "score above one": payload(abuse=1.5),
    "score below zero": payload(abuse=-0.1),
    "offset beyond 64 bits": payload(offset=2**63),
    "negative partition": payload(partition=-1),
    "a time without zone": payload(occurred_at="2026-11-23T08:59:58"),
    "no time": payload(occurred_at="yesterday"),
    "a time before the calendar": payload(occurred_at="0001-01-01T00:00:00+23:00"),
    "a schema of the future": payload(schema=3),
    "long model version": payload(model_version="m" * 129),
    "long detector": payload(detector="d" * 129),
    "NUL in the stratum": payload(stratum="pro\x00"),
    "an audit of no probability": payload(action=Action.REVIEW, audit=0.0),
    "an audit more than certain": payload(action=Action.REVIEW, audit=1.5),
    "an audit that would pause": payload(audit=0.5),
    "a line break in the country": payload(country="F\nR"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_the_database_would_choke_on_is_refused_in_one_sentence(name):
    fault = read_verdict(UNREADABLE[name])
    assert isinstance(fault, str)
    assert fault
    assert "\n" not in fault


@pytest.mark.parametrize("action", Action)
def test_a_verdict_comes_through_as_it_was_sent(action):
    assert read_verdict(payload(action=action)) == verdict(action=action)


@given(st.binary(max_size=200))
def test_no_bytes_make_it_raise(noise):
    assert isinstance(read_verdict(noise), str)


@given(st.integers(0, 600), st.binary(max_size=4))
def test_a_verdict_with_a_hole_in_it_never_raises(place, noise):
    read_verdict(payload()[:place] + noise + payload()[place + 1 :])


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-23T09:00:00Z", datetime(2026, 11, 23, 9, tzinfo=UTC)),
        ("2026-11-23T09:00:00+05:30", datetime(2026, 11, 23, 3, 30, tzinfo=UTC)),
        ("2026-11-23T09:00:00", None),
        ("9999-12-31T23:59:59-01:00", None),
        ("", None),
    ],
)
def test_a_time_is_read_with_its_zone_or_not_at_all(text, moment):
    assert instant(text) == moment
