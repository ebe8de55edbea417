"""The moves of a registry, a file each: written whole, never changed, numbered without gaps.

A move takes its number by a hard link, which fails if somebody else was quicker: of two who move at
once one wins and the other hears of it. The pointer that earlier releases kept reads as move 0.
"""

from __future__ import annotations

import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from detectors.stages import Move, Stage

FOLDER: Final = "moves"
POINTER: Final = "champion"
"""How schema 1 of the registry named its champion."""


class MoveLost(RuntimeError):  # noqa: N818 - names what happened
    """Somebody else moved a model meanwhile; nothing was written."""


def read_moves(directory: Path) -> tuple[Move, ...]:
    """Give every move, oldest first; raises `ValueError` naming a file that is none or missing."""
    found = _pointed(directory)
    for path in sorted((directory / FOLDER).glob("[0-9]*.json")):
        try:
            found.append(msgspec.json.decode(path.read_bytes(), type=Move))
        except msgspec.MsgspecError as error:
            raise ValueError(
                f"{path}: this move is damaged: {error}: put it back from a copy, or remove it if "
                "it is the newest, as if it had not been made"
            ) from error
        _require_next(path, found)
    return tuple(found)


def _require_next(path: Path, found: list[Move]) -> None:
    """Raise `ValueError` unless the newest of the moves is the one after that before it."""
    wanted = found[-2].number + 1 if len(found) > 1 else min(found[0].number, 1)
    if found[-1].number != wanted:
        missing = path.with_name(f"{wanted:06d}.json")
        raise ValueError(f"{missing}: this move is missing: put it back from a copy")


def write_move(directory: Path, move: Move) -> None:
    """Write one move, durably; raises `MoveLost` if its number is taken."""
    folder = directory / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=folder, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(move), indent=2) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        os.link(name, folder / f"{move.number:06d}.json")
    except FileExistsError as error:
        raise MoveLost(f"move {move.number} was made by somebody else: look again") from error
    finally:
        Path(name).unlink(missing_ok=True)
    sync(folder)


def sync(folder: Path) -> None:
    """Make the names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _pointed(directory: Path) -> list[Move]:
    pointer = directory / POINTER
    try:
        version = pointer.read_text().strip()
    except FileNotFoundError:
        return []
    at = datetime.fromtimestamp(pointer.stat().st_mtime, UTC).isoformat()
    why = "it was the champion when the registry began to write down its moves"
    return [
        Move(number=0, at=at, actor="an earlier release", version=version, stage=Stage.CHAMPION,
             why=why)
    ]  # fmt: skip
