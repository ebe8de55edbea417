"""The version 1 API of models and of the promise to honest customers; both only read."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from review_api.audit import write_audit
from review_api.dependencies import AppParts, CaseReader, Now, WriteSession, authenticated
from review_api.model_schemas import ModelsOut, PromiseOut
from review_api.monitors.overview import models_now
from review_api.monitors.promise import promise_of
from review_api.routes import ALWAYS
from review_api.vocabulary import AuditAction

router = APIRouter(
    prefix="/v1", tags=["models"], dependencies=[Depends(authenticated)], responses=ALWAYS
)


@router.get("/models")
def get_models(caller: CaseReader, session: WriteSession, now: Now, parts: AppParts) -> ModelsOut:
    """List the models: stages, why, the gate's checks, last night's figures, what happened."""
    found = models_now(session, parts.shelf, parts.policy, now)
    write_audit(session, caller, AuditAction.MODELS_READ, now)
    return ModelsOut.of(found)


@router.get("/promise")
def get_promise(caller: CaseReader, session: WriteSession, now: Now, parts: AppParts) -> PromiseOut:
    """Say whether the promise to honest customers is in doubt, and what audits say of it."""
    promise = promise_of(session, parts.policy)
    write_audit(session, caller, AuditAction.PROMISE_READ, now)
    return PromiseOut.of(promise)
