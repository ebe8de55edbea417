from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import select

from access.accounts import lock_account
from access.books import CreditGrant
from access.errors import BadAmountError
from access.units import units
from access.vocabulary import GrantKind
from tests.verdicts import MONDAY


@pytest.mark.parametrize(
    ("amount", "exact"),
    [(2, "2.000"), (0.1, "0.100"), ("1.2345", "1.234"), (Decimal("1.2355"), "1.236"), (-3, "-3")],
)
def test_an_amount_is_exact_to_three_places(amount, exact):
    assert units(amount) == Decimal(exact)


@pytest.mark.parametrize("amount", [float("nan"), float("inf"), "many", 1e12])
def test_what_no_amount_can_be_is_refused(amount):
    with pytest.raises(BadAmountError, match="amount"):
        units(amount)


def test_an_amount_comes_back_from_the_database_as_it_went_in(database):
    grant = CreditGrant(
        id="g", account_id="a", kind=GrantKind.PACK, units=units("0.3"),
        since=MONDAY, until=None, catalogue=1, recorded_at=MONDAY,
    )  # fmt: skip
    with database.writers.begin() as session:
        lock_account(session, "a", MONDAY)
        session.add(grant)
    with database.readers.begin() as session:
        assert session.scalar(select(CreditGrant.units)) == Decimal("0.300")
