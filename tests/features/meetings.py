"""Small logs of who used what together, for the tests of linked accounts."""

from __future__ import annotations

import numpy as np

from features.links import LinkTable
from features.sightings import ADDRESS_AND_AGENT, BLOCK, DEVICE, EARLY, PROMPT
from streams.vocabulary import NETWORKS, EventType
from tests.features.stories import DAY, HOUR, MONDAY, events, log

__all__ = ["ADDRESS_AND_AGENT", "BLOCK", "DEVICE", "PROMPT"]
HOME, MOBILE = NETWORKS["residential"], NETWORKS["mobile"]
OFFICE, VPN = NETWORKS["business"], NETWORKS["vpn"]
LATER = MONDAY + 30 * DAY
"""Long after the log began, so that an account first seen then is new."""
OLD = 10_000
"""Accounts numbered from here are those with which the log begins."""


def beginning(accounts=EARLY, start=MONDAY):
    """Give the first events of a log: strangers, each with a device of their own."""
    numbers = OLD + np.arange(accounts)
    times = start + HOUR * np.arange(accounts)
    return sessions(times, account=numbers, device=numbers + 1_000_000)


def sessions(t, **columns):
    """Sessions begun at times `t`."""
    return events(t, kind=EventType.SESSION_STARTED, **columns)


def together(accounts, start=LATER, days=3, **columns):
    """Give a session a day for each of the accounts, an hour apart, with the same columns."""
    parts = []
    for day in range(days):
        times = start + day * DAY + HOUR * np.arange(len(accounts))
        parts.append(sessions(times, account=np.array(accounts), **columns))
    return np.concatenate(parts)


def told(*parts, attributes=4096):
    """Learn rows after a log's beginning, in one batch; give what was told, the end included."""
    table = LinkTable(attributes)
    batch = log(beginning(), *parts)
    return table.update(batch) + list(table.held(int(batch.events["t"].max())))


def of(sightings, kind):
    return [sighting for sighting in sightings if sighting.kind == kind]


def names(sightings):
    return {sighting.account_id for sighting in sightings}
