"""A card as Markdown and as a page: whole, escaped, without a script, the same every time."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from detectors.card.parts import Section, Table
from detectors.card.writing import html_of, markdown_of

VOID = {"meta", "path", "circle", "br"}


class Balanced(HTMLParser):
    """Fails for an end without its beginning."""

    def __init__(self):
        super().__init__()
        self.open = []

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag


def test_the_page_is_whole_and_needs_nothing_else(refused):
    page = html_of(refused)
    reader = Balanced()
    reader.feed(page)
    assert reader.open == []
    assert "<script" not in page
    assert not re.search(r"(src|href)=|url\(", page)


def test_every_drawing_has_words_for_who_cannot_see_it(passed):
    page = html_of(passed)
    drawn = re.findall(r"<svg [^>]*>", page)
    assert len(drawn) == 5
    assert all('role="img" aria-label="' in one for one in drawn)


def test_what_anybody_wrote_is_escaped_on_the_page(passed):
    wild = Section("a<b>", ("<script>x</script>",), tables=(Table("c", ("h",), (("<i>",),)),))
    page = html_of(replace(passed, sections=(wild,)))
    assert "<script" not in page
    assert "<i>" not in page
    assert "&lt;script&gt;" in page


def test_markdown_keeps_its_tables_in_shape(passed):
    section = Section("t", tables=(Table("c", ("one", "two"), (("a|b", "c\nd"),)),))
    text = markdown_of(replace(passed, sections=(section,)))
    assert text.endswith("## t\n\n| one | two |\n| --- | --- |\n| a\\|b | c d |\n")


def test_markdown_says_what_the_drawings_show(passed):
    text = markdown_of(passed)
    assert "candidate `█" in text
    assert "<svg" not in text
    assert "Recall of 15 simulated families" in text


@pytest.mark.parametrize("write", [html_of, markdown_of])
def test_the_same_card_is_written_the_same(refused, write):
    assert write(refused) == write(refused)
    assert refused.version in write(refused)
