"""Talks to the company's identity provider: discovery, keys, and a code for an ID token.

Authorization code flow with PKCE (RFC 7636) and OpenID Connect Discovery 1.0. Every call has one
deadline and is made once; who cannot be reached becomes `ProviderSilentError`, a page in words.
"""

from __future__ import annotations

import base64
import hashlib
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote_plus, urlencode, urlsplit

import msgspec
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from access.calling import TimelyCaller
from access.errors import AccessUnreachableError
from review_api.errors import NotAuthenticatedError, ProviderSilentError
from review_api.identity import Expected, Identity, RoleRules, read_identity

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from streams.clock import Clock

SECONDS: Final = 5.0
"""Longest wait for one answer of the provider."""

KEPT_SECONDS: Final = 3600.0
"""How long the provider's addresses and keys are believed."""

RENEWED_SECONDS: Final = 30.0
"""Keys are asked for again when one is unknown, but no more often than this."""

_FORM: Final = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
_OK: Final = 200


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """Which provider, who we are to it, and what its claims mean to us."""

    issuer: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    name_claim: str = "email"
    scopes: str = "openid email profile"
    rules: RoleRules = field(default_factory=RoleRules)


@dataclass(frozen=True, slots=True)
class Question:
    """One sign-in on its way: where the answer comes to, and three words that only we know."""

    redirect_uri: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class _Known:
    authorization: str
    token: str
    jwks: str
    secret_in_body: bool
    keys: KeySet
    at: float


class Provider:
    """One identity provider. Threads may share it; what it published is kept for an hour."""

    def __init__(self, settings: ProviderSettings, clock: Clock) -> None:
        self.settings = settings
        self._clock = clock
        self._lock = threading.Lock()
        self._known: _Known | None = None
        self._silent_until = 0.0

    def address_for(self, question: Question) -> str:
        """Give the provider's page that a person is sent to."""
        challenge = hashlib.sha256(question.verifier.encode()).digest()
        query = {
            "response_type": "code",
            "client_id": self.settings.client_id,
            "redirect_uri": question.redirect_uri,
            "scope": self.settings.scopes,
            "state": question.state,
            "nonce": question.nonce,
            "code_challenge": base64.urlsafe_b64encode(challenge).decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        address = self._published().authorization
        return f"{address}{'&' if urlsplit(address).query else '?'}{urlencode(query)}"

    def identity_for(self, code: str, question: Question, now: datetime) -> Identity:
        """Turn the code that a person came back with into who they are."""
        token = self._token(code, question)
        expected = Expected(
            self.settings.issuer, self.settings.client_id, question.nonce, self.settings.name_claim
        )
        try:
            return self._read(token, expected, now)
        except JoseError as error:
            raise NotAuthenticatedError(
                "the company's sign-in gave a token that nobody we trust has signed"
            ) from error

    def _read(self, token: str, expected: Expected, now: datetime) -> Identity:
        known = self._published()
        try:
            return read_identity(token, known.keys, expected, now)
        except JoseError:
            # Signed with a key that came after we asked for them: ask again, but not for ever.
            if self._clock.monotonic() - known.at < RENEWED_SECONDS:
                raise
            return read_identity(token, self._published(anew=True).keys, expected, now)

    def _token(self, code: str, question: Question) -> str:
        known, settings = self._published(), self.settings
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": question.redirect_uri,
            "code_verifier": question.verifier,
        }
        headers = dict(_FORM)
        if settings.client_secret and not known.secret_in_body:
            # RFC 6749, section 2.3.1: both parts are encoded as in a form first.
            pair = f"{quote_plus(settings.client_id)}:{quote_plus(settings.client_secret)}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        else:
            form["client_id"] = settings.client_id
            if settings.client_secret:
                form["client_secret"] = settings.client_secret
        status, said = self._call("POST", known.token, headers, urlencode(form).encode())
        token = said.get("id_token")
        if status != _OK or not isinstance(token, str):
            raise NotAuthenticatedError("the company's sign-in took too long, or was used twice")
        return token

    def _published(self, *, anew: bool = False) -> _Known:
        with self._lock:
            known = self._known
            now = self._clock.monotonic()
            if not anew and known and now - known.at < KEPT_SECONDS:
                return known
            # Whoever waited here while it was silent does not wait for it again.
            if now < self._silent_until:
                raise ProviderSilentError("the company's sign-in does not answer now")
            try:
                self._known = self._discover()
            except ProviderSilentError:
                self._silent_until = self._clock.monotonic() + SECONDS
                raise
            return self._known

    def _discover(self) -> _Known:
        issuer = self.settings.issuer
        said = self._get(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        if said.get("issuer") != issuer:
            raise ProviderSilentError(f"the provider at {issuer} says that it is another")
        try:
            methods = said.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
            return _Known(
                authorization=_checked(said["authorization_endpoint"], issuer),
                token=_checked(said["token_endpoint"], issuer),
                jwks=_checked(said["jwks_uri"], issuer),
                secret_in_body="client_secret_basic" not in methods,
                keys=KeySet.import_key_set(self._get(said["jwks_uri"])),  # type: ignore[arg-type]
                at=self._clock.monotonic(),
            )
        except (KeyError, TypeError, ValueError, JoseError) as error:
            raise ProviderSilentError(
                f"the provider at {issuer} publishes nothing that can be read"
            ) from error

    def _get(self, url: str) -> Mapping[str, Any]:
        status, said = self._call("GET", url, {"Accept": "application/json"})
        if status != _OK:
            raise ProviderSilentError(f"the provider at {self.settings.issuer} answered {status}")
        return said

    def _call(
        self, verb: str, url: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> tuple[int, Mapping[str, Any]]:
        parts = urlsplit(url)
        caller = TimelyCaller(f"{parts.scheme}://{parts.netloc}", headers, SECONDS, self._clock)
        path = parts._replace(scheme="", netloc="").geturl()
        try:
            reply = caller.call(verb, path, body, again=False)
            said = msgspec.json.decode(reply.content)
        except AccessUnreachableError as error:
            raise ProviderSilentError("the company's sign-in does not answer now") from error
        except msgspec.MsgspecError as error:
            raise ProviderSilentError(
                "the company's sign-in answers in no words we know"
            ) from error
        finally:
            caller.close()
        return reply.status, said if isinstance(said, dict) else {}


def _checked(url: str, issuer: str) -> str:
    """Refuse an address in the clear from an issuer that is not."""
    if not url.startswith(issuer[: issuer.index("://") + 3]):
        raise ValueError(url)
    return url
