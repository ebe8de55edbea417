"""Reads which accounts the platform holds paused, from a CSV or NDJSON file of all of them.

The whole file is read and checked before anything is compared: a file that is wrong in one place
repairs nothing.
"""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING, Any, Final

import msgspec

from access.models import ACCOUNT_ID_LENGTH
from fairuse.errors import WrongInputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_TRUE: Final = frozenset({"true", "1", "yes"})


def read_enforced(path: Path) -> set[str]:
    """Give the accounts; `WrongInputError` names the file, line and field."""
    readers = {".csv": _csv_rows, ".ndjson": _ndjson_rows, ".jsonl": _ndjson_rows}
    rows = readers.get(path.suffix)
    if rows is None:
        raise WrongInputError(f"{path}: the name must end in {', '.join(readers)}")
    try:
        return {_account(f"{path}, line {line}", row) for line, row in rows(path)}
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise WrongInputError(f"{path}: {error}") from error


def _csv_rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = csv.DictReader(file, strict=True)
        if "account_id" not in (rows.fieldnames or ()):
            raise WrongInputError(f"{path}, line 1: there is no column account_id")
        for row in rows:
            if "paused" in row:
                row["paused"] = str(row["paused"]).lower() in _TRUE
            yield rows.line_num, row


def _ndjson_rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    with path.open(encoding="utf-8-sig") as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                yield number, _object(f"{path}, line {number}", line)


def _object(where: str, line: str) -> dict[str, Any]:
    try:
        return msgspec.json.decode(line, type=dict[str, Any])
    except (msgspec.MsgspecError, RecursionError) as error:
        raise WrongInputError(f"{where}: not a JSON object: {error}") from error


def _account(where: str, row: dict[str, Any]) -> str:
    account_id = row.get("account_id")
    if not isinstance(account_id, str) or not 1 <= len(account_id) <= ACCOUNT_ID_LENGTH:
        raise WrongInputError(
            f"{where}, field account_id: must be text of 1 to {ACCOUNT_ID_LENGTH} characters"
        )
    if _CONTROL.search(account_id):
        raise WrongInputError(f"{where}, field account_id: holds a control character")
    if row.get("paused", True) is not True:
        raise WrongInputError(f"{where}, field paused: the file lists paused accounts only")
    return account_id
