"""Cards of a made-up night: of a model that passed and of one that was refused."""

from __future__ import annotations

import msgspec
import pytest

from detectors.card.contents import contents
from detectors.gate.check import Gate, Limits, verdict_of
from detectors.gate.checks import checks
from detectors.gate.flips import FlipsReviewed
from detectors.gate.parity import Replayed
from detectors.gate.standing import ModelFacts
from detectors.policy import Policy
from tests.detectors.gate.nights import found, night, pausing, undecided


def gate_of(weighed, seen):
    """Ask the gate, and take its answer from JSON as the registry keeps it."""
    answer = verdict_of(checks(weighed, seen, Replayed(500), FlipsReviewed(), Limits()))
    return msgspec.json.decode(msgspec.json.encode(answer), type=Gate)


@pytest.fixture(scope="session")
def passed(model):
    facts = ModelFacts.of(model, Policy())
    return contents(model, facts, gate_of(night(), found()))


@pytest.fixture(scope="session")
def refused(model):
    weighed = night()
    gate = gate_of(pausing(weighed, undecided(weighed, 60, "BE")), found(lost=["cron_batch"]))
    return contents(model, ModelFacts.of(model, Policy()), gate)
