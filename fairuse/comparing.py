"""What differs between two verdicts, number by number: nothing is close, it is equal or not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from detectors.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that is not the same; `where` is its path, such as ``features.gap_entropy``."""

    where: str
    pinned: object
    replayed: object

    def __str__(self) -> str:
        return f"{self.where}: pinned {self.pinned!r}, replayed {self.replayed!r}"


def differences(pinned: Verdict, replayed: Verdict) -> list[Difference]:
    """List every value in which a replayed verdict is not the pinned one, floats to the last bit.

    What the pinned verdict's release did not say yet is not compared.
    """
    ours, theirs = (msgspec.json.decode(msgspec.json.encode(one)) for one in (pinned, replayed))
    return list(_differing("", ours, theirs))


def _differing(where: str, ours: Any, theirs: Any) -> Iterator[Difference]:
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for name in ours.keys() | theirs.keys():
            path = f"{where}.{name}" if where else str(name)
            yield from _differing(path, ours.get(name), theirs.get(name))
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for place, pair in enumerate(zip(ours, theirs, strict=True)):
            yield from _differing(f"{where}[{place}]", *pair)
    elif repr(ours) != repr(theirs):  # unlike `==`, it tells 0.0 from -0.0 and 1 from 1.0
        yield Difference(where, ours, theirs)
