"""A client of the review API for programs that review: read, claim, decide, with typed answers.

Every call ends in time, and every change carries an `Idempotency-Key`: what breaks on the way is
sent again and done once. Threads may share a client. It needs the extra `client` and no server.
"""

from __future__ import annotations

import secrets
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import quote, urlencode

import msgspec

from access.calling import TimelyCaller
from access.errors import AccessUnreachableError
from review_api.client_answers import Appeal, Case, Claim, Decision, Event, Page, Problem
from review_api.client_errors import CallRefusedError, ConflictError, ServerUnreachableError
from review_api.vocabulary import OUTCOME_OF, choice_of
from streams.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from access.calling import Reply
    from review_api.client_answers import QueuedCase
    from review_api.vocabulary import CaseStatus, ReasonCode, Ruled
    from streams.clock import Clock

T = TypeVar("T")
PAGE: Final = 100
_GOOD: Final = 2
_REFUSED: Final = 4


class ReviewClient:
    """Speaks to the server at `url` with a token of a role that may do what is asked.

    Everything raises `CallRefusedError` when the server says no, `ConflictError` among them, and
    `ServerUnreachableError` when it does not answer within `seconds`.
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        seconds: float = 10.0,
        clock: Clock | None = None,
        chance: Callable[[], str] = secrets.token_urlsafe,
    ) -> None:
        headers = {"Authorization": f"Bearer {token.strip()}", "Content-Type": "application/json"}
        self._caller = TimelyCaller(url, headers, seconds, clock or SystemClock())
        self._chance = chance

    def cases(
        self, *, status: CaseStatus | None = None, kind: str | None = None
    ) -> Iterator[QueuedCase]:
        """Give the queue, the most urgent first, a page at a time as it is asked for."""
        asked = {"status": status, "kind": kind, "limit": PAGE}
        cursor: str | None = None
        while True:
            query = urlencode({k: v for k, v in (asked | {"cursor": cursor}).items() if v})
            page = self._read(f"/v1/cases?{query}", Page)
            yield from page.items
            cursor = page.next_cursor
            if cursor is None:
                return

    def case(self, case_id: str) -> Case:
        """Read one case."""
        return self._read(_path(case_id), Case)

    def claim(self, case_id: str) -> Claim:
        """Take the case, or go on holding it."""
        return self._change(f"{_path(case_id)}/claim", Claim)

    def heartbeat(self, claim: Claim) -> Claim:
        """Say that somebody is still there."""
        return self._of_claim(claim, "heartbeat", Claim)

    def extend(self, claim: Claim) -> Claim:
        """Keep the case for longer than a heartbeat does."""
        return self._of_claim(claim, "extend", Claim)

    def hand_over(self, claim: Claim, to: str) -> Claim:
        """Give the case to another person who may decide it."""
        return self._of_claim(claim, "hand-over", Claim, to=to)

    def release(self, claim: Claim) -> None:
        """Let go of the case."""
        self._of_claim(claim, "release", type(None))

    def decide(
        self,
        case: Case,
        reason: ReasonCode,
        rationale: str,
        *,
        answer: str = "",
        checklist: Mapping[str, Ruled] | None = None,
    ) -> Decision:
        """Decide as the reason says, on the case as it was read; an uphold needs `checklist`."""
        ruling: dict[str, object] = {
            "choice": choice_of(reason),
            "outcome": OUTCOME_OF[reason],
            "reason_code": reason,
            "rationale": rationale,
            "version": case.version,
            "answer": answer,
        }
        if checklist is not None:
            ruling["checklist"] = dict(checklist)
        return self._change(f"{_path(case.case_id)}/decisions", Decision, ruling)

    def undo(self, case_id: str) -> Decision:
        """Take back a decision that is not carried out yet."""
        return self._change(f"{_path(case_id)}/decisions/undo", Decision)

    def note(self, case: Case, words: str) -> Event:
        """Write something down for the next reviewer."""
        return self._step(case, "notes", words)

    def ask_customer(self, case: Case, words: str) -> Event:
        """Ask the customer for what is not known."""
        return self._step(case, "questions", words)

    def extend_pause(self, case: Case, words: str) -> Event:
        """Let the pause wait longer for its review."""
        return self._step(case, "extensions", words)

    def escalate(self, case: Case, words: str) -> Event:
        """Hand the case to the leads."""
        return self._step(case, "escalations", words)

    def appeal(self, account_id: str, pause: str, words: str) -> Appeal:
        """Contest a pause, by its case or reference, in the customer's words."""
        body = {"account_id": account_id, "pause": pause, "words": words}
        return self._change("/v1/appeals", Appeal, body)

    def close(self) -> None:
        """Close the connections."""
        self._caller.close()

    def _step(self, case: Case, what: str, words: str) -> Event:
        body = {"words": words, "version": case.version}
        return self._change(f"{_path(case.case_id)}/{what}", Event, body)

    def _of_claim(self, claim: Claim, verb: str, shape: type[T], **more: str) -> T:
        path = f"{_path(claim.case_id)}/claim/{verb}"
        return self._change(path, shape, {"token": claim.token, **more})

    def _read(self, path: str, shape: type[T]) -> T:
        return self._call("GET", path, shape, None, {})

    def _change(self, path: str, shape: type[T], body: Mapping[str, object] | None = None) -> T:
        content = None if body is None else msgspec.json.encode(body)
        return self._call("POST", path, shape, content, {"Idempotency-Key": self._chance()})

    def _call(
        self,
        verb: str,
        path: str,
        shape: type[T],
        content: bytes | None,
        headers: Mapping[str, str],
    ) -> T:
        try:
            reply = self._caller.call(verb, path, content, headers)
        except AccessUnreachableError as error:
            raise ServerUnreachableError(str(error)) from error
        if reply.status // 100 == _REFUSED:
            raise _refusal(reply)
        if reply.status // 100 != _GOOD:
            raise ServerUnreachableError(f"{path} was answered with {reply.status}")
        return _decoded(reply.content or b"null", shape)


def _path(case_id: str) -> str:
    return f"/v1/cases/{quote(case_id, safe='')}"


def _refusal(reply: Reply) -> CallRefusedError:
    try:
        problem = _decoded(reply.content, Problem)
    except ServerUnreachableError:
        problem = Problem(detail="the server refused the call")
    kind = ConflictError if reply.status == HTTPStatus.CONFLICT else CallRefusedError
    return kind(reply.status, problem)


def _decoded(content: bytes, shape: type[T]) -> T:
    try:
        return msgspec.json.decode(content, type=shape)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ServerUnreachableError(f"the answer cannot be read: {error}") from error
