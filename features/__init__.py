"""Numbers about each account, kept up to date event by event.

One file a feature family: its state fields, its `update` and its `read` side by side. Live
scoring, training and replay all run the same compiled kernel in log order. No I/O but snapshots.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path


def _name_kernel_cache() -> None:
    """Keep compiled kernels in a folder named after their sources.

    Numba checks only the file a kernel stands in, not the kernels it calls from other files, so a
    cache beside the code would go on running old numbers after an edit. A set `NUMBA_CACHE_DIR`
    wins; where the home directory cannot be written, kernels are compiled anew in each process.
    """
    digest = hashlib.blake2b(digest_size=8)
    house = Path(__file__).parent.parent
    packages = ("streams", "features", "detectors")
    for path in sorted(path for name in packages for path in (house / name).glob("*.py")):
        text = path.read_bytes()
        if b"@njit" in text or b"np.dtype(" in text or b"IntEnum" in text:
            digest.update(text)
    folder = Path.home() / ".cache" / "fairuse" / "kernels" / digest.hexdigest()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return
    os.environ.setdefault("NUMBA_CACHE_DIR", str(folder))


_name_kernel_cache()
