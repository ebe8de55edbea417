"""Carries notices to the platform as Standard Webhooks (standardwebhooks.com), signed with v1.

Every secret signs, so that a receiver may change to the next one while both count. Redirects are
not followed: what is signed for one address is not handed to another.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from datetime import UTC
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import msgspec
from standardwebhooks import Webhook

from access.calling import TimelyCaller
from access.errors import AccessUnreachableError
from review_api.notices.errors import BadWebhookError
from review_api.notices.parcels import Attempted
from review_api.notices.vocabulary import AttemptResult

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from review_api.notices.parcels import Parcel
    from streams.clock import Clock

SECONDS: Final = 10.0
HEARD: Final = 4096  # bytes of an answer that are read at all
_PREFIX: Final = "whsec_"
_HERE: Final = frozenset({"127.0.0.1", "::1", "localhost"})
# The standard's sizes of a secret.
_LEAST, _MOST = 24, 64


@dataclass(frozen=True, slots=True)
class Receiver:
    """Where webhooks go and what signs them: `whsec_…`, the newest first.

    Only https is spoken, except on this machine or where `plain` allows http.
    """

    url: str
    secrets: tuple[str, ...] = field(repr=False)
    plain: bool = False

    def __post_init__(self) -> None:
        """Refuse an address or a secret that cannot be used, with `BadWebhookError`."""
        try:
            parts = urlsplit(self.url)
            port = parts.port
        except ValueError:
            raise BadWebhookError("the webhook's address has a port that is none") from None
        if (
            port == 0
            or parts.scheme not in {"http", "https"}
            or not parts.hostname
            or parts.username
        ):
            raise BadWebhookError("the webhook's address must be https://HOST/PATH, without a user")
        if parts.scheme == "http" and not self.plain and parts.hostname not in _HERE:
            raise BadWebhookError(
                f"the webhook's address must be https: {parts.hostname} is not this machine"
            )
        if not self.secrets:
            raise BadWebhookError("the webhook needs a secret: whsec_ and 24 to 64 bytes in base64")
        for secret in self.secrets:
            _check_secret(secret)


class WebhookCarrier:
    """Posts notices to one receiver. Threads may share it."""

    def __init__(self, receiver: Receiver, clock: Clock, seconds: float = SECONDS) -> None:
        parts = urlsplit(receiver.url)
        self._path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._signers = [Webhook(secret) for secret in receiver.secrets]
        headers = {"Content-Type": "application/json", "User-Agent": "fairuse"}
        origin = f"{parts.scheme}://{parts.netloc}"
        self._caller = TimelyCaller(origin, headers, seconds, clock)

    def carry(self, parcel: Parcel, now: datetime) -> Attempted:
        """Post the notice once; any 2xx is a delivery, 410 a refusal for good."""
        body = body_of(parcel)
        try:
            reply = self._caller.call(
                "POST", self._path, body, self.headers_of(parcel.notice_id, body, now), HEARD
            )
        except AccessUnreachableError as error:
            return Attempted(AttemptResult.FAILED, answer=str(error))
        said = reply.content.decode(errors="replace")
        if HTTPStatus.OK <= reply.status < HTTPStatus.MULTIPLE_CHOICES:
            return Attempted(AttemptResult.DELIVERED, reply.status, said)
        gone = reply.status == HTTPStatus.GONE
        return Attempted(
            AttemptResult.REFUSED if gone else AttemptResult.FAILED, reply.status, said
        )

    def headers_of(self, notice_id: str, body: bytes, now: datetime) -> dict[str, str]:
        """Give the standard's three headers for this body at this time."""
        at, said = now.astimezone(UTC), body.decode()
        return {
            "webhook-id": notice_id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": " ".join(
                signer.sign(notice_id, at, said) for signer in self._signers
            ),
        }

    def close(self) -> None:
        """Close every connection."""
        self._caller.close()


def body_of(parcel: Parcel) -> bytes:
    """Give the webhook's body: `type`, `timestamp` of the notice, and `data`."""
    content: Mapping[str, Any] = {
        "type": f"notice.{parcel.occasion}",
        "timestamp": parcel.created_at,
        "data": {
            "notice_id": parcel.notice_id,
            "account_id": parcel.account_id,
            "case_id": parcel.case_id,
            "reference": parcel.reference,
            "occasion": parcel.occasion,
            "subject": parcel.letter.subject,
            "text": parcel.letter.body,
            "status_page": parcel.status_page or None,
            "statement": parcel.statement,
        },
    }
    return msgspec.json.encode(content)


def _check_secret(secret: str) -> None:
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.startswith(_PREFIX) or not _LEAST <= len(key) <= _MOST:
        raise BadWebhookError("a secret of the webhook is not whsec_ and 24 to 64 bytes in base64")
