"""What the client of the review API raises.

ClientError
├── ServerUnreachableError   no answer in time, or none that can be read: nobody knows what was done
└── CallRefusedError         the server says no; `problem` says why
    └── ConflictError        the case changed, is held by somebody else, or cannot be moved so
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from review_api.client_answers import Problem


class ClientError(Exception):
    """Any error of the client."""


class ServerUnreachableError(ClientError):
    """Nobody answered; send the same again: it is done once."""


class CallRefusedError(ClientError):
    """The server refused the call with `status`."""

    def __init__(self, status: int, problem: Problem) -> None:
        super().__init__(f"{status}: {problem.detail}")
        self.status = status
        self.problem = problem


class ConflictError(CallRefusedError):
    """Read the case again: `problem` names what was missed, or who holds it."""
