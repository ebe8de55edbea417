"""Thirty days and nights of a small platform, and everything that can happen to a model in them.

A liar decides a week's cases and spoils the labels of a night; a release of the official app makes
honest customers look like programs; a lead goes back to the model before. All of it is there to be
seen afterwards, and every model can be made again from its manifest.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from itertools import pairwise

import pytest
from fastapi.testclient import TestClient

from access.database import open_engine, writers
from detectors import forest
from detectors.gate.suite import Size
from detectors.registry import Registry
from detectors.stages import Stage
from fairuse.bench.learning.incidents import lie, misnamed, set_right, with_library
from fairuse.bench.learning.world import DAY, by_day, opened, truth_of
from fairuse.database import migrate
from fairuse.retrain.again import made_again
from fairuse.retrain.running import Ways
from fairuse.settings import Settings
from fairuse.wiring import review_policy
from review_api.app import ApiSettings, create_app
from review_api.console import ConsoleSettings, mount
from review_api.monitors.promise import changes_of_promise
from review_api.monitors.shelf import Shelf
from review_api.monitors.vocabulary import PromiseStanding
from review_api.tokens import issue_token
from review_api.vocabulary import Role
from streams.clock import ManualClock
from streams.simulator import START, Mix, simulate
from tests.console.conftest import form_word
from tests.postgres import is_installed

NIGHTS = 30
LIE, SET_RIGHT, RELEASE, BACK = 16, 19, 21, 28
"""Days, from 0: the liar's, the one it comes out, that of the app's release, the lead's."""
PEOPLE = Mix({"casual": 0.6, "office_worker": 0.2, "night_owl": 0.2})
BOTS = Mix({"fixed_interval_bot": 0.5, "jittered_bot": 0.5})


@dataclass
class History:
    """What happened, night by night, and where it can be looked up."""

    settings: Settings
    nights: list = field(default_factory=list)
    doubts: list = field(default_factory=list)
    back: object = None

    @property
    def registry(self):
        return Registry(self.settings.registry_dir)

    def of(self, outcome):
        return [came for came in self.nights if came.outcome == outcome]


@pytest.fixture(scope="module")
def database_url(request, tmp_path_factory):
    """Give a PostgreSQL database; SQLite where there is no server."""
    if not is_installed():
        url = f"sqlite:///{tmp_path_factory.mktemp('thirty')}/fairuse.db"
        migrate(url)
        yield url
        return
    with request.getfixturevalue("postgres_databases")() as url:
        yield url


@pytest.fixture(scope="module")
def history(database_url, tmp_path_factory):
    """Live through thirty days and nights."""
    folder = tmp_path_factory.mktemp("thirty")
    settings = Settings(
        database_url=database_url, archive_dir=folder / "archive", partitions=2,
        registry_dir=folder / "registry", retrain_dir=folder / "nights", shadow_days=1,
        # Everybody who does anything is audited: so few accounts, and the promise is to be judged.
        audit_share=1.0,
    )  # fmt: skip
    found = History(settings)
    with pytest.MonkeyPatch.context() as patch:
        # Ten trees instead of a hundred: they are most of what a small night costs.
        patch.setitem(forest.fit.__kwdefaults__, "trees", 10)
        _live(settings, found)
        yield found


def _live(settings, found):
    people = simulate(48, NIGHTS, 1, mix=PEOPLE)
    waves = [simulate(3, 2, 100 + n, start=START + n * DAY, mix=BOTS) for n in range(NIGHTS - 1)]
    renamed = misnamed(4, 5, 77, START + RELEASE * DAY)
    everybody = [people, *waves, renamed]
    days = [with_library(day, frozenset(renamed.account_ids)) for day in by_day(everybody, NIGHTS)]
    with opened(settings, truth_of(everybody), per_day=8) as world:
        spoilt = []
        for n, events in enumerate(days):
            world.reviewers.per_day = 0 if LIE - 6 <= n <= LIE else 8
            if n == SET_RIGHT:
                set_right(world.reviewers, spoilt, "lea")
            world.day(events)
            if n == LIE:
                spoilt = lie(world.reviewers, "mal")
            if n == BACK:
                found.back = Registry(settings.registry_dir).rollback(
                    actor="lea", why="honest studios were asked to wait",
                    at=world.clock.now().isoformat(),
                )  # fmt: skip
            world.night(Ways(size=Size(30, 1.0), processes=1))
            with world.reviewers.sessions.begin() as session:
                found.doubts.append(list(changes_of_promise(session)))
        found.nights = world.nights


def test_the_first_night_waits_for_traffic_and_from_then_on_somebody_is_always_champion(history):
    assert len({came.night for came in history.nights}) == NIGHTS
    early, *nights = history.nights
    assert (early.outcome, early.champion) == ("waits", "")
    assert "8 are needed" in early.why
    assert all(came.champion for came in nights)
    for before, after in pairwise(nights):
        by_hand = after is history.nights[BACK]
        assert after.before == (history.back.version if by_hand else before.champion)


def test_kinds_learn_once_enough_cases_are_confirmed(history):
    assert "nothing learnt" in history.nights[3].learnt[0]
    assert any("confirmed accounts serves" in said for said in history.nights[-1].learnt) or any(
        "confirmed accounts does not serve" in said for said in history.nights[-1].learnt
    )


def test_a_challenger_is_promoted_after_passing_twice(history):
    promoted = [came for came in history.of("promoted") if came.before]
    assert promoted
    for came in promoted:
        moves = [move for move in history.registry.moves() if move.version == came.champion]
        assert [move.stage for move in moves[:2]] == [Stage.CHALLENGER, Stage.CHAMPION]
        assert moves[0].night < moves[1].night == came.night


def test_a_spoilt_candidate_is_refused_in_one_line_and_retires(history):
    refused = history.of("refused")
    assert any("honest months calibrate it" in came.why for came in refused)
    for came in refused:
        assert "\n" not in came.why
        assert came.champion == came.before
        assert history.registry.stage_of(came.candidate) is Stage.RETIRED


def test_the_machine_gives_way_by_itself_once_honest_customers_were_paused(history):
    (change,) = history.doubts[-1]
    assert change.standing is PromiseStanding.IN_DOUBT
    assert change.wrongful >= 2
    assert history.doubts[RELEASE - 1] == []


def test_a_lead_goes_back_and_the_next_nights_start_from_there(history):
    assert history.back.back
    assert history.nights[BACK].before == history.back.version


def test_the_page_of_models_shows_all_of_it(history):
    promoted = [came for came in history.of("promoted") if came.before]
    with _served(history) as served:
        page = unescape(served)
        assert "is in doubt: the machine only holds" in page
        assert history.back.why in page
        for came in promoted + history.of("refused"):
            assert came.candidate in page
            assert came.why in page


def test_every_model_can_be_made_again_from_its_manifest(history):
    versions = history.registry.versions()
    assert len(versions) >= NIGHTS
    for version in versions:
        assert made_again(history.settings, version, processes=1)["same"]


@contextmanager
def _served(history):
    engine = open_engine(history.settings.database_url)
    clock = ManualClock(START + NIGHTS * DAY)
    with writers(engine).begin() as session:
        token = issue_token(session, "lea", Role.LEAD, clock.now())
    app = create_app(
        engine, clock,
        ApiSettings(
            policy=review_policy(history.settings), shelf=Shelf(history.settings.registry_dir)
        ),
    )  # fmt: skip
    mount(app, ConsoleSettings(secret=b"a secret of the tests"))
    try:
        with TestClient(app) as client:
            form = {"form_word": form_word(client.get("/console/sign-in")), "token": token}
            assert client.post("/console/sign-in", data=form).status_code == 200
            page = client.get("/console/models")
            assert page.status_code == 200
            yield page.text
    finally:
        engine.dispose()
