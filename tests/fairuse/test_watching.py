"""Which detectors only watch: the argument before the setting, and every name a known one."""

from __future__ import annotations

import pytest

from fairuse.errors import WrongInputError
from fairuse.settings import Settings
from fairuse.watching import policy_of


def test_nobody_only_watches_unless_told():
    assert policy_of(Settings()).detect_only == frozenset()


def test_names_come_with_commas_and_any_space():
    policy = policy_of(Settings(detect_only=" metronome ,reselling,, "))
    assert policy.detect_only == {"metronome", "reselling"}


def test_the_argument_stands_before_the_setting():
    settings = Settings(detect_only="all")
    assert policy_of(settings, "no_rest").detect_only == {"no_rest"}
    assert policy_of(settings, "").detect_only == frozenset()


@pytest.mark.parametrize(
    ("setting", "argument", "where"),
    [("aura", None, "FAIRUSE_DETECT_ONLY"), ("all", "aura", "--detect-only")],
)
def test_an_unknown_name_is_refused_where_it_stands(setting, argument, where):
    with pytest.raises(WrongInputError, match=rf"^{where}: no such detector: aura"):
        policy_of(Settings(detect_only=setting), argument)
