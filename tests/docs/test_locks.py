"""The locks cover what pyproject.toml asks for, with hashes, and name no place to get it from."""

from __future__ import annotations

import re
import tomllib

import pytest

from tests.docs.pages import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
RUNTIME = PROJECT["dependencies"]
DEV = PROJECT["optional-dependencies"]["dev"]
SPARK = PROJECT["optional-dependencies"]["spark"]


def pinned(lock: str) -> dict[str, str]:
    text = (ROOT / lock).read_text()
    return dict(re.findall(r"^([a-z0-9._-]+)(?:\[[a-z,]+\])?==(\S+)", text, re.MULTILINE))


def asked(requirements: list[str]) -> set[str]:
    return {re.match(r"[A-Za-z0-9._-]+", line)[0].lower() for line in requirements}


def test_every_dependency_is_locked():
    assert asked(RUNTIME) <= set(pinned("requirements.lock"))
    assert asked(RUNTIME + DEV) <= set(pinned("requirements-dev.lock"))


def test_the_locks_agree():
    dev, runtime = pinned("requirements-dev.lock"), pinned("requirements.lock")
    spark = pinned("requirements-spark.lock")
    assert {name: dev.get(name) for name in runtime} == runtime
    assert {name: spark.get(name) for name in runtime} == runtime
    assert asked(SPARK) <= set(spark)


@pytest.mark.parametrize(
    "lock",
    [
        "requirements.lock",
        "requirements-dev.lock",
        "requirements-spark.lock",
        "requirements-uv.lock",
    ],
)
def test_a_lock_has_hashes_and_no_addresses(lock: str):
    text = (ROOT / lock).read_text()
    assert text.count("--hash=sha256:") >= len(pinned(lock))
    assert "://" not in text
