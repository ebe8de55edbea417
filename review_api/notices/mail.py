"""Carries notices to customers by e-mail: plain text over SMTP, every wait bounded.

One address says how: `smtp://` upgrades with STARTTLS or does not send, `smtps://` speaks TLS from
the start, `smtp+plain://` neither (for a server on this machine). The certificate is checked.
"""

from __future__ import annotations

import smtplib
import socket
import ssl
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import unquote, urlsplit

from review_api.notices.errors import BadMailServerError
from review_api.notices.parcels import Attempted
from review_api.notices.vocabulary import AttemptResult

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from review_api.notices.parcels import Parcel

SECONDS: Final = 15.0
_PORTS: Final = {"smtp": 587, "smtps": 465, "smtp+plain": 25}
_FOR_GOOD: Final = 500


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed in, and whom it comes from."""

    host: str
    port: int
    sender: Address
    scheme: str = "smtp"
    user: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def at(cls, url: str, sender: str) -> Self:
        """Read `smtp://USER:PASSWORD@HOST:PORT` or raise `BadMailServerError`."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise BadMailServerError("the mail server's port is no port") from None
        if parts.scheme not in _PORTS or not parts.hostname or parts.path.strip("/"):
            raise BadMailServerError("the mail server must be smtp://, smtps:// or smtp+plain://")
        return cls(
            parts.hostname,
            port or _PORTS[parts.scheme],
            address_of(sender),
            parts.scheme,
            unquote(parts.username or ""),
            unquote(parts.password or ""),
        )


def address_of(text: str) -> Address:
    """Read an e-mail address, or raise `BadMailServerError`."""
    try:
        address = Address(addr_spec=text)
    except (MessageError, ValueError, IndexError):
        address = Address()
    if not address.username or not address.domain:
        raise BadMailServerError(f"{text!r} is no e-mail address")
    return address


class MailCarrier:
    """Hands mail in, one connection a letter. Threads may share it."""

    def __init__(
        self,
        server: MailServer,
        seconds: float = SECONDS,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self._server = server
        self._seconds = seconds
        self._context = context or ssl.create_default_context()

    def carry(self, parcel: Parcel, now: datetime) -> Attempted:
        """Hand the letter in once; a 5xx or no address at all is a refusal for good."""
        if not parcel.address:
            return Attempted(AttemptResult.REFUSED, answer="no address is known any more")
        try:
            message = write_mail(parcel, self._server.sender, now)
            with self._connection() as server:
                server.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            ((status, said), *_) = error.recipients.values()
            return _refused(status, said)
        except smtplib.SMTPResponseException as error:
            # What is wrong with us rather than with the letter may be put right in time.
            ours = isinstance(error, smtplib.SMTPAuthenticationError | smtplib.SMTPConnectError)
            answered = _failed if ours else _refused
            return answered(error.smtp_code, error.smtp_error)
        except (smtplib.SMTPException, OSError) as error:
            return Attempted(AttemptResult.FAILED, answer=str(error) or type(error).__name__)
        except (MessageError, ValueError) as error:
            return Attempted(AttemptResult.REFUSED, answer=str(error))
        return Attempted(AttemptResult.DELIVERED, 250)

    def close(self) -> None:
        """Nothing is kept open."""

    @contextmanager
    def _connection(self) -> Iterator[smtplib.SMTP]:
        """Connect, for no longer than twice the time of one wait.

        A server that says a letter now and then would hold every single wait open, not this.
        """
        server, seconds = self._server, self._seconds
        made = (
            smtplib.SMTP_SSL(timeout=seconds, context=self._context)
            if server.scheme == "smtps"
            else smtplib.SMTP(timeout=seconds)
        )
        # What its constructor sets when it connects by itself, which could not be cut short.
        made._host = server.host  # type: ignore[attr-defined]  # noqa: SLF001
        watch = threading.Timer(2 * seconds, _hang_up, [made])
        watch.start()
        try:
            made.connect(server.host, server.port)
            if server.scheme == "smtp":
                made.starttls(context=self._context)
            if server.user:
                made.login(server.user, server.password)
            yield made
        finally:
            watch.cancel()
            _hang_up(made)
            made.close()


def _hang_up(server: smtplib.SMTP) -> None:
    with suppress(OSError, AttributeError):
        server.sock.shutdown(socket.SHUT_RDWR)  # type: ignore[union-attr]


def write_mail(parcel: Parcel, sender: Address, now: datetime) -> EmailMessage:
    """Write the mail: plain text, named after the notice, so that a second copy shows as one."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = address_of(parcel.address)
    message["Subject"] = parcel.letter.subject
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{parcel.notice_id}@{sender.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(parcel.letter.body)
    return message


def _refused(status: int, said: bytes | str) -> Attempted:
    answer = said.decode(errors="replace") if isinstance(said, bytes) else said
    result = AttemptResult.REFUSED if status >= _FOR_GOOD else AttemptResult.FAILED
    return Attempted(result, status, answer)


def _failed(status: int, said: bytes | str) -> Attempted:
    answer = said.decode(errors="replace") if isinstance(said, bytes) else said
    return Attempted(AttemptResult.FAILED, status, answer)
