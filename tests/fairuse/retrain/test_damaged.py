"""Models other than the champion that cannot be read stop no night; they get no turn, either."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from access.database import open_engine
from detectors.registry import Registry
from detectors.stages import Stage
from tests.fairuse.retrain.conftest import LATER
from tests.verdicts import DAY


def alter(path):
    """Change one byte in the middle of a file."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.fixture
def registry(platform):
    return Registry(platform.registry)


def test_a_challenger_altered_by_one_byte_gives_its_place_to_tonights_candidate(
    platform, registry, capsys
):
    challenger = platform.night(LATER).challenger
    alter(platform.registry / challenger / "arrays.npz")
    came = platform.night(LATER + 3 * DAY, retrain_seed=7)
    assert (came.outcome, came.champion) == ("challenging", came.before)
    assert came.challenger == came.candidate != challenger
    assert registry.stage_of(challenger) is Stage.RETIRED
    assert f"the challenger does not load and has no turn: model {challenger}" in (
        capsys.readouterr().err
    )


@pytest.mark.parametrize("name", ["gate.json", "manifest.json"])
def test_a_candidate_of_an_earlier_night_that_cannot_be_read_is_passed_over(
    platform, registry, name
):
    def killed(what, step):
        if (what, step) == ("begins", "decide"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        platform.night(LATER, told=killed)
    (shadow,) = set(registry.versions()) - {registry.champion_version()}
    (platform.registry / shadow / name).write_bytes(b"{")
    came = platform.night(LATER + DAY, retrain_seed=7)
    assert (came.outcome, came.champion) == ("challenging", came.before)


def test_reading_labels_waits_for_nobody_who_writes(platform):
    engine = open_engine(platform.settings.database_url)
    with engine.connect() as other:

        def write_meanwhile(what, name):
            if (what, name) == ("begins", "labels"):
                other.begin()
                other.execute(text("DELETE FROM outbox_messages WHERE 1 = 0"))
            elif (what, name) == ("done", "labels"):
                other.rollback()

        assert platform.night(LATER, told=write_meanwhile).outcome == "challenging"
    engine.dispose()
