"""The errors of storage and access, all of them.

AccessError
├── BadAmountError             a number that no amount of credits or quota can be
├── BadDatabaseUrlError        the address is not one this program can open
├── DatabaseUnreachableError   nobody answered there
├── FactChangedError           code tried to rewrite history
└── NeverPausableError         credits were asked to pause
"""

from __future__ import annotations


class AccessError(Exception):
    """Any error of this package."""


class BadAmountError(AccessError, ValueError):
    """A number that no amount of credits or quota can be."""


class BadDatabaseUrlError(AccessError):
    """The database address is malformed or names a database this program does not speak."""


class DatabaseUnreachableError(AccessError):
    """The database did not answer; the message names where, never the password."""


class FactChangedError(AccessError):
    """A row that records what happened was about to be changed or deleted."""


class NeverPausableError(AccessError):
    """Something other than the monthly quota was asked to pause."""
