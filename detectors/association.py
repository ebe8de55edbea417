"""What accounts have in common, and what that is worth: at most a look by a person.

A shared attribute weighs less the more accounts have it, and nothing where strangers meet: the
addresses of an office, a carrier or a VPN, a device id that everybody has. Association is no
evidence group of the policy and asks for a look by a person at most: what the customer would read
of a measure names what they did, and here it was others. A household of up to four accounts is
none of our business.

Source: weights by inverse logarithm of the degree (Adamic and Adar 2003).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Literal

from detectors.verdict import Action, Kind, Reason, Verdict, verdict_id
from streams.vocabulary import NETWORKS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

AtMostALook = Literal[Action.ALLOW, Action.REVIEW]
"""All that an association can ask for. No way leads from here to a hold, a challenge or a pause."""

DETECTOR: Final = "linked_accounts"
VERSION: Final = "links-1"
"""Names these rules in place of a model and a feature view."""
UNCALIBRATED: Final = 0.75
"""Where a finding stands in the queue: as one account in ten. It has no score of its own."""
GROUP: Final = "association"
CROWD: Final = 50
"""Accounts beyond which an attribute links nobody."""
HOUSEHOLD: Final = 4
"""So many accounts on one device or one address are a family."""
STRONG: Final = 0.5  # strength from which two accounts count as linked
CONFIRMED: Final = 2  # linked accounts with upheld cases that are worth a look


class Shared(StrEnum):
    """What accounts may share, in the order of `features.sightings`' kinds."""

    DEVICE = "device"
    ADDRESS_AND_AGENT = "address_and_agent"
    PROMPT = "prompt"
    NETWORK_BLOCK = "network_block"


SHARED: Final = tuple(Shared)


class Code(StrEnum):
    """The reason codes of association."""

    LINKED_TO_CONFIRMED = "linked_to_confirmed"
    FIRST_SEEN_TOGETHER = "first_seen_together"


class Setting(StrEnum):
    """Where an attribute was seen, and so who meets there."""

    PRIVATE = "private"
    OFFICE = "office"  # a company, a school: also a device used by many
    CARRIER = "carrier"  # a mobile network's gateway
    EXIT = "exit"  # of a VPN, or a rented machine
    CROWD = "crowd"  # more accounts than any household or farm
    UNKNOWN = "unknown"  # the platform did not say


_FULL: Final[Mapping[Shared, float]] = {
    Shared.DEVICE: 1.0,
    Shared.ADDRESS_AND_AGENT: 0.4,
    Shared.PROMPT: 0.3,
    Shared.NETWORK_BLOCK: 0.05,
}
MOST: Final[Mapping[Shared, float]] = {**_FULL, Shared.DEVICE: 3.0}
"""What all shared attributes of one kind add at most: an address that changes is one address."""

_SETTINGS: Final = (
    (("vpn", "hosting"), Setting.EXIT),
    (("mobile",), Setting.CARRIER),
    (("business",), Setting.OFFICE),
    (("residential",), Setting.PRIVATE),
)


@dataclass(frozen=True, slots=True)
class Attribute:
    """One shared attribute: how many accounts have it, where, and how fast new ones came."""

    shared: Shared
    degree: int
    networks: int
    burst: int = 0

    @property
    def setting(self) -> Setting:
        """Where it was seen; of several settings the one that excuses most."""
        if self.degree > CROWD:
            return Setting.CROWD
        if self.shared is Shared.PROMPT:
            return Setting.PRIVATE
        if self.shared is Shared.DEVICE:
            return Setting.OFFICE if self._seen("business") else Setting.PRIVATE
        found = (setting for words, setting in _SETTINGS if self._seen(*words))
        return next(found, Setting.UNKNOWN)

    @property
    def weight(self) -> float:
        """What it adds to the strength of a link, from 0 to 1."""
        if self.degree < 2 or self.setting is not Setting.PRIVATE:
            return 0.0
        return _FULL[self.shared] / math.log2(self.degree)

    @property
    def farmed(self) -> bool:
        """Whether more accounts than a household has were first seen on it within one day."""
        personal = self.shared in (Shared.DEVICE, Shared.ADDRESS_AND_AGENT)
        return personal and self.setting is Setting.PRIVATE and self.burst > HOUSEHOLD

    def _seen(self, *words: str) -> bool:
        return any(self.networks >> NETWORKS[word] & 1 for word in words)


@dataclass(frozen=True, slots=True)
class Finding:
    """Why a person should look at an account because of others: a reason, and the number in it."""

    reason: Reason
    figure: int
    action: AtMostALook = Action.REVIEW

    @property
    def name(self) -> str:
        """The same until its figure has doubled, so that nobody is asked twice about one thing."""
        return f"{self.reason.code}/{1 << self.figure.bit_length() - 1}"


def strength(shared: Iterable[Attribute]) -> float:
    """Tell how strongly two accounts are linked by all that they share; from `STRONG` on, they are.

    An address alone never links: it takes a device, or prompts beside the address.
    """
    sums = dict.fromkeys(Shared, 0.0)
    for attribute in shared:
        sums[attribute.shared] += attribute.weight
    return sum(min(total, MOST[shared]) for shared, total in sums.items())


def linked_to_confirmed(kinds: Sequence[Kind]) -> Finding | None:
    """Judge the kinds of the upheld cases among the accounts an account is linked to."""
    count = len(kinds)
    if count < CONFIRMED:
        return None
    words = f"{count} accounts that share a device, or an address and prompts, with this one"
    return Finding(
        Reason(
            code=Code.LINKED_TO_CONFIRMED,
            sentence=f"{words} were found to break the rules.",
            kind=max(sorted(set(kinds)), key=list(kinds).count),
            group=GROUP,
            feature="confirmed_neighbours",
            observed=float(count),
        ),
        count,
    )


def first_seen_together(attributes: Iterable[Attribute]) -> Finding | None:
    """Judge the attributes to which an account came when it was new."""
    burst = max((attribute.burst for attribute in attributes if attribute.farmed), default=0)
    if not burst:
        return None
    return Finding(
        Reason(
            code=Code.FIRST_SEEN_TOGETHER,
            sentence=f"{burst} accounts first seen within a day share a device or connection.",
            kind=Kind.AUTOMATION,
            group=GROUP,
            feature="burst",
            observed=float(burst),
        ),
        burst,
    )


@dataclass(frozen=True, slots=True)
class Place:
    """The event that brought the news: where it stands in the log, and when it happened."""

    topic: str
    partition: int
    offset: int
    occurred_at: str


def verdict_of(finding: Finding, account_id: str, place: Place) -> Verdict:
    """Put a finding as a verdict; what it asks for is what its type allows."""
    reason, action = finding.reason, finding.action
    return Verdict(
        verdict_id=verdict_id(account_id, reason.kind, action, VERSION, finding.name),
        account_id=account_id,
        kind=reason.kind,
        action=action,
        abuse=UNCALIBRATED,
        scores={reason.kind: UNCALIBRATED},
        reasons=[reason],
        occurred_at=place.occurred_at,
        model_version=VERSION,
        view_fingerprint=VERSION,
        topic=place.topic,
        partition=place.partition,
        offset=place.offset,
        detector=DETECTOR,
    )
