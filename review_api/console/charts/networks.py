"""The networks an account came by, and what it asked for: tables, since no map tells as much."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from review_api.console.charts.drawing import Table, at
from streams.vocabulary import MEDIA, MODES, EventType

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from review_api.activity import Act, Activity

SHOWN: Final = 8
SHOWN_OPENED: Final = 60
_MEDIA: Final = {code: word for word, code in MEDIA.items()}
_MODES: Final = {code: word for word, code in MODES.items()}


@dataclass(frozen=True, slots=True)
class NetworkLine:
    """One network; `share` is of the events drawn, `address` as this visitor may read it."""

    address: str
    kind: str
    country: str
    asn: int | None
    first_seen: datetime
    last_seen: datetime
    share: float
    accounts: int | None


@dataclass(frozen=True, slots=True)
class NetworkTable:
    """The networks of the events drawn, the most used first."""

    lines: tuple[NetworkLine, ...]
    left_out: int
    countries: int


def list_networks(
    activity: Activity, address_of: Callable[[str, str], str], most: int = SHOWN
) -> NetworkTable:
    """List the networks; `address_of` is given an address masked and sealed."""
    used = Counter(act.network for act in activity.acts)
    known = [(activity.networks[name], count) for name, count in used.most_common()
             if name in activity.networks]  # fmt: skip
    lines = tuple(
        NetworkLine(
            address=address_of(network.masked, network.sealed) or "not said",
            kind=network.kind or "not said",
            country=network.country or "not said",
            asn=network.asn,
            first_seen=at(network.first_t),
            last_seen=at(network.last_t),
            share=count / len(activity.acts),
            accounts=network.accounts,
        )
        for network, count in known[:most]
    )
    countries = {network.country for network, _ in known if network.country}
    return NetworkTable(lines, len(used) - len(lines), len(countries))


def list_jobs(acts: Iterable[Act]) -> Table:
    """Count jobs by model, medium and mode, with their units and who started them."""
    jobs: Counter[tuple[str, ...]] = Counter()
    units: defaultdict[tuple[str, ...], float] = defaultdict(float)
    for act in acts:
        if act.type != EventType.GENERATION_REQUESTED:
            continue
        name = (
            act.model or "not said",
            _MEDIA.get(act.media, "not said"),
            _MODES.get(act.mode, "not said"),
            act.feature or "no official feature",
        )
        jobs[name] += 1
        units[name] += act.units
    rows = tuple((*name, str(count), f"{units[name]:g}") for name, count in jobs.most_common(SHOWN))
    heads = ("Model", "Medium", "Mode", "Started by", "Jobs", "Units")
    return Table(heads, rows, len(jobs) - len(rows))
