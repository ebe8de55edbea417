"""`fairuse labels`: what is counted, what is repaired, and which models learnt what is not true."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime

import msgspec
import pytest
from typer.testing import CliRunner

from detectors.lessons import FILE, learnt_of
from detectors.registry import Registry
from fairuse.cli import app
from fairuse.errors import WrongInputError
from fairuse.labelling import moment
from review_api.labels import label_set
from review_api.vocabulary import Choice
from tests.house import House
from tests.verdicts import DAY, HOUR, MONDAY, payload

PAST = datetime(2026, 10, 2, 9, 0, tzinfo=UTC)

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def labels(database, tmp_path, monkeypatch):
    monkeypatch.setenv("FAIRUSE_DATABASE_URL", database.url)
    monkeypatch.setenv("FAIRUSE_REGISTRY_DIR", str(tmp_path / "registry"))

    def run(*words):
        done = CliRunner().invoke(app, ["labels", *words], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    return run


@pytest.fixture
def house(database):
    return House(database)


def test_labels_are_counted_as_they_were_known(house, labels):
    house.decide(house.take(payload()).case_id, Choice.UPHOLD, MONDAY + HOUR)
    house.decide(house.take(payload("acc_2")).case_id, Choice.RESTORE, MONDAY + 2 * DAY)
    now = labels("list", "--known-by", "2026-12-24", "--json")
    then = labels("list", "--known-by", "2026-11-24T09:00:00Z", "--json")
    assert (now["labels"], then["labels"]) == (2, 1)
    assert now["kinds"][0] == {"kind": "automation", "confirmed": 1, "honest": 1}
    assert then["kinds"][0] == {"kind": "automation", "confirmed": 1, "honest": 0}
    assert now["digest"] != then["digest"]


def test_a_correction_names_the_models_that_learnt_from_what_was_wrong(house, labels, tmp_path):
    case_id = house.take(payload(occurred_at="2026-10-01T09:00:00Z"), PAST).case_id
    house.decide(case_id, Choice.UPHOLD, PAST + HOUR)
    with house.database.readers.begin() as session:
        learnt = learnt_of(label_set(session, known_by=PAST + 2 * HOUR))
    for version, answers in (("aaaaaaaaaaaa", learnt.answers), ("bbbbbbbbbbbb", {})):
        folder = tmp_path / "registry" / version
        folder.mkdir(parents=True)
        (folder / "manifest.json").write_text("{}")
        kept = msgspec.structs.replace(learnt, answers=answers)
        Registry(tmp_path / "registry").keep_beside(version, FILE, msgspec.json.encode(kept))
    assert labels("repairs", "--since", "2026-10-02T09:30:00Z", "--json")["repairs"] == []
    house.decide(case_id, Choice.RESTORE, PAST + 2 * HOUR)
    found = labels("repairs", "--since", "2026-10-02T10:30:00Z", "--json")
    said = "automation: said abuse, now honest use"
    assert found["repairs"] == [{"case": case_id, "label": said}]
    assert found["models"] == [{"model": "aaaaaaaaaaaa", "learnt": 1}]


def test_an_export_is_what_a_fit_reads(house, labels, tmp_path):
    house.decide(house.take(payload()).case_id, Choice.UPHOLD, MONDAY + HOUR)
    house.decide(house.take(payload("acc_2")).case_id, Choice.RESTORE, MONDAY + HOUR)
    out = tmp_path / "labels.csv"
    assert labels("export", str(out), "--known-by", "2026-12-24", "--json")["accounts"] == 2
    rows = list(csv.reader(out.read_text().splitlines()))
    assert rows == [["account_id", "kind"], ["acc_1", "automation"], ["acc_2", ""]]


@pytest.mark.parametrize("text", ["yesterday", "2026-11-23T09:00:00"])
def test_a_time_that_is_none_is_refused_by_the_name_of_its_option(database, text):
    with pytest.raises(WrongInputError, match="--known-by"):
        moment("--known-by", text)
