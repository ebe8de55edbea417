"""What `fairuse archive status` says: what is kept, what lies between, and what is damaged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fairuse.archiving.base import load_base, partitions_with_base
from fairuse.errors import ProgramError, WrongInputError
from fairuse.progress import give_facts, say
from streams.archive_check import look_over
from streams.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from fairuse.settings import Settings
    from streams.archive_check import Looked


def tell_status(settings: Settings, *, as_json: bool) -> None:
    """Check every file and print a line a partition; `ProgramError` if one is damaged."""
    folder = settings.archive_dir
    looked = look_over(folder)
    if not looked:
        raise no_archive(folder)
    damage = [error for one in looked for error in one.damage] + _damaged_bases(folder)
    give_facts(
        {
            "folder": str(folder),
            "files": sum(one.files for one in looked),
            "rows": sum(one.rows for one in looked),
            "damaged": [error.file for error in damage],
            "partitions": [_line(one) for one in looked],
        },
        as_json=as_json,
    )
    for error in damage:
        say(str(error))
    if damage:
        raise ProgramError(f"{folder}: {len(damage)} files are damaged")


def no_archive(folder: Path) -> WrongInputError:
    """Say that nothing was ever archived here, as at a path that is mistyped."""
    return WrongInputError(
        f"FAIRUSE_ARCHIVE_DIR {folder}: there is no archive here; `fairuse archive` writes one"
    )


def _damaged_bases(folder: Path) -> list[InputError]:
    damage = []
    for partition in partitions_with_base(folder):
        try:
            load_base(folder, partition)
        except InputError as error:
            damage.append(error)
    return damage


def _line(one: Looked) -> dict[str, object]:
    return {
        "partition": f"{one.partition.topic}/{one.partition.number}",
        "files": one.files,
        "rows": one.rows,
        "first_offset": one.first,
        "next_offset": one.next_offset,
        "first_day": one.days[0].isoformat() if one.days else "",
        "last_day": one.days[-1].isoformat() if one.days else "",
        "gaps": len(one.gaps),
        "offsets_in_gaps": sum(end - begin for begin, end in one.gaps),
    }
