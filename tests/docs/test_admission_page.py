"""docs/admission.md: its tables are the program's words, and its examples run."""

from __future__ import annotations

import re
import subprocess
import sys
from types import SimpleNamespace

import pytest

from access.answers import Decision
from access.vocabulary import DenialReason
from review_api.app import create_app
from review_api.tokens import issue_token
from review_api.vocabulary import Role
from streams.clock import ManualClock
from tests.access.platform import Platform
from tests.chromium import served
from tests.docs.pages import DOCS, names
from tests.verdicts import DAY, MONDAY

PAGE = DOCS / "admission.md"


def test_every_reason_is_on_the_page_and_no_other():
    assert names(PAGE, "reason") == [reason.value for reason in DenialReason]


def test_every_field_of_an_answer_is_explained():
    told = {name for cell in names(PAGE, "field") for name in re.findall(r"\w+", cell)}
    in_text = {"admitted", "reason", "sentence", "still_works", "retry_at", "by_default"}
    known = set(Decision.__struct_fields__) | {"repeated"}
    assert told == known - in_text
    for name in in_text:
        assert name in PAGE.read_text()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_example_runs(database):
    platform = Platform(database)
    platform.say("started", "pro", at=MONDAY - 3 * DAY, account="acc_91")
    with database.writers.begin() as session:
        token = issue_token(session, "platform", Role.SERVICE, MONDAY)
    calls, mirror = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    said = []
    with served(create_app(database.engine, ManualClock(MONDAY))) as url:
        there = {
            "url": url,
            "token": token,
            "records_of_access_changes": [],
            "run_job": lambda decision: decision.units / 2,
            "tell_customer": said.append,
        }
        for example in (mirror, calls.replace("seconds=0.25", "seconds=20")):
            exec(example, there)  # noqa: S102 - our own page
        there["client"].close()
    assert isinstance(there["decision"], Decision)
    assert said == []
    assert platform.used(account="acc_91") == 1


def test_a_gateway_that_imports_the_client_imports_no_server():
    heavy = ("sqlalchemy", "fastapi", "pydantic", "numba", "numpy", "pandas")
    code = (
        f"import sys, access.client, access.mirror; print([m for m in {heavy} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_denial_is_told_to_the_customer():
    denied = Decision(admitted=False, sentence="Wait.")
    calls, _ = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    after = calls[calls.index("if decision") :]
    said = []
    client = SimpleNamespace()
    exec(after, {"decision": denied, "client": client, "tell_customer": said.append})  # noqa: S102
    assert said == ["Wait."]
