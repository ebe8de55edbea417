"""Joins what `fairuse links` found to the rows of `fairuse score`: a review at most."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any, Final

from detectors.association import Code
from detectors.summary import COLUMNS
from detectors.verdict import Action
from fairuse.errors import WrongInputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

_ACCOUNT, _ACTION, _REASONS = map(COLUMNS.index, ("account_id", "action", "reasons"))
_CODES: Final = frozenset(Code)


def read_links(path: Path) -> dict[str, list[str]]:
    """Give the reasons of those that have any; `WrongInputError` names the line and field."""
    links: dict[str, list[str]] = {}
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = csv.DictReader(file)
            if rows.fieldnames is None or not {"account_id", "reasons"} <= set(rows.fieldnames):
                raise WrongInputError(f"{path}, line 1: it has no columns account_id and reasons")
            for row in rows:
                codes = (row["reasons"] or "").split(";") if row["reasons"] else []
                if unknown := sorted(set(codes) - _CODES):
                    where = f"{path}, line {rows.line_num}, field reasons"
                    raise WrongInputError(f"{where}: {unknown[0]!r} is no reason to link accounts")
                if codes:
                    links[row["account_id"]] = codes
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise WrongInputError(f"{path}: {error}") from error
    return links


def with_links(
    rows: Iterable[tuple[Any, ...]], links: Mapping[str, Sequence[str]]
) -> Iterator[tuple[Any, ...]]:
    """Add the reasons of linked accounts; a row that allows asks for a review then."""
    for row in rows:
        codes = links.get(row[_ACCOUNT], ())
        if not codes:
            yield row
            continue
        changed = list(row)
        if row[_ACTION] == Action.ALLOW:
            changed[_ACTION] = str(Action.REVIEW)
        changed[_REASONS] = ";".join([*filter(None, [row[_REASONS]]), *codes])
        yield tuple(changed)
