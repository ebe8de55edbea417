"""docs/events.md names every field and type of the event contract, and nothing else."""

from __future__ import annotations

import json
import re

from streams import vocabulary
from streams.schema import EVENT_FIELDS, REQUIRED
from tests.docs.pages import DOCS, names, rows

PAGE = DOCS / "events.md"


def test_the_page_lists_exactly_the_fields():
    assert names(PAGE, "field") == list(EVENT_FIELDS)


def test_the_page_lists_exactly_the_types():
    assert names(PAGE, "type") == list(vocabulary.EVENT_TYPES)


def test_the_page_marks_exactly_the_required_fields():
    marked = {cells[0].strip("`") for cells in rows(PAGE, "field") if cells[2] == "all, required"}
    assert marked == set(REQUIRED)


def test_closed_fields_list_exactly_their_words():
    closed = {
        "network": vocabulary.NETWORKS,
        "client": vocabulary.CLIENTS,
        "media": vocabulary.MEDIA,
        "mode": vocabulary.MODES,
        "auth": vocabulary.AUTHS,
    }
    kinds = {cells[0].strip("`"): cells[1] for cells in rows(PAGE, "field")}
    for field, words in closed.items():
        assert kinds[field] == ", ".join(f"`{word}`" for word in words)


def test_the_example_holds_only_known_fields():
    (example,) = re.findall(r"```json\n(.*?)\n```", PAGE.read_text(), re.DOTALL)
    assert set(json.loads(example)) <= set(EVENT_FIELDS)
