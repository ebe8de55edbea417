"""Numbers and times as a reviewer reads them. Values in, words out; nothing here knows a page.

Shares are never rounded up to 100 %, and every time is said in UTC.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from detectors.verdict import Action, Response
from review_api.console.innocence import CAUSE_WORDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, timedelta

    from detectors.verdict import Verdict

NO_BREAK: Final = "\N{NO-BREAK SPACE}"
THIN: Final = "\N{NARROW NO-BREAK SPACE}"

_ASKED: Final[Mapping[Response, str]] = {
    Response.NONE: "nothing",
    Response.HOLD: "a review, and no higher speed meanwhile",
    Response.CHALLENGE: "a review, and a sign of a human hand meanwhile",
    Response.PAUSE: "a pause",
}

_TOP: Final = 0.9999  # beyond it a share is extrapolation, and more digits would pretend
_UNUSUAL: Final = 0.75
_FAR_OUT: Final = 0.833
_EXTREME: Final = 0.9


def span(length: timedelta) -> str:
    """Say how long: at most two units, the larger first."""
    minutes = max(0, int(length.total_seconds() // 60))
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return _joined((days, "d"), (hours, "h"))
    if hours:
        return _joined((hours, "h"), (minutes, "min"))
    return _joined((minutes, "min")) if minutes else "less than a minute"


def when(at: datetime) -> str:
    """Say a moment."""
    return f"{at.day}{NO_BREAK}{at:%b}{NO_BREAK}{at:%Y, %H:%M}{NO_BREAK}UTC"


def whole(number: float) -> str:
    """Say a whole number, its thousands apart."""
    return f"{number:,.0f}".replace(",", THIN)


def figure(value: float | None) -> str:
    """Say an observed figure with four significant digits; what is missing is unknown."""
    if value is None:
        return "unknown"
    if value == 0 or 1e-3 <= abs(value) < 1e4:  # noqa: PLR2004 - where plain decimals read best
        return f"{value:.4g}".replace("-", "\N{MINUS SIGN}")
    return whole(value) if abs(value) >= 1 else f"{value:.2e}".replace("-", "\N{MINUS SIGN}")


def percent(share: float) -> str:
    """Say a share of accounts with as many nines as it has, rounded down: 0.9987 is 99.87 %."""
    if share > _TOP:
        return f"over {_TOP * 100:.2f}{NO_BREAK}%"
    decimals = min(max(math.ceil(-math.log10(1.0 - share)) - 1, 0), 2)
    # The hair keeps 0.29 from becoming 28.999…
    shown = math.floor(share * 100 * 10**decimals + 1e-6) / 10**decimals
    return f"{shown:.{decimals}f}{NO_BREAK}%"


def standing(score: float) -> str:
    """Say how far out a score is: 0.5 is the median account, 0.75 one in ten."""
    if score >= _EXTREME:
        return "extreme"
    if score >= _FAR_OUT:
        return "far out"
    return "unusual" if score >= _UNUSUAL else "ordinary"


def one_in(p_value: float) -> str:
    """Say a probability as one in so many."""
    return f"1 in {whole(1 / p_value)}" if p_value > 0 else "none"


def asked(verdict: Verdict) -> str:
    """Say what a verdict asked for; older ones say it by their action."""
    if verdict.response.action is verdict.action:
        return _ASKED[verdict.response]
    return "a pause" if verdict.action is Action.PAUSE else "a review"


def cause(word: str) -> str:
    """Say an innocent explanation; one of another release is said plainly."""
    return CAUSE_WORDS.get(word, sentence(plain(word)))


def listed(several: Sequence[str]) -> str:
    """Join words of a closed vocabulary: timing, rest and networks."""
    said = [plain(word) for word in several]
    return " and ".join(filter(None, (", ".join(said[:-1]), *said[-1:])))


def peers(stratum: str) -> str:
    """Say which honest peers calibrated a score, of the label `plan/volume/tenure`; "" for all."""
    match stratum.split("/"):
        case [plan, volume, tenure]:
            volume = "no" if volume == "none" else volume
            said = (
                "" if plan == "any" else "on the same plan",
                "" if volume == "any" else f"with {volume} requests the month before",
                "" if tenure == "any" else f"{tenure} then",
            )
            return ", ".join(filter(None, said))
        case _:
            return plain(stratum)


def plain(word: str) -> str:
    """Say a word of a closed vocabulary: `false_positive` is false positive."""
    return word.replace("_", " ")


def sentence(text: str) -> str:
    """Begin with a capital letter."""
    return text[:1].upper() + text[1:]


def _joined(*parts: tuple[int, str]) -> str:
    return " ".join(f"{number}{NO_BREAK}{unit}" for number, unit in parts if number)
