"""A night makes one move, can be run twice, and never leaves the champion in doubt."""

from __future__ import annotations

import json
from datetime import timedelta

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from detectors.registry import Registry
from detectors.stages import Stage
from fairuse.errors import ProgramError, WrongInputError
from fairuse.retrain.again import made_again
from fairuse.retrain.running import Wanted
from streams.archive import archive_files
from tests.fairuse.retrain.conftest import LATER, NIGHT


def test_the_first_model_of_real_traffic_is_champion_and_the_next_one_challenges(platform):
    registry = Registry(platform.registry)
    first = registry.champion_version()
    came = platform.night(LATER)
    assert (came.outcome, came.before, came.champion) == ("challenging", first, first)
    assert came.challenger == came.candidate != first
    assert registry.champion().manifest.night == "2026-03-09"
    assert registry.stage_of(came.candidate) is Stage.CHALLENGER


def test_a_challenger_is_promoted_after_its_days_in_shadow_and_the_champion_retires(platform):
    first, challenger = platform.night(LATER).before, platform.night(LATER).challenger
    early = platform.night(LATER + timedelta(days=1))
    assert (early.outcome, early.champion) == ("challenging", first)
    assert early.candidate == challenger or Registry(platform.registry).stage_of(
        early.candidate
    ) is Stage.SHADOW  # fmt: skip
    late = platform.night(LATER + timedelta(days=2))
    assert (late.outcome, late.before, late.champion) == ("promoted", first, challenger)
    assert Registry(platform.registry).stage_of(first) is Stage.RETIRED


def test_a_night_that_is_over_is_not_run_again(platform):
    came = platform.night(LATER)
    moves = Registry(platform.registry).moves()
    again = platform.night(LATER + timedelta(hours=3))
    assert again.again
    assert (again.outcome, again.why) == (came.outcome, came.why)
    assert Registry(platform.registry).moves() == moves


def test_a_rehearsal_changes_nothing(platform):
    before = sorted(path for path in platform.registry.rglob("[!.]*") if path.is_file())
    came = platform.night(LATER, Wanted(dry=True))
    assert came.outcome == "challenging"
    assert sorted(path for path in platform.registry.rglob("[!.]*") if path.is_file()) == before
    assert [p.name for p in platform.settings.retrain_dir.iterdir() if p.is_dir()] == ["2026-03-09"]
    assert not platform.night(LATER).again


def test_a_model_is_made_again_from_its_manifest_bit_for_bit(platform):
    came = platform.night(LATER)
    for version in (came.champion, came.candidate):
        assert made_again(platform.settings, version, processes=1)["same"]


def test_what_differs_is_said_when_a_model_does_not_come_out_the_same(platform):
    version = Registry(platform.registry).champion_version()
    manifest = platform.registry / version / "manifest.json"
    said = json.loads(manifest.read_bytes())
    said["positions"]["usage-events/0"] -= 2000
    manifest.write_text(json.dumps(said))
    with pytest.raises(ProgramError, match=rf"{version} came out as \w+: .*events \d+, now \d+"):
        made_again(platform.settings, version, processes=1)


def test_a_model_that_no_night_made_cannot_be_made_again(platform, registry):
    settings = platform.settings.model_copy(update={"registry_dir": registry})
    version = Registry(registry).champion_version()
    with pytest.raises(WrongInputError, match="does not say what it was made from"):
        made_again(settings, version)
    with pytest.raises(WrongInputError, match=r"0123456789ab is not in .*models list"):
        made_again(settings, "0123456789ab")


def test_too_few_accounts_wait_for_more_traffic(platform):
    came = platform.night(LATER, archive_dir=_first_records(platform))
    assert came.outcome == "waits"
    assert "8 are needed" in came.why
    assert came.champion == came.before


def _first_records(platform):
    from tests.fairuse.retrain.conftest import archive, simulate  # noqa: PLC0415 - one test's own

    folder = platform.settings.retrain_dir.parent / "few"
    archive(folder, simulate(3, 1, 4).tables())
    return folder


def test_a_night_asked_for_by_its_time_learns_no_more_than_was_archived_then(platform):
    came = platform.night(LATER, Wanted(as_of=NIGHT - timedelta(days=1)))
    assert came.night == "2026-03-08T0300"
    first = Registry(platform.registry).champion().manifest
    assert came.positions == first.positions
    assert came.candidate == first.version
    assert came.outcome == "kept"


def test_a_night_that_may_not_learn_refuses_in_one_line_and_leaves_the_champion(platform):
    silent = _without_views(platform)
    came = platform.night(LATER, archive_dir=silent)
    assert came.outcome == "refused"
    assert came.why.startswith(f"dead columns that champion {came.before} listens to: ")
    assert "views_per_request (constant)" in came.why
    assert came.champion == came.before
    assert not came.candidate


def test_a_report_of_skew_is_kept_beside_the_candidate(platform):
    came = platform.night(LATER)
    kept = Registry(platform.registry).beside(came.candidate, "skew.json")
    assert json.loads(kept)["differing"] == 0


def _without_views(platform):
    """Write the archive again as if the platform no longer told what people look at."""
    folder = platform.settings.retrain_dir.parent / "silent"
    for file in archive_files(platform.settings.archive_dir):
        table = pq.read_table(file.path)
        seen = pc.starts_with(table.column("type"), "result.")
        there = folder / file.path.parent.name
        there.mkdir(parents=True, exist_ok=True)
        pq.write_table(table.filter(pc.invert(seen)), there / file.path.name)
    return folder
