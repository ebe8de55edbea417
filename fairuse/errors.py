"""What ends the program, and with which exit status.

    ProgramError               1  it could not be done
    ├── WorkerStoppedError     1  the live worker refuses to go on (dead letters past the limit)
    └── WrongInputError        2  what it was told or given is wrong; names the file, line and field

Errors of other packages are translated where the command line calls them (`fairuse.cli.outcome`).
"""

from __future__ import annotations

from typing import ClassVar


class ProgramError(Exception):
    """It could not be done; the message is one line for a person."""

    exit_status: ClassVar[int] = 1


class WorkerStoppedError(ProgramError):
    """The live worker stops the line instead of draining the topic into the dead letters."""


class WrongInputError(ProgramError):
    """A setting, an argument, a file or a record is wrong."""

    exit_status: ClassVar[int] = 2
