"""The numbers of PostgreSQL's advisory locks, in one place so that no two of them are the same.

Any numbers will do that nothing else in the database takes.
"""

from __future__ import annotations

from enum import IntEnum, unique


@unique
class AdvisoryLock(IntEnum):
    """Who waits for whom: everybody who takes the same number. Pass its `value`."""

    MIGRATING = 7_263_541
    SEALING = 7_263_542
    BREAKER = 7_263_543
    NIGHT = 7_263_547
