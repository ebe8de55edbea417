"""The version 1 API of what is offered: plans, models, packs."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from review_api.dependencies import AccessReader, AppParts, authenticated
from review_api.plan_schemas import PlansOut
from review_api.routes import ALWAYS

router = APIRouter(prefix="/v1/plans", dependencies=[Depends(authenticated)], responses=ALWAYS)


@router.get("", tags=["plans"])
def get_plans(_caller: AccessReader, parts: AppParts) -> PlansOut:
    """Show the plans, what a month of each makes of every model, and what each model costs."""
    return PlansOut.of(parts.catalogue)
