"""What changes, as it changes: it says which case to read again, and not what is in it."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter

from review_api.dependencies import (
    AppParts,
    CaseReader,
    Credentials,
)
from review_api.feed import EventStream
from review_api.routes import ALWAYS
from review_api.tokens import recognise

_EVENT: Final = {
    "type": "object",
    "properties": {
        "event": {"type": "string", "enum": ["ready", "case", "bye"]},
        "data": {"type": "string", "description": "JSON."},
        "retry": {"type": "integer"},
    },
}
_OK: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"text/event-stream": {"schema": _EVENT}}}
}

router = APIRouter(prefix="/v1", tags=["cases"], responses=ALWAYS)


@router.get("/cases/events", response_class=EventStream, responses=_OK)
def get_events(parts: AppParts, _caller: CaseReader, credentials: Credentials) -> EventStream:
    """Listen to changes of cases: `ready` first, then a `case` for each, and `bye` at the end.

    What happened while nobody listened is not told: after each `ready`, read the list again.
    """

    def still_allowed() -> None:
        if credentials is not None:
            recognise(parts.readers, parts.writers, credentials.credentials, parts.clock.now())

    return EventStream(parts.feed.stream(still_allowed))
