"""Settings come from two places only, and what is wrong with one is said by name."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fairuse.errors import WrongInputError
from fairuse.settings import Settings, load_settings
from fairuse.wiring import review_policy
from review_api.policy import ReviewPolicy
from streams.hashing import KEY_BYTES


@pytest.fixture(autouse=True)
def no_settings(monkeypatch):
    for name in Settings.model_fields:
        monkeypatch.delenv(f"FAIRUSE_{name.upper()}", raising=False)
    monkeypatch.delenv("FAIRUSE_CONFIG", raising=False)


def test_without_any_the_defaults_need_no_server():
    settings = load_settings()
    assert settings.database_url.startswith("sqlite:")
    assert settings.events_url.startswith("log:")


def test_the_environment_outranks_the_file(monkeypatch, tmp_path):
    file = tmp_path / "fairuse.toml"
    file.write_text('group = "from-file"\nhttp_port = 1234\n')
    monkeypatch.setenv("FAIRUSE_CONFIG", str(file))
    monkeypatch.setenv("FAIRUSE_GROUP", "from-environment")
    settings = load_settings()
    assert (settings.group, settings.http_port) == ("from-environment", 1234)


def test_a_bad_value_is_named_by_its_variable(monkeypatch):
    monkeypatch.setenv("FAIRUSE_HTTP_PORT", "many")
    with pytest.raises(WrongInputError, match=r"^FAIRUSE_HTTP_PORT: "):
        load_settings()


def test_a_bad_value_in_the_file_is_named_by_file_and_setting(monkeypatch, tmp_path):
    file = tmp_path / "fairuse.toml"
    file.write_text("dead_letter_share = 3\n")
    monkeypatch.setenv("FAIRUSE_CONFIG", str(file))
    with pytest.raises(WrongInputError, match=r"fairuse.toml: dead_letter_share: "):
        load_settings()


@pytest.mark.parametrize("name", ["FAIRUSE_HTP_PORT", "FAIRUSE_DEAD_LETTER_SHARES"])
def test_a_misspelt_variable_is_refused(monkeypatch, name):
    monkeypatch.setenv(name, "1")
    with pytest.raises(WrongInputError, match=f"^{name}: no such setting"):
        load_settings()


def test_a_misspelt_name_in_the_file_is_refused(monkeypatch, tmp_path):
    file = tmp_path / "fairuse.toml"
    file.write_text("htp_port = 1\n")
    monkeypatch.setenv("FAIRUSE_CONFIG", str(file))
    with pytest.raises(WrongInputError, match=r"htp_port: no such setting"):
        load_settings()


def test_variables_of_the_tests_are_not_settings(monkeypatch):
    monkeypatch.setenv("FAIRUSE_TEST_KAFKA", "127.0.0.1:1")
    load_settings()


@pytest.mark.parametrize("content", [None, "= nonsense"])
def test_a_file_that_is_missing_or_not_toml_is_named(monkeypatch, tmp_path, content):
    file = tmp_path / "fairuse.toml"
    if content is not None:
        file.write_text(content)
    monkeypatch.setenv("FAIRUSE_CONFIG", str(file))
    with pytest.raises(WrongInputError, match=r"fairuse\.toml"):
        load_settings()


def test_the_secret_is_not_shown():
    settings = Settings(pseudonym_key="between us")
    assert "between us" not in repr(settings)


def test_another_secret_gives_another_hash_key():
    keys = {Settings(pseudonym_key=secret).hash_key for secret in ("a", "b")}
    assert len(keys) == 2
    assert all(len(key) == KEY_BYTES for key in keys)


def test_the_times_of_review_are_the_settings():
    policy = review_policy(
        Settings(hold_days=1, challenge_hours=2, clearance_days=3, protected_days=4)
    )
    assert (policy.hold_for, policy.challenge_for) == (timedelta(days=1), timedelta(hours=2))
    assert (policy.clear_for, policy.protect_for) == (timedelta(days=3), timedelta(days=4))
    assert review_policy(Settings(grace_seconds=0, second_share=0)) == ReviewPolicy()
    usual = review_policy(Settings())
    assert (usual.grace, usual.second_share) == (timedelta(seconds=20), 0.1)
