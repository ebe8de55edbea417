from __future__ import annotations

import json

import pytest

from fairuse.auditing import give_head, seal_all, verify
from fairuse.errors import ProgramError
from fairuse.settings import Settings
from review_api.audit import write_audit
from review_api.tokens import Caller
from review_api.vocabulary import AuditAction, Role
from tests.verdicts import MONDAY


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
