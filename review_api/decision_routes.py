"""Deciding over the API: restore, uphold or convert, take it back, agree as a second person."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Header
from pydantic.json_schema import SkipJsonSchema

from review_api.audit import write_audit
from review_api.decisions import Ruling, Second, decide, give_second, undo
from review_api.dependencies import AppParts, CaseDecider, Now, WriteSession, authenticated
from review_api.etags import version_meant
from review_api.forms import ConfirmedIn, DecisionIn, SecondIn
from review_api.once import OnceRoute, once
from review_api.problems import documented
from review_api.routes import ALWAYS, CaseId
from review_api.schemas import DecisionOut
from review_api.vocabulary import PERMISSIONS, AuditAction, Permission

CONFLICTS = documented(HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)

router = APIRouter(
    prefix="/v1/cases/{case_id}",
    tags=["cases"],
    route_class=OnceRoute,
    dependencies=[Depends(authenticated), Depends(once)],
    responses=ALWAYS | CONFLICTS,
)


IfMatch = Annotated[
    str | SkipJsonSchema[None],
    Header(description="The ETag of the case as it was read."),
]


@dataclass(frozen=True, slots=True)
class Turn:
    """One change of one case: which, by whom, in which transaction, when, under which rules."""

    case_id: CaseId
    caller: CaseDecider
    session: WriteSession
    now: Now
    parts: AppParts
    if_match: IfMatch = None

    def version(self, named: int | None) -> int:
        """Give the version of the case that the caller has read."""
        return version_meant(named, self.if_match)

    def note(self, action: AuditAction, detail: str) -> None:
        """Write into the audit log what was done."""
        write_audit(
            self.session, self.caller, action, self.now, case_id=self.case_id, detail=detail
        )


AnyTurn = Annotated[Turn, Depends()]


@router.post("/decisions", status_code=HTTPStatus.CREATED)
def post_decision(turn: AnyTurn, body: DecisionIn) -> DecisionOut:
    """Restore, uphold or convert, on the version of the case that was read."""
    ruling = Ruling(
        body.choice,
        body.outcome,
        body.reason_code,
        body.rationale,
        turn.version(body.version),
        body.checklist if isinstance(body, ConfirmedIn) else {},
        body.answer,
    )
    decision = decide(
        turn.session,
        turn.case_id,
        ruling,
        reviewer=turn.caller.name,
        now=turn.now,
        policy=turn.parts.policy,
    )
    turn.note(AuditAction.CASE_DECIDED, f"{body.choice} {body.outcome} {body.reason_code}")
    return DecisionOut.of(decision)


@router.post("/decisions/undo")
def post_undo(turn: AnyTurn) -> DecisionOut:
    """Take back the decision that waits; only who took it may, or a lead."""
    lead = Permission.OVERRIDE in PERMISSIONS[turn.caller.role]
    decision = undo(
        turn.session, turn.case_id, reviewer=turn.caller.name, now=turn.now, for_others=lead
    )
    turn.note(AuditAction.DECISION_UNDONE, decision.choice)
    return DecisionOut.of(decision)


@router.post("/decisions/second")
def post_second(turn: AnyTurn, body: SecondIn) -> DecisionOut:
    """Agree with the decision that waits for a second person, or do not."""
    decision = give_second(
        turn.session,
        turn.case_id,
        Second(body.agrees, body.rationale),
        reviewer=turn.caller.name,
        now=turn.now,
        policy=turn.parts.policy,
    )
    said = "agreed with" if body.agrees else "overruled"
    turn.note(AuditAction.DECISION_SECONDED, f"{said} {decision.choice}")
    return DecisionOut.of(decision)
