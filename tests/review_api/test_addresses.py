from __future__ import annotations

import pytest

from review_api.addresses import AddressSeal, mask_address


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("203.0.113.7", "203.0.113.x"),
        ("2001:db8:6c9a::8165:4cfc:6f", "2001:db8:6c9a:x"),
        ("2001:db8::1", "2001:db8:x"),
        ("::1", ":x"),
        ("h:0a1b2c3d4e5f", "h:0a1b2c…"),
        ("h:", "h:…"),
        ("", ""),
        ("elsewhere", "…"),
    ],
)
def test_a_mask_shows_where_and_not_who(address, masked):
    assert mask_address(address) == masked


def test_a_seal_opens_what_it_sealed_and_nothing_else_does():
    sealed = AddressSeal(b"one").seal("203.0.113.7")
    assert AddressSeal(b"one").open(sealed) == "203.0.113.7"
    assert AddressSeal(b"two").open(sealed) is None
    assert AddressSeal(b"").open(sealed) is None
    assert AddressSeal(b"one").open("") is None
    assert AddressSeal(b"one").open("what a person wrote") is None


def test_without_a_secret_no_address_is_kept():
    assert AddressSeal(b"").seal("203.0.113.7") == ""
