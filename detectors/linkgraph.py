"""The full graph of linked accounts, once a night: who belongs together, and how closely.

A bipartite matrix of accounts and shared attributes, weighted as `detectors.association` says; its
product with itself gives the strength of every link, and what is strong enough makes components.
The figures are for training and for people; no component pauses anyone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from detectors.association import CONFIRMED, MOST, SHARED, STRONG, Attribute, Code

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from features.links import Sighting

NAMES: Final = ("component_size", "confirmed_share", "burst", "strongest")
"""The link features of an account, in the order of `Graph.features`."""
ALONE: Final = (1.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Graph:
    """Accounts that share anything, and what links them; every array has shape (n,).

    `component` numbers the components from the largest, 0 upwards; `linked` counts the accounts
    linked to each, `confirmed` those of them that were found to break the rules; `burst` is the
    most new accounts of one day on a private device or connection, itself among them; `strongest`
    is the strength of its strongest link.
    """

    accounts: tuple[str, ...]
    component: NDArray[np.int64]
    component_size: NDArray[np.int64]
    linked: NDArray[np.int64]
    confirmed: NDArray[np.int64]
    burst: NDArray[np.int64]
    strongest: NDArray[np.float64]

    def codes(self, row: int) -> list[Code]:
        """Give the reasons for which a person should look at one account; mostly none."""
        found = []
        if self.confirmed[row] >= CONFIRMED:
            found.append(Code.LINKED_TO_CONFIRMED)
        if self.burst[row]:  # counted only where more came than a household has
            found.append(Code.FIRST_SEEN_TOGETHER)
        return found

    def features(self, account_ids: Sequence[str]) -> NDArray[np.float64]:
        """Give the columns of `NAMES` for these accounts; one that shares nothing stands alone.

        Returns
        -------
        ndarray
            Shape (len(account_ids), 4).

        """
        share = self.confirmed / np.maximum(self.linked, 1)
        known = np.column_stack([self.component_size, share, self.burst, self.strongest])
        rows = {account: row for row, account in enumerate(self.accounts)}
        found = np.tile(ALONE, (len(account_ids), 1))
        here = [(place, rows[name]) for place, name in enumerate(account_ids) if name in rows]
        if here:
            places, sources = zip(*here, strict=True)
            found[list(places)] = known[list(sources)]
        return found


def link_graph(sightings: Iterable[Sighting], confirmed: Collection[str] = ()) -> Graph:
    """Build the graph from all sightings of a replay; the same whatever their order.

    `confirmed` names the accounts that people found to break the rules.
    """
    told = list(sightings)
    attributes = _newest(told)
    accounts = tuple(sorted({sighting.account_id for sighting in told}))
    strengths = _strengths(told, attributes, accounts)
    strong = strengths.copy()
    strong.data = (strengths.data >= STRONG).astype(np.int64)
    strong.eliminate_zeros()
    component, size = _components(strong)
    bad = np.array([account in confirmed for account in accounts], dtype=np.int64)
    return Graph(
        accounts=accounts,
        component=component,
        component_size=size,
        linked=strong.sum(axis=1),
        confirmed=strong @ bad,
        burst=_bursts(told, attributes, accounts),
        strongest=strengths.max(axis=1).toarray().ravel() if accounts else np.zeros(0),
    )


def _newest(told: Iterable[Sighting]) -> dict[tuple[int, int], Attribute]:
    """Give each attribute as it was last told; its figures only ever grow."""
    found: dict[tuple[int, int], Attribute] = {}
    for sighting in told:
        name = sighting.kind, sighting.key
        known = found.get(name)
        found[name] = Attribute(
            shared=SHARED[sighting.kind],
            degree=max(sighting.degree, known.degree if known else 0),
            networks=sighting.networks | (known.networks if known else 0),
            burst=max(sighting.burst, known.burst if known else 0),
        )
    return found


def _strengths(
    told: list[Sighting], attributes: Mapping[tuple[int, int], Attribute], accounts: Sequence[str]
) -> Any:
    """Give the strength of every link; sparse, shape (accounts, accounts)."""
    total = csr_array((len(accounts), len(accounts)), dtype=np.float64)
    rows = {account: row for row, account in enumerate(accounts)}
    for kind, shared in enumerate(SHARED):
        weights = {
            key: attribute.weight
            for (of, key), attribute in sorted(attributes.items())
            if of == kind and attribute.weight > 0.0
        }
        columns = {key: column for column, key in enumerate(weights)}
        edges = sorted(
            {(rows[s.account_id], s.key) for s in told if s.kind == kind and s.key in weights}
        )
        if not edges:
            continue
        halves = [weights[key] ** 0.5 for _, key in edges]
        places = ([row for row, _ in edges], [columns[key] for _, key in edges])
        matrix = csr_array((halves, places), shape=(len(accounts), len(columns)))
        links = (matrix @ matrix.T).tocsr()
        links.setdiag(0.0)
        links.data = np.minimum(links.data, MOST[shared])
        total += links
    total.eliminate_zeros()
    return total


def _components(strong: Any) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give each account the number of its component, largest first, and its size."""
    count, label = connected_components(strong, directed=False)
    sizes = np.bincount(label, minlength=count)
    order = np.argsort(-sizes, kind="stable")
    rank = np.empty(count, dtype=np.int64)
    rank[order] = np.arange(count)
    return rank[label], sizes[label].astype(np.int64)


def _bursts(
    told: Iterable[Sighting],
    attributes: Mapping[tuple[int, int], Attribute],
    accounts: Sequence[str],
) -> NDArray[np.int64]:
    """Give each account the largest burst in which it came itself."""
    found = dict.fromkeys(accounts, 0)
    for sighting in told:
        attribute = attributes[sighting.kind, sighting.key]
        if sighting.fresh and attribute.farmed:
            found[sighting.account_id] = max(found[sighting.account_id], attribute.burst)
    return np.array(list(found.values()), dtype=np.int64)
