"""The platform's client and the real server, over a real socket."""

from __future__ import annotations

from contextlib import closing
from decimal import Decimal

import pytest

from access.booking import Booked, book_all
from access.client import AccessClient
from access.database import open_engine
from access.errors import AccessRefusedError
from access.platform_events import read_event
from access.vocabulary import DenialReason, JobMode, Queue, Wish
from review_api.app import create_app
from review_api.tokens import issue_token
from review_api.vocabulary import Role
from streams.clock import ManualClock
from tests.access.platform import CATALOGUE, Platform
from tests.chromium import served
from tests.house import House
from tests.servers import closed_port
from tests.verdicts import DAY, MONDAY, payload


@pytest.fixture
def platform(database):
    made = Platform(database)
    made.say("started", "pro", at=MONDAY - 3 * DAY)
    return made


@pytest.fixture
def token(database):
    with database.writers.begin() as session:
        return issue_token(session, "platform", Role.SERVICE, MONDAY)


@pytest.fixture
def url(database):
    with served(create_app(database.engine, ManualClock(MONDAY))) as address:
        yield address


def calling(url, token):
    # Two shared cores: a test waits longer for an answer than a gateway would.
    return closing(AccessClient(url, token, seconds=20))


@pytest.fixture
def client(url, token):
    with calling(url, token) as made:
        yield made


def test_a_job_is_admitted_and_charged_what_it_used(client, platform):
    decision = client.admit("acc_1", "j1", "reel-3", seconds=8)
    assert (decision.admitted, decision.by_default) == (True, False)
    assert (decision.mode, decision.queue) == (JobMode.QUOTA, Queue.BASIC)
    assert decision.units == 2
    assert decision.turn is not None
    client.settle(decision.admission_id, 1.5)
    client.settle(decision.admission_id, 1.5)
    assert platform.used() == Decimal("1.5")
    assert client.defaults == 0


def test_a_job_that_failed_costs_nothing(client, platform):
    before = platform.balance()
    decision = client.admit("acc_1", "j1", "reel-3", seconds=8, mode=Wish.CREDITS)
    assert decision.queue == Queue.PRIORITY
    assert platform.balance() == before - 2
    client.release(decision.admission_id)
    assert platform.balance() == before


def test_a_job_asked_about_twice_is_one_job(client, platform):
    first, second = (client.admit("acc_1", "j1", "reel-3", seconds=4) for _ in range(2))
    assert second.admission_id == first.admission_id
    assert platform.used() == 1


def test_a_paused_customer_is_told_so_and_goes_on_with_credits(client, platform, database):
    House(database).take(payload())
    denied = client.admit("acc_1", "j1", "reel-3", seconds=4)
    assert (denied.admitted, denied.reason) == (False, DenialReason.QUOTA_PAUSED)
    assert denied.still_works == ("credits",)
    assert denied.retry_at == MONDAY + 3 * DAY
    access = client.access("acc_1")
    assert access.paused
    assert access.pause.until == denied.retry_at
    assert access.still_works == ("credits",)
    assert client.admit("acc_1", "j1", "reel-3", seconds=4, mode=Wish.EITHER).mode == "credits"


def test_calls_that_are_wrong_are_refused_with_what_is_wrong(client, platform, url):
    wrong = [
        (422, lambda: client.admit("acc_1", "j1", "no-such-model")),
        (422, lambda: client.admit("", "j1", "reel-3", seconds=4)),
        (422, lambda: client.admit("acc_1", "j1", "reel-3", seconds=-1)),
        (404, lambda: client.settle("none")),
        (
            409,
            lambda: client.settle(client.admit("acc_1", "j2", "reel-3", seconds=4).admission_id, 9),
        ),
    ]
    for status, call in wrong:
        with pytest.raises(AccessRefusedError) as caught:
            call()
        assert caught.value.status == status
    with calling(url, "wrong") as nobody, pytest.raises(AccessRefusedError, match="401"):
        nobody.admit("acc_1", "j3", "reel-3", seconds=4)
    with pytest.raises(AccessRefusedError, match=r"body\.account_id"):
        client.admit("", "j1", "reel-3", seconds=4)
    assert client.defaults == 0


def test_a_server_whose_database_is_silent_stops_nobody():
    engine = open_engine(closed_port().replace("http", "postgresql") + "/x")
    app = create_app(engine, ManualClock(MONDAY))
    with served(app) as address, calling(address, "any") as client:
        decision = client.admit("acc_1", "j1", "reel-3", seconds=4)
    assert (decision.admitted, decision.by_default) == (True, True)


def event(kind, number):
    return read_event(
        {
            "event_id": f"e{number}",
            "type": f"generation.{kind}",
            "occurred_at": MONDAY,
            "account_id": "acc_1",
            "job_id": "j1",
            "mode": "quota",
            "model": "reel-3",
            "media": "video",
            "units": 2,
        }
    )


@pytest.mark.parametrize("heard", [False, True])
def test_what_ran_by_default_is_booked_once_from_its_events(heard, client, token, platform):
    # Either the server never heard of the job, or only its answer was lost.
    if heard:
        client.admit("acc_1", "j1", "reel-3", seconds=8)
    with calling(closed_port(), token) as cut_off:
        assert cut_off.admit("acc_1", "j1", "reel-3", seconds=8).by_default
    for _ in range(2):
        with platform.database.writers.begin() as session:
            events = [event("requested", 1), event("completed", 2)]
            booked = book_all(session, events, CATALOGUE, MONDAY)
        assert all(isinstance(each, Booked) for each in booked)
    assert platform.used() == 2
