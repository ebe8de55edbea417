"""What a case page shows of linked accounts: what is shared, by how many, what became of them.

What strangers share (an office, a carrier, a VPN) is shown apart, with words that say so: it links
nobody.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from detectors.association import HOUSEHOLD, Setting, Shared
from review_api.links import attributes_of, links_of, standings
from review_api.outcomes import outcomes_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy.orm import Session

    from detectors.association import Attribute
    from review_api.links import Linked, Standing
    from review_api.vocabulary import Outcome

SHOWN: Final = 12

_ONE: Final[Mapping[Shared, str]] = {
    Shared.DEVICE: "a device",
    Shared.ADDRESS_AND_AGENT: "an address with the same user agent",
    Shared.PROMPT: "a prompt, word for word",
    Shared.NETWORK_BLOCK: "a block of addresses",
}
_MANY: Final[Mapping[Shared, str]] = {
    Shared.DEVICE: "devices",
    Shared.ADDRESS_AND_AGENT: "addresses with the same user agent",
    Shared.PROMPT: "prompts, word for word",
    Shared.NETWORK_BLOCK: "blocks of addresses",
}
_STRANGERS: Final[Mapping[Setting, str]] = {
    Setting.OFFICE: "in an office or a school, where colleagues share machines and addresses",
    Setting.CARRIER: "behind a mobile carrier, which puts strangers on one address",
    Setting.EXIT: "the exit of a VPN or a rented machine, which all its customers share",
    Setting.CROWD: "of more accounts than any household or farm",
    Setting.UNKNOWN: "on a network of which the platform says nothing",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One linked account: what it shares, by how many at most, how strongly, what became of it.

    `outcome` is what its telling case proved, if a person has decided it.
    """

    account_id: str
    shares: tuple[str, ...]
    population: int
    strength: float
    strong: bool
    standing: Standing | None
    outcome: Outcome | None


@dataclass(frozen=True, slots=True)
class LinkedPart:
    """The linked accounts of one account; `left_out` are weaker ones, `strangers` warnings."""

    lines: tuple[Line, ...]
    left_out: int
    strangers: tuple[str, ...]
    linked: int
    confirmed: int

    @property
    def household(self) -> bool:
        """Whether the linked accounts and this one could be a family."""
        return 0 < self.linked < HOUSEHOLD


def linked_part(session: Session, account_id: str) -> LinkedPart:
    """Gather what the page of this account's case shows of its links."""
    links = links_of(session, account_id)
    known = standings(session, [link.account_id for link in links])
    strong = [link for link in links if link.strong]
    found = [known[link.account_id] for link in strong if link.account_id in known]
    ours = [member.shared.attribute for member in attributes_of(session, account_id)]
    shown = {link.account_id: known.get(link.account_id) for link in links[:SHOWN]}
    proved = outcomes_of(session, [one.case_id for one in shown.values() if one])
    return LinkedPart(
        lines=tuple(_line(link, shown[link.account_id], proved) for link in links[:SHOWN]),
        left_out=max(len(links) - SHOWN, 0),
        strangers=tuple(_strangers(ours)),
        linked=len(strong),
        confirmed=sum(standing.confirmed for standing in found),
    )


def _line(link: Linked, standing: Standing | None, proved: Mapping[str, Outcome]) -> Line:
    counts = Counter(attribute.shared for attribute in link.shared)
    return Line(
        account_id=link.account_id,
        shares=tuple(
            _ONE[shared] if counts[shared] == 1 else f"{counts[shared]} {_MANY[shared]}"
            for shared in Shared
            if counts[shared]
        ),
        population=max(attribute.degree for attribute in link.shared),
        strength=link.strength,
        strong=link.strong,
        standing=standing,
        outcome=proved.get(standing.case_id) if standing else None,
    )


def _strangers(attributes: Iterable[Attribute]) -> list[str]:
    """Say what is shared with strangers, one sentence for each kind of it and place."""
    most: dict[tuple[Shared, Setting], int] = {}
    for attribute in attributes:
        if attribute.setting is not Setting.PRIVATE:
            name = attribute.shared, attribute.setting
            most[name] = max(most.get(name, 0), attribute.degree)
    return [
        f"{_ONE[shared]}, {_STRANGERS[setting]}: about {count} accounts"
        for (shared, setting), count in sorted(most.items())
    ]
