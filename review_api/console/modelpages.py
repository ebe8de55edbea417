"""The models: who is champion, is the promise kept, what nights find, everything that happened.

A lead may end a doubt here. Models are moved on the command line, where the registry is.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Form, Path, Response
from fastapi.responses import RedirectResponse

from detectors.stages import Stage
from review_api.console.modelparts import HAPPENED_WORDS, STAGE_WORDS, nights_part
from review_api.console.pages import page
from review_api.console.visitors import AnyVisit, FormSender, Visit, signed_in
from review_api.dependencies import AppParts, Parts
from review_api.errors import BadRequestError, ModelNotFoundError, PromiseUnchangedError
from review_api.models import RATIONALE_LENGTH
from review_api.monitors.overview import models_now
from review_api.monitors.promise import trust
from review_api.monitors.shelf import BESIDE, VERSION
from review_api.vocabulary import AuditAction, Permission

router = APIRouter(dependencies=[Depends(signed_in)])

Version = Annotated[str, Path(pattern=f"^{VERSION}$")]
FileName = Annotated[str, Path(pattern=f"^(?:{BESIDE})$")]
Text = Annotated[str, Form()]

# A card brings its own style; it can run nothing, send nothing and load nothing from elsewhere.
CARD_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
_TYPES: Final = {
    "html": "text/html; charset=utf-8",
    "svg": "image/svg+xml",
    "md": "text/plain; charset=utf-8",
    "json": "application/json",
}


@router.get("/models")
def get_models(visit: AnyVisit, parts: AppParts) -> Response:
    """Show the models and the promise."""
    return _show(visit, parts)


@router.post("/models/trust")
def post_trust(visit: AnyVisit, _sender: FormSender, parts: AppParts, why: Text = "") -> Response:
    """End the doubt, for a reason."""
    visit.visitor.caller.require(Permission.SET_STANDING)
    words = why.replace("\r\n", "\n").replace("\x00", "").strip()
    if len(words) > RATIONALE_LENGTH:
        fault = f"Keep the reason within {RATIONALE_LENGTH:,} characters."
        return _show(visit, parts, HTTPStatus.UNPROCESSABLE_ENTITY, fault, words)
    who = visit.visitor.caller.name
    try:
        trust(visit.session, actor=who, why=words, now=visit.now, policy=visit.policy)
    except (BadRequestError, PromiseUnchangedError) as refusal:
        return _show(visit, parts, refusal.status, f"{refusal}.", words)
    visit.note(AuditAction.PROMISE_TRUSTED, detail=words)
    home = visit.request.scope["root_path"]
    return RedirectResponse(f"{home}/models", HTTPStatus.SEE_OTHER)


@router.get("/models/{version}/{name}")
def get_beside(visit: AnyVisit, parts: AppParts, version: Version, name: FileName) -> Response:
    """Give a file that is kept beside a model: its card, a plot of it, or what the gate said."""
    content = parts.shelf.beside(version, name)
    if content is None:
        raise ModelNotFoundError(f"there is no {name} of model {version} here")
    visit.note(AuditAction.MODELS_READ, detail=f"{version}: {name}")
    kind = _TYPES[name.rpartition(".")[2]]
    return Response(content, media_type=kind, headers={"Content-Security-Policy": CARD_POLICY})


def _show(
    visit: Visit,
    parts: Parts,
    answer: HTTPStatus = HTTPStatus.OK,
    fault: str = "",
    typed: str = "",
) -> Response:
    models = models_now(visit.session, parts.shelf, visit.policy, visit.now)
    visit.note(AuditAction.MODELS_READ)
    return page(
        visit.request,
        "models.html",
        answer,
        visitor=visit.visitor,
        now=visit.now,
        shown=models,
        champion=models.at_stage(Stage.CHAMPION),
        challenger=models.at_stage(Stage.CHALLENGER),
        nights=nights_part(models, visit.now),
        stage_words=STAGE_WORDS,
        happened_words=HAPPENED_WORDS,
        fault=fault,
        typed=typed,
    )
