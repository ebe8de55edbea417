"""Where accounts are: country and kind of network of the last event of each month."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from detectors.memory import MONTH

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from features.state import FeatureState
    from streams.columns import EventBatch


@dataclass
class Places:
    """Learns batches of one partition, for `span` months from `first` on."""

    first: int
    span: int

    def __post_init__(self) -> None:
        self.country = np.zeros((0, self.span), dtype=np.uint16)
        self.network = np.zeros((0, self.span), dtype=np.uint8)

    def learn(self, batch: EventBatch, state: FeatureState) -> None:
        month = batch.events["t"] // MONTH - self.first
        inside = (month >= 0) & (month < self.span)
        if not inside.any():
            return
        rows = state.rows_of(batch)
        for name in ("country", "network"):
            held, said = getattr(self, name), batch.events[name]
            if len(held) < state.accounts:
                wider = np.zeros((max(state.accounts, 2 * len(held)), self.span), dtype=held.dtype)
                wider[: len(held)] = held
                setattr(self, name, wider)
                held = wider
            known = inside & (said > 0)
            # Of several events of one account the last is written last, and stays.
            held[rows[known], month[known]] = said[known]

    def of(self, ended: NDArray[Any]) -> tuple[NDArray[np.uint16], NDArray[np.uint8]]:
        month = ended["month"] - self.first
        known = (month < self.span) & (ended["row"] < len(self.country))
        country, network = np.zeros(len(ended), np.uint16), np.zeros(len(ended), np.uint8)
        country[known] = self.country[ended["row"][known], month[known]]
        network[known] = self.network[ended["row"][known], month[known]]
        return country, network
