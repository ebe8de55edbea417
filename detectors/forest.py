"""Isolation forests: fitted by scikit-learn, kept and scored as flat arrays.

scikit-learn's scores fall as points get stranger, ours rise; the flip lives here and nowhere else.
Source: Liu, Ting and Zhou, "Isolation Forest", ICDM 2008.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Forest:
    """T trees laid end to end: N nodes, children always after their parent.

    `feature` (N,) is -1 at a leaf; `threshold` (N,); `left` and `right` (N,) absolute positions;
    `depth` (N,) the expected path length that ends at a leaf; `roots` (T,); `norm` the average
    path length of the sample size. Features count within the forest's own columns.
    """

    feature: NDArray[np.int32]
    threshold: NDArray[np.float64]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    depth: NDArray[np.float64]
    roots: NDArray[np.int32]
    norm: float

    def score(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Score rows of shape (n, features) in (0, 1]; higher is stranger."""
        out = np.empty(len(rows))
        score_rows(
            rows, self.feature, self.threshold, self.left, self.right, self.depth, self.roots,
            self.norm, out,
        )  # fmt: skip
        return out


def average_path(count: float) -> float:
    """Give the expected path of a failed search among `count` points (Liu et al., eq. 1)."""
    if count <= 1:
        return 0.0
    if count <= 2:
        return 1.0
    return 2.0 * (math.log(count - 1.0) + float(np.euler_gamma)) - 2.0 * (count - 1.0) / count


def fit(rows: NDArray[np.float64], *, trees: int = 100, seed: int = 0) -> Forest:
    """Fit an isolation forest to rows of shape (n, features), all finite, and flatten it."""
    # Scoring needs none of it, and importing it takes longer than most verbs run.
    from sklearn.ensemble import IsolationForest  # noqa: PLC0415

    model = IsolationForest(n_estimators=trees, random_state=seed, n_jobs=1).fit(rows)
    parts: list[tuple[Any, ...]] = []
    roots, base = [], 0
    for member in model.estimators_:
        tree = member.tree_
        roots.append(base)
        parts.append(_flatten(tree, base))
        base += tree.node_count
    feature, threshold, left, right, depth = (
        np.concatenate(column) for column in zip(*parts, strict=True)
    )
    return Forest(
        feature.astype(np.int32), threshold, left.astype(np.int32), right.astype(np.int32), depth,
        np.array(roots, dtype=np.int32), average_path(float(model.max_samples_)),
    )  # fmt: skip


def _flatten(tree: Any, base: int) -> tuple[Any, ...]:
    leaf = tree.children_left < 0
    level = np.zeros(tree.node_count)
    for node in np.flatnonzero(~leaf):  # scikit-learn numbers children after their parent
        level[tree.children_left[node]] = level[tree.children_right[node]] = level[node] + 1.0
    extra = np.array([average_path(float(n)) for n in tree.n_node_samples])
    return (
        np.where(leaf, -1, tree.feature),
        tree.threshold.copy(),
        np.where(leaf, 0, tree.children_left + base),
        np.where(leaf, 0, tree.children_right + base),
        np.where(leaf, level + extra, 0.0),
    )


@njit(cache=True)
def score_one(
    row: Any, feature: Any, threshold: Any, left: Any, right: Any, depth: Any, roots: Any,
    norm: float,
) -> float:  # fmt: skip
    total = 0.0
    for root in roots:
        node = root
        while feature[node] >= 0:
            # scikit-learn compares in single precision.
            smaller = np.float32(row[feature[node]]) <= threshold[node]
            node = left[node] if smaller else right[node]
        total += depth[node]
    return float(2.0 ** (-total / (len(roots) * norm)))


@njit(cache=True)
def score_rows(
    rows: Any, feature: Any, threshold: Any, left: Any, right: Any, depth: Any, roots: Any,
    norm: float, out: Any,
) -> None:  # fmt: skip
    for i in range(len(rows)):
        out[i] = score_one(rows[i], feature, threshold, left, right, depth, roots, norm)
