"""What ends the program, and with which exit status.

    ProgramError           1  it could not be done
    └── WrongInputError    2  what it was told or given is wrong; names the file, line and field

Errors of other packages are translated where the command line calls them (`fairuse.cli.outcome`).
"""

from __future__ import annotations

from typing import ClassVar


class ProgramError(Exception):
    """It could not be done; the message is one line for a person."""

    exit_status: ClassVar[int] = 1


class WrongInputError(ProgramError):
    """A setting, an argument, a file or a record is wrong."""

    exit_status: ClassVar[int] = 2
