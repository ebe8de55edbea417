"""Where people are and what they hold: cities, network providers, browsers and apps.

Coordinates are coarse, AS numbers are from the private range, every agent string is of a kind seen
in ordinary web logs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from streams.simulator.chance import mixed
from streams.vocabulary import CLIENTS, NETWORKS

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray


class City(NamedTuple):
    """A place where addresses are."""

    country: str
    lat: float
    lon: float
    utc_offset: float


CITIES: Final = (
    City("US", 40.7, -74.0, -5.0),
    City("US", 34.1, -118.2, -8.0),
    City("US", 41.9, -87.6, -6.0),
    City("US", 29.8, -95.4, -6.0),
    City("US", 39.0, -77.5, -5.0),
    City("CA", 43.7, -79.4, -5.0),
    City("MX", 19.4, -99.1, -6.0),
    City("BR", -23.5, -46.6, -3.0),
    City("AR", -34.6, -58.4, -3.0),
    City("GB", 51.5, -0.1, 0.0),
    City("FR", 48.9, 2.4, 1.0),
    City("DE", 52.5, 13.4, 1.0),
    City("DE", 50.1, 8.7, 1.0),
    City("NL", 52.4, 4.9, 1.0),
    City("ES", 40.4, -3.7, 1.0),
    City("IT", 45.5, 9.2, 1.0),
    City("PL", 52.2, 21.0, 1.0),
    City("SE", 59.3, 18.1, 1.0),
    City("TR", 41.0, 29.0, 3.0),
    City("EG", 30.0, 31.2, 2.0),
    City("NG", 6.5, 3.4, 1.0),
    City("KE", -1.3, 36.8, 3.0),
    City("ZA", -26.2, 28.0, 2.0),
    City("AE", 25.2, 55.3, 4.0),
    City("IN", 19.1, 72.9, 5.5),
    City("IN", 12.9, 77.6, 5.5),
    City("PK", 24.9, 67.0, 5.0),
    City("BD", 23.8, 90.4, 6.0),
    City("TH", 13.8, 100.5, 7.0),
    City("VN", 10.8, 106.6, 7.0),
    City("ID", -6.2, 106.8, 7.0),
    City("PH", 14.6, 121.0, 8.0),
    City("SG", 1.4, 103.8, 8.0),
    City("TW", 25.0, 121.5, 8.0),
    City("KR", 37.6, 127.0, 9.0),
    City("JP", 35.7, 139.7, 9.0),
    City("AU", -33.9, 151.2, 10.0),
    City("NZ", -36.8, 174.8, 12.0),
)
DATA_CENTRES: Final = (4, 12, 13, 32)  # places in CITIES where hosting stands

COUNTRY: Final = np.array([city.country for city in CITIES])
_MARKET: Final = np.array([int.from_bytes(city.country.encode()) for city in CITIES])
OFFSET_HOURS: Final = np.array([city.utc_offset for city in CITIES])

_FIRST_ASN: Final = 64512
_ASNS: Final = 1023
_PROVIDERS: Final = {"residential": 3, "mobile": 2, "business": 6, "hosting": 3, "vpn": 3}


def asn(network: str, city: NDArray[Any] | int, who: NDArray[Any] | int) -> NDArray[np.int32]:
    """Give the provider of this kind that serves `who` in this city: a few to a country."""
    choice = mixed(who, salt=41) % np.uint64(_PROVIDERS[network])
    market = _MARKET[city] * 100 + NETWORKS[network] * 10 + choice.astype(np.int64)
    return (_FIRST_ASN + mixed(market, salt=42) % np.uint64(_ASNS)).astype(np.int32)


class Agent(NamedTuple):
    """A program that speaks to the platform, as it names itself."""

    client: int
    text: str
    hand_held: bool = False


_WEB: Final = (
    "Mozilla/5.0 ({}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0 Safari/537.36"
)
_FOX: Final = "Mozilla/5.0 ({0}; rv:{1}.0) Gecko/20100101 Firefox/{1}.0"
_SAFARI: Final = (
    "Mozilla/5.0 ({}) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/{} {}Safari/604.1"
)
_WINDOWS: Final = "Windows NT 10.0; Win64; x64"
_MAC: Final = "Macintosh; Intel Mac OS X 10_15_7"

DESKS: Final = (
    *(Agent(CLIENTS["web"], _WEB.format(_WINDOWS, v)) for v in (138, 139, 140, 141)),
    *(Agent(CLIENTS["web"], _WEB.format(_MAC, v)) for v in (139, 140, 141)),
    Agent(CLIENTS["web"], _WEB.format(_WINDOWS, 140) + " Edg/140.0.0.0"),
    Agent(CLIENTS["web"], _WEB.format("X11; Linux x86_64", 140)),
    *(Agent(CLIENTS["web"], _FOX.format(_WINDOWS, v)) for v in (141, 143)),
    Agent(CLIENTS["web"], _SAFARI.format(_MAC, "18.5", "")),
    Agent(CLIENTS["web"], _SAFARI.format(_MAC, "26.0", "")),
    Agent(CLIENTS["desktop"], "StudioDesktop/4.2.1 (Windows 11)"),
    Agent(CLIENTS["desktop"], "StudioDesktop/4.2.0 (macOS 15.6)"),
    Agent(CLIENTS["plugin"], "StudioPlugin/1.9 (Editor 26.10)"),
)
_IPHONE: Final = "iPhone; CPU iPhone OS 18_5 like Mac OS X"
HAND_HELDS: Final = (
    Agent(CLIENTS["ios"], "Studio/4.18.0 (iPhone16,2; iOS 18.6)", hand_held=True),
    Agent(CLIENTS["ios"], "Studio/4.17.2 (iPhone15,3; iOS 17.7)", hand_held=True),
    Agent(CLIENTS["ios"], "Studio/4.18.0 (iPad14,5; iPadOS 18.6)", hand_held=True),
    Agent(CLIENTS["android"], "Studio/4.18.1 (Pixel 9; Android 16)", hand_held=True),
    Agent(CLIENTS["android"], "Studio/4.18.1 (SM-S928B; Android 15)", hand_held=True),
    Agent(CLIENTS["android"], "Studio/4.16.0 (Redmi Note 13; Android 14)", hand_held=True),
    Agent(CLIENTS["web"], _SAFARI.format(_IPHONE, "18.5", "Mobile/15E148 "), hand_held=True),
)
SCRIPTS: Final = (
    Agent(CLIENTS["api"], "python-requests/2.32.4"),
    Agent(CLIENTS["api"], "node"),
    Agent(CLIENTS["api"], "Go-http-client/2.0"),
    Agent(CLIENTS["api"], "okhttp/4.12.0"),
    Agent(
        CLIENTS["web"], _WEB.format("X11; Linux x86_64", 138).replace("Chrome", "HeadlessChrome")
    ),
)
AGENTS: Final = (*DESKS, *HAND_HELDS, *SCRIPTS)
FIRST_HAND_HELD: Final = len(DESKS)
FIRST_SCRIPT: Final = len(DESKS) + len(HAND_HELDS)
CLIENT_OF: Final = np.array([agent.client for agent in AGENTS], dtype=np.uint8)


def desk(rng: Generator) -> int:
    """Draw a desk machine's agent, as a place in `AGENTS`."""
    return int(rng.integers(FIRST_HAND_HELD))


def hand_held(rng: Generator) -> int:
    """Draw a phone's or tablet's agent."""
    return int(rng.integers(FIRST_HAND_HELD, FIRST_SCRIPT))


def script(rng: Generator) -> int:
    """Draw an agent that names a library or a headless browser."""
    return int(rng.integers(FIRST_SCRIPT, len(AGENTS)))
