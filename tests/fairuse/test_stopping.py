"""A worker that is asked to stop finishes what it holds; asked twice by hand, it just ends."""

from __future__ import annotations

import os
import signal

import pytest

from fairuse.work.following import repeat
from fairuse.work.stopping import stop_when_asked


class Silent:
    def advance(self, amount: int = 1) -> None:
        pass


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_step_in_hand_is_finished(number):
    done = []

    def step() -> int:
        os.kill(os.getpid(), number)
        done.append(1)
        return 1

    with stop_when_asked() as stop:
        assert repeat(step, stop, Silent()) == 1
    assert done == [1]


def interrupt_twice() -> None:
    with stop_when_asked():
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)


def test_a_second_interruption_by_hand_is_obeyed_at_once():
    with pytest.raises(KeyboardInterrupt):
        interrupt_twice()


def test_afterwards_the_signals_mean_what_they_meant():
    before = signal.getsignal(signal.SIGTERM)
    with stop_when_asked():
        assert signal.getsignal(signal.SIGTERM) is not before
    assert signal.getsignal(signal.SIGTERM) is before
