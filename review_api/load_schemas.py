"""What the API takes and gives of the basic queue's load, in pydantic."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from access.load import FULL, QueueReport
from access.vocabulary import Queue
from review_api.schemas import Out

if TYPE_CHECKING:
    from access.load_rows import ReportedLoad


def _number(value: object) -> object:
    # Python counts true as 1; JSON does not.
    if isinstance(value, bool):
        raise ValueError("a number, not true or false")  # noqa: TRY004 - pydantic hears only this
    return value


Count = Annotated[int, Field(ge=0, le=10**9), BeforeValidator(_number)]


class LoadIn(BaseModel):
    """The basic queue as the platform sees it now."""

    model_config = ConfigDict(extra="forbid")

    queue: Literal[Queue.BASIC]
    waiting: Annotated[Count, Field(description="Quota jobs that wait.")]
    running: Annotated[Count, Field(description="Quota jobs that run.")]
    workers: Annotated[Count, Field(description="Workers that may take quota jobs.")]
    longest_wait_seconds: Annotated[
        float,
        Field(
            strict=True, ge=0, le=10**9, allow_inf_nan=False,
            description="For how long the turn of the job that is next has been over; 0 if none.",
        ),
    ]  # fmt: skip

    def report(self) -> QueueReport:
        """Give the report without the name of its queue."""
        return QueueReport(self.waiting, self.running, self.workers, self.longest_wait_seconds)


class ReportOut(Out):
    """The last report, and since when its level stands."""

    waiting: int
    running: int
    workers: int
    longest_wait_seconds: float
    level_since: datetime
    reported_at: datetime


class LoadOut(Out):
    """The level that holds now, what it leaves of speed and concurrency, and the last report.

    `silent` says that no report is young enough: everything runs at full speed until one comes.
    """

    queue: Queue
    level: int
    speed: float
    concurrency: float
    silent: bool
    report: ReportOut | None

    @classmethod
    def of(cls, reported: ReportedLoad | None, now: datetime) -> Self:
        if reported is None:
            load, silent, last = FULL, True, None
        else:
            standing = reported.standing
            load, silent = standing.load(now), standing.silent(now)
            last = ReportOut(
                waiting=reported.report.waiting,
                running=reported.report.running,
                workers=reported.report.workers,
                longest_wait_seconds=reported.report.longest_wait_seconds,
                level_since=standing.since,
                reported_at=standing.reported_at,
            )
        return cls(
            queue=Queue.BASIC, level=load.level, speed=load.speed, concurrency=load.concurrency,
            silent=silent, report=last,
        )  # fmt: skip
