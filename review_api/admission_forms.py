"""What the admission API takes and gives, in pydantic."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
)

from access.admission import Ask, Denied
from access.books import JOB_ID_LENGTH, MODEL_LENGTH
from access.costs import LONGEST_SECONDS, MOST_AT_ONCE, Job
from access.models import ACCOUNT_ID_LENGTH, ID_LENGTH
from access.units import MOST, units
from access.vocabulary import (
    AdmissionEndKind,
    DenialReason,
    Entitlement,
    JobMode,
    Media,
    Queue,
    Wish,
)
from review_api.forms import NO_CONTROL
from review_api.schemas import Out

if TYPE_CHECKING:
    from access.desk import Answer
    from access.ending import Ended
    from access.refunds import Refunded


def _refuse_text(said: object) -> object:
    # Pydantic reads numbers out of texts as well; the document promises numbers.
    if isinstance(said, (str, bool)):
        raise ValueError("must be a number")  # noqa: TRY004 - pydantic answers for a ValueError only
    return said


def _number(most: Decimal | int) -> WithJsonSchema:
    return WithJsonSchema({"type": "number", "minimum": 0, "maximum": int(most)})


Amount = Annotated[
    Decimal,
    Field(ge=0, le=MOST),
    BeforeValidator(_refuse_text),
    AfterValidator(units),
    PlainSerializer(float, return_type=float),
    _number(MOST),
]
Seconds = Annotated[
    Decimal,
    Field(ge=0, le=LONGEST_SECONDS),
    BeforeValidator(_refuse_text),
    _number(LONGEST_SECONDS),
]
Name = Annotated[str, Field(min_length=1, max_length=ID_LENGTH, pattern=NO_CONTROL)]


class AdmissionIn(BaseModel):
    """A job that the platform asks about.

    Send `units` if the platform prices jobs itself; otherwise the catalogue does, from the model,
    `seconds`, `resolution`, `feature` and `count`.
    """

    model_config = ConfigDict(extra="forbid")

    account_id: Annotated[
        str, Field(min_length=1, max_length=ACCOUNT_ID_LENGTH, pattern=NO_CONTROL)
    ]
    job_id: Annotated[str, Field(min_length=1, max_length=JOB_ID_LENGTH, pattern=NO_CONTROL)]
    model: Annotated[str, Field(min_length=1, max_length=MODEL_LENGTH, pattern=NO_CONTROL)]
    media: Media | None = None
    mode: Wish | None = Field(None, description="Absent: as the customer has switched.")
    units: Amount | None = None
    seconds: Seconds | None = None
    resolution: Name | None = None
    feature: Name | None = None
    count: Annotated[int, Field(ge=1, le=MOST_AT_ONCE)] = 1

    def ask(self) -> Ask:
        job = Job(self.model, self.media, self.seconds, self.resolution, self.feature, self.count)
        return Ask(self.account_id, self.job_id, job, self.mode, self.units)


class SettleIn(BaseModel):
    """What the job used; all that was reserved if nothing is said."""

    model_config = ConfigDict(extra="forbid")

    units: Amount | None = None


class AdmissionOut(Out):
    """Whether the job may run, and how; `sentence` is for the customer.

    `speed` multiplies the usual speed, `concurrency` is how many such jobs of the account may be
    at work, the basic queue serves the smallest `turn` first. What is reserved is returned by
    itself if nobody has said by `until` how the job ended.
    """

    admitted: bool
    account_id: str
    job_id: str
    reason: DenialReason | None = None
    sentence: str | None = None
    retry_at: datetime | None = None
    still_works: list[Entitlement] | None = None
    admission_id: str | None = None
    mode: JobMode | None = None
    queue: Queue | None = None
    units: Amount | None = None
    speed: float | None = None
    concurrency: int | None = None
    turn: float | None = None
    until: datetime | None = None
    repeated: bool = Field(default=False, description="The job was admitted before.")

    @classmethod
    def of(cls, answer: Answer) -> Self:
        ask, outcome = answer.ask, answer.outcome
        if isinstance(outcome, Denied):
            return cls(
                admitted=False,
                account_id=ask.account_id,
                job_id=ask.job_id,
                reason=outcome.reason,
                sentence=outcome.sentence,
                retry_at=outcome.retry_at,
                still_works=list(outcome.still_works),
            )
        return cls(
            admitted=True,
            account_id=ask.account_id,
            job_id=ask.job_id,
            admission_id=outcome.id,
            mode=outcome.mode,
            queue=outcome.queue,
            units=outcome.units,
            speed=outcome.speed,
            concurrency=outcome.concurrency,
            turn=outcome.turn,
            until=outcome.until,
            repeated=answer.repeated,
        )


class EndOut(Out):
    """How the job ended and what it was charged, in credits or in units of quota."""

    admission_id: str
    account_id: str
    job_id: str
    ended_as: AdmissionEndKind
    mode: JobMode
    reserved: Amount
    charged: Amount
    repeated: bool = Field(description="It was known to have ended so.")

    @classmethod
    def of(cls, ended: Ended) -> Self:
        job = ended.job
        return cls(
            admission_id=job.id,
            account_id=job.account_id,
            job_id=job.job_id,
            ended_as=ended.kind,
            mode=job.mode,
            reserved=job.units,
            charged=ended.charged,
            repeated=ended.repeated,
        )


class RefundOut(Out):
    """What a job was given back of what it had been charged: all of it, once."""

    admission_id: str
    account_id: str
    job_id: str
    mode: JobMode
    refunded: Amount
    repeated: bool = Field(description="It had been refunded before.")

    @classmethod
    def of(cls, refunded: Refunded) -> Self:
        job = refunded.job
        return cls(
            admission_id=job.id,
            account_id=job.account_id,
            job_id=job.job_id,
            mode=job.mode,
            refunded=refunded.units,
            repeated=refunded.repeated,
        )
