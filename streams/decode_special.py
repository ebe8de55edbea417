"""Times and addresses: the plain ones compiled, the rest one by one through the authority.

The authority on a time is msgspec (RFC 3339), on an address the standard library's `ipaddress`.
"""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, Final

import msgspec
import numpy as np
import pyarrow as pa

from streams import decode_kernels as kernels
from streams.decode_spans import Spans, mask
from streams.hashing import hash_spans

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Times = tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.bool_]]
    Hashes = tuple[NDArray[np.uint64], NDArray[np.uint64], NDArray[np.bool_]]

_RFC_3339: Final = Annotated[datetime, msgspec.Meta(tz=True)]
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_REMEMBERED: Final = 1 << 16
_NETWORK_BITS: Final = 48


def read_times(column: pa.Array) -> Times:
    """Read text or timestamps as microseconds: the times, which are there, which were read."""
    if pa.types.is_timestamp(column.type):
        present = mask(column, len(column))
        times = column.cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)
        return times, present, present.copy()
    spans = Spans.of(column)
    present = spans.lengths > 0
    times, good = kernels.parse_times(*spans.parts)
    for row in np.flatnonzero(present & ~good):
        when = _time(column[int(row)].as_py())
        if when is not None:
            times[row], good[row] = when, True
    return times, present, good


@lru_cache(maxsize=_REMEMBERED)
def _time(text: str) -> int | None:
    try:
        when: datetime = msgspec.convert(text, _RFC_3339)
    except msgspec.ValidationError:
        return None
    return (when - _EPOCH) // timedelta(microseconds=1)


def read_addresses(column: pa.Array, spans: Spans, low: Any, high: Any) -> Hashes:
    """Hash addresses and their blocks; the third array says which could be read.

    Texts that mean the same address give the same hash: IPv6 is hashed in its shortest form, an
    IPv4 address mapped into IPv6 as the IPv4 address it is.
    """
    addresses, blocks, good = kernels.hash_addresses(*spans.parts, low, high)
    rows, named = [], []
    for row in np.flatnonzero((spans.lengths > 0) & ~good):
        names = _names(column[int(row)].as_py())
        if names is not None:
            rows.append(row)
            named.append(names)
    if rows:
        for hashes, texts in zip((addresses, blocks), zip(*named, strict=True), strict=True):
            parts = Spans.of(pa.array(texts, pa.large_string())).parts
            hashes[rows] = hash_spans(*parts, low, high)
        good[rows] = True
    return addresses, blocks, good


@lru_cache(maxsize=_REMEMBERED)
def _names(text: str) -> tuple[str, str] | None:
    """Name an address and its block: a /24 of IPv4 up to the last dot, a /48 of IPv6."""
    if "%" in text:  # a zone means something on one machine only
        return None
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address):
        mapped = address.ipv4_mapped
        if mapped is None:
            shift = 128 - _NETWORK_BITS
            block = ipaddress.IPv6Address(int(address) >> shift << shift)
            return str(address), f"{block}/{_NETWORK_BITS}"
        address = mapped
    return str(address), str(address).rpartition(".")[0]
