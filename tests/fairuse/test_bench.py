"""The alternatives that the kernel is measured against really keep the numbers they claim."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np

from fairuse.bench.baselines import Remembered
from fairuse.bench.figures import batches
from features.state import FeatureState
from features.view import VIEW

UNCOMPILED = """
import json, sys
import numpy as np
from fairuse.bench.figures import batches
from fairuse.bench.uncompiled import events_of, fresh
from features import account, kernel, platform
from features.layout import STATE, WIDTH
row, whole, out = fresh(STATE), fresh(platform.STATE), np.empty(WIDTH)
for batch in batches(1, 400, seed=2):
    for event in events_of(batch):
        account.learn(row, event)
        kernel.observe(whole, event)
kernel.read(row, whole, out)
print(json.dumps([None if np.isnan(x) else float(x) for x in out]))
"""


def test_the_uncompiled_source_gives_the_kernels_numbers():
    done = subprocess.run(
        [sys.executable, "-c", UNCOMPILED],
        env=os.environ | {"NUMBA_DISABLE_JIT": "1"},
        check=True, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    state = FeatureState()
    for batch in batches(1, 400, seed=2):
        state.update(batch)
    slow = np.array([np.nan if x is None else x for x in json.loads(done.stdout)])
    np.testing.assert_allclose(slow, state.vectors()[0], rtol=1e-4, atol=1e-6)


def test_the_dict_of_a_dozen_counts_what_the_kernel_counts():
    state, remembered = FeatureState(), Remembered()
    for batch in batches(1, 400, seed=2):
        state.update(batch)
        for row in batch.events:
            place = (int(row["t"]), int(row["type"]), int(row["device"]), int(row["block"]))
            remembered.update((*place, float(row["units"])))
    requests, *_ = remembered.read()
    assert requests == state.vectors()[0][VIEW.position("acts")]
