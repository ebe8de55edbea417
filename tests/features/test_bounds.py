"""The kernels once more with every index checked: compiled code does not check them by itself."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

SCRIPT = """
import numpy as np
from numba import config
assert config.BOUNDSCHECK == 1
from tests.features.stories import DAY, MONDAY, SECOND, busy_log, events, learnt, log
for seed in range(12):
    learnt(busy_log(seed, accounts=3, count=900), seen=1 << 8).vectors()
turns = np.arange(9000)
rows = events(
    MONDAY + turns * (1 + turns % 5000) * SECOND, device=turns % 11 + 1, block=turns % 13 + 1,
    country=turns % 9 + 300, sketch=(turns % 3).astype(np.uint64), seed=turns,
    model=(turns.astype(np.uint64) << np.uint64(17)), units=3.0, agent=1,
)
rows["t"] += turns * DAY // 50
assert len(learnt(log(rows)).vectors()) == 1
print("inside")
"""


@pytest.mark.slow
@pytest.mark.timeout(280)
def test_no_kernel_reaches_outside_its_arrays(tmp_path):
    # A cache of its own: compiled kernels are kept without regard to this switch.
    checked = {"NUMBA_BOUNDSCHECK": "1", "NUMBA_CACHE_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], env={**os.environ, **checked}, timeout=270, text=True,
        capture_output=True, check=False,
    )  # fmt: skip
    assert done.stdout == "inside\n", done.stderr[-2000:]
