"""docs/command-line.md names every verb, argument and option of the program, and nothing else."""

from __future__ import annotations

import re

import typer

from fairuse.cli import app
from tests.docs.pages import DOCS

PAGE = DOCS / "command-line.md"


def verbs() -> dict[str, set[str]]:
    """Give every verb with its options, read from the program itself."""
    found: dict[str, set[str]] = {}
    program = typer.main.get_command(app)
    for name, command in program.commands.items():
        inner = getattr(command, "commands", None)
        parts = {f"{name} {sub}": part for sub, part in inner.items()} if inner else {name: command}
        if inner and command.invoke_without_command:
            parts = {name: command} | parts
        for verb, part in parts.items():
            options = {option for param in part.params for option in param.opts if "--" in option}
            found[verb] = options - {"--help"}
    return found


def sections() -> dict[str, str]:
    parts = re.split(r"^## `fairuse ([a-z ]+)`$", PAGE.read_text(), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_the_page_has_a_section_for_every_verb_and_for_no_other():
    assert list(sections()) == list(verbs())


def test_every_option_is_in_its_section_and_no_other_is():
    for verb, text in sections().items():
        assert set(re.findall(r"`(--[a-z-]+)", text)) == verbs()[verb], verb


def test_the_page_states_the_exit_statuses():
    text = PAGE.read_text()
    assert all(f"| {status} |" in text for status in (0, 1, 2))
