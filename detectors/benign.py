"""Innocent explanations, each tested on what was observed: supported, contradicted or unknown.

The vocabulary is closed and every cause is tested for every verdict: `detectors.causes` holds the
tests, this module what they may excuse and what follows. Restraint follows, and nothing else: a
strong value that a supported explanation covers is no evidence for a pause. It stays in the score,
so a person still looks. Hard evidence is not excused: its rules leave these causes out themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import numpy as np

from detectors import causes
from detectors.causes import Observed
from detectors.evidence import EVIDENCE
from detectors.verdict import Benign, Standing

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from numpy.typing import NDArray


class Cause(StrEnum):
    """What innocently looks like abuse."""

    OFFICE_OR_CARRIER_NETWORK = "office_or_carrier_network"
    TRAVEL = "travel"
    VPN = "vpn"
    FAMILY = "family"
    TWO_DEVICES = "two_devices"
    OFFICIAL_CLIENT = "official_client"
    BATCH_FEATURE = "batch_feature"
    ACCESSIBILITY = "accessibility"
    CONTEST = "contest"
    PLATFORM_LATENCY = "platform_latency"


@dataclass(frozen=True, slots=True)
class Explanation:
    """One cause: its test, the figures the test `needs`, and the reason codes it `explains`.

    `missing` is what is said while one of the figures is not known.
    """

    cause: Cause
    test: Callable[[Observed], tuple[Standing, str]]
    needs: tuple[str, ...]
    missing: str
    explains: frozenset[str]

    def found(self, seen: Observed) -> tuple[Standing, str]:
        """Test it; unknown as long as a needed figure is."""
        if any(np.isnan(seen[name]) for name in self.needs):
            return Standing.UNKNOWN, self.missing
        return self.test(seen)


_SWITCHING: Final = frozenset({
    "many_devices", "devices_in_equal_use", "interleaved_devices", "fast_device_switches",
})  # fmt: skip
_OWN_TIMES: Final = frozenset({
    "devices_on_their_own_days", "devices_at_their_own_hours", "devices_with_their_own_models",
})  # fmt: skip
_RHYTHM: Final = frozenset({
    "even_gaps", "even_gaps_lately", "predictable_gaps", "repeating_rhythm", "similar_gaps",
    "similar_gaps_lately", "narrow_gaps", "gaps_without_memory", "even_reactions",
    "even_reactions_lately",
})  # fmt: skip
_INSTANT: Final = frozenset({"instant_reactions", "instant_reactions_lately"})
_NOT_VIEWED: Final = frozenset({"results_not_viewed", "results_not_viewed_lately"})
_NO_GESTURES: Final = frozenset({"no_gestures", "no_gestures_lately"})
_MOVING: Final = frozenset({"many_networks", "unlikely_logins"})
_AT_ALL_HOURS: Final = frozenset({"all_hours", "no_quiet_hours"})

EXPLANATIONS: Final[tuple[Explanation, ...]] = (
    Explanation(
        Cause.OFFICE_OR_CARRIER_NETWORK, causes.office_or_carrier_network,
        ("mobile_share", "business_share"),
        "the kinds of network that requests came from are not known",
        _MOVING | {"too_fast_between_places", "results_fetched_elsewhere"},
    ),
    Explanation(
        Cause.TRAVEL, causes.travel, ("travel_kmh",),
        "too few places of requests are known",
        _MOVING | _AT_ALL_HOURS | {"many_countries"},
    ),
    Explanation(
        Cause.VPN, causes.vpn, ("vpn_share",),
        "it is not known whether requests came through a VPN",
        _MOVING | {
            "many_countries", "hosting_network", "too_fast_between_places",
            "results_fetched_elsewhere",
        },
    ),
    Explanation(
        Cause.FAMILY, causes.family, ("devices", "household_share"),
        "two devices were not yet seen in use at the same time",
        _SWITCHING | _OWN_TIMES,
    ),
    Explanation(
        Cause.TWO_DEVICES, causes.two_devices,
        ("devices", "device_day_information", "device_hour_information", "device_overlap_share"),
        "too little is known of the devices",
        _SWITCHING | {"many_networks"},
    ),
    Explanation(
        Cause.OFFICIAL_CLIENT, causes.official_client, ("attested_share",),
        "no client was asked to prove what it is",
        _NOT_VIEWED | _NO_GESTURES | _INSTANT | {"declared_program", "one_track"},
    ),
    Explanation(
        Cause.BATCH_FEATURE, causes.batch_feature, ("official_share",),
        "it is not known which requests official features made",
        _NOT_VIEWED | _INSTANT | {
            "template_prompts", "filled_templates", "parameter_sweep", "counting_seeds",
            "rapid_requests",
        },
    ),
    Explanation(
        Cause.ACCESSIBILITY, causes.accessibility, ("keys_share", "gestures_per_request"),
        "pointer and key strokes are not reported",
        _RHYTHM | _NO_GESTURES | {"one_track"},
    ),
    Explanation(
        Cause.CONTEST, causes.contest, ("platform_surge",),
        "it is not known how busy the whole platform was",
        _AT_ALL_HOURS | {"long_days", "long_stretch", "rapid_requests"},
    ),
    Explanation(
        Cause.PLATFORM_LATENCY, causes.platform_latency, ("platform_latency_shift",),
        "the platform's own waiting times are not known",
        _RHYTHM | _INSTANT | {"rapid_requests"},
    ),
)  # fmt: skip


def standings(seen: Observed, codes: Collection[str] = ()) -> list[Benign]:
    """Test every explanation; those that could explain one of the reason `codes` come first.

    Among equals the supported ones lead, then the contradicted, then what is not known.
    """
    found = []
    for explanation in EXPLANATIONS:
        standing, sentence = explanation.found(seen)
        found.append(
            Benign(
                cause=explanation.cause,
                standing=standing,
                sentence=sentence,
                explains=[code for code in codes if code in explanation.explains],
            )
        )
    order = tuple(Standing)
    return sorted(found, key=lambda one: (not one.explains, order.index(one.standing)))


def covered(seen: Observed) -> frozenset[str]:
    """Give the reason codes that the supported explanations cover."""
    standing: Iterable[frozenset[str]] = (
        explanation.explains
        for explanation in EXPLANATIONS
        if explanation.found(seen)[0] is Standing.SUPPORTED
    )
    return frozenset().union(*standing)


def unexplained(vector: NDArray[np.float64], nats: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the tail values (F,) of a vector (WIDTH,) as a pause may count them: 0 where covered."""
    excused = covered(Observed.of(vector))
    mask = np.array([evidence.code in excused for evidence in EVIDENCE])
    return np.where(mask, 0.0, nats)
