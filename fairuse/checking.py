"""What `fairuse books check` prints: the faults of the books, each with the chain or job named."""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING, Final

from access.auditing import audit_books
from access.database import readers
from fairuse.errors import ProgramError
from fairuse.progress import give
from fairuse.wiring import open_database

if TYPE_CHECKING:
    from fairuse.settings import Settings

MOST: Final = 1000
"""Faults that are named; who has more has one cause to look for, not a list to work through."""


def check_books(settings: Settings, *, as_json: bool) -> None:
    """Print each fault; `ProgramError`, for exit status 1, if there was one."""
    engine = open_database(settings)
    try:
        with readers(engine).begin() as session:
            faults = list(islice(audit_books(session), MOST))
    finally:
        engine.dispose()
    if as_json:
        give(json.dumps({"faults": [{"of": each.of, "wrong": each.wrong} for each in faults]}))
    else:
        for each in faults:
            give(f"{each.of}: {each.wrong}")
    if faults:
        many = f"{MOST} or more" if len(faults) == MOST else str(len(faults))
        raise ProgramError(f"the books do not add up: faults found: {many}")
    if not as_json:
        give("the books add up")
