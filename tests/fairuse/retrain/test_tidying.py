"""What nights that were killed have left is swept by the next one; nothing piles up."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest

from detectors.registry import Registry
from fairuse.retrain.running import Wanted
from tests.fairuse.retrain.conftest import LATER, NIGHT

DAY = timedelta(days=1)
HALF_WRITTEN = (".new-model/arrays.npz", "moves/.new-move", "{version}/.gate.json-x1")


def left(registry, version, at):
    """Leave half-written things of a writer that was killed."""
    found = []
    for name in HALF_WRITTEN:
        path = registry / name.format(version=version)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"half")
        for each in (path, path.parent) if path.parent.name.startswith(".") else (path,):
            os.utime(each, (at.timestamp(), at.timestamp()))
        found.append(path)
    return found


def test_what_a_killed_writer_left_in_the_registry_is_swept_after_a_day(platform):
    champion = Registry(platform.registry).champion_version()
    old = left(platform.registry, champion, LATER - 2 * DAY)
    platform.night(LATER)
    assert [path for path in old if path.exists()] == []
    assert not (platform.registry / ".new-model").exists()
    assert Registry(platform.registry).champion().manifest.version == champion


def test_what_somebody_may_be_writing_just_now_is_left_alone(platform):
    fresh = left(platform.registry, Registry(platform.registry).champion_version(), LATER)
    platform.night(LATER)
    assert [path for path in fresh if not path.exists()] == []


def test_a_night_that_was_never_finished_leaves_nobodys_name_to_the_next(platform):
    with pytest.raises(KeyboardInterrupt):
        platform.night(LATER, told=_stop_at("done calibrate"))
    with pytest.raises(KeyboardInterrupt):
        platform.night(LATER, Wanted(dry=True), told=_stop_at("done labels"))
    # A rehearsal takes nothing from the night that may still go on.
    assert len(_names_accounts(platform.settings.retrain_dir)) == 4
    (platform.settings.retrain_dir / "2026-03-10-dry").mkdir()
    assert platform.night(LATER + DAY).outcome == "challenging"
    nights = platform.settings.retrain_dir
    assert sorted(path.name for path in nights.glob("2*")) == [
        "2026-03-09", "2026-03-10", "2026-03-11"
    ]  # fmt: skip
    assert _names_accounts(nights) == []


def test_a_night_killed_after_its_end_is_tidied_when_it_is_asked_again(platform):
    platform.night(LATER)
    folder = platform.settings.retrain_dir / "2026-03-10"
    (folder / "labels.json").write_text("[]")
    assert platform.night(LATER).again
    assert _names_accounts(folder) == []


def test_fourteen_nights_are_kept_and_the_one_just_run_is_among_them(platform):
    nights = platform.settings.retrain_dir
    for n in range(20):
        (nights / f"2026-04-{n + 1:02}").mkdir()
    made_up = Wanted(as_of=NIGHT - DAY)
    assert not platform.night(LATER, made_up).again
    assert platform.night(LATER, made_up).again
    assert len(list(nights.glob("2*"))) == 14


def _names_accounts(folder):
    return sorted(p for p in folder.rglob("*") if p.name == "labels.json" or p.suffix == ".npz"
                  if not p.name.startswith("suite-"))  # fmt: skip


def _stop_at(moment):
    def told(what, name):
        if f"{what} {name}" == moment:
            raise KeyboardInterrupt

    return told
