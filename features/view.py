"""The feature view: which numbers a vector holds, in which order, and from which code.

A model is fitted to one view and refuses any other: columns in another order would score without
an error and without a meaning. Raise `VERSION` whenever a kernel's numbers change; a test pins
them to it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from features.layout import NAMES, STATE

VERSION: Final = 2


@dataclass(frozen=True)
class FeatureView:
    """Names in vector order, the version of the kernels and the layout of the state behind them."""

    names: tuple[str, ...]
    version: int
    layout: str

    @cached_property
    def fingerprint(self) -> str:
        """Sixteen hex digits that differ as soon as any of the three does."""
        text = repr((self.names, self.version, self.layout))
        return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()

    def position(self, name: str) -> int:
        """Tell where `name` stands in a vector; raises `ValueError` for an unknown name."""
        return self.names.index(name)


VIEW: Final = FeatureView(NAMES, VERSION, str(STATE))
