from __future__ import annotations

import asyncio
import threading

import pytest
from sqlalchemy.exc import IntegrityError, OperationalError

from review_api import counter as counters
from review_api.counter import Counter


async def ask_all(counter, *asked):
    return await asyncio.gather(*map(counter.ask, asked), return_exceptions=True)


def run(counter, *asked):
    return asyncio.run(ask_all(counter, *asked))


def test_everybody_gets_their_own_answer():
    counter = Counter(lambda batch: [2 * asked for asked in batch])
    assert run(counter, *range(500)) == [2 * asked for asked in range(500)]


def test_what_comes_while_a_batch_is_at_work_is_one_batch():
    sizes, first_came, go_on = [], threading.Event(), threading.Event()

    def answer(batch):
        sizes.append(len(batch))
        first_came.set()
        go_on.wait(10)
        return batch

    async def story():
        counter = Counter(answer, hands=1)
        first = asyncio.ensure_future(counter.ask("first"))
        await asyncio.to_thread(first_came.wait, 10)
        later = [asyncio.ensure_future(counter.ask(number)) for number in range(20)]
        await asyncio.sleep(0)
        go_on.set()
        await asyncio.gather(first, *later)

    asyncio.run(story())
    assert sizes == [1, 20]


def test_an_error_of_one_is_the_answer_of_one():
    counter = Counter(lambda batch: [ValueError(each) if each == 3 else each for each in batch])
    answers = run(counter, *range(5))
    assert [each for each in answers if isinstance(each, int)] == [0, 1, 2, 4]
    assert isinstance(answers[3], ValueError)


def test_a_row_the_database_refuses_is_found_and_holds_nobody_else_up():
    def answer(batch):
        if 7 in batch:
            raise IntegrityError("insert", {}, Exception("a fork"))
        return batch

    answers = run(Counter(answer), *range(20))
    assert isinstance(answers[7], IntegrityError)
    assert [each for each in answers if each != answers[7]] == [*range(7), *range(8, 20)]


def test_a_database_that_does_not_answer_is_everybodys_answer_at_once():
    calls = []

    def answer(batch):
        calls.append(batch)
        raise OperationalError("select", {}, Exception("nobody there"))

    answers = run(Counter(answer, hands=1), *range(20))
    assert all(isinstance(each, OperationalError) for each in answers)
    assert sum(map(len, calls)) == 20


def test_who_must_be_asked_again_is_asked_again():
    tries = []

    def answer(batch):
        tries.extend(batch)
        return [each if tries.count(each) > 2 else None for each in batch]

    assert run(Counter(answer), "a", "b") == ["a", "b"]


def test_nobody_waits_longer_than_anybody_should(monkeypatch):
    monkeypatch.setattr(counters, "PATIENCE_SECONDS", 0.05)
    counter = Counter(lambda batch: [None] * len(batch))
    (answer,) = run(counter, "held")
    assert isinstance(answer, TimeoutError)


def test_who_gave_up_is_asked_about_no_more(monkeypatch):
    monkeypatch.setattr(counters, "PATIENCE_SECONDS", 0.05)
    asked = []

    def answer(batch):
        asked.append(list(batch))
        return [None] * len(batch)

    run(Counter(answer), "held")
    seen = len(asked)
    threading.Event().wait(0.1)
    assert len(asked) <= seen + 1


def test_a_batch_never_exceeds_its_limit():
    sizes = []

    def answer(batch):
        sizes.append(len(batch))
        return batch

    run(Counter(answer), *range(1000))
    assert max(sizes) <= counters.MOST


@pytest.mark.parametrize("hands", [1, 2])
def test_asks_from_many_loops_are_answered_in_their_own(hands):
    counter, answers = Counter(lambda batch: [-each for each in batch], hands=hands), {}

    def visitor(number):
        answers[number] = run(counter, number)

    threads = [threading.Thread(target=visitor, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert answers == {number: [-number] for number in range(8)}


def test_a_batch_answered_in_part_is_an_error_for_all_and_the_counter_goes_on():
    def answer(batch):
        return batch[1:] if "wrong" in batch else batch

    counter = Counter(answer)
    assert isinstance(run(counter, "wrong")[0], ValueError)
    assert run(counter, "right") == ["right"]
