"""The card's drawings: two models side by side, told apart by shape and not by colour.

The champion is an outline, the candidate is filled. Colours come from the page, so the same drawing
does for light and dark. Bars grow as square roots, or the few that matter could not be seen.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from markupsafe import Markup

from detectors.card.parts import Drawing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

WIDTH: Final = 360
_HEIGHT: Final = 150
_TOP: Final = 12
_FOOT: Final = _HEIGHT - 30
_NAMES: Final = 132
_ROW: Final = 20
_BLOCKS: Final = " ▁▂▃▄▅▆▇█"


def scores_of(kind: Mapping[str, Any]) -> Drawing:
    """Draw how one kind's highest scores of honest account-months lie under both models.

    Takes a row of the figures of the check on score drift.
    """
    champion, candidate = (_shares(kind[name]) for name in ("champion", "candidate"))
    most = max(*champion, *candidate, 0.01)
    wide = WIDTH / len(champion)
    judged = "" if kind["judged"] else ", not judged: it began or ceased to learn"
    summary = (
        f"{_words(kind['kind'])}: PSI {kind['psi']:.3f}, KS {kind['ks']:.3f}{judged}. "
        f"Honest account-months at 1 or less: {_below(kind, 'champion'):.0%} with the champion, "
        f"{_below(kind, 'candidate'):.0%} with the candidate."
    )
    bars = "".join(
        f"M{n * wide + 1:.1f} {_FOOT}V{_y(share, most)}h{wide - 2:.1f}V{_FOOT}z"
        for n, share in enumerate(candidate)
        if share
    )
    steps = "".join(f"V{_y(share, most)}h{wide:.1f}" for share in champion)
    marks = [_text(n * WIDTH / 4, _FOOT + 14, f"{kind['top'] * n / 4:.1f}", n) for n in range(5)]
    parts = [
        Markup('<path class="fill" d="{}"/>').format(bars),
        Markup('<path class="edge" d="M0 {}{}V{}"/>').format(_FOOT, steps, _FOOT),
        Markup('<path class="axis" d="M0 {}H{}"/>').format(_FOOT, WIDTH),
        *marks,
        _text(WIDTH / 2, _HEIGHT - 3, "highest score of the month", 2),
    ]
    line = f"champion `{_line(champion, most)}` candidate `{_line(candidate, most)}`"
    return Drawing(_words(kind["kind"]), _svg(_HEIGHT, summary, parts), summary, line)


def recalls_of(families: Sequence[Mapping[str, Any]]) -> Drawing:
    """Draw each family's recall under both models; takes the figures of the check on families."""
    height = len(families) * _ROW + 34
    foot = height - 26
    every = families[-1]
    summary = (
        f"Recall of {len(families) - 1} simulated families at one false positive in a hundred: "
        f"all together {every['candidate']:.0%}, {every['champion']:.0%} with the champion."
    )
    parts = [
        Markup('<path class="grid" d="{}"/>').format(
            "".join(f"M{_at(n / 4):.1f} 6V{foot}" for n in range(5))
        )
    ]
    for n, row in enumerate(families):
        y = 16 + n * _ROW
        was, now = _at(row["champion"]), _at(row["candidate"])
        parts += [
            _text(_NAMES - 10, y + 4, _words(row["family"]), 4),
            Markup('<path class="link" d="M{:.1f} {}H{:.1f}"/>').format(was, y, now),
            Markup('<path class="dot" d="M{:.1f} {}l5 5l-5 5l-5 -5z"/>').format(now, y - 5),
            Markup('<circle class="ring" cx="{:.1f}" cy="{}" r="6"/>').format(was, y),
        ]
    parts += [_text(_at(n / 4), foot + 14, f"{25 * n} %", n or 1) for n in range(5)]
    return Drawing("Recall by family", _svg(height, summary, parts), summary)


def _shares(counts: Sequence[int]) -> list[float]:
    every = sum(counts) or 1
    return [count / every for count in counts]


def _below(kind: Mapping[str, Any], name: str) -> float:
    counts = kind[name]
    upto = max(round(len(counts) / kind["top"]), 1)
    return float(sum(counts[:upto]) / (sum(counts) or 1))


def _y(share: float, most: float) -> float:
    return round(_FOOT - math.sqrt(share / most) * (_FOOT - _TOP), 1)


def _at(share: float) -> float:
    return _NAMES + share * (WIDTH - _NAMES - 14)


def _line(shares: Sequence[float], most: float) -> str:
    return "".join(_BLOCKS[math.ceil(math.sqrt(share / most) * 8)] for share in shares)


def _words(name: str) -> str:
    return name.replace("_", " ")


def _text(x: float, y: float, words: str, place: int) -> Markup:
    """Write words; `place` 0 begins there, 4 ends there, anything else is centred."""
    anchor = {0: "start", 4: "end"}.get(place, "middle")
    return Markup('<text x="{:.1f}" y="{:g}" text-anchor="{}">{}</text>').format(
        x, y, anchor, words
    )


def _svg(height: float, said: str, parts: Iterable[Markup]) -> Markup:
    opening = Markup('<svg viewBox="0 0 {} {:g}" role="img" aria-label="{}">').format(
        WIDTH, height, said
    )
    return opening + Markup().join(parts) + Markup("</svg>")
