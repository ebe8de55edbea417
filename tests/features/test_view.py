"""The feature view: what a model is fitted to, and the numbers that its version stands for."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from features.view import VERSION, VIEW, FeatureView
from tests.features.stories import busy_log, learnt

GOLDEN = (1, "")
"""`VERSION` and the digest of the golden vectors at that version."""


def test_the_numbers_of_a_version_never_change():
    vectors = [learnt(busy_log(seed, count=1200)).vectors() for seed in range(4)]
    rounded = np.round(np.concatenate(vectors), 9) + 0.0  # minus zero is zero
    rounded[np.isnan(rounded)] = -99.0
    digest = hashlib.blake2b(rounded.tobytes(), digest_size=8).hexdigest()
    assert (VERSION, digest) == GOLDEN, (
        "The kernels give other numbers than this version of the feature view stands for. If that "
        "is meant, raise VERSION in features/view.py, so that models fitted to the old numbers are "
        f"refused, and write the new pair here: ({VERSION} + 1, {digest!r})."
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
    with pytest.raises(ValueError, match="no_such"):
        VIEW.position("no_such")
