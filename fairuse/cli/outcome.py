"""Which errors are expected, and the exit status each becomes.

Only errors that a package raises on purpose are listed: anything else is a fault of this program
and shows its traceback.
"""

from __future__ import annotations

from typing import Final

from access.errors import AccessError, BadDatabaseUrlError, CatalogueError
from fairuse.errors import ProgramError
from streams.errors import StreamsError
from streams.transport import TransportError

FAILED: Final = 1
WRONG: Final = 2

EXPECTED: Final = (ProgramError, StreamsError, TransportError, AccessError)


def exit_status(error: Exception) -> int:
    """Give 2 for what the caller can put right, 1 for the rest."""
    if isinstance(error, ProgramError | StreamsError):
        return error.exit_status
    return WRONG if isinstance(error, BadDatabaseUrlError | CatalogueError) else FAILED
