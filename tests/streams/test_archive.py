from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from streams.archive import ArchiveWriter, archive_files, read_archive
from streams.columns import EventBatch
from streams.decode import decode
from streams.encode import encode_arrow
from streams.errors import ArchiveError, InputError
from streams.files import read_events
from streams.raw import Encoding, Partition
from tests.streams.samples import HERE, batch, record, same_rows
from tests.streams.test_decode_arrow import table

SUNDAY, MONDAY = date(2026, 11, 22), date(2026, 11, 23)


def write(folder, *batches, day=SUNDAY):
    writer = ArchiveWriter(folder)
    for one in batches:
        writer.add(one)
    return writer.flush(day)


def events(folder):
    return EventBatch.join([part.events for part in read_archive(folder)])


def several(first, count):
    return batch([record(event_id=f"e{first + i}") for i in range(count)], first=first)


def test_what_is_archived_is_what_live_decoding_saw_in_log_order(tmp_path):
    late = record(occurred_at="2026-11-20T01:00:00+02:00", seed=2**62 + 1, ip="2001:db8::1")
    mixed = batch([record(), late, encode_arrow(table(3)), record(type="new.kind")], first=7)
    mixed.encodings[2] = Encoding.ARROW
    write(tmp_path, mixed)
    live, kept = decode(mixed).events, events(tmp_path)
    assert same_rows(live.events, kept.events)
    assert live.account_ids.tolist() == kept.account_ids.tolist()
    assert kept.events["index"].tolist() == [0, 0, 0, 1, 2, 0]


def test_what_is_no_event_is_handed_back_and_not_kept(tmp_path):
    writer = ArchiveWriter(tmp_path)
    dead = writer.add(batch([record(), b"{", record(units=-1)]))
    assert [letter.offset for letter in dead] == [1, 2]
    assert writer.flush(SUNDAY) == {HERE: 3}
    assert len(events(tmp_path)) == 1


def test_writing_again_after_a_crash_repeats_nothing(tmp_path):
    write(tmp_path, several(0, 5))
    write(tmp_path, several(0, 5), day=MONDAY)
    write(tmp_path, several(3, 6), day=MONDAY)
    assert events(tmp_path).events["offset"].tolist() == list(range(9))


def test_a_file_that_was_only_begun_is_not_read(tmp_path):
    write(tmp_path, several(0, 2))
    (file,) = archive_files(tmp_path)
    file.path.with_name("usage-events-00003-begun.begun").write_bytes(b"half")
    assert len(events(tmp_path)) == 2
    assert list(tmp_path.rglob("*.begun"))


def test_what_holds_no_event_leaves_no_gap_between_files(tmp_path):
    writer = ArchiveWriter(tmp_path)
    for records in (several(0, 3), batch([b"{", b"{"], first=4), several(8, 2)):
        writer.add(records)
        writer.flush(SUNDAY)
    assert [(file.first, file.last) for file in archive_files(tmp_path)] == [(0, 2), (3, 9)]
    assert events(tmp_path).events["offset"].tolist() == [0, 1, 2, 8, 9]


def test_offsets_that_begin_again_are_another_log_and_nothing_is_written(tmp_path):
    writer = ArchiveWriter(tmp_path)
    writer.add(several(10, 5))
    with pytest.raises(ArchiveError, match="offset 0 came after 14"):
        writer.add(several(0, 3))
    assert archive_files(tmp_path) == []


def test_days_and_partitions_are_read_partition_by_partition(tmp_path):
    other = several(0, 2)
    write(tmp_path, several(2, 2), day=MONDAY)
    write(tmp_path, several(0, 2))
    writer = ArchiveWriter(tmp_path)
    writer.add(type(other)(Partition("usage-events", 1), *_rest(other)))
    writer.flush(SUNDAY)
    got = events(tmp_path).events
    assert got["partition"].tolist() == [1, 1, 3, 3, 3, 3]
    assert got["offset"].tolist() == [0, 1, 0, 1, 2, 3]


def _rest(one):
    return one.offsets, one.values, one.encodings, one.next_offset, one.keys


def test_a_batch_of_nothing_but_dead_letters_moves_on_without_a_file(tmp_path):
    assert write(tmp_path, batch([b"{"])) == {HERE: 1}
    assert archive_files(tmp_path) == []


def test_a_folder_is_read_as_any_file_of_events(tmp_path):
    write(tmp_path, several(0, 3))
    told = []
    parts = list(read_events(tmp_path, progress=lambda done, total: told.append(done == total)))
    assert np.concatenate([part.events.events for part in parts])["offset"].tolist() == [0, 1, 2]
    assert told == [True]


def test_a_damaged_file_of_the_archive_is_named(tmp_path):
    write(tmp_path, several(0, 3))
    (file,) = archive_files(tmp_path)
    file.path.write_bytes(file.path.read_bytes()[:-9])
    with pytest.raises(InputError, match="archive file is damaged") as caught:
        events(tmp_path)
    assert caught.value.file == str(file.path)


def test_period_end_is_kept_as_a_time(tmp_path):
    write(tmp_path, batch([record(period_end="2026-12-22T00:00:00Z"), record()]))
    (file,) = archive_files(tmp_path)
    kept = pa.parquet.read_table(file.path).column("period_end")
    assert [str(moment) for moment in kept.to_pylist()] == ["2026-12-22 00:00:00+00:00", "None"]


def test_what_is_archived_from_dictionaries_is_what_their_texts_say(tmp_path):
    texts = table(3, plan=pa.array(["pro", None, "free"]))
    place = texts.schema.get_field_index("plan")
    coded = texts.set_column(place, "plan", texts.column("plan").dictionary_encode())
    write(tmp_path / "plain", batch([encode_arrow(texts)], Encoding.ARROW))
    write(tmp_path / "coded", batch([encode_arrow(coded)], Encoding.ARROW))
    assert same_rows(events(tmp_path / "plain").events, events(tmp_path / "coded").events)
