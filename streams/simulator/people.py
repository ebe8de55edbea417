"""Who a person is to the network: devices, home, carrier, office, school, journeys, VPN.

`meet` draws a person, `origins` says from which device and address each of their sittings comes.
Strangers share addresses wherever real ones do: a family's home, an office, a carrier's gateway, a
hotel, a VPN's exit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from streams.simulator import addresses, world
from streams.simulator.catalogue import DAY, HOUR
from streams.simulator.chance import happens, mixed
from streams.simulator.rows import ABSENT, SITTING
from streams.vocabulary import CLIENTS, NETWORKS

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

    from streams.simulator.habits import Habits

_SCHOOLS: Final = 1 << 20
_COMPUTERS: Final = 16
_ATTESTING: Final = (CLIENTS["ios"], CLIENTS["android"])


@dataclass(frozen=True, slots=True)
class Person:
    """One human being with what they hold and where they live."""

    number: int  # names their addresses
    city: int
    devices: NDArray[np.uint64]
    agents: NDArray[np.int16]
    home: int  # who lives at one address has one number
    office: int  # or school; 0 = works from home
    vpn: int  # 0 = none
    modern: bool  # the home has IPv6
    pupil: bool = False  # is at school in the morning only, at one of its computers
    subscriber: bool = False  # a carrier's gateway is all there is

    def devices_of(self, *, hand_held: bool) -> NDArray[np.int64]:
        """Places of the devices of one sort, or of all when there are none of it."""
        found = np.flatnonzero((self.agents >= world.FIRST_HAND_HELD) == hand_held)
        return found if len(found) else np.arange(len(self.devices))


def meet(
    rng: Generator, habits: Habits, number: int, group: int, city: int | None = None
) -> Person:
    """Draw a person; members of one `group` share an address where their habits say so."""
    count = int(rng.integers(1, habits.devices + 1)) if habits.both < 0.5 else habits.devices  # noqa: PLR2004 - who is known for two devices has two
    agents = [world.desk(rng) if i % 2 == 0 else world.hand_held(rng) for i in range(count)]
    if count == 1 and rng.random() < habits.phone:
        agents = [world.hand_held(rng)]
    here = int(rng.integers(len(world.CITIES))) if city is None else city
    shared = habits.share_address
    home = -1 - group if shared == "home" else number
    places = {"office": 1 + group, "school": _SCHOOLS + group}
    return Person(
        number=number,
        city=here if shared in ("", "vpn") else group % len(world.CITIES),
        devices=mixed(number * 8 + np.arange(count), salt=51),
        agents=np.array(agents, dtype=np.int16),
        home=home,
        office=places.get(shared, 0),
        vpn=1 + group if shared == "vpn" else 0,
        modern=bool(mixed(home, salt=52)[0] % np.uint64(5) < np.uint64(2)),
        pupil=shared == "school",
        subscriber=shared == "carrier",
    )


def origins(
    rng: Generator, habits: Habits, person: Person, starts: NDArray[np.int64]
) -> NDArray[Any]:
    """One row for each sitting that begins at `starts`: device, address, network, city."""
    rows = np.zeros(len(starts), dtype=SITTING)
    rows["start"] = starts
    hand = happens(rng, len(rows), habits.phone)
    place = np.where(
        hand,
        rng.choice(person.devices_of(hand_held=True), len(rows)),
        rng.choice(person.devices_of(hand_held=False), len(rows)),
    )
    hold(rows, person, place)
    at_home(rows, person)
    away = happens(rng, len(rows), 0.4) & (person.agents[place] >= world.FIRST_HAND_HELD)
    _mobile(rng, rows, person, away | person.subscriber)
    if person.office:
        local_hour = (starts / HOUR + world.OFFSET_HOURS[person.city]) % 24
        middle, half = (10.0, 3.0) if person.pupil else (13.5, 5.0)  # 7 to 13, or 8:30 to 18:30
        _office(rows, person, (np.abs(local_hour - middle) < half) & ~away)
    _journeys(rng, rows, habits.trips)
    if person.vpn:
        _vpn(rng, rows, person, happens(rng, len(rows), 0.85))
    return rows


def hold(rows: NDArray[Any], person: Person, place: NDArray[Any]) -> None:
    """Put one of the person's devices into each sitting."""
    rows["device"] = person.devices[place]
    rows["agent"] = person.agents[place]
    rows["client"] = world.CLIENT_OF[person.agents[place]]
    rows["attested"] = np.where(np.isin(rows["client"], _ATTESTING), 1, ABSENT)


class Line(NamedTuple):
    """How sittings reach the platform: one value for all of them, or one each."""

    network: str
    ip: NDArray[np.uint64]
    city: NDArray[Any] | int
    customer: NDArray[Any] | int  # decides which of the city's providers it is

    def serve(self, rows: NDArray[Any], where: NDArray[np.bool_] | bool = True) -> None:  # noqa: FBT001, FBT002 - a mask, or everywhere
        """Let the sittings of `where` come over this line."""
        rows["ip"] = np.where(where, self.ip, rows["ip"])
        rows["network"] = np.where(where, NETWORKS[self.network], rows["network"])
        rows["city"] = np.where(where, self.city, rows["city"])
        provider = world.asn(self.network, self.city, self.customer)
        rows["asn"] = np.where(where, provider, rows["asn"])


def at_home(rows: NDArray[Any], person: Person) -> None:
    """Put everyone at home: an IPv6 prefix stays, an IPv4 address changes after some weeks."""
    day = rows["start"] // DAY
    if person.modern:
        ip = addresses.home_v6(person.home, rows["device"] + day.astype(np.uint64))
    else:
        lease = 5 + int(mixed(person.home, salt=53)[0] % np.uint64(60))
        ip = addresses.token(mixed(person.home, salt=54) + (day // lease).astype(np.uint64))
    Line("residential", ip, person.city, person.home).serve(rows)


def _mobile(rng: Generator, rows: NDArray[Any], person: Person, where: NDArray[np.bool_]) -> None:
    """Put many of a city's subscribers behind a few gateways of a carrier."""
    ip = addresses.shared(addresses.CARRIERS, person.city * 4 + rng.integers(0, 4, len(rows)))
    Line("mobile", ip, person.city, person.number).serve(rows, where)


def _office(rows: NDArray[Any], person: Person, where: NDArray[np.bool_]) -> None:
    ip = addresses.shared(addresses.OFFICES, person.office)
    Line("business", ip, person.city, person.office).serve(rows, where)
    if person.pupil:
        # Whoever is early takes the first computer: a pupil sits at another one every day.
        seat = mixed(rows["start"] // DAY + person.number, salt=55) % np.uint64(_COMPUTERS)
        shared = mixed(np.int64(person.office * 64) + seat.astype(np.int64), salt=56)
        rows["device"] = np.where(where, shared, rows["device"])


def _journeys(rng: Generator, rows: NDArray[Any], trips: int) -> None:
    """Spend some days away: at a hotel's address, in another city."""
    if not trips or not len(rows):
        return
    first, last = int(rows["start"].min()), int(rows["start"].max())
    for _ in range(int(rng.integers(1, trips + 1))):
        leaves = first + int(rng.random() * max(last - first - DAY, 1))
        back = leaves + int(rng.uniform(1.5, 8) * DAY)
        away = (rows["start"] >= leaves) & (rows["start"] < back)
        city = int(rng.integers(len(world.CITIES)))
        ip = addresses.shared(addresses.CARRIERS, 1000 + city * 3 + int(rng.integers(3)))
        Line("residential", ip, city, city).serve(rows, away)


def _vpn(rng: Generator, rows: NDArray[Any], person: Person, where: NDArray[np.bool_]) -> None:
    """Leave by a VPN's exits, shared by all its customers, in a few favourite countries."""
    exits = rng.integers(0, len(world.CITIES), int(rng.integers(1, 5)))
    city = exits[rng.integers(0, len(exits), len(rows))]
    ip = addresses.shared(addresses.EXITS, city * 2 + person.number % 2)
    # Some run their own on a rented machine, which looks like any other rented machine.
    network = "vpn" if person.number % 8 else "hosting"
    Line(network, ip, city, person.vpn % 3).serve(rows, where)
