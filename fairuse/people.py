"""Who may use the console and the APIs: what the settings say, and the verbs that change it."""

from __future__ import annotations

import getpass
import ipaddress
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from access.database import writers
from fairuse.errors import WrongInputError
from fairuse.progress import give_facts
from fairuse.wiring import open_database, reading
from review_api.audit import write_audit
from review_api.errors import BadRequestError
from review_api.identity import RoleRules
from review_api.people import add_person, disable_person, people
from review_api.provider import ProviderSettings
from review_api.tokens import Caller, issue_token, revoke_tokens, tokens
from review_api.vocabulary import AuditAction, Role
from streams.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from fairuse.settings import Settings
    from review_api.person_records import Person
    from review_api.records import ApiToken


def provider_of(settings: Settings) -> ProviderSettings | None:
    """Give the company's identity provider, None if none is set; `WrongInputError` if half is."""
    if not settings.oidc_issuer:
        return None
    if not settings.oidc_client_id:
        raise WrongInputError("FAIRUSE_OIDC_CLIENT_ID: the issuer is set and this is not")
    if not _private(settings.oidc_issuer):
        raise WrongInputError("FAIRUSE_OIDC_ISSUER: an issuer elsewhere is reached by https://")
    return ProviderSettings(
        issuer=settings.oidc_issuer,
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret.get_secret_value(),
        name_claim=settings.oidc_name_claim,
        scopes=settings.oidc_scopes,
        rules=RoleRules(settings.oidc_role_claim, _roles(settings)),
    )


def put_person(settings: Settings, name: str, role: Role, *, as_json: bool) -> None:
    """Add a person, or change one's role, and print what is stored."""
    with _changing(settings) as (session, now):
        person = add_person(session, name, role, now)
        _note(session, AuditAction.PERSON_CHANGED, f"{person.name} is {role}", now)
        session.flush()
        shown = _person(person)
    give_facts(shown, as_json=as_json)


def stop_person(settings: Settings, name: str, *, as_json: bool) -> None:
    """Disable a person with their tokens, and print what is stored."""
    with _changing(settings) as (session, now):
        person = disable_person(session, name, now)
        _note(session, AuditAction.PERSON_CHANGED, f"{person.name} is disabled", now)
        shown = _person(person)
    give_facts(shown, as_json=as_json)


def list_people(settings: Settings, *, as_json: bool) -> None:
    """Print everybody."""
    with reading(settings) as session:
        give_facts({"people": [_person(each) for each in people(session)]}, as_json=as_json)


def make_token(
    settings: Settings, name: str, role: Role, *, days: float | None, as_json: bool
) -> None:
    """Make a token and print it, once."""
    with _changing(settings) as (session, now):
        ends = now + timedelta(days=days) if days else None
        made = issue_token(session, name, role, now, expires_at=ends)
        _note(session, AuditAction.TOKENS_CHANGED, f"a token of {name}, {role}", now)
    facts: dict[str, object] = {"name": name, "role": role.value, "token": made}
    give_facts(facts | ({"expires_at": ends} if ends else {}), as_json=as_json)


def end_tokens(settings: Settings, name: str, *, as_json: bool) -> None:
    """Revoke every token of a name, and print how many there were."""
    with _changing(settings) as (session, now):
        many = revoke_tokens(session, name, now)
        if not many:
            raise WrongInputError(f"{name} has no token that could be revoked")
        _note(session, AuditAction.TOKENS_CHANGED, f"{many} tokens of {name} revoked", now)
    give_facts({"name": name, "revoked": many}, as_json=as_json)


def list_tokens(settings: Settings, *, as_json: bool) -> None:
    """Print every token that was ever made, never the token itself."""
    now = SystemClock().now()
    with reading(settings) as session:
        give_facts({"tokens": [_token(each, now) for each in tokens(session)]}, as_json=as_json)


def _person(person: Person) -> dict[str, object]:
    return {
        "name": person.name,
        "role": person.role.value,
        "signed_in_once": person.subject is not None,
        "disabled_at": person.disabled_at,
    }


def _token(token: ApiToken, now: datetime) -> dict[str, object]:
    over = token.revoked_at or token.expires_at
    return {
        "name": token.name,
        "role": token.role.value,
        "created_at": token.created_at,
        "last_used_on": token.last_used_on,
        "ends_at": over,
        "valid": over is None or over > now,
    }


def _private(issuer: str) -> bool:
    """Whether nobody in between can read or answer what the issuer is asked."""
    parts = urlsplit(issuer)
    if parts.scheme == "https":
        return True
    try:
        return ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return parts.hostname == "localhost"


def _roles(settings: Settings) -> Mapping[str, Role]:
    found = {}
    for pair in filter(None, (each.strip() for each in settings.oidc_roles.split(","))):
        value, _, role = pair.rpartition("=")
        people_roles = set(Role) - {Role.SERVICE}
        if not value or role not in people_roles:
            raise WrongInputError(
                f"FAIRUSE_OIDC_ROLES: {pair!r} is not VALUE=ROLE; "
                f"roles are {', '.join(sorted(people_roles))}"
            )
        found[value.strip()] = Role(role)
    if bool(found) is not bool(settings.oidc_role_claim):
        raise WrongInputError("FAIRUSE_OIDC_ROLES and FAIRUSE_OIDC_ROLE_CLAIM go together")
    return found


def _note(session: Session, action: AuditAction, detail: str, now: datetime) -> None:
    write_audit(session, Caller(getpass.getuser(), Role.ADMIN), action, now, detail=detail)


@contextmanager
def _changing(settings: Settings) -> Iterator[tuple[Session, datetime]]:
    engine = open_database(settings)
    try:
        with writers(engine).begin() as session:
            yield session, SystemClock().now()
    except BadRequestError as refusal:
        raise WrongInputError(str(refusal)) from refusal
    finally:
        engine.dispose()
