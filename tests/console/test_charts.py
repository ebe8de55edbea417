"""What the charts say: values in, a drawing, a sentence and a table out."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from starlette.datastructures import QueryParams

from review_api.activity import Act, Activity, Network
from review_api.console.charts.actogram import draw_actogram
from review_api.console.charts.devices import draw_devices, overlaps_of, stretches_of
from review_api.console.charts.drawing import DAY, HOUR, SECOND, TimeScale, density
from review_api.console.charts.networks import list_jobs, list_networks
from review_api.console.charts.timeline import Mark, draw_timeline
from review_api.console.looking import Look, Part, Span, look_of
from streams.vocabulary import EventType

MINUTE = 60 * SECOND
MONDAY = int(datetime(2026, 11, 23, tzinfo=UTC).timestamp()) * SECOND


def act(t=MONDAY, kind=EventType.GENERATION_REQUESTED, **more):
    said = {
        "session": 1, "device": 1, "network": 1, "client": 1, "media": 2, "mode": 1,
        "units": 4.0, "model": "reel-3", "feature": None,
    }  # fmt: skip
    return Act(t=t, type=kind, **said | more)


def marks_of(svg, kind):
    found = re.search(rf'<path class="{kind}" d="([^"]*)"', svg)
    return found[1].count("M") if found else 0


def test_each_sort_of_event_has_its_lane_and_its_count():
    acts = [
        act(),
        act(MONDAY + HOUR, mode=2),
        act(MONDAY + HOUR, EventType.RESULT_VIEWED),
        act(MONDAY + 2 * HOUR, EventType.LOGIN_FAILED),
    ]
    chart = draw_timeline(acts, [], MONDAY, MONDAY + DAY)
    assert chart.summary == ("1 quota jobs; 1 credit jobs; 1 views, downloads; 1 failed sign-ins.")
    # An empty lane of billing says that nothing was paid; one of gestures would be noise.
    assert "Billing" in chart.svg
    assert "Gestures" not in chart.svg
    heads = dict(zip(chart.table.heads, chart.table.rows[0], strict=True))
    assert heads["Day (UTC)"] == "2026-11-23"
    assert heads["Credit jobs"] == "1"


def test_thousands_of_events_stay_a_small_drawing():
    acts = [act(MONDAY + number * MINUTE // 8) for number in range(11_520)]
    chart = draw_timeline(acts, [], MONDAY, MONDAY + DAY)
    assert len(chart.svg) < 12_000


def test_marks_are_numbered_and_near_ones_share_their_number():
    marks = [
        Mark(1, MONDAY + HOUR, "a"), Mark(2, MONDAY + HOUR + MINUTE, "b"),
        Mark(3, MONDAY + 20 * HOUR, "c"), Mark(4, MONDAY + 9 * DAY, "outside"),
    ]  # fmt: skip
    svg = draw_timeline([], marks, MONDAY, MONDAY + DAY).svg
    assert re.findall(r'class="number"[^>]*>([^<]*)<', svg) == ["1–2", "3"]  # noqa: RUF001
    assert marks_of(svg, "mark") == 3


def test_more_at_once_stands_higher_and_one_alone_is_seen():
    low, high = density([10, 20, 20, 20], 0, 10)
    assert low.endswith("v-3.0")
    assert high.endswith("v-10.0")
    assert density([10], 0, 10)[0].endswith("v-10.0")


@pytest.mark.parametrize("days", [1 / 24, 0.5, 1, 5, 30, 400])
def test_an_axis_has_a_few_round_times(days):
    ticks = TimeScale(MONDAY + 7, MONDAY + int(days * DAY), 0, 600).ticks()
    assert 1 <= len(ticks) <= 16
    assert all(0 <= x <= 600 for x, _ in ticks)


def test_the_longest_rest_is_said_in_the_account_s_own_hours():
    days = [MONDAY + day * DAY + hour * HOUR for day in range(5) for hour in range(14, 24)]
    assert draw_actogram(days, None).summary == (
        "Jobs on 5 of 5 days. Never any from 23:30 to 14:00 (14.5 h), by UTC."
    )
    assert draw_actogram(days, -5).summary == (
        "Jobs on 5 of 5 days. Never any from 18:30 to 09:00 (14.5 h), by UTC−5."  # noqa: RUF001
    )


def test_who_never_rests_is_said_never_to_rest():
    always = [MONDAY + number * HOUR // 2 for number in range(96)]
    chart = draw_actogram(always, None)
    assert chart.summary == "Jobs on 2 of 2 days. There is no half hour of the day without one."
    assert chart.table.rows[3] == ("03:00", "4", "2")


def test_no_job_is_said():
    assert draw_actogram([], None).summary == "No job was asked for in this time."


def test_a_year_of_days_is_cut_to_the_newest():
    svg = draw_actogram([MONDAY + day * DAY for day in range(365)], None).svg
    assert svg.count('class="blocks"') == 36


def test_half_an_hour_of_silence_ends_a_stretch():
    acts = [act(), act(MONDAY + 30 * MINUTE), act(MONDAY + 61 * MINUTE)]
    assert [(one.start, one.end, one.events) for one in stretches_of(acts)] == [
        (MONDAY, MONDAY + 30 * MINUTE, 2), (MONDAY + 61 * MINUTE,) * 2 + (1,)
    ]  # fmt: skip


def together(network):
    first = [act(MONDAY + minute * MINUTE) for minute in range(0, 60, 10)]
    second = [act(MONDAY + minute * MINUTE, device=2, session=2, network=network)
              for minute in range(30, 90, 10)]  # fmt: skip
    return sorted(first + second)


def test_two_devices_at_once_are_found_and_whether_they_were_apart():
    (home,) = overlaps_of(stretches_of(together(network=1)))
    assert (home.start, home.end, home.apart) == (
        MONDAY + 30 * MINUTE, MONDAY + 50 * MINUTE, False
    )  # fmt: skip
    chart = draw_devices(together(network=2), MONDAY, MONDAY + DAY)
    assert chart.summary == (
        "2 devices, 2 sessions. Two or more devices at once for 20 min, "
        "20 min of it by different networks."
    )
    assert marks_of(chart.svg, "twice") == 1


def test_two_sessions_of_one_device_are_no_overlap():
    acts = [act(), act(MONDAY + MINUTE, session=2), act(MONDAY + 5 * MINUTE)]
    assert draw_devices(acts, MONDAY, MONDAY + DAY).summary == (
        "1 device, 2 sessions. Never two devices at once."
    )


def test_what_no_device_was_said_for_overlaps_nothing():
    acts = [act(device=0, session=0), act(MONDAY + MINUTE, device=1), act(MONDAY + HOUR // 4)]
    chart = draw_devices(acts, MONDAY, MONDAY + DAY)
    assert "Never two devices at once" in chart.summary
    assert "Not said" in chart.svg


def test_only_the_most_used_devices_are_drawn_and_the_rest_are_counted():
    acts = [act(MONDAY + number * MINUTE, device=number % 11 + 1) for number in range(110)]
    chart = draw_devices(acts, MONDAY, MONDAY + DAY)
    assert "The 3 least used are not drawn." in chart.summary


def network(number, **more):
    said = {
        "kind": "mobile", "country": "DE", "asn": 64500, "zone": 1, "masked": f"192.0.{number}.x",
        "sealed": "", "first_t": MONDAY, "last_t": MONDAY + DAY, "accounts": None,
    }  # fmt: skip
    return Network(network=number, **said | more)


def test_networks_stand_by_their_share_and_what_is_not_said_is_said_not_to_be():
    acts = (*(act(network=1) for _ in range(3)), act(network=2))
    networks = {1: network(1), 2: network(2, masked="", kind="", country="", asn=None)}
    table = list_networks(Activity(acts, False, networks), lambda masked, _: masked)
    assert [(line.address, line.share) for line in table.lines] == [
        ("192.0.1.x", 0.75), ("not said", 0.25)
    ]  # fmt: skip
    assert (table.lines[1].kind, table.lines[1].country) == ("not said", "not said")
    assert table.countries == 1


def test_jobs_are_counted_by_what_they_were():
    acts = [act(), act(), act(feature="batch"), act(kind=EventType.RESULT_VIEWED)]
    assert list_jobs(acts).rows == (
        ("reel-3", "video", "quota", "no official feature", "2", "8"),
        ("reel-3", "video", "quota", "batch", "1", "4"),
    )


def test_what_is_looked_at_stands_in_the_address_and_foreign_words_open_nothing():
    look = look_of(QueryParams("span=week&opened=gaps&opened=everything"))
    assert look == Look(Span.WEEK, frozenset({Part.GAPS}))
    assert look_of(QueryParams("span=for-ever")) == Look()
    assert look.link(part=Part.GAPS) == "?span=week#gaps"
    assert look.link(span=Span.DAY) == "?span=day&opened=gaps#activity"
    assert look.link(part=Part.HOURS) == "?span=week&opened=gaps&opened=hours#hours"


def test_a_span_reaches_back_from_the_last_event_or_round_the_verdict():
    first, last, verdict = MONDAY, MONDAY + 30 * DAY, MONDAY + 10 * DAY
    assert Look(Span.ALL).window(first, last, verdict) == (first, last)
    assert Look(Span.WEEK).window(first, last, verdict) == (last - 7 * DAY, last)
    assert Look(Span.DAY).window(last - HOUR, last, verdict) == (last - HOUR, last)
    assert Look(Span.PAUSE).window(first, last, verdict) == (verdict - DAY, verdict + DAY // 4)
