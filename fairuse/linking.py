"""`fairuse links`: the full graph of linked accounts from archived events.

The events go through the same table as live ones, in their order; attributes that were never shown
again are taken from it at the end.
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Final

import numpy as np

from detectors.association import HOUSEHOLD
from detectors.linkgraph import link_graph
from fairuse.archived import Reading
from fairuse.errors import WrongInputError
from fairuse.labels import read_labels
from fairuse.progress import meter
from features.links import LinkTable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from detectors.linkgraph import Graph
    from fairuse.settings import Settings
    from features.links import Sighting

COLUMNS: Final = (
    "account_id", "component", "component_size", "linked", "confirmed", "burst", "strongest",
    "reasons",
)  # fmt: skip
SAID: Final = 20  # components named in the result


def link_files(
    settings: Settings, paths: Sequence[str], out: Path, labels: Path | None
) -> dict[str, object]:
    """Write one CSV row for each account that shares anything, and give the largest components.

    `labels` say which accounts people found to break the rules.
    """
    known = read_labels(labels) if labels else {}
    confirmed = frozenset(account for account, kind in known.items() if kind)
    reading = Reading(paths, settings)
    graph = link_graph(replay(settings, reading), confirmed)
    _write(out, graph)
    return {
        "accounts": len(graph.accounts),
        "linked": int((graph.component_size > 1).sum()),
        "components": len(set(graph.component[graph.component_size > 1].tolist())),
        "dead_letters": reading.dead,
        "to_review": sum(bool(graph.codes(row)) for row in range(len(graph.accounts))),
        "beyond_a_household": list(_components(graph, confirmed)),
        "out": str(out),
    }


def replay(settings: Settings, reading: Reading) -> list[Sighting]:
    """Give every sighting of a shared attribute in the files."""
    table, told, last = LinkTable(settings.link_attributes), [], 0
    with meter("events read") as shown:
        for batch in reading.batches(shown):
            told += table.update(batch)
            last = max(last, int(batch.events["t"].max(initial=0)))
    return told + list(table.held(last))


def _components(graph: Graph, confirmed: frozenset[str]) -> Iterator[dict[str, int]]:
    """Tell of the largest components, those with more accounts than a household has."""
    number, first = np.unique(graph.component, return_index=True)
    for component, row in list(zip(number.tolist(), first.tolist(), strict=True))[:SAID]:
        size = int(graph.component_size[row])
        if size > HOUSEHOLD:
            inside = np.flatnonzero(graph.component == component)
            yield {
                "component": component,
                "accounts": size,
                "confirmed": sum(graph.accounts[row] in confirmed for row in inside),
                "burst": int(graph.burst[inside].max()),
            }


def _write(out: Path, graph: Graph) -> None:
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with out.open("w", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(COLUMNS)
            writer.writerows(_row(graph, row) for row in range(len(graph.accounts)))
    except OSError as error:
        raise WrongInputError(f"{out}: {error.strerror or error}") from error


def _row(graph: Graph, row: int) -> tuple[object, ...]:
    return (
        graph.accounts[row], int(graph.component[row]), int(graph.component_size[row]),
        int(graph.linked[row]), int(graph.confirmed[row]), int(graph.burst[row]),
        f"{graph.strongest[row]:.6f}", ";".join(graph.codes(row)),
    )  # fmt: skip
