"""Network addresses as 64-bit codes, and their text.

Shared addresses (offices, carriers, exits of VPNs, data centres) are IPv4 from the documentation
ranges; homes have an IPv6 /48 of 2001:db8::/32 or, for want of documentation addresses, a pseudonym
token `h:`. A code of 0 is no address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from streams.simulator.chance import mixed

if TYPE_CHECKING:
    from numpy.typing import NDArray

OFFICES: Final = 0  # 192.0.2.0/24
EXITS: Final = 1  # 198.51.100.0/24: VPNs and data centres
CARRIERS: Final = 2  # 203.0.113.0/24: mobile carriers and hotels
_RANGES: Final = np.array([0xC0000200, 0xC6336400, 0xCB007100], dtype=np.uint64)

_V4: Final = np.uint64(1 << 56)
_V6: Final = np.uint64(2 << 56)
_TOKEN: Final = np.uint64(3 << 56)
_REST: Final = np.uint64((1 << 56) - 1)
_HOSTS: Final = 254


def shared(range_: int, which: NDArray[Any] | int) -> NDArray[np.uint64]:
    """IPv4 addresses of one documentation range, the same for the same `which`."""
    host = mixed(which, salt=11 + range_) % np.uint64(_HOSTS) + np.uint64(1)
    codes: NDArray[np.uint64] = _V4 | (_RANGES[range_] + host)
    return codes


def home_v6(home: int, host: NDArray[Any]) -> NDArray[np.uint64]:
    """IPv6 addresses inside the /48 of a home."""
    prefix = mixed(home, salt=21) % np.uint64(0xFFFF) + np.uint64(1)
    return _V6 | (prefix << np.uint64(40)) | (mixed(host, salt=22) >> np.uint64(24))


def token(of: NDArray[Any]) -> NDArray[np.uint64]:
    """Pseudonym tokens, one to a number."""
    return _TOKEN | (mixed(of, salt=31) & _REST)


def text(code: int) -> str | None:
    """Write the address as the contract does."""
    kind, rest = code >> 56, code & int(_REST)
    if kind == int(_V4) >> 56:
        return ".".join(str(rest >> shift & 255) for shift in (24, 16, 8, 0))
    if kind == int(_V6) >> 56:
        words = (rest >> 40, rest >> 24 & 0xFFFF, rest >> 8 & 0xFFFF, rest & 0xFF)
        return f"2001:db8:{words[0]:x}::{words[1]:x}:{words[2]:x}:{words[3]:x}"
    return f"h:{rest:014x}" if kind else None
