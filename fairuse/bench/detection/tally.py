"""What an account is like to the platform: place, network, plan, volume, and the quota it used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from streams.vocabulary import MODES, NETWORKS, EventType

if TYPE_CHECKING:
    from numpy.typing import NDArray

ACCOUNT: Final = np.dtype(
    [
        ("account", "u8"),  # hash
        ("first_t", "i8"),
        ("last_t", "i8"),
        ("events", "i8"),
        ("requests", "i8"),
        ("units", "f8"),  # of quota
        ("country", "u2"),  # where most requests came from, as the events name it
        ("network", "u1"),  # by which most requests came
        ("plan", "u8"),  # the last, as the events name it
    ]
)


class Tally:
    """Counts as the events go by; a row an account, in the order of the feature state's rows."""

    def __init__(self) -> None:
        self.facts = np.zeros(1024, dtype=ACCOUNT)
        self.networks = np.zeros((1024, len(NETWORKS) + 1), dtype=np.int64)
        self.countries: dict[tuple[int, int], int] = {}
        self.accounts = 0

    def learn(
        self, rows: NDArray[np.int64], events: NDArray[Any], accounts: int
    ) -> NDArray[np.float64]:
        """Count a batch; returns the quota each event's account had used by then, shape (n,)."""
        self._make_room(accounts)
        facts = self.facts
        new = facts["events"][rows] == 0
        who, first = np.unique(rows[new], return_index=True)
        facts["account"][who] = events["account"][new][first]
        facts["first_t"][who] = events["t"][new][first]
        np.add.at(facts["events"], rows, 1)
        np.maximum.at(facts["last_t"], rows, events["t"])
        planned = events["plan"] != 0
        facts["plan"][rows[planned]] = events["plan"][planned]
        asked = events["type"] == EventType.GENERATION_REQUESTED
        self._requested(rows[asked], events[asked])
        units = np.nan_to_num(events["units"])
        return _running(
            facts["units"], rows, units * (asked & (events["mode"] != MODES["credits"]))
        )

    def told(self) -> NDArray[Any]:
        """Give the facts of every account, shape (accounts,)."""
        facts = self.facts[: self.accounts]
        facts["network"] = self.networks[: self.accounts].argmax(axis=1)
        most = np.zeros(self.accounts, dtype=np.int64)
        for (row, country), count in sorted(self.countries.items()):
            if count > most[row]:
                most[row], facts["country"][row] = count, country
        return facts

    def _requested(self, rows: NDArray[np.int64], events: NDArray[Any]) -> None:
        np.add.at(self.facts["requests"], rows, 1)
        np.add.at(self.networks, (rows, events["network"]), 1)
        pairs = np.stack([rows, events["country"].astype(np.int64)])
        found, counts = np.unique(pairs, axis=1, return_counts=True)
        for row, country, count in zip(*found.tolist(), counts.tolist(), strict=True):
            self.countries[row, country] = self.countries.get((row, country), 0) + count

    def _make_room(self, accounts: int) -> None:
        self.accounts = accounts
        if accounts > len(self.facts):
            self.facts = np.concatenate([self.facts, np.zeros(accounts, dtype=ACCOUNT)])
            more = np.zeros((accounts, self.networks.shape[1]), dtype=np.int64)
            self.networks = np.concatenate([self.networks, more])


def _running(
    used: NDArray[np.float64], rows: NDArray[np.int64], units: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Add up units an account, event by event; `used` remembers where the accounts got to."""
    out = np.empty(len(rows))
    if not len(rows):
        return out
    order = np.argsort(rows, kind="stable")
    who, first = np.unique(rows[order], return_index=True)
    total = np.cumsum(units[order])
    before = (total - units[order])[first]
    out[order] = total - np.repeat(before - used[who], np.diff(np.append(first, len(rows))))
    used[who] = out[order][np.append(first[1:], len(rows)) - 1]
    return out
