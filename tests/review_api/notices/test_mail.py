from __future__ import annotations

import smtplib
import socket
import ssl
import threading
from contextlib import contextmanager
from email import message_from_bytes, policy

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from review_api.notices.errors import BadMailServerError
from review_api.notices.letters import Letter
from review_api.notices.mail import MailCarrier, MailServer, write_mail
from review_api.notices.vocabulary import AttemptResult
from tests.review_api.notices.certificate import make_certificate
from tests.review_api.notices.receivers import parcel
from tests.verdicts import MONDAY

FROM = "fair-use@platform.example"


class Box:
    """Takes letters, or answers a recipient or a letter with what it was told to say."""

    def __init__(self, at_recipient=None, at_letter=None):
        self.letters = []
        self.at_recipient, self.at_letter = at_recipient, at_letter

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if self.at_recipient:
            return self.at_recipient
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        if self.at_letter:
            return self.at_letter
        self.letters.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@contextmanager
def mail_server(box, **how):
    """Run a real SMTP server for a while; gives its port."""
    controller = Controller(box, hostname="127.0.0.1", port=free_port(), **how)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def carry(url, sent=None, *, seconds=20.0, context=None):
    carrier = MailCarrier(MailServer.at(url, FROM), seconds, context)
    return carrier.carry(sent or parcel(), MONDAY)


def test_a_letter_arrives_as_plain_text_named_after_its_notice():
    box = Box()
    body = "It is paused.\n\n<b>really</b> \N{SNOWMAN}\n.\nA line that is a dot.\n"
    with mail_server(box) as port:
        letter = Letter("Your quota \N{SNOWMAN} is paused", body)
        attempted = carry(f"smtp+plain://127.0.0.1:{port}", parcel(letter=letter))
    assert attempted.result is AttemptResult.DELIVERED
    (mail,) = box.letters
    assert (mail["to"], mail["from"]) == ("ana@example.org", FROM)
    assert mail["subject"] == "Your quota \N{SNOWMAN} is paused"
    assert mail["message-id"] == "<n1@platform.example>"
    assert mail["auto-submitted"] == "auto-generated"
    assert mail.get_content_type() == "text/plain"
    assert mail.get_content().replace("\r\n", "\n") == body


def test_nothing_a_subject_says_becomes_a_header():
    sent = parcel(letter=Letter("x\r\nBcc: all@example.org", "y"))
    assert MailCarrier(MailServer.at("smtp://h", FROM)).carry(sent, MONDAY).result == "refused"
    assert write_mail(parcel(), MailServer.at("smtp://h", FROM).sender, MONDAY)["bcc"] is None


@pytest.mark.parametrize(
    ("said", "result"),
    [
        ("550 no such mailbox", AttemptResult.REFUSED),
        ("450 the mailbox is busy", AttemptResult.FAILED),
    ],
)
@pytest.mark.parametrize("place", ["at_recipient", "at_letter"])
def test_what_the_server_says_for_good_stops_and_the_rest_is_tried_again(place, said, result):
    with mail_server(Box(**{place: said})) as port:
        attempted = carry(f"smtp+plain://127.0.0.1:{port}")
    assert (attempted.result, attempted.status) == (result, int(said[:3]))
    assert said[4:] in attempted.answer


def test_a_server_that_is_down_or_silent_or_drips_is_a_failure_in_bounded_time():
    assert carry(f"smtp+plain://127.0.0.1:{free_port()}").result is AttemptResult.FAILED
    for drips in (False, True):
        with silent_server(drips=drips) as port:
            attempted = carry(f"smtp+plain://127.0.0.1:{port}", seconds=0.3)
        assert attempted.result is AttemptResult.FAILED


@contextmanager
def silent_server(*, drips):
    """Take a connection and say nothing, or a letter now and then and never a line."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def talk():
            connection, _ = listener.accept()
            with connection:
                while not over.wait(0.05):
                    try:
                        connection.sendall(b"2" if drips else b"")
                    except OSError:
                        return

        thread = threading.Thread(target=talk)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            over.set()
            thread.join(20)


def test_without_starttls_nothing_is_sent_where_it_was_asked_for():
    box = Box()
    with mail_server(box) as port:
        attempted = carry(f"smtp://127.0.0.1:{port}")
    assert attempted.result is AttemptResult.FAILED
    assert box.letters == []


def let_in(server, session, envelope, mechanism, given):
    right = isinstance(given, LoginPassword) and given == LoginPassword(b"ana@x", b"p@ss:word")
    return AuthResult(success=right, handled=False)


def test_it_signs_in_under_tls_with_a_certificate_that_is_checked(tmp_path):
    certificate = make_certificate(tmp_path, "127.0.0.1")
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(*certificate)
    trusting = ssl.create_default_context(cafile=certificate[0])
    box = Box()
    how = {"tls_context": server, "require_starttls": True, "authenticator": let_in,
           "auth_required": True}  # fmt: skip
    with mail_server(box, **how) as port:
        place = f"127.0.0.1:{port}"
        right = f"smtp://ana%40x:p%40ss%3Aword@{place}"
        assert carry(right, context=trusting).result is AttemptResult.DELIVERED
        wrong = carry(f"smtp://ana%40x:wrong@{place}", context=trusting)
        assert (wrong.result, wrong.status) == (AttemptResult.FAILED, 535)
        assert carry(right).result is AttemptResult.FAILED
    assert len(box.letters) == 1


def test_it_speaks_tls_from_the_start(tmp_path):
    certificate = make_certificate(tmp_path, "127.0.0.1")
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(*certificate)
    trusting = ssl.create_default_context(cafile=certificate[0])
    box = Box()
    with mail_server(box) as plain:
        assert carry(f"smtps://127.0.0.1:{plain}", seconds=1.0).result is AttemptResult.FAILED
    with tls_server(box, server) as port:
        assert carry(f"smtps://127.0.0.1:{port}", context=trusting).result == "delivered"


@contextmanager
def tls_server(box, context):
    controller = Controller(box, hostname="127.0.0.1", port=free_port(), ssl_context=context)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


WRONG = [
    ("http://mail.example", FROM, "must be smtp://"),
    ("smtp://", FROM, "must be smtp://"),
    ("smtp://mail.example/box", FROM, "must be smtp://"),
    ("smtp://mail.example:mail", FROM, "no port"),
    ("smtp://mail.example", "", "no e-mail address"),
    ("smtp://mail.example", "ana", "no e-mail address"),
    ("smtp://mail.example", "ana@example.org\r\nBcc: x@y", "no e-mail address"),
]


@pytest.mark.parametrize(("url", "sender", "said"), WRONG)
def test_a_mail_server_that_cannot_be_used_is_refused(url, sender, said):
    with pytest.raises(BadMailServerError, match=said):
        MailServer.at(url, sender)


def test_a_password_is_never_shown():
    assert "secret" not in repr(MailServer.at("smtp://ana:secret@mail.example", FROM))


def test_the_ports_are_those_that_mail_is_handed_in_at():
    ports = [MailServer.at(f"{scheme}://h", FROM).port for scheme in ("smtp", "smtps")]
    assert ports == [587, smtplib.SMTP_SSL_PORT]
