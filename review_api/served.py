"""What one server process counts of the jobs it was asked about, and of its own duties.

Everything else an operator watches is read from the database (`review_api.metrics`). A denial
leaves no row, so nothing but the process that gave it knows of it. A restart begins at zero.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from access.admission import Denied
from access.desk import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from access.ending import Ended

ANSWERS: Final = "fairuse_admissions_total"
WAITS: Final = "fairuse_admission_seconds"
DUTIES: Final = "fairuse_duties_total"
OVERDUE: Final = "fairuse_cases_overdue"
FAILED_DUTIES: Final = "fairuse_failed_duties_total"
SLOWED: Final = "fairuse_requests_slowed_total"
SHUT_OUT: Final = "fairuse_sign_ins_refused_total"
REFUSED: Final = "refused"
UNANSWERED: Final = "unanswered"
# The aim is 25 milliseconds; the last is where nobody waits any longer.
BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 4.0)

MEANING: Final[Mapping[str, str]] = {
    ANSWERS: "Answers about jobs: the mode admitted, why not, how one ended, or that it was wrong.",
    WAITS: "How long an answer about a job took, as a histogram.",
    DUTIES: "What the server did by itself: decisions carried out, lapses noted and the like.",
    OVERDUE: "Undecided cases past their due time, when the server last looked.",
    FAILED_DUTIES: "Turns of such a duty that failed; each is tried again.",
    SLOWED: "Requests that were refused because their caller or address asked too often.",
    SHUT_OUT: "Sign-ins to the console that were refused.",
}


class Served:
    """The figures of this process, in a registry of their own."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._answers = Counter(ANSWERS, MEANING[ANSWERS], ["outcome"], registry=self._registry)
        self._waits = Histogram(WAITS, MEANING[WAITS], registry=self._registry, buckets=BUCKETS)

        self._duties = Counter(DUTIES, MEANING[DUTIES], ["duty"], registry=self._registry)
        self._overdue = Gauge(OVERDUE, MEANING[OVERDUE], registry=self._registry)
        self._failed = Counter(
            FAILED_DUTIES, MEANING[FAILED_DUTIES], ["duty"], registry=self._registry
        )

        self._slowed = Counter(SLOWED, MEANING[SLOWED], ["by"], registry=self._registry)
        self._shut_out = Counter(SHUT_OUT, MEANING[SHUT_OUT], ["way"], registry=self._registry)

    def count_slowed(self, by: Literal["caller", "address"]) -> None:
        """Count a request that came too often, by whose pace it was."""
        self._slowed.labels(by=by).inc()

    def count_shut_out(self, way: Literal["token", "company"]) -> None:
        """Count a sign-in that was refused, by the way it was tried."""
        self._shut_out.labels(way=way).inc()

    def note_overdue(self, cases: int) -> None:
        """Note how many cases are late."""
        self._overdue.set(cases)

    def count_duty(self, duty: str, done: int | None) -> None:
        """Count what a duty did in one turn; None if it failed."""
        if done is None:
            self._failed.labels(duty=duty).inc()
        else:
            self._duties.labels(duty=duty).inc(done)

    def count(self, outcome: str, seconds: float) -> None:
        """Count one answer and how long it took."""
        self._answers.labels(outcome=outcome).inc()
        self._waits.observe(seconds)

    def show(self) -> bytes:
        """Write the figures in Prometheus's text format."""
        return generate_latest(self._registry)


def outcome_of(reply: Answer | Ended) -> str:
    """Name what became of a job, in one word of few."""
    if not isinstance(reply, Answer):
        return reply.kind
    outcome = reply.outcome
    return outcome.reason if isinstance(outcome, Denied) else outcome.mode
