"""`Idempotency-Key` for routes that change something: a router takes `OnceRoute` and `once`.

The dependency looks for an answer in the route's own transaction, before anything is done; the
route keeps its answer in that transaction, before it commits.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Header, Request, Response
from fastapi.routing import APIRoute
from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from review_api.dependencies import AnyCaller, Now, WriteSession  # noqa: TC001 - FastAPI reads it
from review_api.kept_answers import KEY_LENGTH, KeptAnswer, answer_before

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from datetime import datetime

    from sqlalchemy.orm import Session

Key = Annotated[
    Annotated[str, Field(min_length=1, max_length=KEY_LENGTH, pattern=r"^[\x21-\x7e]+$")]
    | SkipJsonSchema[None],
    Header(
        alias="Idempotency-Key",
        description="A word of the caller's: the same request with it is done once in 24 hours.",
    ),
]


class _AnsweredBefore(Exception):  # noqa: N818 - no error: the answer is there
    def __init__(self, kept: KeptAnswer) -> None:
        super().__init__()
        self.status, self.content = kept.status, kept.content


@dataclass(frozen=True, slots=True)
class _Keeping:
    """Under what an answer is to be kept, and in which transaction."""

    session: Session
    caller: str
    key: str
    asked: str
    at: datetime

    def keep(self, response: Response) -> None:
        self.session.add(
            KeptAnswer(
                caller=self.caller,
                key=self.key,
                asked=self.asked,
                at=self.at,
                status=response.status_code,
                content=bytes(response.body),
            )
        )


def once(
    request: Request, caller: AnyCaller, session: WriteSession, now: Now, key: Key = None
) -> None:
    """Answer what was answered before under this key; else note that the answer is to be kept."""
    if key is None:
        return
    asked = request.state.asked
    kept = answer_before(session, caller.name, key, asked, now)
    if kept is not None:
        raise _AnsweredBefore(kept)
    request.state.keeping = _Keeping(session, caller.name, key, asked, now)


class OnceRoute(APIRoute):
    """A route whose answers are kept for who sends a key."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        answer = super().get_route_handler()

        async def handler(request: Request) -> Response:
            request.state.asked = _hash_of(request, await request.body())
            try:
                response = await answer(request)
            except _AnsweredBefore as before:
                return _again(before)
            keeping: _Keeping | None = getattr(request.state, "keeping", None)
            if keeping is not None:
                keeping.keep(response)
            return response

        return handler


def _again(before: _AnsweredBefore) -> Response:
    kind = "application/json" if before.content else None
    return Response(before.content, before.status, {"Idempotency-Replayed": "true"}, kind)


def _hash_of(request: Request, body: bytes) -> str:
    head = f"{request.method} {request.url.path}?{request.url.query}\n"
    return hashlib.sha256(head.encode() + body).hexdigest()
