"""docs/settings.md says what fairuse/settings.py says, and nothing else."""

from __future__ import annotations

from pydantic import SecretStr

from fairuse.settings import PREFIX, Settings
from tests.docs.pages import DOCS, rows


def shown(value: object) -> str:
    plain = value.get_secret_value() if isinstance(value, SecretStr) else value
    return f"`{plain}`"


def test_the_settings_page_is_the_settings():
    expected = [
        [f"`{PREFIX}{name.upper()}`", shown(field.default), field.description]
        for name, field in Settings.model_fields.items()
    ]
    page = rows(DOCS / "settings.md", "setting")
    assert page == expected, "\n".join("| " + " | ".join(map(str, row)) + " |" for row in expected)


def test_every_setting_is_explained_in_a_sentence():
    for name, field in Settings.model_fields.items():
        assert (field.description or "").endswith("."), name
