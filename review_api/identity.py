"""What a company's identity provider says of a person, checked: OpenID Connect Core 1.0.

Values in, values out: `review_api.provider` asks for the token, this reads it. Every claim that
section 3.1.3.7 of the standard asks to check is checked here.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwt import JWTClaimsRegistry

from review_api.errors import NotAuthenticatedError
from review_api.vocabulary import Role

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from joserfc.jwk import KeySet

# Signatures with the issuer's public key; never `none`, never one made with our own secret.
ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384")

LEEWAY_SECONDS: Final = 60
"""How far the provider's clock may be from ours."""

_RANK: Final = (Role.ADMIN, Role.LEAD, Role.REVIEWER, Role.VIEWER)


@dataclass(frozen=True, slots=True)
class Identity:
    """A company account: who vouches for it, what it is called, and what else is said of it."""

    subject: str
    name: str
    claims: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RoleRules:
    """Which claim tells a person's role, and which of its values means which.

    Without a claim the table of people tells. A claim inside others is named with dots.
    """

    claim: str = ""
    roles: Mapping[str, Role] = field(default_factory=dict)

    def role_of(self, identity: Identity) -> Role | None:
        """Give the highest role that the claim tells; None if it tells none."""
        said = _within(identity.claims, self.claim)
        values = said if isinstance(said, list) else [said]
        meant = {self.roles.get(value) for value in values if isinstance(value, str)}
        return next((role for role in _RANK if role in meant), None)


@dataclass(frozen=True, slots=True)
class Expected:
    """What an ID token has to say, and which claim holds the name."""

    issuer: str
    client_id: str
    nonce: str
    name_claim: str


def read_identity(token: str, keys: KeySet, expected: Expected, now: datetime) -> Identity:
    """Check an ID token and say whose it is, or raise `NotAuthenticatedError`.

    `joserfc.errors.JoseError` goes through only for a key that is not among `keys`.
    """
    found = jwt.decode(token, keys, algorithms=list(ALGORITHMS))
    claims = found.claims
    try:
        _registry(expected, now).validate(claims)
    except JoseError as error:
        raise NotAuthenticatedError(
            f"the company's sign-in gave a token that is not valid here ({error.error})"
        ) from error
    _check_party(claims, expected.client_id)
    if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), expected.nonce.encode()):
        raise NotAuthenticatedError("the company's sign-in answered another question than ours")
    return Identity(f"{claims['iss']} {claims['sub']}", _name(claims, expected), claims)


def _registry(expected: Expected, now: datetime) -> JWTClaimsRegistry:
    return JWTClaimsRegistry(
        int(now.timestamp()),
        LEEWAY_SECONDS,
        iss={"essential": True, "value": expected.issuer},
        aud={"essential": True, "value": expected.client_id},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
    )


def _check_party(claims: Mapping[str, Any], client_id: str) -> None:
    # A token for several audiences names the one it was issued to.
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    party = claims.get("azp", None if several else client_id)
    if party != client_id:
        raise NotAuthenticatedError("the company's sign-in gave a token for somebody else")


def _name(claims: Mapping[str, Any], expected: Expected) -> str:
    name = claims.get(expected.name_claim)
    if not isinstance(name, str) or not name.strip() or not name.isprintable():
        raise NotAuthenticatedError(
            f"the company's sign-in does not say who you are: it sent no {expected.name_claim}"
        )
    if expected.name_claim == "email" and claims.get("email_verified") is False:
        raise NotAuthenticatedError("the company's sign-in has not verified your e-mail address")
    return name


def _within(claims: Mapping[str, Any], name: str) -> Any:
    """Find a claim by its name, or by a path of names with dots between (Keycloak's roles)."""
    if name in claims:
        return claims[name]
    head, dot, rest = name.partition(".")
    inner = claims.get(head)
    return _within(inner, rest) if dot and isinstance(inner, dict) else None
