"""One account's place in a simulation: its number, persona, group and window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from streams.simulator.chance import generator, mixed_one

if TYPE_CHECKING:
    from numpy.random import Generator

    from streams.simulator.rhythm import Window


@dataclass(frozen=True, slots=True)
class Seat:
    """What an account knows of the simulation; nothing in it depends on later accounts."""

    seed: int
    number: int
    persona: str
    ordinal: int  # how many accounts of this persona came before
    window: Window

    def generator(self) -> Generator:
        """Give the account's own chance."""
        return generator(self.seed, 0, self.number)

    def person(self, which: int = 0) -> int:
        """Name one human being behind the account by a number, everywhere."""
        return mixed_one(self.number * 256 + which, self.seed * 8 + 4) >> 12

    def group(self, size: int) -> int:
        """Accounts of one persona fall into groups of this size, in order."""
        return self.ordinal // size

    def group_generator(self, size: int) -> Generator:
        """Chance that all members of the group share."""
        name = int.from_bytes(self.persona.encode()[:4])
        return generator(self.seed, 1, name, self.group(size))
