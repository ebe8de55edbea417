"""Away from a terminal, long work says a line a minute and results stay on standard output."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from fairuse.progress import Lines, give_facts, meter
from streams.clock import ManualClock


def test_a_line_a_minute_however_often_work_is_done(capsys):
    clock = ManualClock(datetime(2026, 1, 1, tzinfo=UTC))
    lines = Lines("work", 10_000, clock)
    for _ in range(300):
        clock.advance(1)
        lines.advance(10)
    said = capsys.readouterr().err.splitlines()
    assert said == [f"work: {600 * turn:,} of 10,000" for turn in range(1, 6)]


def test_short_work_says_nothing(capsys):
    with meter("work") as shown:
        shown.advance(5)
    assert capsys.readouterr() == ("", "")


def test_people_read_words_and_no_brackets(capsys):
    rows = [{"model": "1f3a", "night": "", "may": ["hold", "pause"]}]
    facts = {"models": rows, "positions": {"events/0": 7, "events/1": 9}, "blind": ("a", "b")}
    give_facts(
        facts | {"learnt": ("too few accounts",), "before": None, "resumed": ()}, as_json=False
    )
    assert capsys.readouterr().out.splitlines() == [
        "models",
        "  model 1f3a, may hold pause",
        "positions  events/0 7, events/1 9",
        "blind      a b",
        "learnt",
        "  too few accounts",
        "before     none",
        "resumed    none",
    ]


def test_facts_are_lines_for_people_and_one_object_for_scripts(capsys):
    facts = {"dead_letters": 0, "events": 1_234_567}
    give_facts(facts, as_json=False)
    assert capsys.readouterr().out.splitlines() == ["dead letters  0", "events        1,234,567"]
    give_facts(facts, as_json=True)
    assert json.loads(capsys.readouterr().out) == facts
