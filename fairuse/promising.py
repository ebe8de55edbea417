"""What `fairuse promise` prints and writes down, straight in the database.

Whoever can open the database is taken for an admin; the audit log keeps the name they give.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from access.database import readers, writers
from fairuse.errors import WrongInputError
from fairuse.progress import give_facts
from fairuse.wiring import open_database, review_policy
from review_api.audit import write_audit
from review_api.errors import ReviewError
from review_api.model_schemas import PromiseChangeOut, PromiseOut
from review_api.monitors.promise import promise_of, trust
from review_api.tokens import Caller
from review_api.vocabulary import AuditAction, Role
from streams.clock import SystemClock

if TYPE_CHECKING:
    from fairuse.settings import Settings


def show_promise(settings: Settings, *, as_json: bool) -> None:
    """Print whether the promise is in doubt, and what audits say of it."""
    engine = open_database(settings)
    try:
        with readers(engine).begin() as session:
            found = PromiseOut.of(promise_of(session, review_policy(settings)))
    finally:
        engine.dispose()
    facts = found.model_dump(mode="json")
    if as_json:
        give_facts(facts, as_json=True)
        return
    change = facts.pop("change") or {"actor": "nobody", "why": "nothing was ever said against it"}
    said = {"said_by": change["actor"], "why": change["why"], "known": _known(found)}
    give_facts(
        {name: fact for name, fact in facts.items() if fact is not None} | said, as_json=False
    )


def trust_promise(settings: Settings, by: str, why: str, *, as_json: bool) -> None:
    """Write down a person's word that the promise may be trusted again, and print it."""
    now = SystemClock().now()
    policy = review_policy(settings)
    engine = open_database(settings)
    try:
        with writers(engine).begin() as session:
            said = PromiseChangeOut.of(trust(session, actor=by, why=why, now=now, policy=policy))
            caller = Caller(by, Role.ADMIN)
            write_audit(session, caller, AuditAction.PROMISE_TRUSTED, now, detail=said.why)
    except ReviewError as refusal:
        raise WrongInputError(str(refusal)) from refusal
    finally:
        engine.dispose()
    give_facts(said.model_dump(mode="json"), as_json=as_json)


def _known(found: PromiseOut) -> str:
    if not found.judged:
        return "nothing yet: no audit of an honest account has been judged"
    return f"{found.wrongful} of {found.judged} audited honest account-months had been paused"
