"""The sections of a card that tell what the gate's checks found, from their figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from detectors.card.drawing import recalls_of, scores_of
from detectors.card.parts import Section, Table
from detectors.gate import families as family_check
from detectors.gate import flips as flip_check
from detectors.gate import parity as parity_check
from detectors.gate import scores as score_check
from detectors.gate import segments as segment_check

if TYPE_CHECKING:
    from collections.abc import Mapping

    from detectors.gate.check import Check, Gate

MOST: Final = 40  # segments in the table; countries are many


def gate_of(gate: Gate) -> Section:
    """Tell what each check said."""
    rows = tuple((check.name, _answer(check), check.sentence) for check in gate.checks)
    table = Table(
        "The checks, in the order in which they were asked", ("Check", "Answer", "Why"), rows
    )
    return Section("The gate", tables=(table,))


def distributions(gate: Gate) -> Section | None:
    """Draw how honest account-months score under both models."""
    figures = _figures(gate, score_check.NAME)
    kinds = figures.get("kinds", [])
    if not kinds:
        return None
    rows = tuple(
        (_words(k["kind"]), f"{k['psi']:.3f}", f"{k['ks']:.3f}", "yes" if k["judged"] else "no")
        for k in kinds
    )
    table = Table("Distance between the two", ("Kind", "PSI", "KS", "Judged"), rows)
    words = (
        f"{figures['months']:,} account-months that nobody confirmed as abuse. "
        "Bars: the candidate; line: the champion; heights are square roots of shares."
    )
    return Section(
        "How honest people score", (words,), tables=(table,),
        drawings=tuple(scores_of(kind) for kind in kinds),
    )  # fmt: skip


def families(gate: Gate) -> Section | None:
    """Draw what both models find in the simulated suite."""
    found = _figures(gate, family_check.NAME).get("families", [])
    if not found:
        return None
    rows = tuple(
        (_words(f["family"]), str(f["accounts"]), f"{f['champion']:.0%}", f"{f['candidate']:.0%}")
        for f in found
    )
    heads = ("Family", "Accounts", "Champion", "Candidate")
    return Section(
        "Simulated families", ("Diamonds: the candidate; circles: the champion.",),
        tables=(Table("Recall at one false positive in a hundred", heads, rows),),
        drawings=(recalls_of(found),),
    )  # fmt: skip


def segments(gate: Gate) -> Section | None:
    """Tell how often honest customers of each segment would be paused."""
    figures = _figures(gate, segment_check.NAME)
    found = sorted(figures.get("segments", []), key=lambda s: (-s["candidate"], -s["months"]))
    if not found:
        return None
    rows = tuple(
        (f"{s['segment']} {s['value']}", f"{s['months']:,}", f"{s['champion']:.2%}",
         f"{s['candidate']:.2%}", f"{s['at_most']:.2%}", str(s["newly"]), str(s["released"]))
        for s in found[:MOST]
    )  # fmt: skip
    heads = ("Segment", "Months", "Champion", "Candidate", "At most (95 %)", "Newly", "Let go")
    left = f" {len(found) - MOST} more segments are in gate.json." if len(found) > MOST else ""
    share = (
        "Share of account-months that would be paused, of accounts that nobody confirmed as abuse; "
        f"the budget is {figures['budget']:.2%}.{left}"
    )
    cleared = (
        f"Of {figures['cleared']:,} customers whom reviewers cleared it would newly pause "
        f"{figures['cleared_newly']} and let {figures['cleared_released']} go."
    )
    return Section(
        "Pauses by segment", (share, cleared), tables=(Table("By segment", heads, rows),)
    )


def flips(gate: Gate) -> Section | None:
    """Tell who would be treated otherwise, as numbers."""
    figures = _figures(gate, flip_check.NAME)
    if not figures:
        return None
    rows = (
        ("Newly paused", str(figures["paused"])), ("Released", str(figures["released"])),
        ("May go without a look", str(figures["limit"])),
        ("Sampled for reviewers", str(figures["sampled"])), ("Decided", str(figures["decided"])),
        ("Newly paused and confirmed", str(figures["confirmed"])),
        ("Released though abuse", str(figures["missed"])),
    )  # fmt: skip
    words = ("Accounts that nobody has judged and that the two models would treat differently.",)
    return Section("Flips", words, tables=(Table("The flip list", ("Accounts", "Count"), rows),))


def parity(gate: Gate) -> Section | None:
    """Tell whether replay gave what live scoring saw."""
    check = next((check for check in gate.checks if check.name == parity_check.NAME), None)
    return Section("Replay", (check.sentence.capitalize() + ".",)) if check else None


def _figures(gate: Gate, name: str) -> Mapping[str, Any]:
    return next((check.figures for check in gate.checks if check.name == name), {})


def _answer(check: Check) -> str:
    return "passes" if check.passed else "waits" if check.waits else "refuses"


def _words(name: str) -> str:
    return name.replace("_", " ")
