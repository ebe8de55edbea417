"""A registry's folder as a server sees it, without a model in it: manifests, moves, gate, card."""

from __future__ import annotations

import msgspec

from detectors.gate.check import Check, Gate
from detectors.model import Manifest
from detectors.stages import Move, Stage
from tests.verdicts import DAY, MONDAY

A, B, C = "a" * 12, "b" * 12, "c" * 12


def manifest(version, created=MONDAY, **more):
    made = Manifest(
        version=version, view_fingerprint="f00d", features=("gap_entropy",), origin="archive",
        seed=0, accounts=1200, events=90_000, excluded=0, calibrated=900, blind=(),
        first_event="2026-10-01", last_event="2026-11-22", created_at=created.isoformat(),
    )  # fmt: skip
    return msgspec.structs.replace(made, **more)


def move(number, version, stage, *, back=False, why="said so", day=0, actor="lea"):
    at = (MONDAY + day * DAY).isoformat()
    return Move(number=number, at=at, actor=actor, version=version, stage=stage, why=why, back=back)


def fill(folder, moves, created=MONDAY):
    """Write what moves and their models need; give the folder."""
    (folder / "moves").mkdir(parents=True)
    for each in moves:
        (folder / "moves" / f"{each.number:06}.json").write_bytes(msgspec.json.encode(each))
        (folder / each.version).mkdir(exist_ok=True)
        said = msgspec.json.encode(manifest(each.version, created))
        (folder / each.version / "manifest.json").write_bytes(said)
    return folder


def judge(folder, version, *, passed=True, sentence="It holds.", card=True):
    """Lay what the gate said, and a card, beside a model."""
    check = Check(name="precision", passed=passed, sentence=sentence)
    gate = Gate(passed=passed, why="one line", checks=(check,))
    answer = {"night": "2026-11-20", "gate": gate, "champion": A, "nights": 1, "schema": 1}
    (folder / version / "gate.json").write_bytes(msgspec.json.encode(answer))
    if card:
        page = "<!doctype html><html lang=en><title>Card</title><h1>Model card</h1></html>"
        (folder / version / "card.html").write_text(page)


def two(folder):
    """Make a champion A and a challenger B, which the gate judged."""
    fill(folder, [move(1, A, Stage.CHAMPION), move(2, B, Stage.CHALLENGER, why="all 8 checks")])
    judge(folder, B)
    return folder
