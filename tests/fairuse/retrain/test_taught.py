"""Odd labels at night: of nobody in the archive, contradictory ones, and too few of them.

None of them moves the champion by itself, and what a model has not learnt is said.
"""

from __future__ import annotations

import pyarrow.parquet as pq
import pytest

from access.database import open_engine, readers, writers
from detectors.registry import Registry
from fairuse.retrain.night import UNTAUGHT
from fairuse.retrain.running import Wanted
from review_api.vocabulary import Choice
from streams.archive import archive_files
from streams.simulator import simulate
from tests.fairuse.retrain.conftest import LATER, NIGHT, PEOPLE
from tests.house import House
from tests.verdicts import DAY, HOUR, payload

SEEN = "2026-03-08T12:00:00Z"
PEOPLE_THERE = simulate(40, 7, 4, mix=PEOPLE).labels
BOTS = [account for account, kind in PEOPLE_THERE if kind]
HONEST = [account for account, kind in PEOPLE_THERE if not kind]


class Both:
    """One database, to write and to read."""

    def __init__(self, url):
        engine = open_engine(url)
        self.writers, self.readers, self.close = writers(engine), readers(engine), engine.dispose


@pytest.fixture
def house(platform):
    database = Both(platform.settings.database_url)
    yield House(database)
    database.close()


def judge(house, account, choice, at, seen=SEEN, **more):
    """Let a case come about and somebody decide it."""
    case = house.take(payload(account, occurred_at=seen, **more), at).case_id
    house.decide(case, choice, at + HOUR)


def last_requests(folder):
    """Give partition and offset of each account's last request in an archive."""
    found, columns = {}, ["account_id", "type", "_offset"]
    for file in archive_files(folder):
        for row in pq.read_table(file.path, columns=columns).to_pylist():
            if row["type"] == "generation.requested":
                found[row["account_id"]] = {"partition": file.number, "offset": row["_offset"]}
    return found


def test_labels_of_nobody_and_labels_that_contradict_change_no_bit(platform, house):
    without = platform.night(LATER, Wanted(dry=True))
    for n in range(3):
        judge(house, f"acc_of_nobody_{n}", Choice.UPHOLD, NIGHT, offset=10 + n)
    judge(house, HONEST[0], Choice.UPHOLD, NIGHT - 40 * DAY, "2026-01-28T02:00:00Z")
    judge(house, HONEST[0], Choice.RESTORE, NIGHT, "2026-02-20T02:00:00Z", offset=60)
    came = platform.night(LATER)
    assert (came.labels, came.contradicted) == (5, 1)
    assert came.candidate == without.candidate
    assert came.learnt == (UNTAUGHT,)
    assert (came.outcome, came.champion) == ("challenging", came.before)
    manifest = Registry(platform.registry).manifest(came.candidate)
    assert (manifest.unknown_accounts, manifest.excluded) == (3, 0)


def test_too_few_labels_leave_the_unsupervised_pair_and_the_night_says_so(platform, house):
    last = last_requests(platform.settings.archive_dir)
    for account in BOTS[:5]:
        judge(house, account, Choice.UPHOLD, NIGHT, **last[account])
    came = platform.night(LATER)
    assert came.learnt == ("automation: nothing learnt: 5 confirmed accounts, 20 are needed",)
    assert (came.unsupervised, came.champion) == ("", came.before)
    manifest = Registry(platform.registry).manifest(came.candidate)
    assert manifest.unsupervised
    assert manifest.excluded == 5


def test_a_few_answers_older_than_their_evidence_teach_nothing_and_stop_no_night(platform, house):
    # A server of the platform whose clock was two days ahead: its events bear that time for ever.
    last = last_requests(platform.settings.archive_dir)
    judge(house, BOTS[0], Choice.UPHOLD, NIGHT - 2 * DAY, "2026-03-09T02:00:00Z", **last[BOTS[0]])
    came = platform.night(LATER)
    assert came.outcome == "challenging"
    assert came.learnt == (UNTAUGHT,)
    assert Registry(platform.registry).manifest(came.candidate).excluded == 1
