"""Which partition a record goes to, and which member of a group reads which partition.

Keys hash as Kafka's own clients hash them, so a topic may be moved between transports. The sharing
rule serves the transports that keep their own groups; on Kafka the cooperative assignor does it.
"""

from __future__ import annotations

import struct
import zlib
from collections import Counter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

_SEED: Final = 0x9747B28C
_MIX: Final = 0x5BD1E995
_WORD: Final = 0xFFFFFFFF


def partition_for(key: bytes | None, value: bytes, partitions: int) -> int:
    """Choose a record's partition by its key; one without a key is spread by its content."""
    if key is None:
        return zlib.crc32(value) % partitions
    return (murmur2(key) & 0x7FFFFFFF) % partitions


def murmur2(key: bytes) -> int:
    """Hash a key with MurmurHash2, 32 bits, Kafka's seed."""
    whole = len(key) & ~3
    mixed = _SEED ^ len(key)
    for (word,) in struct.iter_unpack("<I", key[:whole]):
        turned = word * _MIX & _WORD
        turned = (turned ^ (turned >> 24)) * _MIX & _WORD
        mixed = (mixed * _MIX & _WORD) ^ turned
    if whole < len(key):
        mixed = (mixed ^ int.from_bytes(key[whole:], "little")) * _MIX & _WORD
    mixed = (mixed ^ (mixed >> 13)) * _MIX & _WORD
    return mixed ^ (mixed >> 15)


def shares(
    members: Mapping[str, Collection[str]],
    partitions: Mapping[str, int],
    owners: Mapping[tuple[str, int], str],
) -> dict[tuple[str, int], str]:
    """Share partitions evenly over a group's members, moving few.

    `members` gives each member's topics, `partitions` each topic's count and `owners` who has
    what now. Every partition goes to one member that reads its topic.
    """
    target: dict[tuple[str, int], str] = {}
    held: Counter[str] = Counter()
    for topic, count in sorted(partitions.items()):
        readers = [member for member, topics in members.items() if topic in topics]
        if not readers:
            continue
        now = [owners.get((topic, number)) for number in range(count)]
        room = _rooms(readers, count, held, Counter(now))
        free = []
        for number, owner in enumerate(now):
            if owner is not None and room.get(owner, 0) > 0:
                target[topic, number] = owner
                room[owner] -= 1
                held[owner] += 1
            else:
                free.append(number)
        rest = [reader for reader in readers for _ in range(room[reader])]
        target.update({(topic, number): taker for number, taker in zip(free, rest, strict=True)})
        held.update(rest)
    return target


def _rooms(
    readers: Sequence[str], count: int, held: Counter[str], now: Counter[str | None]
) -> dict[str, int]:
    """Say how many of a topic's partitions each reader gets; odd ones go where load is least."""
    each, extra = divmod(count, len(readers))
    lightest = sorted(readers, key=lambda reader: (held[reader], -now[reader], reader))
    return {reader: each + (place < extra) for place, reader in enumerate(lightest)}
