"""The errors of storage and access, all of them.

AccessError
├── AccessRefusedError         the client's own server says that our call was wrong
├── AccessUnreachableError     it did not answer in time, or not in words we know
├── AlreadyEndedError          the job had ended, and otherwise
├── BadAmountError             a number that no amount of credits or quota can be
├── BadChangeError             a record that is no message of `access-changes`
├── BadDatabaseUrlError        the address is not one this program can open
├── BadJobError                a job that no platform can have run: no duration, another medium
├── CatalogueError             the file of plans and models contradicts itself
├── DatabaseUnreachableError   nobody answered there
├── FactChangedError           code tried to rewrite history
├── NeverPausableError         credits were asked to pause
├── NothingChargedError        there is nothing to refund
├── OverReservedError          a job is said to have used more than was reserved for it
├── UnknownAdmissionError      no job was admitted under that name
└── UnknownOfferError          the catalogue has nothing of that name
    ├── UnknownFeatureError
    ├── UnknownModelError
    ├── UnknownPlanError
    └── UnknownResolutionError
"""

from __future__ import annotations


class AccessError(Exception):
    """Any error of this package."""


class AccessRefusedError(AccessError):
    """The server refused a call that was wrong; `faults` are fields, each with what is wrong."""

    def __init__(self, status: int, detail: str, faults: tuple[tuple[str, str], ...] = ()) -> None:
        said = "".join(f"; {field}: {problem}" for field, problem in faults)
        super().__init__(f"{detail} ({status}){said}")
        self.status = status
        self.detail = detail
        self.faults = faults


class AccessUnreachableError(AccessError):
    """The server did not answer in time, or its answer cannot be read."""


class AlreadyEndedError(AccessError):
    """The job has ended, and not as is said now; the message tells how."""


class BadAmountError(AccessError, ValueError):
    """A number that no amount of credits or quota can be."""


class BadChangeError(AccessError, ValueError):
    """A record that is no message of `access-changes`."""


class BadDatabaseUrlError(AccessError):
    """The database address is malformed or names a database this program does not speak."""


class BadJobError(AccessError):
    """What is said of a job contradicts itself or its model."""


class CatalogueError(AccessError):
    """The catalogue cannot be used; the message names file, table and field."""


class DatabaseUnreachableError(AccessError):
    """The database did not answer; the message names where, never the password."""


class FactChangedError(AccessError):
    """A row that records what happened was about to be changed or deleted."""


class NeverPausableError(AccessError):
    """Something other than the monthly quota was asked to pause."""


class NothingChargedError(AccessError):
    """A job that was charged nothing, or has not ended, has nothing to refund."""


class OverReservedError(AccessError):
    """A job is charged at most what was reserved for it."""


class UnknownAdmissionError(AccessError):
    """No job was admitted under that name."""


class UnknownOfferError(AccessError):
    """The catalogue has nothing of that name."""


class UnknownFeatureError(UnknownOfferError):
    """No such official feature."""


class UnknownModelError(UnknownOfferError):
    """No such model."""


class UnknownPlanError(UnknownOfferError):
    """No such plan."""


class UnknownResolutionError(UnknownOfferError):
    """The model has no such resolution."""
