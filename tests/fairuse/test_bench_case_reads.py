from __future__ import annotations

from fairuse.bench.admissions import Size
from fairuse.bench.case_reads import bench_case_reads
from streams.clock import SystemClock


def test_reads_over_http_are_measured_and_each_is_in_the_audit_log():
    figures = {
        figure.name: figure for figure in bench_case_reads(SystemClock(), None, Size(100, 0.5))
    }
    assert figures["case reads over HTTP"].note == "48 callers, sqlite, 0 refused"
    assert figures["reads in the audit log"].value > 48
    assert figures["wait at half the aim, p99"].value > 0
