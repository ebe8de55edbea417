"""Reads labels: a CSV `account_id,kind` in which the kind of an honest account is empty."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Final

from detectors.verdict import Kind
from fairuse.errors import WrongInputError

if TYPE_CHECKING:
    from pathlib import Path

KINDS: Final = frozenset(Kind)


def read_labels(path: Path) -> dict[str, Kind | None]:
    """Give each account's kind, None for honest; `WrongInputError` names the line and field."""
    labels: dict[str, Kind | None] = {}
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = csv.DictReader(file)
            if rows.fieldnames is None or not {"account_id", "kind"} <= set(rows.fieldnames):
                raise WrongInputError(f"{path}, line 1: the columns must be account_id,kind")
            for row in rows:
                labels[_account(path, rows.line_num, row)] = _kind(path, rows.line_num, row)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise WrongInputError(f"{path}: {error}") from error
    return labels


def _account(path: Path, line: int, row: dict[str, str | None]) -> str:
    if not row["account_id"]:
        raise WrongInputError(f"{path}, line {line}, field account_id: it is empty")
    return row["account_id"]


def _kind(path: Path, line: int, row: dict[str, str | None]) -> Kind | None:
    if not row["kind"]:
        return None
    if row["kind"] not in KINDS:
        words = ", ".join(Kind)
        raise WrongInputError(
            f"{path}, line {line}, field kind: {row['kind']!r} is none of {words}, or nothing"
        )
    return Kind(row["kind"])
