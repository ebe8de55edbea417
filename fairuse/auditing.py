"""What `fairuse audit` does: seals the log, checks its chain, names its head."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

from access.database import readers, writers
from fairuse.errors import ProgramError
from fairuse.progress import give, give_facts, meter
from fairuse.wiring import open_database
from review_api.chain_check import check_chain
from review_api.sealing import LIMIT, head_of, seal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.engine import Engine

    from fairuse.settings import Settings
    from review_api.chain_check import ChainReport


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
