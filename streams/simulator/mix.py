"""Which personas a simulated population holds, and what kind of use each is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

KINDS: Final[Mapping[str, str]] = {
    "casual": "",
    "power_user": "",
    "night_owl": "",
    "traveller": "",
    "vpn_user": "",
    "family_member": "",
    "office_worker": "",
    "two_devices": "",
    "batch_user": "",
    "contest_entrant": "",
    "accessibility_user": "",
    "shift_worker": "",
    "insomniac": "",
    "carrier_user": "",
    "classroom_pupil": "",
    "macro_keyboard": "",
    "travelling_vpn": "",
    "fixed_interval_bot": "automation",
    "jittered_bot": "automation",
    "sleeping_bot": "automation",
    "closed_loop_bot": "automation",
    "cron_batch": "automation",
    "session_replay": "automation",
    "account_farm": "automation",
    "copied_cookie": "scripting",
    "headless_script": "scripting",
    "human_plus_script": "scripting",
    "shared_by_2": "credential_sharing",
    "shared_by_3": "credential_sharing",
    "shared_by_5": "credential_sharing",
    "resale_pool": "reselling",
    "reseller_proxy": "reselling",
}
"""Persona name to the kind an account of it is labelled with; empty is honest."""

_GOLDEN: Final = (5**0.5 - 1) / 2


@dataclass(frozen=True, slots=True)
class Mix:
    """Shares of personas, by name; they need not add up to one."""

    shares: Mapping[str, float]

    def __post_init__(self) -> None:
        unknown = sorted(set(self.shares) - set(KINDS))
        if unknown:
            raise ValueError(f"no such persona: {', '.join(unknown)}")
        if any(share < 0 for share in self.shares.values()) or not sum(self.shares.values()) > 0:
            raise ValueError("shares of personas are not negative, and some are above nothing")

    def personas(self, count: int, seed: int) -> Iterator[str]:
        """Name one persona an account, evenly spread, so that a small population holds them too.

        The n-th name does not depend on how many follow.
        """
        names = list(self.shares)
        edges = np.cumsum(list(self.shares.values()))
        start = np.random.default_rng(seed).random()
        for number in range(count):
            turn = (start + number * _GOLDEN) % 1.0 * edges[-1]
            yield names[min(int(np.searchsorted(edges, turn, side="right")), len(names) - 1)]


def mix_of(persona: str) -> Mix:
    """Give a population of one persona only."""
    return Mix({persona: 1.0})


DEFAULT_MIX: Final = Mix(
    {
        "casual": 0.21,
        "carrier_user": 0.03,
        "shift_worker": 0.025,
        "insomniac": 0.02,
        "classroom_pupil": 0.02,
        "macro_keyboard": 0.015,
        "travelling_vpn": 0.02,
        "power_user": 0.10,
        "night_owl": 0.07,
        "traveller": 0.06,
        "vpn_user": 0.06,
        "family_member": 0.07,
        "office_worker": 0.06,
        "two_devices": 0.06,
        "batch_user": 0.04,
        "contest_entrant": 0.03,
        "accessibility_user": 0.03,
        "fixed_interval_bot": 0.006,
        "jittered_bot": 0.004,
        "sleeping_bot": 0.004,
        "closed_loop_bot": 0.008,
        "cron_batch": 0.006,
        "session_replay": 0.006,
        "account_farm": 0.006,
        "copied_cookie": 0.004,
        "headless_script": 0.003,
        "human_plus_script": 0.008,
        "shared_by_2": 0.006,
        "shared_by_3": 0.005,
        "shared_by_5": 0.004,
        "resale_pool": 0.005,
        "reseller_proxy": 0.005,
    }
)
"""About 92 % honest, 8 % abusive."""
