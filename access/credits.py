"""An account's credits as a purse of grants, and which of them a job takes.

Soonest to expire first, then the oldest; what never ends comes last. So nobody loses credits that
a different order would have saved. All of a job's cost is there, or none of it is taken.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from access.units import ZERO

if TYPE_CHECKING:
    from decimal import Decimal

    from access.vocabulary import GrantKind

_NEVER: Final = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Grant:
    """Credits from one place; `left` of them are there, after `number` entries of its chain.

    `number` is 0 for credits that are due and that nobody has written down yet. `until` None is
    never.
    """

    id: str
    kind: GrantKind
    since: datetime
    until: datetime | None
    left: Decimal
    number: int

    def usable(self, now: datetime) -> bool:
        """Whether a job may take from it at `now`."""
        return self.since <= now and (self.until is None or now < self.until) and self.left > 0

    @property
    def turn(self) -> tuple[datetime, datetime, str]:
        """Where it stands in the order of spending."""
        return self.until or _NEVER, self.since, self.id


@dataclass(frozen=True, slots=True)
class Draw:
    """So many credits out of one grant."""

    grant: Grant
    units: Decimal


@dataclass(frozen=True, slots=True)
class Purse:
    """Every grant of an account that may still be of use."""

    grants: tuple[Grant, ...] = ()

    def balance(self, now: datetime) -> Decimal:
        """Give how many credits may be spent at `now`."""
        return sum((grant.left for grant in self.grants if grant.usable(now)), ZERO)

    def next_expiry(self, now: datetime) -> datetime | None:
        """Say when the next credits expire that are not spent by then."""
        ends = (each.until for each in self.grants if each.until and each.usable(now))
        return min(ends, default=None)

    def spend(self, units: Decimal, now: datetime) -> tuple[Draw, ...] | None:
        """Say which grants would give `units`; None if together they have fewer."""
        draws: list[Draw] = []
        wanted = units
        for grant in sorted((g for g in self.grants if g.usable(now)), key=lambda g: g.turn):
            if wanted <= 0:
                break
            taken = min(grant.left, wanted)
            draws.append(Draw(grant, taken))
            wanted -= taken
        return tuple(draws) if wanted <= 0 else None

    def after(self, draws: tuple[Draw, ...]) -> Purse:
        """Give the purse once these draws, each of a different grant, have been taken.

        A grant that was not written down yet has two entries then: that it was granted, and this.
        """
        taken = {draw.grant.id: draw.units for draw in draws}
        return Purse(
            tuple(
                replace(grant, left=grant.left - taken[grant.id], number=max(grant.number, 1) + 1)
                if grant.id in taken
                else grant
                for grant in self.grants
            )
        )
