"""Amounts of credits and quota: exact decimal numbers with three places, never floats.

Stored as whole thousandths (`access.columns.StoredUnits`), shown as JSON numbers.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Final

from access.errors import BadAmountError

PLACES: Final = Decimal("0.001")
ZERO: Final = Decimal("0.000")
# More than any account will see, and far inside what a database integer of thousandths holds.
MOST: Final = Decimal(1_000_000_000)


def units(amount: Decimal | float | str) -> Decimal:
    """Make an exact amount, rounded to three places; `BadAmountError` if it is not one.

    >>> units(2.5)
    Decimal('2.500')
    """
    try:
        exact = Decimal(str(amount))
        if not abs(exact) <= MOST:
            raise BadAmountError(f"an amount lies within {MOST} of zero, not {amount}")
        return exact.quantize(PLACES, ROUND_HALF_EVEN)
    except InvalidOperation as error:
        raise BadAmountError(f"not an amount: {amount!r}") from error
