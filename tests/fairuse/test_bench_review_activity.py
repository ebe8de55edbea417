"""The events that the review benchmarks measure with."""

from __future__ import annotations

from sqlalchemy import func, select

from fairuse.bench.review_activity import fill_activity
from review_api.activity import extent_of, read_activity
from review_api.activity_records import ActivityEvent
from tests.verdicts import MONDAY


def test_half_of_the_events_belong_to_one_account_in_a_hundred(database):
    fill_activity(database.engine, 200, 4000, MONDAY)
    fill_activity(database.engine, 200, 4000, MONDAY)
    with database.readers.begin() as session:
        counts = dict(
            session.execute(
                select(ActivityEvent.account_id, func.count()).group_by(ActivityEvent.account_id)
            ).all()
        )
        assert sum(counts.values()) == 4000
        assert len(counts) == 200
        assert sum(sorted(counts.values())[-2:]) >= 2000
        extent = extent_of(session, "acc_0")
        assert extent.count == counts["acc_0"]
        found = read_activity(session, "acc_0", extent.first, extent.last)
        assert found.acts
        assert {act.network for act in found.acts} <= found.networks.keys()
