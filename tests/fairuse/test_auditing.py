from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from fairuse.auditing import export, give_head, seal_all, verify
from fairuse.erasing import erase_now
from fairuse.errors import ProgramError, WrongInputError
from fairuse.settings import Settings
from review_api.audit import write_audit
from review_api.records import AuditEntry
from review_api.tokens import Caller
from review_api.vocabulary import AuditAction, Role
from tests.house import House
from tests.verdicts import MONDAY, payload


@pytest.fixture
def settings(database):
    with database.writers.begin() as session:
        for _ in range(3):
            caller = Caller("ana", Role.VIEWER)
            write_audit(session, caller, AuditAction.CASES_LISTED, MONDAY)
    return Settings(database_url=database.url)


def said(capsys):
    return json.loads(capsys.readouterr().out)


def test_the_log_is_sealed_and_its_head_can_be_kept_and_found_again(settings, capsys):
    verify(settings, None, as_json=True)
    assert said(capsys)["unsealed"] == 3
    seal_all(settings, as_json=True)
    sealed = said(capsys)
    assert (sealed["sealed"], sealed["n"]) == (3, 3)
    give_head(settings, as_json=True)
    assert said(capsys) == {"n": 3, "hash": sealed["hash"]}
    verify(settings, sealed["hash"], as_json=True)
    assert said(capsys) == {
        "whole": True,
        "n": 3,
        "hash": sealed["hash"],
        "unsealed": 0,
        "kept_head_found": True,
        "wrong": None,
    }


def test_a_head_that_is_not_in_the_chain_fails_the_command(settings, capsys):
    seal_all(settings, as_json=True)
    capsys.readouterr()
    with pytest.raises(ProgramError, match="cut off or written anew"):
        verify(settings, "ab" * 32, as_json=True)
    assert said(capsys)["kept_head_found"] is False


def test_a_person_is_told_what_a_chain_cannot_show(settings, capsys):
    verify(settings, None, as_json=False)
    out = capsys.readouterr().out
    assert "unsealed" in out
    assert "only against a head kept elsewhere" in out


def test_a_case_is_exported_with_the_links_of_its_entries_and_that_is_logged(
    settings, database, tmp_path, capsys
):
    case_id = House(database).take(payload()).case_id
    with database.writers.begin() as session:
        ana = Caller("ana", Role.VIEWER)
        write_audit(session, ana, AuditAction.CASE_READ, MONDAY, case_id=case_id)
    seal_all(settings, as_json=True)
    out = tmp_path / "case.jsonl"
    export(settings, case_id, out)
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert [line["of"] for line in lines] == ["case", "entry", "head"]
    assert lines[1]["link"] == {"n": 4, "hash": lines[2]["hash"]}
    with database.readers.begin() as session:
        last = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert (last.action, last.case_id) == (AuditAction.AUDIT_READ, case_id)


def test_a_case_that_is_not_there_exports_nothing(settings, tmp_path):
    with pytest.raises(WrongInputError, match="no case none"):
        export(settings, "none", tmp_path / "case.jsonl")
    with pytest.raises(WrongInputError, match="no case"):
        export(settings, "none", tmp_path / "missing" / "case.jsonl")


def test_erasing_says_what_went_and_that_it_was_done_before(settings, database, capsys):
    house = House(database)
    case_id = house.take(payload()).case_id
    with pytest.raises(ProgramError, match="waits for a person"):
        erase_now(settings, "acc_1", as_json=True)
    house.decide(case_id)
    erase_now(settings, "acc_1", as_json=True)
    assert said(capsys)["evidence"] == 1
    erase_now(settings, "acc_1", as_json=True)
    assert "erased_before_at" in said(capsys)
