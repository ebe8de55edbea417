"""What `fairuse erase` does: erases an account's personal data, and says what went."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING

from access.database import readers, writers
from fairuse.archiving.erasing import erase_archived
from fairuse.errors import ProgramError
from fairuse.progress import give_facts, say
from fairuse.wiring import open_database
from review_api.audit import write_audit
from review_api.erasure import erase_account
from review_api.errors import ErasureRefusedError
from review_api.tokens import Caller
from review_api.vocabulary import AuditAction, Role
from streams.clock import SystemClock
from streams.errors import ArchiveError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from fairuse.settings import Settings


def erase_now(settings: Settings, account_id: str, *, as_json: bool) -> None:
    """Erase and print what went; `ProgramError` while a case waits for a person.

    The database comes first: what then fails in the archive, its worker does within the hour.
    """
    caller, now = Caller(getpass.getuser(), Role.ADMIN), SystemClock().now()
    engine = open_database(settings)
    try:
        with writers(engine).begin() as session:
            erased = erase_account(session, account_id, caller.name, now)
            write_audit(session, caller, AuditAction.ACCOUNT_ERASED, now, detail=account_id)
        with readers(engine).begin() as session:
            archived = _in_archive(settings, session)
    except ErasureRefusedError as refusal:
        raise ProgramError(str(refusal)) from refusal
    finally:
        engine.dispose()
    facts: dict[str, object] = {"account": account_id, **erased.rows}
    if archived is not None:
        facts["archived"] = archived
    if erased.first_at:
        facts["erased_before_at"] = erased.first_at
    give_facts(facts, as_json=as_json)


def _in_archive(settings: Settings, session: Session) -> int | None:
    """Give how many archived events went; None if a night reads them, or the disk is full."""
    try:
        return erase_archived(settings, session).rows
    except ArchiveError as error:
        say(f"{error}; `fairuse archive` erases there what is left, within the hour")
        return None
