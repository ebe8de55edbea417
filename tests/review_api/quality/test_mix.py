"""The mix of a reviewer's day: exact shares, repeatable, and each share finds what it is for."""

from __future__ import annotations

from collections import Counter

import pytest

from detectors.verdict import Kind, Reason
from review_api.quality.mix import NINES, Candidate, Turn, nearest, observed_in, pick, slice_of
from review_api.quality.vocabulary import Slice
from tests.verdicts import verdict

TOP = Candidate("top", "automation", observed={"steady": 4.0})
SECOND = Candidate("second", "automation", observed={"steady": 3.0, "night": 2.0})
SHARED = Candidate("shared", "credential_sharing", observed={"devices": 3.0})
RESOLD = Candidate("resold", "reselling", observed={"networks": 2.0})
DRAWN = Candidate("drawn", "automation", brought=Slice.AUDIT)
ASKED = Candidate("asked", "automation", brought=Slice.NIGHT)
ALL = (TOP, SECOND, SHARED, RESOLD, DRAWN, ASKED)
CONFIRMED = ({"steady": 2.8, "night": 2.1},)


def turn(number, reviewer="ana", day="2026-11-23"):
    return Turn("seed", day, reviewer, number)


def of_share(share, reviewer="ana"):
    return next(turn(n, reviewer) for n in range(10) if slice_of(turn(n, reviewer)) is share)


def test_every_ten_turns_hold_their_shares():
    for start in (0, 10, 250):
        shares = Counter(slice_of(turn(start + n)) for n in range(10))
        assert shares == {
            Slice.CHAMPION: 4, Slice.PORTFOLIO: 2, Slice.NEIGHBOUR: 1, Slice.NIGHT: 2,
            Slice.AUDIT: 1,
        }  # fmt: skip


def test_the_order_is_repeatable_and_differs_between_people_and_days():
    def order(**more):
        return [slice_of(turn(n, **more)) for n in range(40)]

    assert order() == order()
    assert order() != order(reviewer="ben")
    assert order() != order(day="2026-11-24")


@pytest.mark.parametrize(
    ("share", "cases"),
    [
        (Slice.CHAMPION, {"top"}),
        (Slice.PORTFOLIO, {"shared", "resold"}),
        (Slice.NEIGHBOUR, {"second"}),
        (Slice.AUDIT, {"drawn"}),
        (Slice.NIGHT, {"asked"}),
    ],
)
def test_each_share_gives_what_it_is_for(share, cases):
    found = [pick(of_share(share, f"person {n}"), ALL, CONFIRMED) for n in range(20)]
    assert {given for given, _ in found} == {share}
    assert {one.case_id for _, one in found} == cases


def test_a_share_that_has_nothing_gives_way():
    for share in Slice.PORTFOLIO, Slice.NEIGHBOUR, Slice.NIGHT, Slice.AUDIT:
        assert pick(of_share(share), [TOP], []) == (Slice.CHAMPION, TOP)
    assert pick(turn(0), [DRAWN], []) == (Slice.AUDIT, DRAWN)
    assert pick(turn(0), [ASKED], []) == (Slice.NIGHT, ASKED)
    assert pick(turn(0), [], CONFIRMED) is None


def test_who_is_linked_to_a_confirmed_account_comes_before_who_is_like_it():
    linked = Candidate("linked", "automation", linked=True)
    assert nearest([*ALL, linked], CONFIRMED) == linked
    assert nearest(ALL, []) is None


def test_what_nobody_differs_in_tells_nothing_apart():
    same = [
        Candidate("a", "x", observed={"steady": 1.0}),
        Candidate("b", "x", observed={"steady": 1.0}),
    ]
    assert nearest(same, ({"steady": 1.0},)).case_id == "a"


def test_reasons_are_read_in_nines():
    def reason(**more):
        return Reason(code="night", sentence="", kind=Kind.AUTOMATION, group="rest",
                      feature="f", observed=1.0, **more)  # fmt: skip

    assert observed_in(verdict(reasons=[reason(percentile=0.999)]))["night"] == pytest.approx(3)
    assert observed_in(verdict(reasons=[reason(percentile=1.0)]))["night"] == NINES
    assert observed_in(verdict(reasons=[reason(hard=True)]))["night"] == NINES


def test_what_a_model_waits_for_is_the_first_of_the_nights_but_an_audit_stays_one():
    late = Candidate("late", "automation", flip=True)  # the machine at work called for it, too
    blind = Candidate("blind", "automation", brought=Slice.AUDIT, flip=True)
    given = pick(of_share(Slice.NIGHT), [TOP, ASKED, blind, late], [])
    assert given == (Slice.NIGHT, late)
    assert pick(of_share(Slice.NIGHT), [TOP, ASKED, blind], []) == (Slice.NIGHT, ASKED)
