"""Reads a page as a customer does: words, without markup."""

from __future__ import annotations

import re
from html import unescape


def words_of(html):
    """Give the words of a page or a part of one, with plain spaces."""
    text = unescape(re.sub(r"<[^>]+>", " ", html))
    # A tag before a comma leaves a space that nobody sees.
    return re.sub(r"\s+(?=[.,;](\s|$))", "", re.sub(r"\s+", " ", text)).strip()
