"""What changes, for the pages that are open: `live.js` marks the lines it is about."""

from __future__ import annotations

from fastapi import APIRouter

from review_api.console.visitors import (
    AnySession,
    AnyVisitor,
    ConsoleParts,
    signed_in,
)
from review_api.dependencies import AppParts
from review_api.feed import EventStream

router = APIRouter()


@router.get("/events", response_class=EventStream)
def get_events(
    _visitor: AnyVisitor, session: AnySession, console: ConsoleParts, parts: AppParts
) -> EventStream:
    """Listen to changes of cases for as long as the session lasts."""

    def still_allowed() -> None:
        signed_in(session, console, parts, parts.clock.now())

    return EventStream(parts.feed.stream(still_allowed))
