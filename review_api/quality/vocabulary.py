"""The closed vocabularies of quality."""

from __future__ import annotations

from enum import StrEnum


class Way(StrEnum):
    """How a case came to be looked at."""

    VERDICT = "verdict"  # something was strange enough, or a link called for it: certain
    AUDIT = "audit"  # drawn at random, with a known probability
    FLIP = "flip"  # drawn of those that a newer model would treat otherwise
    CALIBRATION = "calibration"  # among the strangest that thresholds rest on: certain


class LookPurpose(StrEnum):
    """Why a decided case is looked at once more."""

    DOUBLE = "double"  # a sampled share, for agreement
    GOLDEN = "golden"  # a case whose answer is known, for reliability


class Slice(StrEnum):
    """Which part of a reviewer's day a case belongs to."""

    PAUSED = "paused"  # somebody is paused: always first, and outside the mix
    CHAMPION = "champion"  # the top of the queue
    PORTFOLIO = "portfolio"  # the tops of the other detectors
    NEIGHBOUR = "neighbour"  # like a case that was confirmed lately
    NIGHT = "night"  # the nightly job asks about it: a flip, or a look for calibration
    AUDIT = "audit"  # drawn at random
    LOOK = "look"  # a second look: decided already, by somebody else
