from __future__ import annotations

import base64
import json

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from review_api.notices.errors import BadWebhookError
from review_api.notices.vocabulary import AttemptResult
from review_api.notices.webhooks import Receiver, WebhookCarrier, body_of
from streams.clock import SystemClock
from tests.review_api.notices.receivers import OTHER, SECRET, parcel
from tests.servers import answer, closed_port, served
from tests.verdicts import MONDAY

CLOCK = SystemClock()


def carry(url, secrets=(SECRET,), seconds=20.0, path="/hook?x=1"):
    carrier = WebhookCarrier(Receiver(url + path, secrets), CLOCK, seconds)
    try:
        return carrier.carry(parcel(), CLOCK.now())
    finally:
        carrier.close()


def verify(request, secret):
    _, _, headers, body = request
    Webhook(secret).verify(body_of(parcel()), headers)
    return body


def test_a_webhook_is_signed_as_the_standard_has_it_and_verifies():
    with served(answer(204, content=b"")) as server:
        assert carry(server.url).result is AttemptResult.DELIVERED
        (request,) = server.requests
    assert request[:2] == ("POST", "/hook?x=1")
    assert request[2]["webhook-id"] == "n1"
    assert request[2]["content-type"] == "application/json"
    body = verify(request, SECRET)
    assert body["type"] == "notice.paused"
    assert body["data"]["text"] == "Hello,\n\nit is.\n"
    assert body["data"]["account_id"] == "acc_1"
    with pytest.raises(WebhookVerificationError):
        verify(request, OTHER)


def test_while_secrets_change_both_count():
    with served(answer(200, {})) as server:
        carry(server.url, (OTHER, SECRET))
        (request,) = server.requests
    assert verify(request, SECRET) == verify(request, OTHER)


def test_the_signature_is_that_of_the_standards_own_example():
    # From the specification's repository: its reference test vector.
    carrier = WebhookCarrier(
        Receiver("https://a.example/", ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",)), CLOCK
    )
    at = MONDAY.fromtimestamp(1614265330, MONDAY.tzinfo)
    headers = carrier.headers_of("msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}', at)
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


ANSWERS = [
    (200, AttemptResult.DELIVERED),
    (302, AttemptResult.FAILED),
    (400, AttemptResult.FAILED),
    (401, AttemptResult.FAILED),
    (410, AttemptResult.REFUSED),
    (429, AttemptResult.FAILED),
    (500, AttemptResult.FAILED),
]


@pytest.mark.parametrize(("status", "result"), ANSWERS)
def test_what_the_receiver_says_decides(status, result):
    with served(answer(status, content=b"said")) as server:
        attempted = carry(server.url)
    assert (attempted.result, attempted.status, attempted.answer) == (result, status, "said")


def test_a_redirect_is_not_followed():
    def serve(connection, request):
        moved = f"Location: {elsewhere.url}/\r\n\r\n".encode()
        connection.sendall(answer(302, content=b"").removesuffix(b"\r\n") + moved)

    with served(answer(200, {})) as elsewhere, served(serve) as server:
        assert carry(server.url).status == 302
        assert elsewhere.requests == []


def test_a_receiver_that_is_down_or_silent_is_a_failure_in_bounded_time():
    assert carry(closed_port()).result is AttemptResult.FAILED
    with served(lambda _connection, _request: None) as server:
        silent = carry(server.url, seconds=0.3)
    assert (silent.result, silent.status) == (AttemptResult.FAILED, None)


def test_of_a_long_answer_only_the_beginning_is_read():
    with served(answer(500, content=b"x" * 9_000_000)) as server:
        assert 4096 <= len(carry(server.url).answer) < 100_000


def test_the_statement_travels_with_the_notice():
    said = json.loads(body_of(parcel(statement={"reference": "r"}, status_page="https://s")))
    assert said["data"]["statement"] == {"reference": "r"}
    assert said["data"]["status_page"] == "https://s"


SHORT = "whsec_" + base64.b64encode(b"short").decode()
WRONG = [
    ("http://platform.example/hook", SECRET, "must be https"),
    ("ftp://platform.example/hook", SECRET, "must be https"),
    ("https:///hook", SECRET, "must be https"),
    ("https://ana:pass@platform.example/", SECRET, "without a user"),
    ("https://platform.example/", "", "whsec_"),
    ("https://platform.example/", "whsec_%%%", "whsec_"),
    ("https://platform.example/", SHORT, "24 to 64 bytes"),
    ("https://platform.example/", SECRET.removeprefix("whsec_"), "whsec_"),
]


@pytest.mark.parametrize(("url", "secret", "said"), WRONG)
def test_an_address_or_a_secret_that_cannot_be_used_is_refused(url, secret, said):
    with pytest.raises(BadWebhookError, match=said) as raised:
        Receiver(url, tuple(secret.split()))
    assert not secret or secret not in str(raised.value)


def test_http_elsewhere_takes_a_word_of_the_operator():
    assert Receiver("http://platform.example/hook", (SECRET,), plain=True)


def test_a_secret_is_never_shown():
    assert SECRET not in repr(Receiver("https://platform.example/", (SECRET,)))
