"""The running program: settings, wiring, workers, the command line. It holds no domain rule."""

from __future__ import annotations

from typing import Final

__version__: Final = "0.1.0"
