"""What a worker's run is given, and starting one from the command line."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fairuse.metrics import Metrics
from fairuse.progress import meter
from fairuse.work.stopping import stop_when_asked
from streams.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import Event

    from fairuse.progress import Meter
    from fairuse.settings import Settings
    from streams.clock import Clock


@dataclass(frozen=True, slots=True)
class Run:
    """The settings, the time, when to stop and whom to tell. `until_end` stops at today's end."""

    settings: Settings
    stop: Event
    meter: Meter
    until_end: bool = False
    clock: Clock = field(default_factory=SystemClock)
    metrics: Metrics = field(default_factory=Metrics)


def start(work: Callable[[Run], int], label: str, settings: Settings, *, until_end: bool) -> int:
    """Run a worker until it is done or told to stop; give how much it handled."""
    with stop_when_asked() as stop, meter(label) as shown:
        run = Run(settings, stop, shown, until_end)
        run.metrics.serve(settings.http_host, settings.metrics_port)
        return work(run)
