"""What a check says, and what all of them together decide.

A check passes, refuses or waits for reviewers; its sentence is what somebody reads who was woken
for it. Refusing costs a night, promoting a bad model costs customers: in doubt of the candidate's
harm it is refused, in lack of evidence either way it is not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One check: `passed`, its `sentence` and the `figures` behind it, plain numbers and lists.

    A check that did not pass may `wait`: reviewers are asked, and the candidate is not retired.
    """

    name: str
    passed: bool
    sentence: str
    figures: dict[str, Any] = {}
    waits: bool = False


class Gate(msgspec.Struct, frozen=True, kw_only=True):
    """The answer, and `why` in one line; `waits` if nothing but a look by reviewers is missing."""

    passed: bool
    why: str
    checks: tuple[Check, ...] = ()
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """How much worse is too much.

    `reviews_per_day` is what reviewers look at; up to `flip_limit` newly paused or released
    accounts go without a look, of more `flip_sample` are drawn for one. The rest are limits of the
    single checks, in the order in which these stand: a share of precision, a share of recall, PSI,
    KS, and the share of places at which replayed numbers may differ from those logged.
    """

    reviews_per_day: int = 40
    flip_limit: int = 20
    flip_sample: int = 20
    seed: int = 0
    precision_margin: float = 0.02
    recall_margin: float = 0.05
    psi: float = 0.2
    ks: float = 0.2
    skew: float = 0.001


def verdict_of(checks: tuple[Check, ...]) -> Gate:
    """Decide: a refusal outweighs a wait, and the first of its kind is what is said."""
    failed = [check for check in checks if not check.passed]
    refusals = [check for check in failed if not check.waits]
    if not failed:
        return Gate(passed=True, why=f"all {len(checks)} checks passed", checks=checks)
    first = (refusals or failed)[0]
    more = len(refusals or failed) - 1
    others = f" (and {more} more check{'s' if more > 1 else ''})" if more else ""
    why = f"{first.name}: {first.sentence}{others}"
    return Gate(passed=False, why=why, checks=checks, waits=not refusals)
