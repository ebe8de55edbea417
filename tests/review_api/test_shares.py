from __future__ import annotations

import pytest
from scipy.stats import binomtest

from review_api.shares import Share


@pytest.mark.parametrize("of", [1, 2, 5, 50, 500])
def test_the_interval_is_that_of_clopper_and_pearson(of):
    for count in {0, 1, of // 3, of - 1, of}:
        exact = binomtest(count, of).proportion_ci(0.95, method="exact")
        share = Share(count, of)
        assert (share.low, share.high) == pytest.approx((exact.low, exact.high), abs=1e-9)


def test_of_no_case_everything_is_possible():
    assert (Share(0, 0).low, Share(0, 0).high) == (0.0, 1.0)
