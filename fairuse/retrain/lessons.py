"""How labels, lessons and fitted models rest on disk between the steps of a night."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import msgspec
import numpy as np

from detectors.census import Census
from detectors.labels import Label, LabelSet, Provenance
from detectors.model import Manifest, arrays_of, bank_arrays, bank_from, model_from
from detectors.training import Fitted, Lessons
from detectors.verdict import Kind
from fairuse.retrain.codecs import Arrays, as_bytes, from_bytes
from streams.place import Place

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from detectors.bank import Bank

Stored = dict[str, "NDArray[Any]"]

BANKS: Final = ("whole", "first", "second")


class Labels:
    """A label set as JSON."""

    suffix = ".json"

    def keep(self, made: LabelSet) -> bytes:
        return msgspec.json.encode(asdict(made))

    def take(self, content: bytes) -> LabelSet:
        rows = msgspec.json.decode(content)
        return LabelSet(
            labels=tuple(_label(row) for row in rows["labels"]),
            known_by=datetime.fromisoformat(rows["known_by"]),
            observed_by=datetime.fromisoformat(rows["observed_by"]),
            contradicted=tuple(rows["contradicted"]),
        )


def _label(row: dict[str, Any]) -> Label:
    place = row["place"] and Place(**row["place"])
    read = {
        "kind": Kind(row["kind"]), "provenance": Provenance(row["provenance"]), "place": place,
        "observed_at": datetime.fromisoformat(row["observed_at"]),
        "known_at": datetime.fromisoformat(row["known_at"]),
    }  # fmt: skip
    return Label(**(row | read))


def _lessons_out(made: Lessons) -> Stored:
    stored: Stored = {
        "honest": made.honest, "fold": made.fold, "sentences": as_bytes(made.sentences)
    }  # fmt: skip
    pairs = {"bank": (made.bank, *made.halves)}
    if made.plain is not None:
        pairs["plain"] = (made.plain[0], *made.plain[1])
    for name, banks in pairs.items():
        for which, one in zip(BANKS, banks, strict=True):
            stored |= {f"{name}.{which}/{key}": array for key, array in bank_arrays(one).items()}
    return stored


def _lessons_in(stored: Mapping[str, NDArray[Any]]) -> Lessons:
    whole, *halves = _banks(stored, "bank")
    plain = None
    if any(name.startswith("plain.") for name in stored):
        usual, *others = _banks(stored, "plain")
        plain = (usual, (others[0], others[1]))
    return Lessons(
        whole, (halves[0], halves[1]), plain, stored["honest"], stored["fold"],
        from_bytes(stored["sentences"], tuple[str, ...]),
    )  # fmt: skip


def _banks(stored: Mapping[str, NDArray[Any]], name: str) -> list[Bank]:
    return [bank_from(_under(stored, f"{name}.{which}/")) for which in BANKS]


def _models_out(made: tuple[Fitted, ...]) -> Stored:
    stored: Stored = {}
    for n, one in enumerate(made):
        stored[f"{n}/manifest"] = as_bytes(one.manifest)
        arrays = arrays_of(one.bank, one.calibration)
        stored |= {f"{n}/{name}": array for name, array in arrays.items()}
    return stored


def _models_in(stored: Mapping[str, NDArray[Any]]) -> tuple[Fitted, ...]:
    found: list[Fitted] = []
    while f"{len(found)}/manifest" in stored:
        arrays = _under(stored, f"{len(found)}/")
        manifest = from_bytes(arrays.pop("manifest"), Manifest)
        model = model_from(arrays, manifest)
        found.append(Fitted(model.bank, model.calibration, manifest))
    return tuple(found)


def _under(stored: Mapping[str, NDArray[Any]], prefix: str) -> Stored:
    return {
        name.removeprefix(prefix): np.asarray(array)
        for name, array in stored.items()
        if name.startswith(prefix)
    }


LABELS: Final = Labels()
CENSUS: Final = Arrays(Census.arrays, Census.from_arrays)
LESSONS: Final = Arrays(_lessons_out, _lessons_in)
MODELS: Final = Arrays(_models_out, _models_in)
"""The candidate, and the unsupervised pair of the same night if that is another model."""
