"""Which user agents say of themselves that they are programs.

Only self-declaration counts: automation drivers and HTTP libraries under the name they ship with.
Nothing is inferred from an odd or missing user agent, as privacy browsers are odd too; and a
library that official mobile apps are built on (okhttp, CFNetwork, Dart) declares nothing.
"""

from __future__ import annotations

import re
from typing import Final

from streams.vocabulary import CLIENTS

PROGRAMS: Final = re.compile(
    r"headlesschrome|phantomjs|selenium|webdriver|puppeteer|playwright"
    r"|python-requests/|python-urllib|aiohttp/|python-httpx/|scrapy/"
    r"|^curl/|^wget/|go-http-client/|libwww-perl/|^java/|apache-httpclient/"
    r"|node-fetch|^axios/|^got \(|^undici|postmanruntime/|insomnia/",
    re.IGNORECASE,
)
FOR_PROGRAMS: Final = frozenset({CLIENTS["api"], CLIENTS["plugin"]})
"""Official surfaces that programs are meant to use: there a library's name says nothing."""


def declares_program(user_agent: str) -> bool:
    """Tell whether a user agent names itself a program.

    Examples
    --------
    >>> declares_program("python-requests/2.32.3"), declares_program("okhttp/4.12.0")
    (True, False)
    """
    return PROGRAMS.search(user_agent) is not None
