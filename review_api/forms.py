"""What the API takes, in pydantic: everything a caller may get wrong is refused here."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, StrictBool, Tag

from detectors.verdict import Kind
from review_api.models import RATIONALE_LENGTH, SUPPRESSION_REASON_LENGTH
from review_api.suppressions import LONGEST_DAYS
from review_api.vocabulary import Choice, Outcome, ReasonCode, Ruled

# PostgreSQL keeps no NUL in text, and no name or sentence needs one.
NO_CONTROL: Final = r"^[^\x00-\x1f\x7f]+$"
WORD: Final = r"^[0-9A-Za-z_-]+$"
NO_NUL: Final = r"^[^\x00]*[^\s\x00][^\x00]*$"

WITHOUT_NUL: Final = r"^[^\x00]*$"

Words = Annotated[str, Field(min_length=1, max_length=RATIONALE_LENGTH, pattern=NO_NUL)]
Version = Annotated[
    int | None,
    Field(ge=1, le=2**31 - 1, description="The version that was read; or send its ETag: If-Match."),
]


class _DecisionIn(BaseModel):
    """A decision on the version of the case that was read."""

    model_config = ConfigDict(extra="forbid")

    rationale: Words
    version: Version = None
    answer: Annotated[
        str,
        Field(
            max_length=RATIONALE_LENGTH,
            pattern=WITHOUT_NUL,
            description="What the customer reads; an open appeal needs one.",
        ),
    ] = ""


class ConfirmedIn(_DecisionIn):
    """The rules were broken: the pause stays. `checklist` rules the innocent explanations out."""

    checklist: Annotated[dict[str, Ruled], Field(max_length=20)]
    choice: Literal[Choice.UPHOLD]
    outcome: Literal[Outcome.CONFIRMED]
    reason_code: Literal[
        ReasonCode.AUTOMATION_CONFIRMED,
        ReasonCode.SCRIPTING_CONFIRMED,
        ReasonCode.SHARING_CONFIRMED,
        ReasonCode.RESALE_CONFIRMED,
        ReasonCode.CUSTOMER_ACKNOWLEDGED,
    ]


class FalsePositiveIn(_DecisionIn):
    """The machine misread what it saw: access comes back."""

    choice: Literal[Choice.RESTORE]
    outcome: Literal[Outcome.FALSE_POSITIVE]
    reason_code: Literal[
        ReasonCode.SIGNALS_MISREAD,
        ReasonCode.SHARED_NETWORK,
        ReasonCode.TRAVEL_OR_VPN,
    ]


class BenignIn(_DecisionIn):
    """It saw rightly, and it is allowed: access comes back."""

    choice: Literal[Choice.RESTORE]
    outcome: Literal[Outcome.BENIGN]
    reason_code: Literal[
        ReasonCode.OFFICIAL_FEATURE,
        ReasonCode.ACCESSIBILITY_TOOL,
        ReasonCode.OWN_DEVICES,
        ReasonCode.HEAVY_PERSONAL_USE,
    ]


class InconclusiveIn(_DecisionIn):
    """Nobody can tell: access comes back."""

    choice: Literal[Choice.RESTORE]
    outcome: Literal[Outcome.INCONCLUSIVE]
    reason_code: Literal[ReasonCode.INSUFFICIENT_EVIDENCE, ReasonCode.GOODWILL]


class ConvertedIn(_DecisionIn):
    """The use is real and has its own plan: access comes back, with an offer."""

    choice: Literal[Choice.CONVERT]
    outcome: Literal[Outcome.INCONCLUSIVE]
    reason_code: Literal[ReasonCode.OFFER_SEATS, ReasonCode.OFFER_API_PLAN]


class StepIn(BaseModel):
    """Words on the version of the case that was read."""

    model_config = ConfigDict(extra="forbid")

    words: Words
    version: Version = None


class SecondIn(BaseModel):
    """What a second person thinks of the decision that waits for one."""

    model_config = ConfigDict(extra="forbid")

    agrees: StrictBool
    rationale: Words


class SuppressionIn(BaseModel):
    """For how many days the machine is held off the account, and why."""

    model_config = ConfigDict(extra="forbid")

    days: Annotated[int, Field(ge=1, le=LONGEST_DAYS)]
    reason: Annotated[
        str, Field(min_length=1, max_length=SUPPRESSION_REASON_LENGTH, pattern=NO_NUL)
    ]
    kind: Kind | None = None


class QuotaModeIn(BaseModel):
    """Whether the customer generates on the quota from now on."""

    model_config = ConfigDict(extra="forbid")

    on: StrictBool


class ChallengeAnswerIn(BaseModel):
    """How the customer met the challenge."""

    model_config = ConfigDict(extra="forbid")

    result: Literal["passed", "failed"]


def _form_of(body: Any) -> str | None:
    # Two outcomes share a word: nobody can tell, and the use has a plan of its own.
    given = body if isinstance(body, dict) else vars(body) if isinstance(body, _DecisionIn) else {}
    choice, outcome = str(given.get("choice")), given.get("outcome")
    return choice if choice == Choice.CONVERT else outcome if isinstance(outcome, str) else None


# Each form lists its own choice, outcome and reasons, so the document shows what goes together;
# a test holds these lists against the tables of `review_api.vocabulary`.
DecisionIn = Annotated[
    Annotated[ConfirmedIn, Tag(Outcome.CONFIRMED.value)]
    | Annotated[FalsePositiveIn, Tag(Outcome.FALSE_POSITIVE.value)]
    | Annotated[BenignIn, Tag(Outcome.BENIGN.value)]
    | Annotated[InconclusiveIn, Tag(Outcome.INCONCLUSIVE.value)]
    | Annotated[ConvertedIn, Tag(Choice.CONVERT.value)],
    Discriminator(_form_of),
]
FORMS: Final = (ConfirmedIn, FalsePositiveIn, BenignIn, InconclusiveIn, ConvertedIn)
