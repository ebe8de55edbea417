"""What a model learnt from, kept beside it: which cases, with which answers.

No account is named: a case's id leads to it as long as the database knows the case. With it one can
say later which models learnt something that is no longer true.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Collection

    from detectors.labels import LabelSet
    from detectors.registry import Registry

FILE: Final = "labels.json"


class Answer(msgspec.Struct, frozen=True):
    """One label: the decision and whether it found abuse."""

    decision_id: int
    kind: str
    abusive: bool


class Learnt(msgspec.Struct, frozen=True, kw_only=True):
    """The labels of one night, by case."""

    digest: str
    known_by: str
    observed_by: str
    answers: dict[str, Answer]
    schema: int = 1


def learnt_of(labels: LabelSet) -> Learnt:
    """Write down what a set of labels says."""
    return Learnt(
        digest=labels.digest,
        known_by=labels.known_by.isoformat(),
        observed_by=labels.observed_by.isoformat(),
        answers={
            one.case_id: Answer(one.decision_id, str(one.kind), one.abusive)
            for one in labels.labels
        },
    )


def keep_learnt(registry: Registry, version: str, labels: LabelSet) -> None:
    """Keep beside a model what it learnt from."""
    registry.keep_beside(version, FILE, msgspec.json.encode(learnt_of(labels)))


def learnt_by(registry: Registry, version: str) -> Learnt | None:
    """Read what a model learnt from; None of one that was taught by no night.

    Raises `ValueError` for a file that is damaged.
    """
    content = registry.beside(version, FILE)
    try:
        return None if content is None else msgspec.json.decode(content, type=Learnt)
    except msgspec.MsgspecError as error:
        raise ValueError(f"{registry.directory / version / FILE}: {error}") from error


def taught_by(registry: Registry, cases: Collection[str]) -> dict[str, int]:
    """Name the models that learnt from any of these cases, each with how many of them."""
    wanted, found = set(cases), {}
    for version in registry.versions():
        learnt = learnt_by(registry, version)
        if learnt is not None and (shared := wanted & learnt.answers.keys()):
            found[version] = len(shared)
    return found
