from __future__ import annotations

import json

import pytest
from sqlalchemy import text

from access.vocabulary import Wish
from fairuse.checking import check_books
from fairuse.errors import ProgramError
from fairuse.settings import Settings
from tests.access.platform import Platform


@pytest.fixture
def settings(database):
    platform = Platform(database)
    platform.settle(platform.ask("j1", wish=Wish.CREDITS))
    return Settings(database_url=database.url)


def test_books_that_add_up_are_said_to(settings, capsys):
    check_books(settings, as_json=False)
    assert capsys.readouterr().out == "the books add up\n"
    check_books(settings, as_json=True)
    assert json.loads(capsys.readouterr().out) == {"faults": []}


@pytest.mark.parametrize("as_json", [False, True])
def test_a_chain_that_does_not_add_up_is_named_and_fails_the_command(
    settings, database, capsys, as_json
):
    with database.writers.begin() as session:
        session.execute(text("UPDATE credit_entries SET after = after + 1 WHERE number = 2"))
        (grant,) = session.scalars(text("SELECT id FROM credit_grants"))
    with pytest.raises(ProgramError, match="found: 1"):
        check_books(settings, as_json=as_json)
    assert grant in capsys.readouterr().out
