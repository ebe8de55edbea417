"""The command line keeps its contract: verbs, formats, exit statuses, one line an error."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select

from access.database import open_engine, readers
from detectors.verdict import Action, Kind
from fairuse.cli import main
from fairuse.simulating import write_traffic
from review_api.records import AuditEntry

PROMISED = (
    "demo", "simulate", "fit", "score", "stream", "intake", "relay", "serve", "archive",
    "migrate", "bench",
)  # fmt: skip
COLUMNS = (
    "account_id,events,automation,scripting,credential_sharing,reselling,"
    "abuse,action,first_action_at,reasons"
)


@dataclass(frozen=True)
class Done:
    stdout: str
    stderr: str


@pytest.fixture
def fairuse(tmp_path, registry, monkeypatch, capsys):
    """Run the program in a folder of its own, and see to its exit status."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FAIRUSE_REGISTRY_DIR", str(registry))

    def run(*arguments: object, status: int = 0) -> Done:
        capsys.readouterr()
        monkeypatch.setattr(sys, "argv", ["fairuse", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = Done(*capsys.readouterr())
        assert (ended.value.code or 0) == status, said
        return said

    return run


@pytest.fixture(scope="module")
def traffic(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("traffic")
    write_traffic(100, 1.5, 2, str(folder / "events.ndjson"), folder / "labels.csv")
    return folder


@pytest.fixture
def events(traffic, tmp_path) -> Path:
    """Events in a file of the test's own, with their labels beside it."""
    for name in ("events.ndjson", "labels.csv"):
        (tmp_path / name).write_bytes((traffic / name).read_bytes())
    return tmp_path / "events.ndjson"


def complaint(done: Done) -> str:
    (line,) = done.stderr.splitlines()
    return line


def test_every_promised_verb_is_listed_with_a_word_of_help(fairuse):
    lines = fairuse("--help").stdout.splitlines()
    for verb in PROMISED:
        (line,) = [line for line in lines if line.split()[:1] == [verb]]
        assert len(line.split()) > 2


def test_the_installed_program_is_this_one():
    program = Path(sys.executable).with_name("fairuse")
    said = subprocess.run(
        [program, "--help"], capture_output=True, text=True, timeout=60, check=True
    )
    assert "simulate" in said.stdout


def test_the_same_seed_writes_the_same_traffic_and_labels(fairuse, tmp_path):
    for name in ("a", "b"):
        out, labels = tmp_path / f"{name}.ndjson", tmp_path / f"{name}.csv"
        fairuse("simulate", "--accounts", 20, "--days", 0.5, "--seed", 9, "--out", out,
                "--labels", labels)  # fmt: skip
    assert (tmp_path / "a.ndjson").read_bytes() == (tmp_path / "b.ndjson").read_bytes()
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_labels_are_account_and_kind_with_nothing_for_the_honest(events, tmp_path):
    rows = list(csv.DictReader((tmp_path / "labels.csv").read_text().splitlines()))
    assert set(rows[0]) == {"account_id", "kind"}
    assert {row["kind"] for row in rows} <= {"", *Kind}
    assert len(rows) == 100


def test_score_writes_one_row_an_account_in_the_promised_columns(fairuse, events, tmp_path):
    out = tmp_path / "verdicts.csv"
    done = fairuse("score", events, "--out", out, "--json")
    assert out.read_text().splitlines()[0] == COLUMNS
    rows = list(csv.DictReader(out.read_text().splitlines()))
    accounts = {json.loads(line)["account_id"] for line in events.read_text().splitlines()}
    assert sorted(row["account_id"] for row in rows) == sorted(accounts)
    for row in rows:
        assert row["action"] in set(Action)
        assert all(0 <= float(row[name]) <= 1 for name in [*Kind, "abuse"])
    assert json.loads(done.stdout)["accounts"] == len(rows)


@pytest.mark.parametrize("ending", [".ndjson", ".ndjson.gz", ".parquet"])
def test_every_file_format_gives_the_same_scores(fairuse, events, tmp_path, ending):
    other = tmp_path / f"other{ending}"
    fairuse("simulate", "--accounts", 100, "--days", 1.5, "--seed", 2, "--out", other)
    for source in (events, other):
        fairuse("score", source, "--out", source.with_suffix(".csv"))
    assert events.with_suffix(".csv").read_text() == other.with_suffix(".csv").read_text()


def test_fit_registers_a_model_that_score_then_uses(fairuse, events, tmp_path):
    folder = tmp_path / "models"
    fitted = fairuse("fit", events, "--labels", tmp_path / "labels.csv", "--registry", folder,
                     "--json")  # fmt: skip
    done = fairuse("score", events, "--registry", folder, "--out", tmp_path / "v.csv", "--json")
    assert json.loads(done.stdout)["model"] == json.loads(fitted.stdout)["model"]


def test_migrate_then_a_token_is_made_once(fairuse):
    first = json.loads(fairuse("migrate", "--json").stdout)
    assert first["before"] is None
    assert json.loads(fairuse("migrate", "--json").stdout)["before"] == first["after"]
    made = json.loads(fairuse("token", "create", "ann", "--role", "reviewer", "--json").stdout)
    assert made["token"].startswith("fairuse_")


def test_a_detector_is_made_to_watch_listed_and_let_act_again(fairuse):
    fairuse("migrate")
    said = ("--why", "Night shifts look like it.", "--by", "lea", "--json")
    watched = json.loads(fairuse("detectors", "watch", "no_rest", *said).stdout)
    assert (watched["standing"], watched["actor"]) == ("detect_only", "lea")
    heads, first, *_ = fairuse("detectors", "list").stdout.splitlines()
    assert heads.split()[:3] == ["detector", "model", "standing"]
    assert first.split()[:4] == ["no_rest", "every", "detect_only", "0"]
    assert first.endswith("lea: Night shifts look like it.")
    fairuse("detectors", "act", "no_rest", *said)
    listed = json.loads(fairuse("detectors", "list", "--json").stdout)["detectors"]
    assert {each["standing"] for each in listed} == {"acting"}


def test_a_word_on_a_detector_is_in_the_audit_log_with_the_login_name(fairuse, monkeypatch):
    monkeypatch.setenv("LOGNAME", "otto")
    fairuse("migrate")
    fairuse("detectors", "watch", "no_rest", "--why", "Night shifts.")
    engine = open_engine("sqlite:///var/fairuse.db")
    with readers(engine).begin() as session:
        (entry,) = session.scalars(select(AuditEntry)).all()
    engine.dispose()
    assert (entry.actor, entry.role, entry.detail) == ("otto", "admin", "no_rest: detect_only")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("watch", "no_rset", "--why", "x"), "no detector no_rset"),
        (("watch", "automation", "--why", "x", "--model", "m9"), "model m9"),
        (("act", "no_rest", "--why", "x"), "already acting"),
        (("act", "no_rest", "--why", " "), "reason in words"),
    ],
)
def test_a_word_that_cannot_be_is_status_2_and_says_why(fairuse, arguments, words):
    fairuse("migrate")
    assert words in complaint(fairuse("detectors", *arguments, status=2))


def test_a_database_without_a_schema_says_what_to_run(fairuse):
    done = fairuse("token", "create", "ann", "--role", "reviewer", status=1)
    assert "run `fairuse migrate`" in complaint(done)


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("simulate", "--accounts", "0", "--days", "1", "--seed", "1", "--out", "x.ndjson"),
        ("simulate", "--accounts", "5", "--days", "1", "--seed", "1"),
        ("score", "--out", "x.csv"),
        ("token", "create", "ann", "--role", "emperor"),
    ],
)
def test_wrong_usage_is_status_2(fairuse, arguments):
    fairuse(*arguments, status=2)


@pytest.mark.parametrize("name", ["missing.ndjson", "events.txt", "empty.ndjson", "cut.parquet"])
def test_a_file_that_is_no_events_file_is_named(fairuse, tmp_path, name):
    if name != "missing.ndjson":
        (tmp_path / name).write_bytes(b"PAR1 and then nothing" if "cut" in name else b"")
    done = fairuse("score", tmp_path / name, "--out", tmp_path / "v.csv", status=2)
    assert name in complaint(done)


def test_a_missing_file_is_named_before_a_first_model_is_trained(fairuse, tmp_path):
    done = fairuse("score", "x.ndjson", "--out", "v.csv", "--registry", "empty", status=2)
    assert "x.ndjson: there is no such file" in complaint(done)
    assert not (tmp_path / "empty").exists()


def test_a_bad_line_is_named_and_the_rest_is_scored(fairuse, events, tmp_path):
    with events.open("a") as file:
        file.write('{"event_id":"x","type":"result.viewed","occurred_at":"yesterday"}\n')
    line = len(events.read_text().splitlines())
    done = fairuse("score", events, "--out", tmp_path / "v.csv", "--json")
    assert f"line {line}, field " in complaint(done)
    assert json.loads(done.stdout)["dead_letters"] == 1


def test_a_file_of_something_else_is_refused_with_its_line(fairuse, tmp_path):
    file = tmp_path / "log.ndjson"
    file.write_text("127.0.0.1 - - GET /\n" * 500)
    done = fairuse("score", file, "--out", tmp_path / "v.csv", status=2)
    assert f"{file}, line 1" in complaint(done)


def test_a_bad_label_is_named_by_line_and_field(fairuse, events, tmp_path):
    labels = tmp_path / "bad.csv"
    labels.write_text("account_id,kind\nacc_1,\nacc_2,bot\n")
    done = fairuse("fit", events, "--labels", labels, "--registry", tmp_path / "r", status=2)
    assert "bad.csv, line 3, field kind" in complaint(done)


def test_too_small_a_population_is_bad_input(fairuse, tmp_path):
    out = tmp_path / "few.ndjson"
    fairuse("simulate", "--accounts", 3, "--days", 0.2, "--seed", 2, "--out", out)
    assert "are needed" in complaint(fairuse("fit", out, "--registry", tmp_path, status=2))


def test_a_wrong_catalogue_is_status_2_and_named_before_anything_is_opened(
    fairuse, monkeypatch, tmp_path
):
    (tmp_path / "offers.toml").write_text("version = 1\n")
    monkeypatch.setenv("FAIRUSE_CATALOGUE", str(tmp_path / "offers.toml"))
    told = complaint(fairuse("serve", status=2))
    assert "offers.toml: at the top currency is missing" in told


def test_a_bad_setting_is_status_2_and_named(fairuse, monkeypatch):
    monkeypatch.setenv("FAIRUSE_PAUSE_HOURS", "-1")
    assert "FAIRUSE_PAUSE_HOURS" in complaint(fairuse("migrate", status=2))


@pytest.mark.parametrize("url", ["kafka://127.0.0.1", "log:log", "ftp://x/y"])
def test_a_bad_topic_url_is_status_2(fairuse, monkeypatch, url):
    monkeypatch.setenv("FAIRUSE_EVENTS_URL", url)
    complaint(fairuse("stream", "--until-end", status=2))


def test_an_unreachable_broker_is_status_1_and_named(fairuse, monkeypatch):
    monkeypatch.setenv("FAIRUSE_EVENTS_URL", "kafka://127.0.0.1:1/usage-events")
    assert "127.0.0.1:1" in complaint(fairuse("stream", "--until-end", status=1))


def test_an_unreachable_database_is_status_1_and_shows_no_password(fairuse, monkeypatch):
    url = "postgresql://fairuse:open-sesame@127.0.0.1:1/fairuse"
    monkeypatch.setenv("FAIRUSE_DATABASE_URL", url)
    line = complaint(fairuse("migrate", status=1))
    assert "127.0.0.1:1" in line
    assert "open-sesame" not in line


def test_what_a_stratum_may_ask_for_is_told_by_fit(fairuse, events, tmp_path):
    fitted = json.loads(fairuse("fit", events, "--registry", tmp_path / "r", "--json").stdout)
    *_, everybody = fitted["strata"]
    assert everybody["stratum"] == "any/any/any"
    assert 0.0 < everybody["floor"] < 1.0
    assert "pause" not in everybody["may"]
    assert sum(row["months"] for row in fitted["strata"]) == fitted["calibrated"]
    plain = fairuse("fit", events, "--registry", tmp_path / "r").stdout
    assert "stratum any/any/any" in plain
    assert "blind" in plain


def test_a_required_feature_that_says_nothing_is_refused_by_name(fairuse, events, tmp_path):
    registry = tmp_path / "r"
    fitted = json.loads(fairuse("fit", events, "--registry", tmp_path / "q", "--json").stdout)
    dead = fitted["blind"][0]
    refused = fairuse(
        "fit", events, "--registry", registry, "--require", f"gap_entropy,{dead}", status=2
    )
    assert refused.stderr.splitlines()[-1].endswith(f"every account in these events: {dead}")
    assert not registry.exists()


def test_a_required_feature_that_nobody_knows_is_refused_by_name(fairuse, events):
    refused = fairuse("fit", events, "--require", "gap_entropy,aura", status=2)
    assert complaint(refused) == "fairuse: --require: no such feature or kind: aura"


def test_a_detector_that_only_watches_asks_for_nothing(fairuse, events, tmp_path):
    out = tmp_path / "verdicts.csv"
    facts = json.loads(
        fairuse("score", events, "--out", out, "--detect-only", "all", "--json").stdout
    )
    assert {row["action"] for row in csv.DictReader(out.read_text().splitlines())} == {"allow"}
    for row in facts["overlap"]:
        assert (row["also"], row["months"] > 0) == (0, True)
    assert json.loads(fairuse("score", events, "--out", out, "--json").stdout)["overlap"] == []


@pytest.mark.parametrize("verb", ["score", "stream"])
def test_a_detector_that_is_none_is_refused_by_name(fairuse, events, tmp_path, monkeypatch, verb):
    monkeypatch.setenv("FAIRUSE_DETECT_ONLY", "metronome, aura")
    given = [events, "--out", tmp_path / "v.csv"] if verb == "score" else ["--until-end"]
    refused = fairuse(verb, *given, status=2)
    assert "FAIRUSE_DETECT_ONLY: no such detector: aura; there are all, " in complaint(refused)
