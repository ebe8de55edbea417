"""The errors of storage and access, all of them.

AccessError
├── BadDatabaseUrl        the address is not one this program can open
├── DatabaseUnreachable   nobody answered there
├── FactChanged           code tried to rewrite history
└── NeverPausable         credits were asked to pause
"""

from __future__ import annotations


class AccessError(Exception):
    """Any error of this package."""


class BadDatabaseUrl(AccessError):  # noqa: N818 - the tree is named for what happened
    """The database address is malformed or names a database this program does not speak."""


class DatabaseUnreachable(AccessError):  # noqa: N818 - as above
    """The database did not answer; the message names where, never the password."""


class FactChanged(AccessError):  # noqa: N818 - as above
    """A row that records what happened was about to be changed or deleted."""


class NeverPausable(AccessError):  # noqa: N818 - as above
    """Something other than the monthly quota was asked to pause."""
