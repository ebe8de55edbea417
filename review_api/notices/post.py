"""The post office: what letters are written on, what carries them, and what opens addresses."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from review_api.notices.letters import STATUS_PAGE, Letter, Stationery
from review_api.status_links import write_link

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from review_api.notices.parcels import Carrier
    from review_api.notices.vocabulary import Channel


@dataclass(frozen=True, slots=True)
class PostOffice:
    """What the relay delivers with.

    `secret` opens addresses and seals links, empty where the operator has none of their own.
    `chance` gives numbers from 0 to 1, for the jitter of waits.
    """

    chance: Callable[[], float]
    carriers: Mapping[Channel, Carrier] = field(default_factory=dict)
    stationery: Stationery = field(default_factory=Stationery)
    secret: bytes = field(default=b"", repr=False)
    public_url: str = ""

    def status_page(self, account_id: str, now: datetime) -> str:
        """Make a link to the account's status page; empty where there can be none."""
        if not self.stationery.links:
            return ""
        word, _ = write_link(self.secret, account_id, now)
        return f"{self.public_url.rstrip('/')}/status/{word}"

    def close(self) -> None:
        """Close every connection."""
        for carrier in self.carriers.values():
            carrier.close()


def linked(letter: Letter, status_page: str) -> Letter:
    """Put the link into a letter that leaves."""
    return Letter(letter.subject, letter.body.replace(STATUS_PAGE, status_page))
