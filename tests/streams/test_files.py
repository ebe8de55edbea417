from __future__ import annotations

import gzip

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from streams import files
from streams.encode import conform, encode_table
from streams.errors import InputError
from streams.event import DeadReason
from streams.files import read_events, write_events
from streams.lines import BLOCK_BYTES
from tests.streams.samples import EXAMPLE, record, same_rows
from tests.streams.test_decode_arrow import MOMENT


def rows(count):
    changed = {**EXAMPLE, "occurred_at": MOMENT, "units": 4.0}
    return [{**changed, "event_id": f"e{i}", "account_id": f"a{i % 5}"} for i in range(count)]


def events(path, **options):
    parts = list(read_events(path, **options))
    return parts[0].join(parts)


@pytest.mark.parametrize("name", ["e.ndjson", "e.ndjson.gz", "e.parquet"])
def test_what_is_written_is_read_again_whatever_the_format(tmp_path, name):
    tables = [conform(pa.Table.from_pylist(rows(700))), conform(pa.Table.from_pylist(rows(3)))]
    assert write_events(tmp_path / name, tables) == 703
    assert [path.name for path in tmp_path.iterdir()] == [name]

    got = events(tmp_path / name)
    write_events(tmp_path / "other.parquet", tables)
    assert same_rows(got.events.events, events(tmp_path / "other.parquet").events.events)
    assert got.events.events["offset"].tolist() == list(range(703))
    assert got.events.account_ids[:6].tolist() == ["a0", "a1", "a2", "a3", "a4", "a0"]


def test_a_bad_line_names_its_line_and_the_rest_goes_on(tmp_path):
    path = tmp_path / "e.ndjson"
    path.write_bytes(
        b"\xef\xbb\xbf" + record() + b"\r\n\n{\n" + record(units=-1) + b"\n" + record()
    )
    got = events(path)
    assert got.events.events["offset"].tolist() == [0, 4]
    assert [(d.topic, d.offset + 1, d.field, d.reason) for d in got.dead] == [
        (str(path), 3, "", DeadReason.NOT_JSON),
        (str(path), 4, "units", DeadReason.OUT_OF_RANGE),
    ]


def test_lines_and_blocks_meet_without_loss(tmp_path):
    path = tmp_path / "e.ndjson"
    line = record(unheard_of="x" * 3000)
    count = 2 * BLOCK_BYTES // len(line)
    path.write_bytes((line + b"\n") * count)
    told = []
    got = events(path, progress=lambda done, total: told.append((done, total)))
    assert got.events.events["offset"].tolist() == list(range(count))
    assert len(told) >= 2
    assert told[-1] == (path.stat().st_size, path.stat().st_size)


def test_other_processes_give_the_same_events_in_the_same_order(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "WORTH_WORKERS", 0)
    path = tmp_path / "e.ndjson"
    lines = encode_table(pa.Table.from_pylist(rows(300)))
    path.write_bytes(b"\n".join([*lines, b"{"]))
    alone, shared = events(path), events(path, workers=2)
    assert same_rows(alone.events.events, shared.events.events)
    assert alone.dead == shared.dead


@pytest.mark.parametrize("name", ["e.ndjson", "e.ndjson.gz", "e.parquet"])
def test_an_empty_file_is_an_error_that_names_it(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b"")
    with pytest.raises(InputError, match="is empty") as caught:
        events(path)
    assert caught.value.file == str(path)
    assert caught.value.exit_status == 2


def test_a_parquet_file_without_rows_is_empty_too(tmp_path):
    pq.write_table(conform(pa.Table.from_pylist(rows(1))).slice(0, 0), tmp_path / "e.parquet")
    with pytest.raises(InputError, match="is empty"):
        events(tmp_path / "e.parquet")


def test_an_empty_folder_is_an_error(tmp_path):
    with pytest.raises(InputError, match="is empty"):
        events(tmp_path)


def test_a_parquet_file_cut_short_is_an_error_that_says_so(tmp_path):
    path = tmp_path / "e.parquet"
    write_events(path, [pa.Table.from_pylist(rows(500))])
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(InputError, match=r"e\.parquet: it is damaged or not Parquet"):
        events(path)


def test_a_gzip_file_cut_short_gives_what_was_whole_and_then_an_error(tmp_path):
    path = tmp_path / "e.ndjson.gz"
    path.write_bytes(gzip.compress((record() + b"\n") * 20_000)[:-500])
    parts = read_events(path)
    assert len(next(parts).events) > 0
    with pytest.raises(InputError, match="cut short"):
        list(parts)


def test_a_parquet_file_without_a_required_column_names_the_column(tmp_path):
    path = tmp_path / "e.parquet"
    pq.write_table(pa.Table.from_pylist(rows(1)).drop_columns(["account_id"]), path)
    with pytest.raises(InputError, match="field account_id: there is no such column"):
        events(path)


def test_a_parquet_row_that_is_no_event_is_a_dead_letter(tmp_path):
    path = tmp_path / "e.parquet"
    pq.write_table(pa.Table.from_pylist([*rows(2), {**rows(1)[0], "units": -4.0}]), path)
    got = events(path)
    assert len(got.events) == 2
    assert [(d.offset, d.field) for d in got.dead] == [(2, "units")]


@pytest.mark.parametrize("name", ["gone.ndjson", "gone.parquet"])
def test_a_file_that_is_not_there_is_an_error(tmp_path, name):
    with pytest.raises(InputError, match="no such file"):
        events(tmp_path / name)


def test_a_name_of_no_known_format_is_an_error_in_both_directions(tmp_path):
    path = tmp_path / "events.csv"
    with pytest.raises(InputError, match=r"must end in \.ndjson"):
        write_events(path, [])
    path.write_text("event_id\n")
    with pytest.raises(InputError, match=r"must end in \.ndjson"):
        events(path)


def test_a_file_that_cannot_be_written_is_an_error_and_leaves_nothing(tmp_path):
    with pytest.raises(InputError, match="cannot be written"):
        write_events(tmp_path / "nowhere" / "e.ndjson", [])
    assert list(tmp_path.iterdir()) == []


def test_writing_that_fails_half_way_leaves_what_was_there(tmp_path):
    path = tmp_path / "e.ndjson"
    path.write_bytes(record())

    def tables():
        yield pa.Table.from_pylist(rows(2))
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write_events(path, tables())
    assert path.read_bytes() == record()
    assert [one.name for one in tmp_path.iterdir()] == ["e.ndjson"]
