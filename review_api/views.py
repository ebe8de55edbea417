"""Saved views: a person's filters of the queue under a name; a lead's may be everybody's."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, or_, select

from review_api.errors import BadRequestError, NotAllowedError, ViewNotFoundError
from review_api.queue_records import VIEW_NAME_LENGTH, SavedView

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

VIEWS_AT_MOST: Final = 50


@dataclass(frozen=True, slots=True)
class ViewRequest:
    """What a person wants to keep: filters as they stand in an address, checked by the caller."""

    name: str
    filters: Mapping[str, Any]
    shared: bool = False


def save_view(
    session: Session,
    request: ViewRequest,
    *,
    owner: str,
    now: datetime,
    chance: Callable[[int], str] = secrets.token_hex,
) -> SavedView:
    """Keep a view; one of the same name by the same person is replaced."""
    name = request.name.strip()
    if not name or len(name) > VIEW_NAME_LENGTH:
        raise BadRequestError(f"name: a view needs one of 1 to {VIEW_NAME_LENGTH} characters")
    mine = select(SavedView).where(SavedView.owner == owner)
    view = session.scalars(mine.where(SavedView.name == name)).one_or_none()
    if view is None:
        if (
            session.scalar(select(func.count()).select_from(mine.subquery())) or 0
        ) >= VIEWS_AT_MOST:
            raise BadRequestError(f"you keep {VIEWS_AT_MOST} views: delete one first")
        view = SavedView(id=chance(8), owner=owner, name=name, created_at=now)
        session.add(view)
    view.filters, view.shared = dict(request.filters), request.shared
    session.flush()
    return view


def views_of(session: Session, owner: str) -> Sequence[SavedView]:
    """Give a person's own views and those that are everybody's, by name."""
    seen = select(SavedView).where(or_(SavedView.owner == owner, SavedView.shared.is_(True)))
    return session.scalars(seen.order_by(SavedView.name, SavedView.id).limit(200)).all()


def delete_view(session: Session, view_id: str, *, by: str, for_others: bool = False) -> SavedView:
    """Forget a view; only its owner may, or `for_others` where it is everybody's."""
    view = session.get(SavedView, view_id)
    if view is None or (view.owner != by and not view.shared):
        raise ViewNotFoundError(f"there is no view {view_id}")
    if view.owner != by and not for_others:
        raise NotAllowedError(f"{view.owner} keeps this view, and may delete it")
    session.delete(view)
    session.flush()
    return view
