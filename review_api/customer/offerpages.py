"""What is offered, as a page, and the two files that every page of ours asks for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from fastapi import APIRouter, Response
from fastapi.responses import FileResponse
from starlette.exceptions import HTTPException

from access.capacity import at_most, capacity_of
from access.vocabulary import Media
from review_api.console.app import STATIC as CONSOLE_STATIC
from review_api.customer.pages import page
from review_api.dependencies import AppParts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from access.plans import Model

READ: Final = ["GET", "HEAD"]
FILES: Final[Mapping[str, Path]] = {
    "customer.css": Path(__file__).parent / "static" / "customer.css",
    "palette.css": CONSOLE_STATIC / "palette.css",
    "mark.svg": CONSOLE_STATIC / "mark.svg",
}

# A plan is sold by the first two of these that there are; the table below says the rest.
SOLD_BY: Final = (Media.VIDEO, Media.IMAGE, Media.LIPSYNC, Media.AGENT)

router = APIRouter()


@router.api_route("/plans", methods=READ)
def get_plans_page(parts: AppParts) -> Response:
    """Show plans, what a month of each makes, and what a job costs."""
    catalogue = parts.catalogue
    capacities = {plan.name: capacity_of(catalogue, plan) for plan in catalogue.plans.values()}
    by_media: dict[Media, list[Model]] = {}
    for model in catalogue.models.values():
        by_media.setdefault(model.media, []).append(model)
    return page(
        "plans.html",
        catalogue=catalogue,
        plans=list(catalogue.plans.values()),
        capacities=capacities,
        most={name: at_most(each) for name, each in capacities.items()},
        sold_by=[media for media in SOLD_BY if media in by_media][:2],
        models_by_media=by_media,
        fastest=max(plan.ladder[-1].factor for plan in catalogue.plans.values()),
    )


@router.api_route("/pages/{file}", methods=READ)
def get_file(file: str) -> Response:
    """Give a style sheet or the mark."""
    if file not in FILES:
        raise HTTPException(404)
    return FileResponse(FILES[file])
