"""Every promise to the customer has a test that is named after it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

PROMISES = 22


def test_every_promise_has_a_test_named_after_it():
    tests = [
        found
        for file in Path(__file__).parent.glob("test_*.py")
        for found in ast.walk(ast.parse(file.read_text()))
        if isinstance(found, ast.FunctionDef)
    ]
    kept = {int(name[1]) for each in tests if (name := re.match(r"test_p(\d\d)_\w+", each.name))}
    assert kept == set(range(1, PROMISES + 1))
