"""Which account-months are audited at random, over the whole range of scores.

What a case shows of the machine is what the machine chose to show. A few accounts drawn by chance,
each with a probability that is written down, tell how often it is wrong and what it misses. The
draw is a keyed hash of account and month, so that a replay draws the same accounts, nobody outside
can foresee it, and no score or record changes by it.

Source: Horvitz and Thompson (1952) for sampling with unequal, known probabilities.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Final

ENOUGH: Final = 32
"""Acts in the month after which an account can be judged; the draw is made there."""

UPPER: Final = 1.0  # on the scale of scores: one account in ten is as strange
OVERSAMPLED: Final = 4.0
"""The stranger tenth is drawn this much more often: that is where the mistakes are."""


@dataclass(frozen=True, slots=True)
class Audits:
    """The share of account-months with `ENOUGH` acts that is audited, and the key of the draw.

    A share of 0 audits nobody. `ValueError` if the share is none or the key is longer than 64
    bytes.
    """

    share: float = 0.0
    key: bytes = field(default=b"", repr=False)

    def __post_init__(self) -> None:
        if not 0.0 <= self.share <= 1.0:
            raise ValueError(f"a share of audits from 0 to 1, not {self.share}")
        if len(self.key) > hashlib.blake2b.MAX_KEY_SIZE:
            raise ValueError("the key of the audits has more than 64 bytes")

    def probability(self, standing: float) -> float:
        """Give the probability with which an account of that standing score is drawn."""
        factor = OVERSAMPLED if standing >= UPPER else 1.0
        return min(1.0, factor * self.share)

    def draws(self, account: str, month: int, standing: float) -> float | None:
        """Give the probability if the account-month is drawn, else None."""
        probability = self.probability(standing)
        name = f"audit\x1f{account}\x1f{month}".encode()
        lot = int.from_bytes(hashlib.blake2b(name, key=self.key, digest_size=8).digest())
        return probability if lot < probability * 2**64 else None
