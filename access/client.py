"""The platform's client: asks before a job whether it may run, and says how it ended.

An answer is needed before every job, so one that does not come in time is given by default: the
job is admitted, unless `paused` knows better (`access.mirror.PauseMirror`). Such a job is booked
later from its events, once, by its `job_id`. Threads may share a client.
"""

from __future__ import annotations

import threading
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, Literal, TypeVar
from urllib.parse import quote

import msgspec

from access.answers import AccountAccess, Decision, Problem
from access.calling import TimelyCaller
from access.errors import AccessRefusedError, AccessUnreachableError
from access.units import units as to_units
from access.vocabulary import DenialReason, Entitlement, JobMode, Media, Queue, Wish
from streams.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from decimal import Decimal

    from access.calling import Reply
    from streams.clock import Clock

__all__ = ["UNREACHABLE", "AccessClient", "AccountAccess", "Decision"]

UNREACHABLE: Final = "unreachable"
_SENTENCES: Final = {
    DenialReason.QUOTA_PAUSED: (
        "Your monthly quota is paused for a review by a person. Your credits work as always."
    ),
    UNREACHABLE: "Your job cannot be started right now. Please try again in a moment.",
}
# Of 4xx, what a proxy in between says when the server is slow or busy: the call is not wrong.
_REFUSED: Final = 4
_PASSING: Final = frozenset({408, 425, 429})

T = TypeVar("T")
_JSON: Final = msgspec.json.Encoder(decimal_format="number")


class AccessClient:
    """Asks the server at `url` with a token of the role service.

    Every call ends after `seconds`. `when_unreachable` says what `admit` answers then, and
    `paused` whether an account's monthly quota is known to be paused.
    """

    def __init__(  # noqa: PLR0913 - all that may be chosen, by name
        self,
        url: str,
        token: str,
        *,
        seconds: float = 0.25,
        when_unreachable: Literal["admit", "deny"] = "admit",
        paused: Callable[[str], bool] | None = None,
        clock: Clock | None = None,
    ) -> None:
        headers = {"Authorization": f"Bearer {token.strip()}", "Content-Type": "application/json"}
        self._caller = TimelyCaller(url, headers, seconds, clock or SystemClock())
        self._admits = when_unreachable == "admit"
        self._paused = paused
        self._lock = threading.Lock()
        self._defaults = 0

    @property
    def defaults(self) -> int:
        """How many decisions were given by default since the client was made: for a metric."""
        return self._defaults

    def admit(  # noqa: PLR0913 - all that may be said of a job
        self,
        account_id: str,
        job_id: str,
        model: str,
        *,
        mode: Wish | None = None,
        media: Media | None = None,
        seconds: float | None = None,
        resolution: str | None = None,
        feature: str | None = None,
        count: int = 1,
        units: Decimal | float | None = None,
    ) -> Decision:
        """Ask whether the job may run; asked again, the same job gets the same answer.

        Raises `AccessRefusedError` if the call is wrong, `BadAmountError` if `units` are none;
        nothing else.
        """
        exact = None if units is None else to_units(units)
        asked = {
            "account_id": account_id,
            "job_id": job_id,
            "model": model,
            "mode": mode,
            "media": media,
            "seconds": seconds,
            "resolution": resolution,
            "feature": feature,
            "count": count,
            "units": exact,
        }
        try:
            return self._call("POST", "/v1/admissions", Decision, asked)
        except AccessUnreachableError:
            with self._lock:
                self._defaults += 1
            return self._by_default(account_id, mode, exact)

    def settle(self, admission_id: str | None, units: Decimal | float | None = None) -> None:
        """Say that the job ran, and what it used if not all that was reserved.

        None, as a decision by default has it, is nothing to settle. Raises `AccessRefusedError`
        and `AccessUnreachableError`; say it again after the latter.
        """
        if admission_id is not None:
            exact = None if units is None else to_units(units)
            self._end(admission_id, "settle", {"units": exact})

    def release(self, admission_id: str | None) -> None:
        """Say that the job did not run, or failed: all that was reserved is returned.

        Takes and raises what `settle` does.
        """
        if admission_id is not None:
            self._end(admission_id, "release", {})

    def refund(self, admission_id: str | None) -> None:
        """Give back what a settled job was charged; takes and raises what `settle` does."""
        if admission_id is not None:
            self._end(admission_id, "refund", {})

    def access(self, account_id: str) -> AccountAccess:
        """Ask what the account may use now; raises what `settle` does."""
        return self._call("GET", f"/v1/access/{quote(account_id, safe='')}", AccountAccess)

    def close(self) -> None:
        """Close the connections."""
        self._caller.close()

    def _end(self, admission_id: str, how: str, said: Mapping[str, object]) -> None:
        path = f"/v1/admissions/{quote(admission_id, safe='')}/{how}"
        self._call("POST", path, msgspec.Raw, said)

    def _call(
        self, verb: str, path: str, shape: type[T], body: Mapping[str, object] | None = None
    ) -> T:
        content = None if body is None else _JSON.encode(body)
        reply = self._caller.call(verb, path, content)
        if reply.status // 100 == _REFUSED and reply.status not in _PASSING:
            raise _refusal(reply)
        if reply.status != HTTPStatus.OK:
            raise AccessUnreachableError(f"{path} was answered with {reply.status}")
        return _read(reply, shape)

    def _by_default(self, account_id: str, wish: Wish | None, units: Decimal | None) -> Decision:
        if not self._admits:
            return _denied(UNREACHABLE)
        # Nobody's credits are spent without being asked for: no wish is the quota.
        mode = JobMode.CREDITS if wish is Wish.CREDITS else JobMode.QUOTA
        if mode is JobMode.QUOTA and self._paused is not None and self._paused(account_id):
            if wish is not Wish.EITHER:
                return _denied(DenialReason.QUOTA_PAUSED)
            mode = JobMode.CREDITS
        queue = Queue.PRIORITY if mode is JobMode.CREDITS else Queue.BASIC
        return Decision(
            admitted=True, mode=mode, queue=queue, speed=1.0, units=units, by_default=True
        )


def _denied(reason: str) -> Decision:
    still = (Entitlement.CREDITS,) if reason == DenialReason.QUOTA_PAUSED else None
    return Decision(
        admitted=False,
        reason=reason,
        sentence=_SENTENCES[reason],
        still_works=still,
        by_default=True,
    )


def _refusal(reply: Reply) -> AccessRefusedError:
    try:
        problem = _read(reply, Problem)
    except AccessUnreachableError:
        return AccessRefusedError(reply.status, "the server refused the call")
    faults = tuple((fault.field, fault.problem) for fault in problem.faults)
    return AccessRefusedError(reply.status, problem.detail, faults)


def _read(reply: Reply, shape: type[T]) -> T:
    try:
        return msgspec.json.decode(reply.content, type=shape)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise AccessUnreachableError(f"the answer cannot be read: {error}") from error
