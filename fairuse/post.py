"""Opens the post office that the settings name: templates, webhook, mail server.

What is wrong with any of them is said at the start, naming the setting; nothing is contacted here.
"""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fairuse.errors import WrongInputError
from fairuse.settings import PREFIX
from fairuse.wiring import read_offers
from review_api.notices.errors import BadMailServerError, BadTemplateError, BadWebhookError
from review_api.notices.letters import Stationery
from review_api.notices.mail import MailCarrier, MailServer
from review_api.notices.post import PostOffice
from review_api.notices.vocabulary import Channel
from review_api.notices.webhooks import Receiver, WebhookCarrier

if TYPE_CHECKING:
    from fairuse.settings import Settings
    from review_api.notices.parcels import Carrier
    from streams.clock import Clock

_SETTING: Final = {
    BadTemplateError: "notice_templates",
    BadWebhookError: "webhook_url",
    BadMailServerError: "mail_server",
}


def open_post(settings: Settings, clock: Clock) -> PostOffice:
    """Give what the relay delivers with; `WrongInputError` if a setting cannot be used."""
    key = settings.session_key.get_secret_value()
    try:
        return PostOffice(
            chance=secrets.SystemRandom().random,
            carriers=_carriers(settings, clock),
            stationery=stationery(settings),
            secret=key.encode(),
            public_url=settings.public_url,
        )
    except tuple(_SETTING) as error:
        name = f"{PREFIX}{_SETTING[type(error)]}".upper()
        raise WrongInputError(f"{name}: {error}") from error


def stationery(settings: Settings) -> Stationery:
    """Give what letters are written on; `BadTemplateError` if a template is wrong."""
    folder = settings.notice_templates
    return Stationery(
        directory=Path(folder) if folder else None,
        zone=read_offers(settings).zone,
        contact=settings.support_contact,
        # A link is sealed with the key of all servers and leads to where customers reach them.
        links=bool(settings.session_key.get_secret_value() and settings.public_url),
    )


def _carriers(settings: Settings, clock: Clock) -> dict[Channel, Carrier]:
    carriers: dict[Channel, Carrier] = {}
    if settings.webhook_url:
        signs = tuple(settings.webhook_secret.get_secret_value().split())
        receiver = Receiver(settings.webhook_url, signs, settings.webhook_plain)
        carriers[Channel.WEBHOOK] = WebhookCarrier(receiver, clock)
    if address := settings.mail_server.get_secret_value():
        if not settings.session_key.get_secret_value():
            raise WrongInputError(
                f"{PREFIX}SESSION_KEY: e-mail needs it, since it seals customers' addresses"
            )
        carriers[Channel.EMAIL] = MailCarrier(MailServer.at(address, settings.mail_from))
    return carriers
