"""Persona name to the function that lives it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from streams.simulator import accounts, bots, farms, headless, honest, scripts, sharing
from streams.simulator.habits import HONEST
from streams.simulator.mix import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.random import Generator
    from numpy.typing import NDArray

    from streams.simulator.seats import Seat

    Family = Callable[[Generator, Seat], NDArray[Any]]

FAMILIES: Final[Mapping[str, Family]] = {
    **dict.fromkeys(HONEST, honest.persona),
    "fixed_interval_bot": bots.fixed_interval,
    "jittered_bot": bots.jittered,
    "sleeping_bot": bots.log_normal_with_nights,
    "closed_loop_bot": bots.closed_loop,
    "cron_batch": bots.cron_batch,
    "session_replay": bots.session_replay,
    "account_farm": farms.account_farm,
    "copied_cookie": scripts.copied_cookie,
    "headless_script": headless.headless_script,
    "human_plus_script": scripts.human_plus_script,
    "shared_by_2": sharing.shared_by(2),
    "shared_by_3": sharing.shared_by(3),
    "shared_by_5": sharing.shared_by(5),
    "resale_pool": sharing.resale_pool,
    "reseller_proxy": sharing.reseller_proxy,
}


def traffic(seat: Seat) -> NDArray[Any]:
    """Give all events of one account, in no order."""
    rng = seat.generator()
    rows = FAMILIES[seat.persona](rng, seat)
    habits = HONEST.get(seat.persona)
    paid = habits.paid if habits else 0.97
    return accounts.furnish(rng, seat, rows, abusive=bool(KINDS[seat.persona]), paid=paid)
