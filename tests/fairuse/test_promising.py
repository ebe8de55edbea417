from __future__ import annotations

import json
import sys

import pytest
from sqlalchemy import select

from access.database import open_engine, writers
from fairuse.cli import main
from review_api.monitors.records import PromiseChange
from review_api.monitors.vocabulary import PromiseStanding
from review_api.records import AuditEntry
from tests.verdicts import MONDAY


@pytest.fixture
def fairuse(tmp_path, monkeypatch, capsys):
    """Run the program in a folder of its own; gives what it printed, and its exit status."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        capsys.readouterr()
        monkeypatch.setattr(sys, "argv", ["fairuse", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return said.out + said.err, ended.value.code or 0

    run("migrate")
    return run


@pytest.fixture
def sessions(fairuse):
    engine = open_engine("sqlite:///var/fairuse.db")
    yield writers(engine)
    engine.dispose()


@pytest.fixture
def doubted(sessions):
    with sessions.begin() as session:
        session.add(
            PromiseChange(standing=PromiseStanding.IN_DOUBT, since=MONDAY, actor="monitor",
                          why="3 of 90", e_value=25.0, judged=90, wrongful=3)
        )  # fmt: skip
    return sessions


def test_of_a_new_house_nothing_is_known_yet(fairuse):
    shown, status = fairuse("promise", "show")
    assert status == 0
    assert "nothing yet: no audit" in shown
    assert json.loads(fairuse("promise", "show", "--json")[0])["standing"] == "trusted"


def test_a_person_trusts_the_promise_again_and_it_is_kept_who_and_why(fairuse, doubted):
    assert "3 of 90" in fairuse("promise", "show")[0]
    said = fairuse("promise", "trust", "--why", "Rolled back.", "--by", "lea", "--json")[0]
    assert (json.loads(said)["standing"], json.loads(said)["actor"]) == ("trusted", "lea")
    with doubted.begin() as session:
        entry = session.scalars(select(AuditEntry)).one()
        assert (entry.action, entry.actor, entry.detail) == (
            "promise_trusted", "lea", "Rolled back.",
        )  # fmt: skip


@pytest.mark.parametrize(("why", "words"), [("x", "not in doubt"), (" ", "needs a reason")])
def test_a_word_that_cannot_be_is_status_2_and_says_why(fairuse, why, words):
    said, status = fairuse("promise", "trust", "--why", why)
    assert status == 2
    assert words in said
