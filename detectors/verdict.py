"""What the scorer says of an account, as it travels on the `verdicts` topic and rests in a case.

A verdict is the machine's word; it pauses nobody. Only intake, one transaction, acts on it.
"""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import Final

import msgspec

VERDICT_SCHEMA: Final = 2


class Kind(StrEnum):
    """The abuse kinds, in the order of every per-kind array."""

    AUTOMATION = "automation"
    SCRIPTING = "scripting"
    CREDENTIAL_SHARING = "credential_sharing"
    RESELLING = "reselling"


class Action(StrEnum):
    """What the policy asks for, mildest first."""

    ALLOW = "allow"
    REVIEW = "review"
    PAUSE = "pause"


class Response(StrEnum):
    """What is asked of the platform meanwhile, mildest first; each includes a look by a person.

    `HOLD` keeps the speed ramp where it is, `CHALLENGE` asks the customer to show a human hand,
    `PAUSE` takes the lease on the monthly quota.
    """

    NONE = "none"
    HOLD = "hold"
    CHALLENGE = "challenge"
    PAUSE = "pause"

    @property
    def action(self) -> Action:
        """The action that goes with it."""
        return _ACTION_OF[self]


_ACTION_OF: Final = {
    Response.NONE: Action.ALLOW,
    Response.HOLD: Action.REVIEW,
    Response.CHALLENGE: Action.REVIEW,
    Response.PAUSE: Action.PAUSE,
}


class Standing(StrEnum):
    """How an innocent explanation fares against what was observed."""

    SUPPORTED = "supported"
    CONTRADICTED = "contradicted"
    UNKNOWN = "unknown"


class Benign(msgspec.Struct, frozen=True, kw_only=True):
    """One innocent explanation, tested: `cause` is from `detectors.benign.Cause`.

    `explains` are the codes of those of the verdict's reasons that it could explain.
    """

    cause: str
    standing: Standing
    sentence: str
    explains: list[str] = []


class Clearing(msgspec.Struct, frozen=True, kw_only=True):
    """The smallest change of one observed figure that would have asked for less."""

    feature: str
    observed: float
    needed: float
    sentence: str


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """One observed fact behind a verdict.

    `code` is from the closed vocabulary of `detectors.explanation.codes`; `sentence` states the
    observed figures in words a customer could be shown; `group` names the evidence group (see
    `detectors.evidence.Group`); `percentile` is the share of the population less extreme (0 to
    1), None for a rule; `hard` marks evidence that stands on its own.
    """

    code: str
    sentence: str
    kind: Kind
    group: str
    feature: str
    observed: float
    percentile: float | None = None
    hard: bool = False


CALIBRATING: Final = "Counted as honest because nobody has looked: did it keep the rules?"


class Flipped(msgspec.Struct, frozen=True, kw_only=True):
    """Why a person is asked before a newer model serves: it would treat the account otherwise.

    The `candidate` would newly pause it or, if `released`, no longer; of all that it would so
    treat this account was drawn with that probability.
    """

    candidate: str
    probability: float
    released: bool = False

    @property
    def question(self) -> str:
        """Ask the reviewer."""
        if self.released:
            return "A newer model would let this account go: would that be right?"
        return "A newer model would newly pause this account: would that be right?"


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """The machine's combined answer for one account at one position of the log.

    `scores` holds one smoothed score a kind, mapped onto [0, 1], higher is stranger, and `abuse`
    the month's highest; `events` were known of the account; `p_value` is the calibrated
    share of honest account-months at least this strange, None while nothing is calibrated.
    `features` is the whole vector at the decision (NaN as None), named by the view.

    `response` is what is asked meanwhile and `shadow` what a detector that only watches would have
    asked, when the acting ones had `asked` that much this month; `detector` names what decided, a
    hard rule's code or the kind of the score; `stratum` the honest peers that calibrated it;
    `country` where the event came from. `probability` is that of abuse as reviewers' decisions
    calibrate it, None before there are enough. `groups` are those with strong evidence, `unknown`
    the features that could not be computed, `benign` the innocent explanations and `clearing` what
    would have cleared it, where anything was asked. `scored_from` is the offset from which the
    model scored the partition, in shadow before `acted_from`: with them a replay says the same
    again. `audit` is the probability with which the account's month was drawn, if chance drew it
    and not the score, `flip` says that a newer model brought it, and `calibrating` that it is among
    the strangest that thresholds rest on; such verdicts only ask for a look.
    """

    verdict_id: str
    account_id: str
    kind: Kind
    action: Action
    abuse: float
    scores: dict[Kind, float]
    reasons: list[Reason]
    occurred_at: str
    model_version: str
    view_fingerprint: str
    topic: str
    partition: int
    offset: int
    index: int = 0
    events: int = 0
    p_value: float | None = None
    features: dict[str, float | None] = {}
    response: Response = Response.NONE
    shadow: Response = Response.NONE
    asked: Response = Response.NONE
    detector: str = ""
    stratum: str = ""
    country: str = ""
    probability: float | None = None
    groups: list[str] = []
    unknown: list[str] = []
    benign: list[Benign] = []
    clearing: Clearing | None = None
    scored_from: int = 0
    acted_from: int = 0
    audit: float | None = None
    flip: Flipped | None = None
    calibrating: bool = False
    schema: int = VERDICT_SCHEMA

    @property
    def question(self) -> str:
        """Ask the reviewer, where it was not the account's score that asked for something."""
        if self.flip is not None:
            return self.flip.question
        return CALIBRATING if self.calibrating else ""


def verdict_id(account_id: str, kind: Kind, action: Action, model_version: str, at: str) -> str:
    """Name a verdict by what it says and where in the log it arose (`at`), so replays repeat it."""
    text = f"{account_id}\x1f{kind}\x1f{action}\x1f{model_version}\x1f{at}"
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def encode(verdict: Verdict) -> bytes:
    """Give the verdict as JSON for the wire."""
    return msgspec.json.encode(verdict)


def decode(payload: bytes) -> Verdict:
    """Read a verdict; raises `msgspec.ValidationError` naming the field that is wrong."""
    return msgspec.json.decode(payload, type=Verdict)
