"""Advisory locks: nobody waits for somebody with another errand."""

from __future__ import annotations

import re
from pathlib import Path

from access.locks import AdvisoryLock

ROOT = Path(__file__).parents[2]


def test_no_two_errands_take_the_same_number():
    assert len({lock.value for lock in AdvisoryLock}) == len(AdvisoryLock.__members__)


def test_every_number_of_a_lock_stands_in_the_one_place():
    numbers = {
        path.name
        for package in ("access", "review_api", "fairuse")
        for path in (ROOT / package).rglob("*.py")
        if re.search(r"\b7_263_\d{3}\b", path.read_text())
    }
    assert numbers == {"locks.py"}
