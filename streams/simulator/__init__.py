"""Seeded, labelled traffic: honest people of many kinds, and abuse of many kinds among them.

Human timing is drawn from published quantiles of real people (`streams.simulator.quantiles`). The
abusive families know nothing of features or detectors. Where the events go is the caller's affair.
"""

from __future__ import annotations

from streams.simulator.disorder import disorder
from streams.simulator.mix import DEFAULT_MIX, KINDS, Mix, mix_of
from streams.simulator.simulation import START, Simulation, simulate

__all__ = ["DEFAULT_MIX", "KINDS", "START", "Mix", "Simulation", "disorder", "mix_of", "simulate"]
