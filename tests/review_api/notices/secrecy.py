"""What no statement of reasons may tell, and how to look for it."""

from __future__ import annotations

import re
from datetime import timedelta

import msgspec

from detectors.explanation import codes
from detectors.rules import RULES
from detectors.verdict import Kind
from features.view import VIEW
from review_api.notices.letters import Stationery
from review_api.notices.observations import STEPS
from review_api.notices.said import Said
from review_api.notices.statement import Pinned, write_statement
from review_api.notices.vocabulary import Occasion
from tests.verdicts import DAY, MONDAY

# Every name of a detector, a feature or a reason code that is no English word.
NAMED = {*codes(), *VIEW.names, *(kind.value for kind in Kind)}
NAMES = {name for name in NAMED if "_" in name} | {
    "metronome", "entropy", "nats", "percentile", "score", "threshold", "detector", "model version",
}  # fmt: skip
PAPER = Stationery()
LIMITS = {f"{number:g}" for rule in RULES for number in (rule.least, rule.acts)} | {
    f"{100 * rule.least:g} %" for rule in RULES if rule.least < 1
}


def pinned(found, **more):
    given = {
        "verdict": found,
        "happened": MONDAY,
        "looked_back": timedelta(days=30),
        "since": MONDAY,
        "until": MONDAY + 3 * DAY,
        "reference": "9F3C-AAAA",
        "puid": "p",
        "confirmed": False,
    }
    return Pinned(**(given | more))


def everything(statement):
    """Give all that the customer may read: the JSON and the letter."""
    written = write_statement(statement)
    facts = {
        "reference": statement.reference,
        "looked_as": statement.headline,
        "reason_code": None,
        "confirmed": False,
        "until": None,
        "made_good": None,
    }
    letter = PAPER.write(Said(Occasion.PAUSED, facts, written, ""))
    return msgspec.json.encode(written).decode() + letter.subject + letter.body


def prose(text):
    """Leave out times and dates, the law's articles, and the names of fields."""
    text = re.sub(r"\d{4}-\d{2}-\d{2}(T[\d:.]+Z)?|\d{1,2} \w+ \d{4}, \d{2}:\d{2} UTC", "", text)
    text = re.sub(r'"\w+":|[A-Z]+(_[A-Z]+)+|Article \d+|"schema":1', "", text)
    return text.replace("9F3C-AAAA", "")


def assert_tells_nothing_of_how(statement, found):
    said = prose(everything(statement))
    for name in NAMES:
        assert name not in said.lower(), name
    numbers = set(re.findall(r"\d+(?:\.\d+)?(?: %)?", said))
    assert numbers <= {str(step) for step in STEPS}
    assert not numbers & LIMITS
    for value in (found.model_version, found.view_fingerprint, found.stratum, found.account_id):
        assert not value or value not in said
    for reason in found.reasons:
        assert reason.sentence not in said
