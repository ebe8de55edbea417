"""What user agents say of themselves: that they are programs, and on which operating system.

Only self-declaration counts: automation drivers and HTTP libraries under the name they ship with.
Nothing is inferred from an odd or missing user agent, as privacy browsers are odd too; and a
library that official mobile apps are built on (okhttp, CFNetwork, Dart) declares nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow.compute as pc

from streams.vocabulary import CLIENTS, SYSTEMS

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

# In this order: an iPhone's user agent says "Mac OS X" too, and Android's says "Linux".
NAMED: Final = (
    (re.compile(r"windows", re.IGNORECASE), SYSTEMS["windows"]),
    (re.compile(r"iphone|ipad|ipod|\bios\b", re.IGNORECASE), SYSTEMS["ios"]),
    (re.compile(r"android|dalvik", re.IGNORECASE), SYSTEMS["android"]),
    (re.compile(r"macintosh|mac os", re.IGNORECASE), SYSTEMS["macos"]),
    (re.compile(r"linux|x11|cros", re.IGNORECASE), SYSTEMS["linux"]),
)

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


def system_of(user_agent: str) -> int:
    """Give the code of the operating system that a user agent names, 0 for none.

    Examples
    --------
    >>> system_of("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)"), system_of("curl/8.5")
    (5, 0)
    """
    return next((code for name, code in NAMED if name.search(user_agent)), 0)


def read_agents(
    agents: pa.Array, clients: NDArray[Any]
) -> tuple[NDArray[np.bool_], NDArray[np.uint8]]:
    """Tell for each event whether a program declares itself, and give its operating system.

    Few user agents make up a batch, so each is read once. Absent ones declare nothing.
    """
    coded = pc.dictionary_encode(agents)
    words = [word or "" for word in coded.dictionary.to_pylist()]
    places = pc.fill_null(coded.indices, -1).to_numpy(zero_copy_only=False)
    said = np.array([*(declares_program(word) for word in words), False], dtype=np.bool_)
    systems = np.array([*(system_of(word) for word in words), 0], dtype=np.uint8)
    programs: NDArray[np.bool_] = said[places] & ~np.isin(clients, list(FOR_PROGRAMS))
    return programs, systems[places]
