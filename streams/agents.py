"""Which user agents say of themselves that they are programs.

Only self-declaration counts: automation drivers and HTTP libraries under the name they ship with.
Nothing is inferred from an odd or missing user agent, as privacy browsers are odd too; and a
library that official mobile apps are built on (okhttp, CFNetwork, Dart) declares nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow.compute as pc

from streams.vocabulary import CLIENTS

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

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


def declared(agents: pa.Array, clients: NDArray[Any]) -> NDArray[np.bool_]:
    """Tell for each event, by user agent text and client code, whether a program declares itself.

    Few user agents make up a batch, so each is read once. Absent ones declare nothing.
    """
    coded = pc.dictionary_encode(agents)
    words = coded.dictionary.to_pylist()
    said = np.array([*(declares_program(word) for word in words), False], dtype=np.bool_)
    places = pc.fill_null(coded.indices, -1).to_numpy(zero_copy_only=False)
    programs: NDArray[np.bool_] = said[places] & ~np.isin(clients, list(FOR_PROGRAMS))
    return programs
