"""Notices from simulated events to a receiver's hands, as the program itself runs."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import func, select

from access.database import readers, writers
from detectors.verdict import Response
from fairuse.database import migrate
from fairuse.errors import WrongInputError
from fairuse.metrics import Metric
from fairuse.post import open_post
from fairuse.wiring import open_database
from fairuse.work.relay import relay
from fairuse.work.stream import stream
from review_api.intake import intake
from review_api.notices.records import Delivery, Notice
from review_api.notices.statement import state_reasons
from review_api.policy import BreakerPolicy, ReviewPolicy
from streams.clock import SystemClock
from tests.fairuse.world import busy_tables, fill, run_of, settings_in, verdicts_in
from tests.review_api.notices.receivers import SECRET
from tests.review_api.notices.secrecy import assert_tells_nothing_of_how, pinned
from tests.servers import answer, served
from tests.verdicts import MONDAY, payload

FREE = ReviewPolicy(breaker=BreakerPolicy(99, 99, 99))


@pytest.fixture
def world(tmp_path):
    """Give settings over a migrated database, changed by keyword."""

    def changed(**more):
        return settings_in(tmp_path, tmp_path / "registry", **more)

    settings = changed()
    (tmp_path / "var").mkdir()
    migrate(settings.database_url)
    return changed


def pause(settings, *accounts):
    engine = open_database(settings)
    for account in accounts:
        with writers(engine).begin() as session:
            intake(session, payload(account), SystemClock().now(), FREE)
    engine.dispose()


def count(settings, what):
    engine = open_database(settings)
    with readers(engine).begin() as session:
        found = session.scalar(what)
    engine.dispose()
    return found


OPEN = select(func.count(Delivery.id)).where(Delivery.ended_at.is_(None))


def test_the_relay_brings_notices_and_counts_its_attempts(world):
    with served(answer(204, content=b"")) as server:
        settings = world(webhook_url=server.url, webhook_secret=SECRET)
        pause(settings, "acc_1", "acc_2")
        run = run_of(settings)
        assert relay(run) == 2
    told = {body["data"]["account_id"] for *_, body in server.requests}
    assert told == {"acc_1", "acc_2"}
    assert run.metrics.value(Metric.NOTICES, channel="webhook", result="delivered") == 2
    assert count(settings, OPEN) == 0


def test_a_receiver_that_keeps_silent_holds_up_no_topic(world):
    silent = threading.Event()
    with served(lambda _connection, _request: silent.set()) as server:
        settings = world(webhook_url=server.url, webhook_secret=SECRET)
        pause(settings, "acc_1")
        run = run_of(settings, until_end=False)
        worker = threading.Thread(target=relay, args=(run,))
        worker.start()
        assert silent.wait(30)
        pause(settings, "acc_2")
        for _ in range(300):
            if run.metrics.value(Metric.RELAYED) == 2:
                break
            threading.Event().wait(0.1)
        assert run.metrics.value(Metric.RELAYED) == 2
        run.stop.set()
        server.close()
        worker.join(60)
    assert not worker.is_alive()
    assert count(settings, OPEN) == 2


def test_without_a_receiver_letters_are_written_and_nothing_is_sent(world):
    settings = world()
    pause(settings, "acc_1")
    relay(run_of(settings))
    assert count(settings, select(func.count(Notice.number))) == 1
    assert count(settings, select(func.count(Delivery.id))) == 0


WRONG = [
    ({"webhook_url": "http://elsewhere.example/", "webhook_secret": SECRET}, "WEBHOOK_URL"),
    ({"webhook_url": "https://elsewhere.example/"}, "WEBHOOK_URL"),
    ({"mail_server": "smtp://h", "mail_from": "a@b.example"}, "SESSION_KEY"),
    ({"mail_server": "smtp://h", "session_key": "k"}, "MAIL_SERVER"),
    ({"notice_templates": "nowhere"}, "NOTICE_TEMPLATES"),
]


@pytest.mark.parametrize(("given", "name"), WRONG)
def test_what_cannot_be_used_is_named_at_the_start(tmp_path, given, name):
    settings = settings_in(tmp_path, tmp_path, **given)
    with pytest.raises(WrongInputError, match=f"FAIRUSE_{name}"):
        open_post(settings, SystemClock())


def test_real_verdicts_tell_nothing_of_how_they_were_found(tmp_path, registry):
    settings = settings_in(tmp_path, registry)
    fill(settings, busy_tables(40, 20))
    stream(run_of(settings))
    found = [each for each in verdicts_in(settings) if each.response is not Response.NONE]
    assert len({reason.code for each in found for reason in each.reasons}) > 5
    for each in found:
        assert_tells_nothing_of_how(state_reasons(pinned(each, happened=MONDAY)), each)
