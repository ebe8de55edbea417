from __future__ import annotations

import re

import msgspec
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from detectors.model import Manifest
from detectors.verdict import Action, Benign, Clearing, Kind, Reason, Standing
from review_api.app import create_app
from review_api.console import ConsoleSettings, mount, origins_in
from review_api.console.headers import HEADERS
from review_api.console.origins import unknown_origin
from review_api.records import AuditEntry
from review_api.vocabulary import AuditAction, Choice, Role
from streams.clock import ManualClock
from tests.console.conftest import form_word
from tests.console.test_queue_page import shown
from tests.verdicts import HOUR, MONDAY, payload

UNCALIBRATED = "Uncalibrated on real traffic."


def figure(**more):
    fact = {
        "code": "even_gaps",
        "sentence": "the pauses vary little",
        "kind": Kind.AUTOMATION,
        "group": "timing",
        "feature": "gap_entropy",
        "observed": 1.126,
        "percentile": 0.987,
    }
    return Reason(**fact | more)


def test_it_says_what_is_paused_what_still_works_and_when_the_pause_lifts_itself(reviewer, house):
    case_id = house.take(payload(), MONDAY - 6 * HOUR).case_id
    page = reviewer.get(f"/console/cases/{case_id}")
    text = shown(page)
    assert "Paused Lifts itself in 2 d 18 h" in text
    assert "Since 23 Nov 2026, 03:00 UTC, until 26 Nov 2026, 03:00 UTC at the latest" in text
    assert "Credits Work. They are paid for, and no case can pause them." in text
    assert "Jobs on your monthly quota looked as if a program started them." in text
    assert 'data-countdown="237600"' in page.text


def test_a_case_that_paused_nobody_says_so(reviewer, house):
    case_id = house.take(payload(action=Action.REVIEW)).case_id
    assert "This case has paused nobody." in shown(reviewer.get(f"/console/cases/{case_id}"))


def test_a_pause_that_lifted_itself_is_told(visit, house):
    case_id = house.take(payload(), MONDAY - 80 * HOUR).case_id
    text = shown(visit(Role.VIEWER).get(f"/console/cases/{case_id}"))
    assert "The pause of 20 Nov 2026, 01:00 UTC lifted itself at 23 Nov 2026, 01:00 UTC." in text


def test_a_pause_of_another_case_is_named(reviewer, case_id, house):
    other = house.take(payload(kind=Kind.RESELLING, offset=9)).case_id
    page = reviewer.get(f"/console/cases/{other}")
    assert f'Paused</strong> by <a href="/console/cases/{case_id}">another case</a>' in page.text
    assert "Pause withheld: another case already pauses the account." in shown(page)
    assert "Other cases of this account Automation, open, pauses the account" in shown(page)


def test_reasons_carry_their_figures_and_percentiles_and_hard_ones_are_marked(reviewer, house):
    reasons = [
        figure(percentile=None, hard=True, sentence="went on for 72 hours", observed=72.0),
        figure(),
        figure(percentile=0.999999, kind=Kind.RESELLING),
    ]
    case_id = house.take(payload(reasons=reasons)).case_id
    page = reviewer.get(f"/console/cases/{case_id}")
    text = shown(page)
    assert "Stranger than % of accounts with about as many requests" in text
    assert "Went on for 72 hours hard evidence" in text
    assert "72 stands on its own" in text
    assert "The pauses vary little timing · even gaps 1.126 98.7 %" in text
    assert "speaks of reselling 1.126 over 99.99 %" in text
    assert text.count("hard evidence") == 1


def test_the_whole_vector_is_there_and_what_is_not_known_is_unknown(reviewer, case_id):
    text = shown(reviewer.get(f"/console/cases/{case_id}"))
    assert "Everything measured · 2 figures, 1 unknown" in text
    assert "gap_cv above context 0.004" in text
    assert "night_share context unknown" in text


def test_it_pins_the_model_the_view_and_the_place_in_the_log(reviewer, case_id):
    text = shown(reviewer.get(f"/console/cases/{case_id}"))
    assert "m1, calibrated on archived real traffic" in text
    assert "Feature view f00d" in text
    assert "usage-events, partition 0, offset 7" in text


def test_earlier_verdicts_and_the_thread_are_told(reviewer, house):
    case_id = house.take(payload(action=Action.REVIEW, abuse=0.8)).case_id
    house.take(payload(offset=8), MONDAY)
    text = shown(reviewer.get(f"/console/cases/{case_id}"))
    assert "Earlier verdicts of this case · 1" in text
    assert "asked for a review, score 0.80" in text
    assert "Opened by a verdict that asked for a review. intake, 23 Nov 2026, 09:00 UTC" in text
    assert "Another verdict asked for a pause." in text
    assert "Monthly quota paused until 26 Nov 2026, 09:00 UTC." in text


VPN = Benign(
    cause="vpn", standing=Standing.SUPPORTED, sentence="41 % of requests come through a VPN",
    explains=["many_networks", "many_countries"],
)  # fmt: skip
TRAVEL = Benign(
    cause="travel", standing=Standing.CONTRADICTED, sentence="all requests come from one country",
    explains=["many_networks"],
)  # fmt: skip
CONTEST = Benign(
    cause="contest", standing=Standing.UNKNOWN, sentence="it is not known how busy it was"
)


def test_what_no_figure_tells_stands_beside_the_accusation(reviewer, case_id):
    text = shown(reviewer.get(f"/console/cases/{case_id}"))
    assert "Rule out before upholding" in text
    assert "A deadline of their own" in text


def test_innocent_explanations_are_shown_with_their_standing_and_what_they_would_explain(
    reviewer, house
):
    case_id = house.take(payload(benign=[VPN, TRAVEL, CONTEST])).case_id
    text = shown(reviewer.get(f"/console/cases/{case_id}"))
    assert "A VPN would explain many networks and many countries Supported 41 % of requests" in text
    assert "Travel would explain many networks Contradicted All requests come from one" in text
    assert "Tested as well · 1 that would explain none of the observations" in text
    assert "A contest or another rush Unknown It is not known how busy it was" in text
    assert "What a supported explanation covers is no evidence for a pause." in text


def test_nothing_is_said_to_be_excused_while_nothing_is_supported(reviewer, house):
    case_id = house.take(payload(benign=[TRAVEL])).case_id
    text = shown(reviewer.get(f"/console/cases/{case_id}"))
    assert "What a supported explanation covers" not in text
    assert "Tested as well" not in text


def test_what_would_have_cleared_it_the_groups_and_what_is_not_known_are_said(reviewer, house):
    clearing = Clearing(
        feature="gap_entropy", observed=1.1, needed=2.5, sentence="entropy 1.10; at 2.50, less"
    )
    figures = {"gap_entropy": 1.1, "countries": None, "hosting_share": None}
    case_id = house.take(
        payload(benign=[CONTEST], clearing=clearing, groups=["rest", "timing"], features=figures,
                stratum="heavy_users", probability=0.925)
    ).case_id  # fmt: skip
    text = shown(reviewer.get(f"/console/cases/{case_id}"))
    assert "What would have cleared it: entropy 1.10; at 2.50, less." in text
    assert "Strong evidence in 2 independent groups: rest and timing." in text
    assert "Nothing could be computed for: networks." in text
    assert "Of decided cases with such figures, 92.5 % were abuse." in text
    assert "None of the tested explanations would explain what was observed." in text


def test_when_no_one_figure_would_have_cleared_it_the_page_says_so(reviewer, house):
    case_id = house.take(payload(benign=[CONTEST])).case_id
    text = shown(reviewer.get(f"/console/cases/{case_id}"))
    assert "What would have cleared it: no change of one figure alone." in text
    assert "too few cases are decided" in text


def test_evidence_of_an_older_release_claims_nothing_that_was_not_tested(reviewer, case_id):
    text = shown(reviewer.get(f"/console/cases/{case_id}"))
    assert "Innocent explanations, tested" not in text
    assert "What would have cleared it" not in text


@pytest.mark.parametrize(
    ("p_value", "origin", "words"),
    [
        (None, "archive", "nobody knows how many honest accounts"),
        (0.001, "simulator", "only seen simulated traffic"),
        (None, "simulator", "nobody knows how many honest accounts"),
        (0.001, None, "not known here on what traffic"),
    ],
)
def test_an_uncalibrated_score_is_warned_of(  # noqa: PLR0917 - fixtures and parameters
    database, house, token_of, p_value, origin, words
):
    page = page_with(database, house, token_of, p_value, lambda _: origin)
    assert UNCALIBRATED in shown(page)
    assert words in shown(page)


def test_a_score_calibrated_on_real_traffic_is_not_warned_of(database, house, token_of):
    page = page_with(database, house, token_of, 0.0005, lambda _: "archive")
    assert UNCALIBRATED not in shown(page)
    assert "Of calibrated honest account-months, 1 in 2 000 reaches this case's score." in (
        shown(page).replace("&#39;", "'")
    )


def page_with(database, house, token_of, p_value, origin_of):
    """Show a case as a console with another view of its model shows it."""
    case_id = house.take(payload(p_value=p_value)).case_id
    app = create_app(database.engine, ManualClock(MONDAY))
    mount(app, ConsoleSettings(origin_of=origin_of))
    client = TestClient(app)
    word = form_word(client.get("/console/sign-in"))
    form = {"token": token_of(Role.VIEWER), "form_word": word}
    client.post("/console/sign-in", data=form)
    return client.get(f"/console/cases/{case_id}")


def test_a_viewer_reads_and_is_offered_no_decision(visit, case_id):
    page = visit(Role.VIEWER).get(f"/console/cases/{case_id}")
    assert "may read cases but not decide them" in page.text
    assert 'name="choice"' not in page.text


def test_an_upheld_case_offers_to_give_access_back_and_a_restored_one_nothing(
    reviewer, house, case_id
):
    house.decide(case_id, Choice.UPHOLD)
    page = reviewer.get(f"/console/cases/{case_id}")
    assert re.findall(r'name="choice" value="(\w+)"', page.text) == ["restore", "convert"]
    house.decide(case_id, Choice.RESTORE)
    page = reviewer.get(f"/console/cases/{case_id}")
    assert 'name="choice"' not in page.text
    assert "To pause this account again takes a new case." in page.text


@pytest.mark.parametrize("case", ["none", "a%00b", "a.b", "x" * 65])
def test_a_case_that_is_not_there_gets_a_page_in_words(reviewer, case):
    answer = reviewer.get(f"/console/cases/{case}")
    assert answer.status_code in {404, 422}
    assert "<h1>" in answer.text


def test_whoever_reads_a_case_is_in_the_audit_log(visit, case_id, database):
    visit(Role.VIEWER, "vera").get(f"/console/cases/{case_id}")
    with database.readers.begin() as session:
        (entry,) = session.scalars(select(AuditEntry)).all()
    assert (entry.actor, entry.role, entry.action, entry.case_id) == (
        "vera",
        Role.VIEWER,
        AuditAction.CASE_READ,
        case_id,
    )


EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


def test_nothing_in_a_verdict_or_a_token_can_become_markup(visit, house):
    reasons = [figure(sentence=EVIL, code=EVIL, group=EVIL, feature=EVIL)]
    case_id = house.take(
        payload(
            EVIL,
            reasons=reasons,
            benign=[Benign(cause=EVIL, standing="supported", sentence=EVIL, explains=[EVIL])],
            clearing=Clearing(feature=EVIL, observed=1.0, needed=2.0, sentence=EVIL),
            groups=[EVIL],
            stratum=EVIL,
            features={EVIL: 1.0},
            model_version=EVIL,
            view_fingerprint=EVIL,
            topic=EVIL,
        )
    ).case_id
    page = visit(Role.REVIEWER, EVIL).get(f"/console/cases/{case_id}")
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert "<img" not in page.text
    assert page.text.count("&lt;script&gt;") >= 8


def pages(reviewer, case_id):
    return [
        reviewer.get("/console/sign-in"),
        reviewer.get("/console/"),
        reviewer.get(f"/console/cases/{case_id}"),
        reviewer.get("/console/cases/none"),
        reviewer.get("/console/nowhere"),
        reviewer.get("/console/?status=x"),
        reviewer.post(f"/console/cases/{case_id}"),
        reviewer.get("/console/static/console.css"),
        reviewer.get("/console/static/none.css"),
    ]


def test_every_answer_carries_the_safe_headers(reviewer, case_id):
    for page in pages(reviewer, case_id):
        assert {name: page.headers.get(name) for name in HEADERS} == dict(HEADERS), page.url


def test_no_page_holds_inline_code_or_anything_foreign(reviewer, case_id):
    for page in pages(reviewer, case_id):
        assert not re.search(r"<style|<script(?! src=)|\sstyle=|\son\w+=|javascript:", page.text)
        assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", page.text), page.url


def test_a_broken_database_gets_a_page_in_words_and_no_secret(reviewer, case_id, database):
    with database.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE evidence RENAME TO gone")
    answer = reviewer.get(f"/console/cases/{case_id}")
    assert answer.status_code in {500, 503}
    assert "nothing was changed" in answer.text
    assert "evidence" not in answer.text


def test_the_origin_of_a_model_is_read_from_its_manifest_and_from_nowhere_else(tmp_path):
    manifest = Manifest(
        version="0123456789ab", view_fingerprint="f", features=(), origin="simulator", seed=1,
        accounts=1, events=1, excluded=0, calibrated=1, first_event="", last_event="",
        created_at="", blind=(),
    )  # fmt: skip
    for folder in ("0123456789ab", "fedcba987654", "outside"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "manifest.json").write_bytes(msgspec.json.encode(manifest))
    (tmp_path / "fedcba987654" / "manifest.json").write_text("{")
    origin_of = origins_in(tmp_path)
    assert origin_of("0123456789ab") == "simulator"
    for version in ("fedcba987654", "000000000000", "outside", "../outside", ""):
        assert origin_of(version) is None
    assert unknown_origin("0123456789ab") is None
