"""Amounts, prices and times as a customer reads them. Values in, words out."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from access.vocabulary import Media
from review_api.console.words import THIN

if TYPE_CHECKING:
    from collections.abc import Mapping

_MEDIA: Final[Mapping[Media, tuple[str, str, str]]] = {
    Media.IMAGE: ("Images", "images", "each image"),
    Media.VIDEO: ("Video", "videos of 4\N{NO-BREAK SPACE}s", "each 4 seconds begun"),
    Media.LIPSYNC: ("Lip-sync", "lip-syncs of 4\N{NO-BREAK SPACE}s", "each 4 seconds begun"),
    Media.AGENT: ("Agents", "steps of an agent", "each step"),
}


def amount(number: Decimal | float) -> str:
    """Say an amount with the decimals it has, its thousands apart: 2 500, 0.25."""
    said = f"{Decimal(str(number)).normalize():,f}"
    return said.replace(",", THIN).replace("-", "\N{MINUS SIGN}")


def times(factor: Decimal | float) -> str:
    """Say a factor, with the sign of multiplication."""
    return f"\N{MULTIPLICATION SIGN}{amount(factor)}"


def media(word: Media) -> str:
    """Name a medium as a heading."""
    return _MEDIA[word][0]


def several(word: Media) -> str:
    """Name what is made of a medium: videos of 4 s."""
    return _MEDIA[word][1]


def medium(word: Media) -> str:
    """Say what one rate of this medium pays for."""
    return _MEDIA[word][2]
