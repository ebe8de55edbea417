"""A model: fitted detectors, their calibration and the facts of how they came to be.

Stored as plain arrays and a manifest, never as a pickle: loading a model runs no code of its own.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec
import numpy as np

from detectors.bank import COLUMNS, DIRECTIONS, KINDS, Bank
from detectors.calibration import Calibration
from detectors.forest import Forest
from detectors.glassbox import Malformed, glass_box
from detectors.policy import Policy, Thresholds
from detectors.strata import EVERYTHING, STRATUM
from detectors.tails import EDGES, Tails
from features.view import VIEW

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from detectors.glassbox import GlassBox

MANIFEST_SCHEMA: Final = 2
Origin = Literal["archive", "simulator"]


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a model says of itself.

    `version` is the hash of its arrays, origin and view, so equal fits are one model.
    """

    version: str
    view_fingerprint: str
    features: tuple[str, ...]
    origin: Origin
    seed: int
    accounts: int
    events: int
    excluded: int
    calibrated: int
    first_event: str
    last_event: str
    created_at: str
    blind: tuple[str, ...]
    learnt: tuple[str, ...] = ()
    """Of each kind that had confirmed cases: what was decided about learning from them, and why."""
    night: str = ""
    as_of: str = ""
    positions: dict[str, int] = {}
    """Of each partition (`topic/number`) the offset after the last that was learnt."""
    label_digest: str = ""
    labels_known_by: str = ""
    labels_observed_by: str = ""
    labels: int = 0
    unknown_accounts: int = 0
    """Labels of accounts that are not in the log."""
    parent: str = ""
    """The champion when it was fitted."""
    code: str = ""
    engine: str = ""
    unsupervised: bool = False
    schema: int = 1
    """Manifests of schema 1 say nothing of themselves from `night` on."""


class Incompatible(ValueError):  # noqa: N818 - a refusal, named for what happened
    """The model was fitted to another feature view, or its arrays are not what they should be."""


@dataclass(frozen=True, slots=True)
class Model:
    """Everything scoring needs."""

    bank: Bank
    calibration: Calibration
    manifest: Manifest

    def thresholds(self, policy: Policy) -> Thresholds:
        return Thresholds.of(
            policy, self.calibration, on_real_traffic=self.manifest.origin == "archive"
        )

    def require(self, fingerprint: str = VIEW.fingerprint) -> Model:
        """Return the model itself, or raise `Incompatible` if it belongs to another view."""
        if self.manifest.view_fingerprint != fingerprint:
            raise Incompatible(
                f"model {self.manifest.version} was fitted to feature view "
                f"{self.manifest.view_fingerprint}, this release computes {fingerprint}: "
                "fit a new model with `fairuse fit`"
            )
        return self


_TAILS: Final = ("grid", "elbow", "scale", "counts", "columns", "directions")
_BANK: Final = (
    "weights", "centre", "spread", "agreed_centre", "agreed_spread", "forest_centre",
    "forest_spread", "gains",
)  # fmt: skip
_FOREST: Final = ("feature", "threshold", "left", "right", "depth", "roots")


def arrays_of(bank: Bank, calibration: Calibration) -> dict[str, NDArray[Any]]:
    """Lay the fitted parts out as named plain arrays."""
    pools = (calibration.maxima, *calibration.apart)
    return bank_arrays(bank) | {
        "calibration.maxima": np.concatenate(pools),
        "calibration.pools": np.array([len(pool) for pool in pools]),
        "calibration.strata": calibration.strata,
    }


def bank_arrays(bank: Bank) -> dict[str, NDArray[Any]]:
    """Lay the detectors alone out as named plain arrays."""
    arrays = {f"tails.{name}": getattr(bank.tails, name) for name in _TAILS}
    arrays |= {f"bank.{name}": getattr(bank, name) for name in _BANK}
    for kind, member in zip(KINDS, bank.forests, strict=True):
        if member is not None:
            arrays |= {f"forest.{kind}.{name}": getattr(member, name) for name in _FOREST}
            arrays[f"forest.{kind}.norm"] = np.array([member.norm])
    for kind, box in zip(KINDS, bank.learnt, strict=True):
        if box is not None:
            arrays |= {f"learnt.{kind}.{name}": array for name, array in box.arrays().items()}
    return arrays


def model_from(arrays: Mapping[str, NDArray[Any]], manifest: Manifest) -> Model:
    """Build a model from its arrays; raises `Incompatible` when they cannot be right."""
    try:
        bank = bank_from(arrays)
        calibration = _calibration(arrays, manifest.version)
    except KeyError as missing:
        raise Incompatible(f"model {manifest.version} lacks the array {missing}") from missing
    except Incompatible:
        raise
    except (ValueError, TypeError, IndexError) as error:
        raise Incompatible(
            f"model {manifest.version} has arrays of another release: {error}: "
            "fit a new model with `fairuse fit`"
        ) from error
    _require_sound(bank.tails, manifest.version)
    return Model(bank, calibration, manifest)


def bank_from(arrays: Mapping[str, NDArray[Any]]) -> Bank:
    """Build detectors from their arrays; raises `KeyError` for one that is missing."""
    fields = {name: arrays[f"bank.{name}"] for name in _BANK}
    forests = tuple(
        _forest(arrays, str(kind), int(np.count_nonzero(listened)))
        for kind, listened in zip(KINDS, fields["weights"], strict=True)
    )
    learnt = tuple(_learnt(arrays, str(kind)) for kind in KINDS)
    tails = Tails(**{name: arrays[f"tails.{name}"] for name in _TAILS})
    return Bank(tails=tails, forests=forests, learnt=learnt, **fields)


def _calibration(arrays: Mapping[str, NDArray[Any]], version: str) -> Calibration:
    maxima, table = arrays["calibration.maxima"], arrays["calibration.strata"]
    sizes = arrays["calibration.pools"]
    pools = np.split(maxima, np.cumsum(sizes)[:-1])
    if not _sound_strata(table, sizes, len(maxima)):
        raise Incompatible(f"model {version}: the table of strata is malformed")
    if not np.isfinite(maxima).all() or any((np.diff(pool) > 0).any() for pool in pools):
        raise Incompatible(f"model {version}: calibration maxima are not in order")
    return Calibration(pools[0], table, tuple(pools[1:]))


def _sound_strata(table: NDArray[Any], sizes: NDArray[np.int64], months: int) -> bool:
    if table.dtype != STRATUM or not len(table) or not len(sizes):
        return False
    # What takes everybody stands last, or an account could be nobody's peer.
    last = table["breadth"][-1] == EVERYTHING
    pools = (sizes >= 0).all() and sizes.sum() == months and (table["pool"] < len(sizes)).all()
    scale = np.isfinite(table["offset"]).all() and np.isfinite(table["gain"]).all()
    return bool(last and pools and scale and (table["gain"] > 0.0).all())


def _require_sound(tails: Tails, version: str) -> None:
    same = np.array_equal(tails.columns, COLUMNS) and np.array_equal(tails.directions, DIRECTIONS)
    shape = (len(EDGES), len(COLUMNS))
    tables = (tails.grid[:, :, 0], tails.elbow, tails.scale, tails.counts)
    if not same or any(table.shape != shape for table in tables):
        raise Incompatible(
            f"model {version} was fitted to another table of evidence: "
            "fit a new model with `fairuse fit`"
        )
    if (np.diff(tails.grid, axis=2) < 0).any() or not np.isfinite(tails.grid).all():
        raise Incompatible(f"model {version}: reference quantiles are not in order")


def _learnt(arrays: Mapping[str, NDArray[Any]], kind: str) -> GlassBox | None:
    prefix = f"learnt.{kind}."
    own = {name.removeprefix(prefix): arrays[name] for name in arrays if name.startswith(prefix)}
    if not own:
        return None
    try:
        return glass_box(own, len(COLUMNS))
    except Malformed as error:
        raise Incompatible(f"what {kind} has learnt is malformed: {error}") from error


def _forest(arrays: Mapping[str, NDArray[Any]], kind: str, columns: int) -> Forest | None:
    if f"forest.{kind}.norm" not in arrays:
        return None
    parts = {name: arrays[f"forest.{kind}.{name}"] for name in _FOREST}
    feature, roots, nodes = parts["feature"], parts["roots"], len(parts["feature"])
    inner = feature >= 0
    here = np.arange(nodes)[inner]
    sound = (feature < columns).all() and ((roots >= 0) & (roots < nodes)).all()
    sound &= all(len(parts[name]) == nodes for name in _FOREST[:-1])
    # Children after their parent, inside the array: a walk always ends, and never leaves it.
    for side in (parts["left"], parts["right"]) if sound else ():
        sound &= (side[inner] > here).all() and (side < nodes).all()
    if not sound:
        raise Incompatible(f"the forest of {kind} is malformed")
    return Forest(norm=float(arrays[f"forest.{kind}.norm"][0]), **parts)


def version_of(arrays: Mapping[str, NDArray[Any]], manifest: Manifest) -> str:
    """Name a model by its content: twelve hex digits over its arrays, origin and feature view.

    The origin belongs to it because only a model of real traffic may pause anyone.
    """
    digest = hashlib.blake2b(digest_size=6)
    digest.update(f"{manifest.origin}{manifest.view_fingerprint}".encode())
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        digest.update(f"{name}{array.dtype}{array.shape}".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()
