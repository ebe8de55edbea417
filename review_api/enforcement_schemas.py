"""What the API takes and gives of pauses as the platform enforces them, in pydantic."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from access.models import ACCOUNT_ID_LENGTH
from access.vocabulary import Mismatch
from review_api.enforcement import MOST
from review_api.errors import BadRequestError
from review_api.forms import NO_CONTROL
from review_api.schemas import Out

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review_api.enforcement import Repair


class EnforcedIn(BaseModel):
    """Whether the platform holds this account's monthly quota paused now."""

    model_config = ConfigDict(extra="forbid")

    account_id: Annotated[
        str, Field(min_length=1, max_length=ACCOUNT_ID_LENGTH, pattern=NO_CONTROL)
    ]
    paused: Annotated[bool, Field(strict=True)]


class EnforcementIn(BaseModel):
    """Accounts as the platform enforces them now; each once, or the same twice."""

    model_config = ConfigDict(extra="forbid")

    accounts: Annotated[list[EnforcedIn], Field(min_length=1, max_length=MOST)]

    def enforced(self) -> dict[str, bool]:
        """Give each account's word; two that differ are refused."""
        said: dict[str, bool] = {}
        for account in self.accounts:
            if said.setdefault(account.account_id, account.paused) != account.paused:
                raise BadRequestError("an account cannot be paused and not paused at once")
        return said


class DifferenceOut(Out):
    """An account that was enforced otherwise than it should be.

    `since` is when we last changed its pause, null if there never was one. `announced` is false
    when an earlier announcement of the account still waits to leave.
    """

    account_id: str
    mismatch: Mismatch
    since: datetime | None
    case_id: str | None
    announced: bool

    @classmethod
    def of(cls, repair: Repair) -> Self:
        found = repair.difference
        return cls(
            account_id=found.account_id, mismatch=found.mismatch, since=found.since,
            case_id=found.case_id, announced=repair.announced,
        )  # fmt: skip


class EnforcementOut(Out):
    """What was compared, and every difference, pauses wrongly enforced first."""

    compared: int
    wrongly_enforced: int
    not_enforced: int
    differences: list[DifferenceOut]

    @classmethod
    def of(cls, compared: int, repairs: Sequence[Repair]) -> Self:
        wrong = sum(repair.difference.mismatch is Mismatch.WRONGLY_ENFORCED for repair in repairs)
        return cls(
            compared=compared,
            wrongly_enforced=wrong,
            not_enforced=len(repairs) - wrong,
            differences=[DifferenceOut.of(repair) for repair in repairs],
        )
