"""The report's plots, readable without colour: every series has its own mark or dash too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from detectors.bank import KINDS
from detectors.verdict import Response
from fairuse.bench.detection.adversary import HALF, ROUNDS, strongest
from fairuse.bench.detection.segments import BUDGETS, TWICE
from fairuse.bench.detection.targets import RECALL

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from fairuse.bench.detection.calibrated import Uniformity
    from fairuse.bench.detection.report import Report
    from fairuse.bench.detection.segments import Segment

# Okabe and Ito's colours, told apart by people who are colour-blind.
COLOURS: Final = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
DASHES: Final = ("-", "--", "-.", ":", (0, (5, 1)), (0, (1, 1)), (0, (3, 1, 1, 1)))
MARKS: Final = ("o", "s", "^", "D", "v", "P", "X")
LEAST: Final = 1e-4


def draw(report: Report, folder: Path) -> list[str]:
    """Draw every plot the report has figures for; returns the names of the files."""
    import matplotlib as mpl  # noqa: PLC0415 - only a development machine has it

    mpl.use("Agg")
    mpl.rcParams.update({"font.size": 10, "axes.spines.top": False, "axes.spines.right": False})
    plots: dict[str, Callable[[Any], bool]] = {
        "roc.png": lambda axes: _roc(axes, _curves(report)),
        "segments.png": lambda axes: _segments(axes, report.segments),
        "recall.png": lambda axes: _recall(axes, report),
        "delay.png": lambda axes: _delays(axes, report),
        "calibration.png": lambda axes: _calibration(axes, report.uniformity),
        "adversary.png": lambda axes: _adversary(axes, report),
    }
    return [name for name, plot in plots.items() if _drawn(plot, folder / name)]


def _drawn(plot: Callable[[Any], bool], path: Path) -> bool:
    from matplotlib import pyplot as plt  # noqa: PLC0415 - as above

    figure, axes = plt.subplots(figsize=(8.0, 5.0), layout="constrained")
    full = plot(axes)
    if full:
        axes.grid(visible=True, alpha=0.3, linewidth=0.6)
        figure.savefig(path, dpi=120)
    plt.close(figure)
    return full


def _curves(report: Report) -> Mapping[str, tuple[NDArray[Any], NDArray[Any]]]:
    """Give (abusive, honest) scores by name: labelled real sets, and the simulator's families."""
    curves = {}
    for held in report.held:
        for kind in held.kinds():
            place = KINDS.index(kind)
            scores = held.outcomes["scores"][:, place]
            name = f"{held.title}: {kind.replace('_', ' ')} (real)"
            curves[name] = (scores[held.of_kind(kind)], scores[held.where(abusive=False)])
    if report.measured is not None:
        found = report.measured
        abusive = np.concatenate([c.outcomes["maximum"] for c in found.caught.values()])
        curves["all families (simulator)"] = (abusive, found.honest.outcomes["maximum"])
    return curves


def _roc(axes: Any, curves: Mapping[str, tuple[NDArray[Any], NDArray[Any]]]) -> bool:
    for place, (name, (abusive, honest)) in enumerate(curves.items()):
        cuts = np.unique(np.concatenate([abusive, honest]))[::-1]
        false, true = _at_or_above(honest, cuts), _at_or_above(abusive, cuts)
        axes.step(
            np.maximum(false, LEAST), true, where="post", label=name,
            color=COLOURS[place % 7], linestyle=DASHES[place % 7],
        )  # fmt: skip
    axes.set(
        xscale="log", xlim=(LEAST, 1.0), ylim=(0, 1.02),
        xlabel="false positives, share of honest accounts (log)",
        ylabel="caught, share of abusive accounts",
        title="Ranking of accounts, near zero false positives",
    )  # fmt: skip
    if curves:
        axes.legend(loc="lower right", fontsize=8)
    return bool(curves)


def _at_or_above(scores: NDArray[Any], cuts: NDArray[Any]) -> NDArray[Any]:
    shares: NDArray[Any] = 1.0 - np.searchsorted(np.sort(scores), cuts) / len(scores)
    return shares


def _segments(axes: Any, segments: list[Segment]) -> bool:
    """Draw false pauses per 10,000 with exact intervals; small segments reach far."""
    shown = [part for part in segments if part.by not in {"country", "plan"}]
    if not shown:
        return False
    y = np.arange(len(shown))[::-1]
    for place, part in zip(y, shown, strict=True):
        low, high = (1e4 * end for end in part.paused.interval)
        value = 1e4 * part.paused.value
        axes.plot([low, high], [place, place], color=COLOURS[0], linewidth=1.5)
        axes.plot(value, place, MARKS[0], color=COLOURS[6], markersize=4)
    axes.axvline(1e4 * BUDGETS[Response.PAUSE], color=COLOURS[1], linestyle="--", label="budget")
    twice = 1e4 * TWICE * BUDGETS[Response.PAUSE]
    axes.axvline(twice, color=COLOURS[1], linestyle=":", label="twice the budget")
    names = [f"{part.by}: {part.name} ({part.paused.of:,})" for part in shown]
    axes.set_yticks(y, names, fontsize=7)
    axes.set_xscale("symlog", linthresh=10)
    axes.set_xlim(left=0)
    axes.set_xlabel("honest account-months paused per 10,000, with 95 % interval")
    axes.set_title("Honest people paused by mistake, by segment (simulator)")
    axes.legend(loc="lower right", fontsize=8)
    axes.figure.set_size_inches(8.0, 2.0 + 0.18 * len(shown))
    return True


def _recall(axes: Any, report: Report) -> bool:
    if report.measured is None:
        return False
    caught = list(report.measured.caught.values())
    y = np.arange(len(caught))[::-1]
    mark: dict[str, Any] = {"color": "black", "markersize": 12, "markeredgewidth": 2}
    for place, response in enumerate((Response.HOLD, Response.CHALLENGE, Response.PAUSE)):
        shares = [family.share(response).value for family in caught]
        words = f"{response} or more" if response is not Response.PAUSE else "paused"
        axes.plot(shares, y + 0.22 - 0.22 * place, MARKS[place], color=COLOURS[place], label=words)
    for place, family in zip(y, caught, strict=True):
        low, high = family.share(Response.PAUSE).interval
        axes.plot([low, high], [place - 0.22] * 2, color=COLOURS[2], linewidth=1.2)
        if family.family in RECALL:
            axes.plot([RECALL[family.family]], [place - 0.22], "|", **mark)
    axes.plot([], [], "|", label="target for pauses", **mark)
    axes.set_yticks(y, [family.family.replace("_", " ") for family in caught])
    axes.set(xlim=(-0.02, 1.02), xlabel="share of the family's accounts in the month")
    axes.set_title("Families no model had seen (simulator), pauses with 95 % interval")
    axes.legend(loc="lower left", bbox_to_anchor=(1.0, 0.0), fontsize=8)
    axes.figure.set_size_inches(9.0, 6.0)
    return True


def _delays(axes: Any, report: Report) -> bool:
    """Draw how far into the month, in quota, accounts had come when something was asked of them."""
    if report.measured is None:
        return False
    for place, response in enumerate((Response.HOLD, Response.CHALLENGE, Response.PAUSE)):
        parts = [family.delays(response).share for family in report.measured.caught.values()]
        shares = np.sort(np.concatenate(parts))
        total = sum(len(family.outcomes) for family in report.measured.caught.values())
        axes.step(
            shares, np.arange(1, len(shares) + 1) / total, where="post",
            label=f"{response} or more", color=COLOURS[place], linestyle=DASHES[place],
        )  # fmt: skip
    axes.set(
        xlim=(0, 1), ylim=(0, 1.02), xlabel="share of the month's quota use that was over by then",
        ylabel="share of all abusive accounts",
        title="How soon abusive accounts were noticed (simulator)",
    )  # fmt: skip
    axes.legend(loc="lower right")
    return True


def _calibration(axes: Any, found: Uniformity | None) -> bool:
    if found is None or not len(found.p_values):
        return False
    share = np.arange(1, len(found.p_values) + 1) / len(found.p_values)
    axes.plot([LEAST, 1], [LEAST, 1], color="black", linestyle="--", label="as promised")
    axes.step(
        found.p_values, share, where="post", color=COLOURS[0], label="held-out honest accounts"
    )
    for response, budget in BUDGETS.items():
        axes.axvline(budget, color=COLOURS[1], linestyle=":", linewidth=1.0)
        axes.text(budget, 0.9, f" {response}", rotation=90, va="top", fontsize=8)
    axes.set(
        xscale="log", yscale="log", xlim=(LEAST, 1), ylim=(LEAST, 1.1),
        xlabel="calibrated p-value (log)", ylabel="share of honest people at or below (log)",
        title="Are p-values of honest people what they say? (simulator)",
    )  # fmt: skip
    axes.legend(loc="lower right")
    return True


def _adversary(axes: Any, report: Report) -> bool:
    if not report.attempts:
        return False
    for alive, place in ((True, 0), (False, 1)):
        chosen = [a for a in report.attempts if (a.survived >= HALF) == alive]
        words = "half or more of the accounts survive" if alive else "most are paused"
        spread = [a.round + 0.06 * (i % 5 - 2) for i, a in enumerate(chosen)]
        axes.plot(
            spread, [a.kept for a in chosen], MARKS[place], color=COLOURS[place], label=words,
            fillstyle="full" if alive else "none",
        )  # fmt: skip
    best = [
        strongest([a for a in report.attempts if a.round <= turn]) for turn in range(1, ROUNDS + 1)
    ]
    axes.plot(
        range(1, ROUNDS + 1), [0.0 if b is None else b.kept for b in best], "-", color="black",
        label="the best that survives, so far",
    )  # fmt: skip
    axes.set(
        yscale="log", xlabel="round of the search",
        ylabel="work done, relative to unhindered (log)",
        title="What a bot that is tuned against pauses can still get done (simulator)",
    )  # fmt: skip
    axes.set_xticks(range(1, ROUNDS + 1))
    axes.legend(fontsize=8)
    return True
