"""Keys go where Kafka's clients would put them; partitions are shared evenly and moved little."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st
from kafka.partitioner.default import murmur2 as theirs

from streams.partitions import murmur2, partition_for, shares


@given(st.binary(max_size=64))
def test_keys_hash_as_in_kafka(key):
    assert murmur2(key) == theirs(key)


def test_known_keys_keep_their_partitions():
    assert [partition_for(b"acc_%d" % n, b"", 12) for n in range(6)] == [
        (theirs(b"acc_%d" % n) & 0x7FFFFFFF) % 12 for n in range(6)
    ]


def test_records_without_a_key_are_spread_by_their_content():
    places = Counter(partition_for(None, b"%d" % n, 4) for n in range(400))

    assert set(places) == {0, 1, 2, 3}
    assert min(places.values()) > 50


MEMBERS = st.dictionaries(
    st.sampled_from("abcde"), st.sets(st.sampled_from(["t", "u"]), min_size=1), max_size=5
)
COUNTS = st.fixed_dictionaries({"t": st.integers(1, 9), "u": st.integers(1, 9)})
OWNERS = st.dictionaries(
    st.tuples(st.sampled_from(["t", "u"]), st.integers(0, 8)), st.sampled_from("abcdexyz")
)


@given(MEMBERS, COUNTS, OWNERS)
def test_every_partition_with_a_reader_has_exactly_one_and_shares_are_even(members, counts, owners):
    target = shares(members, counts, owners)

    for topic, count in counts.items():
        readers = [name for name, topics in members.items() if topic in topics]
        got = Counter(target[topic, n] for n in range(count) if (topic, n) in target)
        assert sum(got.values()) == (count if readers else 0)
        assert set(got) <= set(readers)
        assert max((got[name] for name in readers), default=0) <= -(-count // max(1, len(readers)))


@given(MEMBERS, COUNTS, OWNERS)
def test_sharing_again_moves_nothing(members, counts, owners):
    target = shares(members, counts, owners)

    assert shares(members, counts, target) == target


def test_a_newcomer_takes_its_share_and_the_rest_stay():
    before = shares({"a": {"t"}}, {"t": 4}, {})
    after = shares({"a": {"t"}, "b": {"t"}}, {"t": 4}, before)

    assert Counter(after.values()) == {"a": 2, "b": 2}
