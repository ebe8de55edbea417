"""What the tests of notices share: parcels, carriers that obey, and a post office of them."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field

from review_api.notices.composing import compose
from review_api.notices.delivering import deliver
from review_api.notices.letters import Letter, Stationery
from review_api.notices.parcels import Attempted, Parcel
from review_api.notices.post import PostOffice
from review_api.notices.vocabulary import AttemptResult, Channel, Occasion
from streams.clock import ManualClock
from tests.verdicts import MONDAY

SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()
OTHER = "whsec_" + base64.b64encode(b"fedcba9876543210fedcba9876543210").decode()
TAKEN = Attempted(AttemptResult.DELIVERED, 204)
DOWN = Attempted(AttemptResult.FAILED, None, "nobody answered")


def parcel(**more):
    """Make a parcel."""
    given = {
        "notice_id": "n1",
        "account_id": "acc_1",
        "case_id": "c1",
        "reference": "9F3C-21AB",
        "occasion": Occasion.PAUSED,
        "letter": Letter("Your monthly quota is paused", "Hello,\n\nit is.\n"),
        "statement": None,
        "status_page": "",
        "address": "ana@example.org",
        "created_at": MONDAY,
    }
    return Parcel(**(given | more))


@dataclass
class Obedient:
    """A carrier that does what it is told, in turn; the last word stands."""

    words: list = field(default_factory=lambda: [TAKEN])
    carried: list = field(default_factory=list)

    def carry(self, parcel, now):
        self.carried.append(parcel)
        return self.words.pop(0) if len(self.words) > 1 else self.words[0]

    def close(self):
        pass


@dataclass
class Post:
    """A post office over a database, its clock in the tests' hands."""

    database: object
    carrier: Obedient = field(default_factory=Obedient)
    channel: Channel = Channel.WEBHOOK
    clock: ManualClock = field(default_factory=lambda: ManualClock(MONDAY))
    stationery: Stationery = field(default_factory=Stationery)
    secret: bytes = b""

    @property
    def office(self):
        return PostOffice(
            lambda: 0.5,
            {self.channel: self.carrier},
            self.stationery,
            self.secret,
            "https://fair.example",
        )

    def write(self):
        return compose(self.database.writers, self.office, self.clock)

    def carry(self):
        """Try what is due now until nothing is."""
        tried = 0
        while done := deliver(self.database.writers, self.office, self.channel, self.clock):
            tried += done
        return tried
