"""What `fairuse audit` does: seals the log, checks its chain, names its head."""

from __future__ import annotations

import getpass
import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

from access.database import readers, writers
from fairuse.errors import ProgramError, WrongInputError
from fairuse.progress import give, give_facts, meter
from fairuse.wiring import open_database
from review_api.audit import write_audit
from review_api.audit_schemas import EntryOut, LinkOut, LookOut
from review_api.case_audit import audit_of
from review_api.chain_check import check_chain
from review_api.errors import CaseNotFoundError
from review_api.schemas import CaseOut
from review_api.sealing import LIMIT, head_of, seal
from review_api.tokens import Caller
from review_api.vocabulary import AuditAction, Role
from streams.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.engine import Engine
    from sqlalchemy.orm import Session

    from fairuse.settings import Settings
    from review_api.chain_check import ChainReport
    from review_api.schemas import Out


def seal_all(settings: Settings, *, as_json: bool) -> None:
    """Link every entry that is not in the chain yet, however late it came."""
    sealed = LIMIT
    total = 0
    with _database(settings) as engine, meter("sealing") as progress:
        while sealed == LIMIT:
            with writers(engine).begin() as session:
                sealed = seal(session, LIMIT)
                head = head_of(session)
            total += sealed
            progress.advance(sealed)
    give_facts({"sealed": total, "n": head.n, "hash": head.hash}, as_json=as_json)


def give_head(settings: Settings, *, as_json: bool) -> None:
    """Print how many entries are sealed, and the hash over them."""
    with _database(settings) as engine, readers(engine).begin() as session:
        head = head_of(session)
    give_facts({"n": head.n, "hash": head.hash}, as_json=as_json)


def verify(settings: Settings, kept: str | None, *, as_json: bool) -> None:
    """Walk the chain and print what was found; `ProgramError`, for status 1, if it is not whole."""
    with _database(settings) as engine, meter("links") as progress:
        report = check_chain(readers(engine), kept, advance=progress.advance)
    if as_json:
        give(json.dumps(_facts(report, kept)))
    elif report.whole:
        give_facts(_facts(report, kept), as_json=False)
    if report.wrong is not None:
        raise ProgramError(f"the audit log is not whole: {report.wrong}")
    if not as_json and kept is None:
        give("whole; entries cut off its end would show only against a head kept elsewhere")


def export(settings: Settings, case_id: str, out: Path) -> None:
    """Write all that the log holds of a case, one JSON object a line; reading it is logged.

    First the case with its thread and decisions, then how each decision was looked at, then every
    entry with its link, and last the head of the chain.
    """
    now = SystemClock().now()
    with _database(settings) as engine, writers(engine).begin() as session:
        try:
            lines = list(_lines(session, case_id, now))
        except CaseNotFoundError as error:
            raise WrongInputError(str(error)) from error
        caller = Caller(getpass.getuser(), Role.ADMIN)
        said = f"{len(lines)} lines exported"
        write_audit(session, caller, AuditAction.AUDIT_READ, now, case_id=case_id, detail=said)
        _write(out, lines)
    give_facts({"case": case_id, "lines": len(lines), "file": str(out)}, as_json=False)


def _lines(session: Session, case_id: str, now: datetime) -> Iterator[str]:
    after: int | None = 0
    while after is not None:
        audit = audit_of(session, case_id, now, after)
        if after == 0:
            yield _line("case", CaseOut.of(audit.view))
            yield from (_line("look", LookOut.of(each)) for each in audit.looks)
        yield from (_line("entry", EntryOut.of(*each)) for each in audit.entries)
        after = audit.next_after
    yield _line("head", LinkOut(n=audit.head.n, hash=audit.head.hash))


def _line(of: str, out: Out) -> str:
    return json.dumps({"of": of} | out.model_dump(mode="json"), ensure_ascii=False)


def _write(out: Path, lines: list[str]) -> None:
    try:
        out.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    except OSError as error:
        raise WrongInputError(f"{out}: {error.strerror}") from error


def _facts(report: ChainReport, kept: str | None) -> dict[str, object]:
    return {
        "whole": report.whole,
        "n": report.head.n,
        "hash": report.head.hash,
        "unsealed": report.unsealed,
        "kept_head_found": None if kept is None else report.whole,
        "wrong": report.wrong,
    }


@contextmanager
def _database(settings: Settings) -> Iterator[Engine]:
    engine = open_database(settings)
    try:
        yield engine
    finally:
        engine.dispose()
