"""What `fairuse retrain` does and prints."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from typing import TYPE_CHECKING

import msgspec

from fairuse.errors import WrongInputError
from fairuse.progress import give_facts
from fairuse.retrain.again import made_again
from fairuse.retrain.running import Wanted, run_night
from streams.clock import SystemClock

if TYPE_CHECKING:
    from fairuse.settings import Settings


def retrain_now(settings: Settings, wanted: Wanted, *, as_json: bool) -> None:
    """Run a night and print what came of it; a time without a zone is UTC."""
    if (asked := wanted.as_of) is not None:
        # Nights are named, and the archive is dated, in UTC.
        asked = asked.replace(tzinfo=UTC) if asked.tzinfo is None else asked.astimezone(UTC)
        wanted = replace(wanted, as_of=asked)
    outcome = run_night(settings, SystemClock(), wanted)
    give_facts(msgspec.to_builtins(outcome), as_json=as_json)


def retrain_again(settings: Settings, version: str, wanted: Wanted, *, as_json: bool) -> None:
    """Make a model again, and print whether it is the same."""
    if replace(wanted, engine="local", master=None) != Wanted():
        raise WrongInputError("--again: the model's manifest says the time and the seed")
    made = made_again(settings, version, wanted.engine, master=wanted.master)
    give_facts(made, as_json=as_json)
