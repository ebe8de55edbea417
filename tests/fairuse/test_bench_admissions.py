from __future__ import annotations

from fairuse.bench import admissions
from fairuse.bench.admissions import Size, bench_admissions
from streams.clock import SystemClock


def test_every_part_of_admission_is_measured_and_nothing_is_refused(monkeypatch):
    monkeypatch.setattr(admissions, "HISTORY", 100)
    monkeypatch.setattr(admissions, "DECISIONS", 1000)
    figures = {
        figure.name: figure for figure in bench_admissions(SystemClock(), None, Size(1000, 0.5))
    }
    assert figures["admission decisions"].note == "in process, 100% admitted"
    assert figures["asks in batches"].value > figures["asks one by one"].value
    assert figures["admissions over HTTP"].note == "128 callers, 0 answers other than 200"
    assert figures["wait at half the aim, p99"].value > 0
