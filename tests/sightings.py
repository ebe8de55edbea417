"""Sightings for the tests of linked accounts: everything by keyword."""

from __future__ import annotations

from detectors.association import SHARED, Shared
from features.links import Sighting
from streams.vocabulary import NETWORKS
from tests.verdicts import MONDAY

HOME = 1 << NETWORKS["residential"]
MICROSECONDS = 1_000_000


def sighting(account="acc_1", shared=Shared.DEVICE, key=7, degree=2, **more):
    """Make a sighting of an account with a shared device at home."""
    made = {
        "account_id": account,
        "kind": SHARED.index(shared),
        "key": key,
        "degree": degree,
        "burst": 0,
        "networks": HOME,
        "fresh": False,
        "t": int(MONDAY.timestamp()) * MICROSECONDS,
        "partition": 1,
        "offset": 42,
    }
    return Sighting(**made | more)


def together(accounts, **more):
    """Make the sightings of accounts that share one attribute."""
    return [sighting(account, **{"degree": len(accounts)} | more) for account in accounts]
