"""Learning from confirmed cases: what each kind is taught, and whether it may serve.

The two halves of the accounts that calibrate also examine: each half is taught from its own
accounts and answers for the other's, so that no account is scored, here or in the calibration, by
tables that saw it. What was learnt serves only where it catches no less than the unsupervised pair
does; the reason either way goes into the manifest. Kinds with fewer than `FEW` confirmed accounts
learn nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
from threadpoolctl import threadpool_limits

from detectors import examining, rungs
from detectors.bank import KINDS, Bank
from detectors.evidence import EVIDENCE
from detectors.glassbox import inputs
from detectors.rungs import Lesson

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.examining import Answers
    from detectors.glassbox import GlassBox
    from detectors.rungs import Rung

FEW: Final = 20  # confirmed accounts of a kind, below which it learns nothing
MANY: Final = 200  # from which shapes may bend
KNOWN: Final = 30  # rows in which a feature must be known to teach anything

USUAL: Final = -1  # not known to be abusive
APART: Final = -2  # abusive, but not of a kind to learn from


@dataclass(frozen=True, slots=True)
class Taught:
    """R vectors with the account each belongs to, and what is known of the A accounts.

    `vectors` (R, WIDTH), one an account and stratum; `accounts` (R,) rows; `kind` (A,) position of
    the confirmed kind, `USUAL` or `APART`; `decided` (A,) whether somebody said so; `fold` (A,);
    `weight` (A,), for how many each account counts.
    """

    vectors: NDArray[np.float64]
    accounts: NDArray[np.int64]
    kind: NDArray[np.int64]
    decided: NDArray[np.bool_]
    fold: NDArray[np.int64]
    weight: NDArray[np.float64]

    def confirmed(self, kind: int) -> int:
        """Count the accounts confirmed of a kind that made enough requests to be scored."""
        return len(np.unique(self.accounts[self.kind[self.accounts] == kind]))


@dataclass(frozen=True, slots=True)
class Learnt:
    """The banks with what they learnt, and a sentence for each kind that had cases."""

    bank: Bank
    halves: tuple[Bank, Bank]
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Seen:
    """Unsupervised scores (R, K) and tail values (R, F) of all vectors under one bank."""

    scores: NDArray[np.float64]
    nats: NDArray[np.float64]


def learn(bank: Bank, halves: tuple[Bank, Bank], taught: Taught, seed: int) -> Learnt:
    """Teach every kind that has enough confirmed accounts; half h answers for `fold` h."""
    if (taught.kind < 0).all():
        return Learnt(bank, halves, ())
    banks = (*halves, bank)
    seen = [_Seen(*one.unsupervised(taught.vectors)) for one in banks]
    boxes: list[list[GlassBox | None]] = [[], [], []]
    sentences = []
    for kind in range(len(KINDS)):
        # One thread: a few small fits wait for each other more than they gain, and sums keep order.
        with threadpool_limits(1):
            learnt, sentence = _learn_kind(kind, banks, seen, taught, seed)
        for held, box in zip(boxes, learnt, strict=True):
            held.append(box)
        sentences += [f"{KINDS[kind]}: {sentence}"] if sentence else []
    first, second, whole = (
        replace(one, learnt=tuple(held)) for one, held in zip(banks, boxes, strict=True)
    )
    return Learnt(whole, (first, second), tuple(sentences))


def _learn_kind(
    kind: int, banks: tuple[Bank, ...], seen: list[_Seen], taught: Taught, seed: int
) -> tuple[list[GlassBox | None], str]:
    confirmed = taught.confirmed(kind)
    nothing: list[GlassBox | None] = [None] * len(banks)
    if not confirmed:
        return nothing, ""
    if confirmed < FEW:
        return nothing, f"nothing learnt: {confirmed} confirmed accounts, {FEW} are needed"
    if not all(one.weights[kind].any() for one in banks):
        return nothing, "nothing learnt: the kind cannot be seen here"
    lessons = [_lesson(kind, one, taught, half) for half, one in enumerate(seen)]
    pair = _other(taught, [one.scores[:, kind] for one in seen])
    rows = _Rows(kind, seen, taught, lessons, pair)
    found = {"logistic regression": rows.examined(rungs.logistic, seed)}
    if confirmed >= MANY and rungs.can_boost():
        found["boosting machine"] = rows.examined(rungs.boosted, seed)
    # The first of equals: with weights that start from the pair, an unknown family costs less.
    name = max(found, key=lambda rung: float(found[rung][1].caught.mean()))
    boxes, verdict = found[name]
    compared = [f"{rung} {one.share}" for rung, (_, one) in found.items() if rung != name]
    if confirmed >= MANY and not rungs.can_boost():
        compared.append("no boosting machine: the extra `learn` is not installed")
    compared.append(f"gradient boosting {rows.challenger(seed).share}, not serving")
    words = f"{name} on {confirmed} confirmed accounts {verdict} ({'; '.join(compared)})"
    return list(boxes) if verdict.serves else nothing, words


def _lesson(kind: int, seen: _Seen, taught: Taught, half: int) -> Lesson:
    """Gather what one bank teaches: half 0 and 1 the accounts of the other fold, else all."""
    of = taught.kind[taught.accounts]
    teaches = ((of == kind) | (of == USUAL)) & (taught.fold[taught.accounts] != half)
    rows = np.flatnonzero(teaches)
    listened = np.flatnonzero([KINDS[kind] in one.weights for one in EVIDENCE])
    values = seen.nats[rows][:, listened]
    known = np.isfinite(values).sum(axis=0) >= KNOWN
    differs = np.nan_to_num(values).max(axis=0) > np.nan_to_num(values).min(axis=0)
    columns = listened[known & differs]
    accounts = taught.accounts[rows]
    return Lesson(
        columns, inputs(seen.nats[rows], seen.scores[rows, kind], columns), of[rows] == kind,
        taught.weight[accounts] / np.bincount(accounts)[accounts], accounts,
    )  # fmt: skip


def _other(taught: Taught, each: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Give each row what the bank that did not see its account says."""
    side = taught.fold[taught.accounts]
    answered: NDArray[np.float64] = np.where(side == 0, each[0], each[1])
    return answered


@dataclass(frozen=True, slots=True)
class _Rows:
    """One kind's examination: three lessons (two halves, the whole) and the pair's scores (R,)."""

    kind: int
    seen: list[_Seen]
    taught: Taught
    lessons: list[Lesson]
    pair: NDArray[np.float64]

    def examined(self, rung: Rung, seed: int) -> tuple[list[GlassBox], examining.Examined]:
        """Fit all three, put them on the scores' scale and examine the halves."""
        boxes = [rung(lesson, seed) for lesson in self.lessons]
        fitted = zip(boxes, self.seen, strict=True)
        logits = [box.logits(seen.nats, seen.scores[:, self.kind]) for box, seen in fitted]
        answers = self.answers(_other(self.taught, logits))
        numbers = np.concatenate([answers.scale(), answers.calibration(self.taught.decided)])
        boxes = [replace(box, numbers=np.concatenate([box.numbers[:1], numbers])) for box in boxes]
        return boxes, examining.examine(answers, seed)

    def challenger(self, seed: int) -> examining.Examined:
        """Examine scikit-learn's gradient boosting on the same folds, rows and inputs."""
        logits = []
        for lesson, seen in zip(self.lessons[:2], self.seen, strict=False):
            asked = inputs(seen.nats, seen.scores[:, self.kind], lesson.columns)
            logits.append(rungs.challenged(lesson, asked, seed))
        return examining.examine(self.answers(_other(self.taught, logits)), seed)

    def answers(self, logits: NDArray[np.float64]) -> Answers:
        of = self.taught.kind[self.taught.accounts]
        return examining.Answers(
            self.taught.accounts, of == self.kind, of == USUAL, self.pair, logits
        )
