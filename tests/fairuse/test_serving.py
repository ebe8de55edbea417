from __future__ import annotations

from fairuse.serving import _console
from fairuse.settings import load_settings


def test_a_session_key_outlives_the_process():
    first, second = (_console(load_settings(session_key="a key")) for _ in range(2))
    assert first.secret == second.secret == b"a key"


def test_without_a_key_no_two_processes_trust_each_others_sessions():
    first, second = (_console(load_settings()) for _ in range(2))
    assert first.secret != second.secret
    assert len(first.secret) >= 32
