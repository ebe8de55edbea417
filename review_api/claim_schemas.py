"""What the API takes and gives about claims, in pydantic."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from access.models import NAME_LENGTH
from review_api.claim_records import TOKEN_LENGTH
from review_api.forms import NO_CONTROL, WORD
from review_api.schemas import Out

if TYPE_CHECKING:
    from review_api.claim_records import Claim

Token = Annotated[str, Field(min_length=1, max_length=TOKEN_LENGTH, pattern=WORD)]


class ClaimIn(BaseModel):
    """The claim that is meant, by the token it was given with."""

    model_config = ConfigDict(extra="forbid")

    token: Token


class HandOverIn(ClaimIn):
    """To whom the case goes: the name of somebody who may decide."""

    to: Annotated[str, Field(min_length=1, max_length=NAME_LENGTH, pattern=NO_CONTROL)]


class ClaimOut(Out):
    """Who holds the case, since when and until when."""

    case_id: str
    holder: str
    since: datetime
    until: datetime

    @classmethod
    def of(cls, claim: Claim) -> Self:
        return cls.model_validate(claim, from_attributes=True)


class OwnClaimOut(ClaimOut):
    """The caller's own claim. Its token goes with every heartbeat."""

    token: str


class ClaimStateOut(Out):
    """The claim that stands on a case; null when it is free."""

    claim: ClaimOut | None
