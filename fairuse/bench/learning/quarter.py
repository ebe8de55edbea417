"""`fairuse bench learning`: a simulated quarter in which a new abuse family appears in month two.

A platform of people and of known abuse runs for thirty days; then accounts of a family come that
nobody has seen. Reviewers decide so many cases a day and err now and then. Printed: how much of the
family is found before anybody confirmed one of them and four weeks after, and how many honest
accounts were paused on the way.
"""

from __future__ import annotations

import math
import tempfile
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from detectors.gate.suite import Size
from detectors.verdict import Action, decode
from fairuse.bench.figures import Figure
from fairuse.bench.learning.world import DAY, by_day, opened, truth_of
from fairuse.database import migrate
from fairuse.progress import meter, say
from fairuse.retrain.running import Ways
from fairuse.settings import load_settings
from review_api.detector_records import PauseCause
from review_api.models import Case, Decision, Evidence
from review_api.quality.chances import most
from review_api.vocabulary import Outcome
from streams.simulator import KINDS, START, Mix, simulate
from streams.simulator.mix import DEFAULT_MIX

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from fairuse.bench.learning.world import World
    from fairuse.settings import Settings

WEEKS: Final = timedelta(days=28)
MONTH: Final = 30
PER_DAY: Final = 40
ERROR: Final = 0.05
BUDGET: Final = 0.001
KNOWN: Final = ("fixed_interval_bot", "jittered_bot", "shared_by_5")
"""Abuse that is there from the first day."""
PEOPLE: Final = Mix({name: share for name, share in DEFAULT_MIX.shares.items() if not KINDS[name]})


@dataclass(frozen=True, slots=True)
class Quarter:
    """How much is simulated: honest accounts, abusive ones known and new, days, nights between."""

    honest: int
    known: int
    new: int
    family: str
    days: int
    every: int
    seed: int = 20_261_123


def bench_learning(quarter: Quarter) -> list[Figure]:
    """Live through the quarter in a folder of its own; give its figures."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = load_settings(
            database_url=f"sqlite:///{folder}/fairuse.db", archive_dir=folder / "archive",
            registry_dir=folder / "registry", retrain_dir=folder / "nights", audit_share=0.02,
            shadow_days=7.0,
        )  # fmt: skip
        migrate(settings.database_url)
        return _lived(settings, quarter)


def _lived(settings: Settings, quarter: Quarter) -> list[Figure]:
    people = simulate(quarter.honest, quarter.days, quarter.seed, mix=PEOPLE)
    bots = Mix(dict.fromkeys(KNOWN, 1.0))
    known = simulate(quarter.known, quarter.days, quarter.seed + 1, mix=bots)
    begins = START + MONTH * DAY
    new = simulate(
        quarter.new, quarter.days - MONTH, quarter.seed + 2, start=begins,
        mix=Mix({quarter.family: 1.0}),
    )  # fmt: skip
    everybody = [people, known, new]
    with (
        opened(settings, truth_of(everybody), PER_DAY, ERROR) as world,
        meter("days", quarter.days) as shown,
    ):
        for number, events in enumerate(by_day(everybody, quarter.days), start=1):
            world.day(events)
            if number % quarter.every == 0:
                came = world.night(Ways(size=Size(60, 2.0)))
                say(f"day {number}: {came.outcome}: {came.why}")
            shown.advance()
        return _figures(world, quarter, frozenset(new.account_ids))


def _figures(world: World, quarter: Quarter, family: frozenset[str]) -> list[Figure]:
    begins = START + MONTH * DAY
    with world.reviewers.sessions.begin() as session:
        first = _first_confirmed(session, family)
        asked = _asked(session)
        paused = set(session.scalars(select(Case.account_id).join(PauseCause)))
    honest = {name for name in paused if name not in world.reviewers.truth}
    months = quarter.honest * quarter.days / MONTH
    at_first = _share(asked, family, begins, begins + DAY * 7)
    note = f"{quarter.new} accounts of {quarter.family}, asked to be looked at or paused"
    figures = [
        Figure("new family, first week", 100 * at_first, "%", f"{note}, before anybody knew it"),
        Figure(
            "honest accounts paused", len(honest), "accounts",
            f"of {quarter.honest} over {months:,.0f} account-months; with 95 % confidence at most "
            f"{10_000 * most(len(honest), round(months)):.0f} of 10,000, the budget is "
            f"{10_000 * BUDGET:.0f}",
        ),
        Figure("promotions", sum(n.champion != n.before for n in world.nights), "models",
               f"in {len(world.nights)} nights"),
    ]  # fmt: skip
    if first is None:
        return [*figures, Figure("new family, confirmed", 0, "accounts", "nobody confirmed one")]
    later, ended = first + WEEKS, START + quarter.days * DAY
    came = (first - begins).days
    figures.append(Figure("first confirmed case", came, "days", "after the family appeared"))
    if later > ended:
        left = f"the quarter ended {(later - ended).days} days too early to tell"
        return [*figures, Figure("new family, four weeks later", math.nan, "%", left)]
    share = _share(asked, family, first, later)
    figures.append(
        Figure("new family, four weeks later", 100 * share, "%", f"{note}, in these four weeks")
    )
    return figures


def _first_confirmed(session: Session, family: frozenset[str]) -> datetime | None:
    rows = session.execute(
        select(Decision.at, Case.account_id)
        .join(Case, Case.id == Decision.case_id)
        .where(Decision.outcome == Outcome.CONFIRMED)
        .order_by(Decision.at)
    )
    return next((at for at, account in rows if account in family), None)


def _asked(session: Session) -> list[tuple[datetime, str]]:
    """Give when live scoring asked for something, and of whom; no audits, flips or trimming."""
    rows = session.execute(
        select(Evidence.occurred_at, Case.account_id, Evidence.action, Evidence.payload)
        .join(Case, Case.id == Evidence.case_id)
        .where(Evidence.action != Action.ALLOW)
    )
    said = [(at, account, decode(payload.encode())) for at, account, _, payload in rows]
    return [(at, account) for at, account, one in said if one.audit is None and not one.question]


def _share(
    asked: list[tuple[datetime, str]], family: frozenset[str], since: datetime, until: datetime
) -> float:
    """Give the share of a family that was asked about in a stretch of time."""
    found = {account for at, account in asked if since <= at < until}
    return len(found & family) / len(family)
