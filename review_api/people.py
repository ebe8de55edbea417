"""The people who review: who may sign in with a company account, and in which role.

Nobody gets in without a role. It comes from a claim of the company account where one is
configured (`review_api.identity.RoleRules`), and from the table of people otherwise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from access.models import NAME_LENGTH
from review_api.errors import BadRequestError, NotAllowedError, NotAuthenticatedError
from review_api.person_records import Person
from review_api.tokens import Caller, revoke_tokens
from review_api.vocabulary import Role

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from review_api.identity import Identity, RoleRules


def add_person(session: Session, name: str, role: Role, now: datetime) -> Person:
    """Add a person, or give one another role; one who was disabled may sign in again."""
    if role is Role.SERVICE:
        raise BadRequestError("service is the platform's role; a person needs another")
    name = tidy(name)
    if not name or len(name) > NAME_LENGTH or not name.isprintable():
        raise BadRequestError(f"a person's name has 1 to {NAME_LENGTH} printable characters")
    person = session.get(Person, name)
    if person is None:
        person = Person(name=name, role=role, added_at=now)
        session.add(person)
    person.role, person.disabled_at = role, None
    return person


def disable_person(session: Session, name: str, now: datetime) -> Person:
    """Let a person in no more; their sessions and the tokens of their name end at once."""
    person = session.get(Person, tidy(name))
    if person is None:
        raise BadRequestError(f"there is no person {tidy(name)}")
    person.disabled_at = person.disabled_at or now
    revoke_tokens(session, person.name, now)
    return person


def people(session: Session) -> Sequence[Person]:
    """Give everybody, by name."""
    return session.scalars(select(Person).order_by(Person.name)).all()


def welcome(session: Session, identity: Identity, rules: RoleRules, now: datetime) -> Person:
    """Let a company account in, or raise `NotAllowedError` with a sentence for its holder."""
    name = tidy(identity.name)
    person = session.get(Person, name)
    if person is not None and person.disabled_at is not None:
        raise NotAllowedError(f"{name} may not sign in here any more")
    if person is not None and person.subject not in {None, identity.subject}:
        raise NotAllowedError(f"{name} belongs to another company account")
    known = person.role if person else None
    role = rules.role_of(identity) if rules.claim else known
    if role is None:
        raise NotAllowedError(f"{name} has no role here: ask who looks after this console")
    if person is None or person.role is not role:
        person = add_person(session, name, role, now)
    person.subject = identity.subject
    session.flush()
    return person


def person_calling(session: Session, name: str) -> Caller:
    """Say what a signed-in person may do now, or raise `NotAuthenticatedError`."""
    person = session.get(Person, name)
    if person is None or person.disabled_at is not None:
        raise NotAuthenticatedError("you are not signed in, or you may not sign in any more")
    return Caller(person.name, person.role)


def tidy(name: str) -> str:
    """Write a name as it is stored: an e-mail address is the same in capitals."""
    name = name.strip()
    return name.lower() if "@" in name else name
