"""What a card tells: everything a person needs who must answer for the model."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from detectors.card.contents import contents
from detectors.gate.check import Gate
from detectors.gate.standing import ModelFacts
from detectors.labels import Label, LabelSet, Provenance
from detectors.model import Model
from detectors.policy import Policy
from detectors.verdict import Kind

NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
NOTHING = Gate(passed=True, why="all 0 checks passed")


def titled(card, title):
    return next(section for section in card.sections if section.title == title)


@pytest.mark.parametrize("title", [
    "What it is for", "The gate", "What it was taught", "What it listens to", "What it may do",
    "How honest people score", "Simulated families", "Pauses by segment", "Flips", "Replay",
    "Limits", "Again, and back",
])  # fmt: skip
def test_a_card_has_every_part(passed, title):
    section = titled(passed, title)
    assert section.words or section.points or section.tables


def test_a_refusal_stands_at_the_top_with_its_reason(refused):
    assert refused.tone == "refused"
    assert refused.answer.startswith("The gate refused it: wrongful pauses by segment: country BE")
    answers = {row[0]: row[1] for row in titled(refused, "The gate").tables[0].rows}
    assert answers["held-out families"] == "refuses"
    assert answers["score drift"] == "passes"


def test_the_segment_that_pays_stands_first(refused):
    rows = titled(refused, "Pauses by segment").tables[0].rows
    assert rows[0][0] == "country BE"


def test_both_models_are_drawn_for_every_kind(passed):
    drawings = titled(passed, "How honest people score").drawings
    assert [one.title for one in drawings] == [
        "automation", "scripting", "credential sharing", "reselling",
    ]  # fmt: skip
    for drawing in drawings:
        assert drawing.summary in drawing.svg
        assert "PSI 0.000" in drawing.summary


def test_labels_are_counted_by_how_they_came_to_be_known(model):
    def label(number, provenance, *, abusive):
        return Label(
            account_id=f"acc_{number}", kind=Kind.AUTOMATION, abusive=abusive, outcome="",
            case_id=f"c{number}", decision_id=number, observed_at=NOW, known_at=NOW,
            reviewer="r", provenance=provenance,
        )  # fmt: skip

    labels = LabelSet(
        (label(1, Provenance.DECISION, abusive=True), label(2, Provenance.DECISION, abusive=True),
         label(3, Provenance.AUDIT, abusive=False)),
        NOW, NOW, ("acc_9",),
    )  # fmt: skip
    card = contents(model, ModelFacts.of(model, Policy()), NOTHING, labels)
    facts = dict(titled(card, "What it was taught").tables[0].rows)
    assert facts["Labels"] == (
        "3 known by 2026-11-23T03:00:00+00:00: 1 audit honest, 2 decision confirmed, "
        "1 contradictory"
    )
    assert "acc_" not in str(card)


def test_a_card_says_how_to_make_the_model_again_and_how_to_go_back(passed):
    assert titled(passed, "Again, and back").commands == (
        "fairuse retrain --again m1", "fairuse models rollback",
    )  # fmt: skip


def test_what_the_manifest_does_not_know_is_left_out(model):
    manifest = msgspec.structs.replace(model.manifest, positions={"usage-events/0": 42})
    facts = ModelFacts.of(model, Policy())
    known = contents(Model(model.bank, model.calibration, manifest), facts, NOTHING)
    rows = dict(titled(known, "What it was taught").tables[0].rows)
    assert rows["Positions"] == "usage-events/0 up to 42"
    assert "Positions" not in dict(
        titled(contents(model, facts, NOTHING), "What it was taught").tables[0].rows
    )


def test_without_figures_nothing_is_drawn(model):
    card = contents(model, ModelFacts.of(model, Policy()), NOTHING)
    assert not any(section.drawings for section in card.sections)
