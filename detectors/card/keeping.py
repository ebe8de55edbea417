"""Keeps a model's card beside it, in both forms; a later night's replaces it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from detectors.card.contents import contents
from detectors.card.writing import html_of, markdown_of

if TYPE_CHECKING:
    from detectors.gate.check import Gate
    from detectors.gate.standing import ModelFacts
    from detectors.labels import LabelSet
    from detectors.registry import Registry

CARD_HTML: Final = "card.html"
CARD_MARKDOWN: Final = "card.md"


def keep_card(
    registry: Registry, candidate: ModelFacts, gate: Gate, labels: LabelSet | None = None
) -> None:
    """Write the card of a registered model, of which the gate has said what it says.

    `labels` are named on it if they are those that taught it, and left out otherwise.
    """
    model = registry.load(candidate.version)
    taught = labels if labels and labels.digest == model.manifest.label_digest else None
    card = contents(model, candidate, gate, taught)
    registry.keep_beside(candidate.version, CARD_HTML, html_of(card).encode())
    registry.keep_beside(candidate.version, CARD_MARKDOWN, markdown_of(card).encode())
