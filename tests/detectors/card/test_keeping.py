"""A card lies beside its model, and names only the labels that taught it."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from detectors.card.keeping import CARD_HTML, CARD_MARKDOWN, keep_card
from detectors.gate.standing import ModelFacts
from detectors.labels import Label, LabelSet
from detectors.policy import Policy
from detectors.registry import Registry
from detectors.verdict import Kind
from tests.detectors.card.conftest import gate_of
from tests.detectors.gate.nights import found, night

NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
LABEL = Label(
    account_id="acc_1", kind=Kind.AUTOMATION, abusive=True, outcome="", case_id="c",
    decision_id=1, observed_at=NOW, known_at=NOW, reviewer="r",
)  # fmt: skip
LABELS = LabelSet((LABEL,), NOW, NOW)


@pytest.mark.parametrize(("digest", "named"), [(LABELS.digest, True), ("another", False)])
def test_a_card_lies_beside_its_model(fitted, tmp_path, digest, named):
    registry = Registry(tmp_path)
    manifest = msgspec.structs.replace(fitted.manifest, label_digest=digest)
    model = registry.register(fitted.bank, fitted.calibration, manifest)
    facts = ModelFacts.of(model, Policy())
    for _ in range(2):  # a night that is resumed writes it again
        keep_card(registry, facts, gate_of(night(), found()), LABELS)
    page = registry.beside(facts.version, CARD_HTML)
    text = registry.beside(facts.version, CARD_MARKDOWN)
    assert page.startswith(b"<!doctype html>")
    assert text.startswith(f"# Model card: {facts.version}".encode())
    assert (b"1 decision confirmed" in text) is named
