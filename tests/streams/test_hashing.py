from __future__ import annotations

import numpy as np
import pytest

from streams.hashing import ABSENT_HASH, DEFAULT_KEY, hash_spans, hash_text, siphash, split_key


@pytest.mark.parametrize(
    ("length", "expected"),
    [
        (0, 0x726FDB47DD0E0E31),
        (1, 0x74F839C593DC67FD),
        (8, 0x93F5F5799A932462),
        (15, 0xA129CA6149BE45E5),
    ],
)
def test_it_is_siphash_as_its_authors_published_it(length, expected):
    message = np.arange(16, dtype=np.uint8)
    assert siphash(message, 0, length, *split_key(bytes(range(16)))) == expected


def test_a_hash_is_the_same_on_every_machine_and_in_every_release():
    assert hash_text("acc_91") == 0xAD1EB37CDC2B0A4D


def test_absent_is_zero_and_nothing_else_is():
    assert hash_text("") == ABSENT_HASH
    assert hash_text("\0") != ABSENT_HASH


def test_another_key_gives_other_hashes():
    assert hash_text("acc_91", b"0123456789abcdef") != hash_text("acc_91")


def test_a_key_of_another_length_is_refused():
    with pytest.raises(ValueError, match="16 bytes, this one 3"):
        hash_text("a", b"key")


def test_a_column_of_spans_hashes_as_its_texts_do():
    text = np.frombuffer(b"alphabetagamma", np.uint8)
    starts, ends = np.array([0, 5, 9, 3]), np.array([5, 9, 14, 3])
    hashes = hash_spans(starts, ends, text, *split_key(DEFAULT_KEY))
    assert hashes.tolist() == [hash_text(word) for word in ("alpha", "beta", "gamma", "")]
