from __future__ import annotations

import threading

import pytest
from sqlalchemy import select, update

from review_api.errors import BadRequestError
from review_api.metrics import read_metrics
from review_api.notices.contacts import forget_contact, keep_contact
from review_api.notices.delivering import deliver
from review_api.notices.letters import STATUS_PAGE, Stationery
from review_api.notices.parcels import Attempted
from review_api.notices.reading import NoticesQuery, notices_of, try_again
from review_api.notices.records import Delivery, Notice, NoticeLetter
from review_api.notices.vocabulary import AttemptResult, Channel
from review_api.status_links import read_link
from tests.review_api.notices.receivers import DOWN, TAKEN, Obedient, Post
from tests.verdicts import DAY, HOUR, MONDAY, payload


@pytest.fixture
def post(database):
    return Post(database)


def views(post, **asked):
    with post.database.readers.begin() as session:
        return notices_of(session, NoticesQuery(**asked))


def state(post):
    (delivery,) = views(post)[-1].deliveries
    return delivery.state


def test_a_notice_is_put_into_words_once_and_leaves_once(house, post):
    house.take(payload())
    assert (post.write(), post.write()) == (1, 0)
    assert (post.carry(), post.carry()) == (1, 0)
    (sent,) = post.carrier.carried
    assert sent.letter.subject.startswith("Your monthly quota is paused")
    assert sent.statement["reference"] == sent.reference
    assert state(post) == "delivered"


def test_a_receiver_that_is_down_for_a_day_loses_nothing_and_keeps_the_order(house, post):
    case_id = house.take(payload()).case_id
    house.decide(case_id, now=MONDAY + HOUR)
    post.carrier.words = [DOWN]
    post.write()
    for _ in range(48):
        post.carry()
        post.write()
        post.clock.advance(1800)
    assert {sent.occasion for sent in post.carrier.carried} == {"paused"}
    assert 20 < len(post.carrier.carried) < 50
    post.carrier.words, post.carrier.carried = [TAKEN], []
    post.clock.advance(3600)
    assert post.carry() == 2
    assert [sent.occasion for sent in post.carrier.carried] == ["paused", "restored"]


def test_one_account_does_not_wait_for_another(house, post):
    house.take(payload())
    house.take(payload("acc_2"))
    post.write()
    post.carrier.words = [DOWN, TAKEN]
    post.carry()
    assert [sent.account_id for sent in post.carrier.carried] == ["acc_1", "acc_2"]


def test_after_three_days_it_is_given_up_and_what_follows_leaves(house, post):
    case_id = house.take(payload()).case_id
    post.write()
    post.carrier.words = [DOWN]
    post.carry()
    post.clock.advance(3 * 86400)
    house.decide(case_id, now=post.clock.now())
    post.write()
    post.carrier.words = [DOWN, TAKEN]
    assert post.carry() == 2
    assert state(post) == "given_up"
    assert post.carrier.carried[-1].occasion == "restored"


def test_what_is_refused_for_good_is_not_tried_again(house, post):
    house.take(payload())
    post.write()
    post.carrier.words = [Attempted(AttemptResult.REFUSED, 410, "gone\x00\n" + "x" * 999)]
    post.carry()
    post.clock.advance(9999)
    assert post.carry() == 0
    assert state(post) == "refused"
    (attempt,) = views(post)[0].deliveries[0].attempts
    assert (attempt.status, len(attempt.answer)) == (410, 200)
    assert attempt.answer.startswith("gone  xxx")


def test_whoever_dies_with_a_delivery_in_hand_has_it_tried_again_under_the_same_id(house, post):
    house.take(payload())
    post.write()

    class Dies(Obedient):
        def carry(self, parcel, now):
            super().carry(parcel, now)
            raise KeyboardInterrupt

    post.carrier = Dies()
    with pytest.raises(KeyboardInterrupt):
        post.carry()
    (first,) = post.carrier.carried
    post.carrier = Obedient()
    assert post.carry() == 0
    post.clock.advance(121)
    assert post.carry() == 1
    assert post.carrier.carried[0].notice_id == first.notice_id


def test_several_relays_share_the_deliveries_and_send_each_once(house, post):
    for number in range(6):
        house.take(payload(f"acc_{number}"), MONDAY + number * HOUR)
    post.clock.advance(6 * 3600)
    post.write()
    gate = threading.Barrier(3)

    def work():
        gate.wait(20)
        for _ in range(8):
            deliver(post.database.writers, post.office, Channel.WEBHOOK, post.clock)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(sent.account_id for sent in post.carrier.carried) == [
        f"acc_{number}" for number in range(6)
    ]


def test_a_lead_has_what_was_given_up_tried_again(house, post):
    house.take(payload())
    post.write()
    post.carrier.words = [Attempted(AttemptResult.REFUSED, 410)]
    post.carry()
    notice_id = views(post)[0].notice.id
    with post.database.writers.begin() as session:
        try_again(session, notice_id, post.clock.now())
    post.carrier.words = [TAKEN]
    assert post.carry() == 1
    assert state(post) == "delivered"
    with post.database.writers.begin() as session, pytest.raises(BadRequestError):
        try_again(session, notice_id, post.clock.now())


def test_notices_from_before_anybody_carried_them_stay_where_they_are(house, post):
    house.take(payload())
    post.clock.advance(3 * 86400)
    assert post.write() == 0


def test_e_mail_goes_only_to_who_has_an_address_and_never_after_it_was_forgotten(house, post):
    post.channel, post.secret = Channel.EMAIL, b"s" * 32
    house.take(payload())
    house.take(payload("acc_2"))
    with post.database.writers.begin() as session:
        keep_contact(session, post.secret, "acc_1", "ana@example.org", MONDAY)
    post.write()
    post.carrier.words = [DOWN]
    post.carry()
    assert [sent.address for sent in post.carrier.carried] == ["ana@example.org"]
    with post.database.writers.begin() as session:
        assert forget_contact(session, "acc_1")
    post.clock.advance(60)
    post.carry()
    assert post.carrier.carried[-1].address == ""


def test_the_link_to_the_status_page_is_in_what_leaves_and_nowhere_at_rest(house, post):
    post.secret, post.stationery = b"s" * 32, Stationery(links=True)
    house.take(payload())
    post.write()
    with post.database.readers.begin() as session:
        assert STATUS_PAGE in session.scalars(select(NoticeLetter.body)).one()
    post.carry()
    (sent,) = post.carrier.carried
    assert sent.status_page in sent.letter.body
    word = sent.status_page.removeprefix("https://fair.example/status/")
    assert read_link(post.secret, word, MONDAY) == "acc_1"


@pytest.mark.parametrize("written", [False, True])
def test_what_was_erased_leaves_no_more_and_holds_up_nobody(house, post, written):
    case_id = house.take(payload()).case_id
    house.take(payload("acc_2"))
    if written:
        post.write()
    with post.database.writers.begin() as session:
        session.execute(
            update(Notice).where(Notice.case_id == case_id).values(facts={}, words="(erased)")
        )
    post.write()
    post.carry()
    assert [sent.account_id for sent in post.carrier.carried] == ["acc_2"]
    assert all(each.ended_at for each in deliveries(post))


def deliveries(post):
    with post.database.readers.begin() as session:
        return session.scalars(select(Delivery)).all()


def test_what_is_not_delivered_shows_in_the_figures(house, post):
    house.take(payload())
    post.clock.advance(600)
    assert figures(post) == (1, 600)
    post.write()
    assert figures(post) == (1, 600)
    post.carry()
    assert figures(post) == (0, 0)


def figures(post):
    with post.database.readers.begin() as session:
        read = read_metrics(session, post.clock.now())
    return read["fairuse_notices_undelivered"], read["fairuse_notices_oldest_seconds"]


def test_an_attempt_that_comes_too_late_changes_nothing_of_what_was_brought(house, post):
    house.take(payload())
    post.write()

    class Late(Obedient):
        def carry(self, parcel, now):
            post.clock.advance(DAY.total_seconds())
            other = Post(post.database, clock=post.clock)
            assert other.carry() == 1
            return DOWN

    post.carrier = Late()
    post.carry()
    assert [a.result for a in views(post)[0].deliveries[0].attempts] == ["delivered", "failed"]
    assert state(post) == "delivered"
    with post.database.readers.begin() as session:
        assert session.scalars(select(Delivery.ended_at)).one() is not None
