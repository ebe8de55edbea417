"""Lives one night through many deaths: at each moment in turn a process kills itself with SIGKILL.

The next one goes on as a supervisor would start it again. Prints a line of JSON after each.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from datetime import datetime
from pathlib import Path

from detectors import forest
from detectors.registry import Registry
from tests.fairuse.retrain.conftest import Platform, settings_in

forest.fit.__kwdefaults__["trees"] = 10


def die_at(platform, at, moment):
    """Run the night in a child that dies at `moment`; tell how the registry looks after it."""
    child = os.fork()
    if child == 0:

        def told(what, name):
            if f"{what} {name}".startswith(moment):
                os.kill(os.getpid(), signal.SIGKILL)

        platform.night(at, told=told)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    registry = Registry(platform.registry)
    return {
        "moment": moment,
        "killed": os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL,
        "champion": registry.champion_version(),
        "loads": registry.champion().manifest.version,
        "moves": len(registry.moves()),
    }


def main(folder, at, *moments):
    """Die at each of the moments, in a copy of a platform."""
    platform, at = Platform(settings_in(Path(folder))), datetime.fromisoformat(at)
    for moment in moments:
        print(json.dumps(die_at(platform, at, moment)), flush=True)  # noqa: T201 - what it is for


main(*sys.argv[1:])
