"""Where compiled kernels are kept: a folder named after their sources.

Numba checks only the file a kernel stands in, not the kernels it calls from other files, so a cache
beside the code would go on running old numbers after an edit. A set `NUMBA_CACHE_DIR` wins; where
the home directory cannot be written, kernels are compiled anew in each process.
"""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path
from typing import Final

PACKAGES: Final = ("streams", "features", "detectors")
MARKS: Final = (b"@njit", b"np.dtype(", b"IntEnum")
"""What a file holds whose change may change a kernel."""


def keep_kernels_apart() -> None:
    """Name the cache folder to Numba; call it before the first kernel is decorated."""
    house = Path(__file__).parent.parent
    digest = hashlib.blake2b(digest_size=8)
    for path in sorted(path for name in PACKAGES for path in (house / name).glob("*.py")):
        text = path.read_bytes()
        if any(mark in text for mark in MARKS):
            digest.update(text)
    folder = Path.home() / ".cache" / "fairuse" / "kernels" / digest.hexdigest()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return
    chosen = os.environ.setdefault("NUMBA_CACHE_DIR", str(folder))
    if "numba" in sys.modules:  # it has read the environment already
        sys.modules["numba"].config.CACHE_DIR = chosen
