"""docs/notices.md: its tables are the words, its schema is the statement, its code runs."""

from __future__ import annotations

import json
import re

import msgspec
from jsonschema import Draft202012Validator

from review_api.notices.letters import Stationery
from review_api.notices.samples import samples_of
from review_api.notices.statement import Statement, write_statement
from review_api.notices.vocabulary import Occasion
from review_api.notices.webhooks import Receiver, WebhookCarrier, body_of
from streams.clock import SystemClock
from tests.docs.pages import DOCS, names
from tests.review_api.notices.receivers import OTHER, parcel

PAGE = DOCS / "notices.md"
SCHEMA = DOCS / "statement.schema.json"


def test_every_occasion_is_on_the_page_and_no_other():
    assert names(PAGE, "occasion") == [occasion.value for occasion in Occasion]


def test_every_field_of_a_statement_is_explained_in_its_order():
    assert names(PAGE, "field") == list(Statement.__struct_fields__)


def test_every_name_that_a_template_may_use_is_explained():
    said = next(samples_of(Occasion.PAUSED))
    assert set(names(PAGE, "name")) == set(Stationery()._words(said))


def test_the_schema_is_that_of_the_statement_and_a_statement_keeps_to_it():
    schema = json.loads(SCHEMA.read_text())
    made = msgspec.json.schema(Statement)
    assert {name: schema[name] for name in made} == json.loads(json.dumps(made))
    written = next(samples_of(Occasion.PAUSED)).statement
    assert written == write_statement(msgspec.convert(written, Statement))
    Draft202012Validator(schema).validate(json.loads(msgspec.json.encode(written)))


def test_the_example_takes_what_we_sign_and_refuses_the_rest():
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    told = []
    there = {"tell_customer": lambda account, text: told.append((account, text))}
    exec(code, there)  # noqa: S102 - our own page
    (secret,) = re.findall(r'"(whsec_\w+)"', code)
    body, clock = body_of(parcel()), SystemClock()

    def received(*secrets):
        carrier = WebhookCarrier(Receiver("https://platform.example/", secrets), clock)
        return there["receive"](body, carrier.headers_of("n1", body, clock.now()))

    assert received(secret) == received(OTHER, secret) == 204
    assert received(OTHER) == 401
    assert told == [("acc_1", "Hello,\n\nit is.\n")] * 2
