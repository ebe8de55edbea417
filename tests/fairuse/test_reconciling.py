"""`fairuse reconcile FILE`: what is read, what is repaired, what is alarmed."""

from __future__ import annotations

import json

import pytest

from access.database import open_engine
from fairuse.database import migrate
from fairuse.enforced import read_enforced
from fairuse.errors import ProgramError, WrongInputError
from fairuse.reconciling import reconcile_file
from fairuse.settings import Settings
from streams.clock import ManualClock
from tests.house import House
from tests.postgres import Database
from tests.verdicts import HOUR, MONDAY, payload

CLOCK = ManualClock(MONDAY + HOUR)


@pytest.fixture
def settings(tmp_path):
    settings = Settings(database_url=f"sqlite:///{tmp_path}/fairuse.db")
    migrate(settings.database_url)
    return settings


@pytest.fixture
def house(settings):
    engine = open_engine(settings.database_url)
    yield House(Database(settings.database_url, engine))
    engine.dispose()


@pytest.fixture
def write(tmp_path):
    def to(name, text):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return to


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "account_id\nacc_1\nacc_2\nacc_1\n"),
        ("a.csv", "\ufeffplan,account_id,paused\r\npro,acc_1,true\r\npro,acc_2,1\r\n"),
        ("a.ndjson", '{"account_id":"acc_1"}\n\n{"account_id":"acc_2","paused":true,"x":[1]}\n'),
        ("a.jsonl", '{"account_id":"acc_1"}\n{"account_id":"acc_2"}'),
    ],
)
def test_every_account_of_the_file_is_read_once(write, name, text):
    assert read_enforced(write(name, text)) == {"acc_1", "acc_2"}


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.txt", "acc_1\n", "must end in"),
        ("a.csv", "", "line 1: there is no column account_id"),
        ("a.csv", "account\nacc_1\n", "line 1: there is no column account_id"),
        ("a.csv", "account_id\nacc_1\n\x07\n", "line 3, field account_id"),
        ("a.csv", "account_id,x\n,1\n", "line 2, field account_id"),
        ("a.csv", "account_id,paused\nacc_1,false\n", "line 2, field paused"),
        ("a.csv", "account_id,paused\nacc_1\n", "line 2, field paused"),
        ("a.csv", b"account_id\n\xff\n", "a.csv"),
        ("a.ndjson", '{"account_id":"a"}\n[]\n', "line 2: not a JSON object"),
        ("a.ndjson", '{"account_id":"a"\n', "line 1: not a JSON object"),
        ("a.ndjson", "[" * 5000, "line 1: not a JSON object"),
        ("a.ndjson", '{"account_id":7}\n', "line 1, field account_id"),
        ("a.ndjson", '{"account_id":"a","paused":false}\n', "line 1, field paused"),
        ("a.ndjson", json.dumps({"account_id": "x" * 129}), "line 1, field account_id"),
    ],
)
def test_a_wrong_row_is_named_by_file_line_and_field(write, name, text, said):
    with pytest.raises(WrongInputError) as error:
        read_enforced(write(name, text))
    assert said in str(error.value)
    assert name in str(error.value)


def test_a_file_that_is_not_there_is_said_so(tmp_path):
    with pytest.raises(WrongInputError, match=r"none\.csv"):
        read_enforced(tmp_path / "none.csv")


def test_a_file_with_one_wrong_row_repairs_nothing(settings, house, write):
    path = write("a.csv", "account_id\nacc_7\n\x07\n")
    with pytest.raises(WrongInputError):
        reconcile_file(settings, path, as_json=False, clock=CLOCK)
    assert house.outbox() == []


def test_where_all_agree_it_says_so_and_nothing_is_announced(settings, house, write, capsys):
    house.take(payload())
    house.relay()
    reconcile_file(settings, write("a.csv", "account_id\nacc_1\n"), as_json=False, clock=CLOCK)
    assert capsys.readouterr().out == ("1 accounts compared: 0 wrongly enforced, 0 not enforced\n")
    assert len(house.outbox()) == 1


def test_a_pause_the_file_does_not_list_is_announced_again_and_is_no_failure(
    settings, house, write, capsys
):
    house.take(payload())
    house.relay()
    reconcile_file(settings, write("a.ndjson", ""), as_json=False, clock=CLOCK)
    shown = capsys.readouterr().out
    assert "acc_1 should be paused and is not since 2026-11-23 09:00 UTC; announced again" in shown
    assert house.outbox()[-1][2]["paused"]


def test_a_pause_nobody_holds_ends_with_a_failure_after_it_is_repaired(
    settings, house, write, capsys
):
    names = [f"acc_{number}" for number in range(1, 1503)]
    path = write("a.csv", "account_id\n" + "\n".join(names) + "\n")
    house.take(payload())
    house.relay()
    with pytest.raises(ProgramError, match="1501 accounts are paused that should not be") as error:
        reconcile_file(settings, path, as_json=True, clock=CLOCK)
    assert error.value.exit_status == 1
    said = json.loads(capsys.readouterr().out)
    assert (said["compared"], said["wrongly_enforced"], said["not_enforced"]) == (1502, 1501, 0)
    assert len(house.outbox()) == 1502
