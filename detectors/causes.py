"""The tests behind the innocent explanations: observed figures in, a standing and a sentence out.

Each test has a figure from which the explanation is supported and one to which it is contradicted;
what lies between speaks for neither and is unknown. The limits are chosen by hand, where a
reviewer would stop asking; those of devices with real traces in view. A test is only called with
the figures it needs known.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from detectors.verdict import Standing
from features.view import VIEW

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

AIRLINER_KMH: Final = 1000.0
MANY_DEVICES: Final = 4  # the most that one person is taken to use
OWN_DAYS: Final = 0.35  # nats that the device tells of the day
BUSIER: Final = 2.0  # times the platform's usual rate; an evening alone reaches half as much again
SLOWER: Final = 1.5  # times the platform's usual waiting time

Found = tuple[Standing, str]


@dataclass(frozen=True, slots=True)
class Observed:
    """The figures of one vector by name; NaN for one that is unknown or that the view lacks."""

    figures: Mapping[str, float]

    @classmethod
    def of(cls, vector: NDArray[np.float64]) -> Observed:
        """Name the figures of a vector, shape (WIDTH,)."""
        return cls(dict(zip(VIEW.names, vector.tolist(), strict=True)))

    def __getitem__(self, name: str) -> float:
        return self.figures.get(name, math.nan)


def graded(value: float, against: float, enough: float) -> Standing:
    """Supported from `enough` on, contradicted up to `against`, unknown between them."""
    if value >= enough:
        return Standing.SUPPORTED
    return Standing.CONTRADICTED if value <= against else Standing.UNKNOWN


def percent(share: float) -> str:
    """Say a share; what is little is not said to be nothing, nor nearly all to be all."""
    if 0.0 < share < 0.01:
        return "less than 1 %"
    return f"{math.floor(100.0 * share + 1e-9):.0f} %"


def office_or_carrier_network(seen: Observed) -> Found:
    mobile, business = seen["mobile_share"], seen["business_share"]
    return graded(mobile + business, 0.02, 0.5), (
        f"{percent(mobile)} of requests come from a mobile carrier's network "
        f"and {percent(business)} from a company's"
    )


def travel(seen: Observed) -> Found:
    """Supported by far moves no faster than an airliner, of devices that keep no days of their own.

    Devices that stay in two places and take turns are no traveller's, however slowly they do.
    """
    kmh, same, days = seen["travel_kmh"], seen["travel_same_device"], seen["device_day_information"]
    if kmh <= 0.0:
        return Standing.CONTRADICTED, "no two requests came from places far apart"
    said = f"the fastest move between far places was at {math.expm1(kmh):,.0f} km/h"
    if math.expm1(kmh) > AIRLINER_KMH:
        also = "" if math.isnan(same) else f"; one device made {percent(same)} of such moves"
        return Standing.CONTRADICTED, f"{said}, faster than an airliner{also}"
    if math.isnan(days):
        return Standing.UNKNOWN, f"{said}; of the devices too little is known"
    if days >= OWN_DAYS:
        return Standing.UNKNOWN, f"{said}, but each device has its own days"
    return Standing.SUPPORTED, f"{said}, an airliner's or less"


def vpn(seen: Observed) -> Found:
    share = seen["vpn_share"]
    return graded(share, 0.01, 0.2), f"{percent(share)} of requests come through a VPN"


def family(seen: Observed) -> Found:
    share = seen["household_share"]
    if seen["devices"] <= 0.0:
        return Standing.CONTRADICTED, "only one device is in regular use"
    return graded(share, 0.2, 0.8), (
        f"in {percent(share)} of the time in which two devices were in use, "
        "both were on one network"
    )


def two_devices(seen: Observed) -> Found:
    """Supported by two to four devices, not used at once, with no days or hours of their own.

    A device that predicts the day or the hour belongs to another person, or to another place; a
    phone and a desktop of one person predict little.
    """
    count, overlap = round(math.exp(seen["devices"])), seen["device_overlap_share"]
    hours, days = seen["device_hour_information"], seen["device_day_information"]
    if count < 2:
        return Standing.CONTRADICTED, "only one device is in regular use"
    said = (
        f"{count} devices are in regular use, two at once for {percent(overlap)} of the time; the "
        f"device goes with the day to {days:.2f} nats and with the hour to {hours:.2f}"
    )
    if count > MANY_DEVICES or max(overlap / 0.1, hours / 0.3, days / 0.6) >= 1.0:
        return Standing.CONTRADICTED, said
    if max(overlap / 0.02, hours / 0.1, days / OWN_DAYS) <= 1.0:
        return Standing.SUPPORTED, said
    return Standing.UNKNOWN, said


def official_client(seen: Observed) -> Found:
    share = seen["attested_share"]
    return graded(share, 0.1, 0.9), (
        f"{percent(share)} of requests come from a client that proved to be the official one"
    )


def batch_feature(seen: Observed) -> Found:
    share = seen["official_share"]
    return graded(share, 0.01, 0.3), (
        f"{percent(share)} of requests were made by official features such as batch"
    )


def accessibility(seen: Observed) -> Found:
    keys = seen["keys_share"]
    if seen["gestures_per_request"] <= 0.0:
        return Standing.UNKNOWN, "no pointer or key stroke was reported at all"
    if keys >= 0.98:
        return Standing.SUPPORTED, "the page is worked by keys alone, with no pointer"
    return graded(keys, 0.8, 0.98), f"{percent(1.0 - keys)} of all strokes are a pointer's"


def contest(seen: Observed) -> Found:
    """Supported by a platform that is busy everywhere: a contest, a new model, a deadline."""
    surge = seen["platform_surge"]
    return graded(surge, math.log(1.5), math.log(BUSIER)), (
        f"the whole platform is {math.exp(surge):.1f} times as busy as usual"
    )


def platform_latency(seen: Observed) -> Found:
    shift = seen["platform_latency_shift"]
    return graded(shift, math.log(1.1), math.log(SLOWER)), (
        f"results of the whole platform take {math.exp(shift):.1f} times as long as usual"
    )
