"""Big blocks of whole lines from a file, plain or gzip, without decoding them."""

from __future__ import annotations

import gzip
import zlib
from typing import IO, TYPE_CHECKING, Final, NamedTuple

from streams.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BLOCK_BYTES: Final = 4 << 20
LONGEST_LINE: Final = 64 << 20
"""A line longer than this is not a record with a fault, it is not NDJSON."""

_BOM: Final = b"\xef\xbb\xbf"


class Block(NamedTuple):
    """Whole lines, the place of the first (from 0), and how far into the file they reach."""

    text: bytes
    first: int
    position: int


def read_blocks(path: Path) -> Iterator[Block]:
    """Yield the lines of a file in blocks of about `BLOCK_BYTES`; nothing for an empty file."""
    first, rest = 0, b""
    with path.open("rb") as raw:
        for piece in _pieces(path, raw):
            text = rest + piece
            cut = text.rfind(b"\n") + 1
            rest = text[cut:]
            if len(rest) > LONGEST_LINE:
                line = first + text.count(b"\n") + 1
                raise InputError("a line without end", file=str(path), line=line)
            if cut:
                yield Block(_whole(text[:cut], first), first, raw.tell())
                first += text.count(b"\n", 0, cut)
        if rest:
            yield Block(_whole(rest, first), first, raw.tell())


def _whole(text: bytes, first: int) -> bytes:
    return text.removeprefix(_BOM) if first == 0 else text


def _pieces(path: Path, raw: IO[bytes]) -> Iterator[bytes]:
    file = gzip.GzipFile(fileobj=raw) if path.suffix == ".gz" else raw
    try:
        while piece := file.read(BLOCK_BYTES):
            yield piece
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        problem = f"the gzip stream is damaged or cut short: {error}"
        raise InputError(problem, file=str(path)) from error
    except OSError as error:
        raise InputError(f"it cannot be read: {error.strerror}", file=str(path)) from error
