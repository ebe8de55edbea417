"""The feature view: what a model is fitted to, and the numbers that its version stands for."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from features.view import VERSION, VIEW, FeatureView
from tests.features.stories import busy_log, learnt, named

GOLDEN = Path(__file__).with_name("golden_view.json")
"""The mean of every number (unknown as -1) over three made-up logs, and the version of it."""


def golden_means():
    vectors = np.concatenate(
        [learnt(busy_log(seed, accounts=2, count=4000)).vectors() for seed in range(3)]
    )
    return named(np.nan_to_num(vectors, nan=-1.0).mean(axis=0))


def test_the_numbers_of_a_version_never_change():
    golden = json.loads(GOLDEN.read_text())
    means = golden_means()
    changed = [
        name for name, mean in means.items()
        if mean != pytest.approx(golden["means"].get(name), rel=1e-6, abs=1e-6)
    ]  # fmt: skip
    assert (golden["version"], changed) == (VERSION, []), (
        "The kernels give other numbers than this version of the feature view stands for. If that "
        "is meant, raise VERSION in features/view.py, so that models fitted to the old numbers are "
        f"refused, and write to {GOLDEN.name}: "
        + json.dumps({"version": VERSION + 1, "means": means})
    )


@pytest.mark.parametrize(
    "other",
    [
        FeatureView(VIEW.names[::-1], VIEW.version, VIEW.layout),
        FeatureView(VIEW.names, VIEW.version + 1, VIEW.layout),
        FeatureView(VIEW.names, VIEW.version, VIEW.layout + " "),
    ],
)
def test_another_order_version_or_layout_is_another_view(other):
    assert other.fingerprint != VIEW.fingerprint


def test_a_fingerprint_is_the_same_in_every_process():
    again = FeatureView(VIEW.names, VIEW.version, VIEW.layout)
    assert again.fingerprint == VIEW.fingerprint
    assert len(VIEW.fingerprint) == 16


def test_an_unknown_name_has_no_position():
    assert [VIEW.position(name) for name in VIEW.names] == list(range(len(VIEW.names)))
    with pytest.raises(ValueError, match="not in tuple"):
        VIEW.position("no_such")
