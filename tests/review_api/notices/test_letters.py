from __future__ import annotations

import pytest

from review_api.notices.composing import letter_of
from review_api.notices.errors import BadTemplateError
from review_api.notices.letters import STATUS_PAGE, Stationery
from review_api.notices.records import Notice
from review_api.notices.said import Said
from review_api.notices.samples import samples_of
from review_api.notices.vocabulary import Occasion
from review_api.notices.wording import CAUSES, OFFERS
from review_api.vocabulary import OUTCOME_OF, Choice, ReasonCode, choice_of

FULL = Stationery(contact="help@example.org", links=True)


def write(occasion, stationery=FULL, words="", **facts):
    sample = next(samples_of(occasion))
    return stationery.write(Said(occasion, dict(sample.facts) | facts, sample.statement, words))


@pytest.mark.parametrize("occasion", Occasion)
def test_every_letter_is_plain_names_the_case_and_says_whom_to_write_to(occasion):
    letter = write(occasion, words="Do you work in a team?")
    text = letter.subject + letter.body
    assert "0000-0000" in text
    assert "help@example.org" in text
    assert STATUS_PAGE in text
    assert "\n" not in letter.subject
    assert "\n\n\n" not in letter.body
    assert not set("{}<>") & set(text)


@pytest.mark.parametrize("occasion", Occasion)
def test_a_letter_without_a_link_or_a_contact_promises_neither(occasion):
    letter = write(occasion, Stationery())
    assert "status page:" not in letter.body
    assert "Answer on" not in letter.body
    assert "Questions:" not in letter.body
    assert "Write to us:" not in letter.body


def test_every_reason_to_restore_is_told_and_none_to_uphold():
    restoring = {code for code in OUTCOME_OF if choice_of(code) is Choice.RESTORE}
    assert set(CAUSES) == restoring
    assert set(OFFERS) == {code for code in OUTCOME_OF if choice_of(code) is Choice.CONVERT}


def test_an_apology_names_the_cause_and_what_is_given_back():
    letter = write(
        Occasion.RESTORED,
        reason_code=ReasonCode.ACCESSIBILITY_TOOL.value,
        made_good={"month": "2026-11", "seconds": 5 * 3600.0},
    )
    assert "sorry" in letter.body
    assert "a tool that helps you type or click" in letter.body
    assert "The quota of the 5 hours that the pause took is given back" in letter.body


def test_html_and_template_marks_in_a_persons_words_stay_what_they_are():
    words = "<b onclick=x>no</b> {{ 7 * 7 }} {% raw %} \N{SNOWMAN}"
    assert words in write(Occasion.QUESTION, words=words).body


def test_a_pause_that_ran_its_time_is_not_said_to_have_lacked_confirmation():
    assert "nobody had confirmed" in write(Occasion.LAPSED).body
    assert "nobody had confirmed" not in write(Occasion.LAPSED, confirmed=True).body


def test_the_operators_own_template_counts_and_ours_fill_the_gaps(tmp_path):
    (tmp_path / "paused.txt").write_text("Subject: Pausiert\n\nBis {{ until | moment }}.\n")
    own = Stationery(tmp_path)
    assert write(Occasion.PAUSED, own).subject == "Pausiert"
    assert write(Occasion.LAPSED, own).subject == write(Occasion.LAPSED).subject


BROKEN = [
    ("Subject: x\n\n{{ detector }}\n", "'detector' is undefined"),
    ("Subject: x\n\n{% if %}\n", "line 3"),
    ("Hello\n\nthere\n", "first line begins with 'Subject:'"),
    ("Subject: only\n", "a text follows"),
    ("Subject: x\n\n{{ statement.headline.format.__globals__ }}\n", "unsafe"),
    ("Subject: x\n\n{{ made_good | wait }}\n", "paused.txt"),
]


@pytest.mark.parametrize(("text", "said"), BROKEN)
def test_a_broken_template_stops_the_start_and_names_its_file(tmp_path, text, said):
    (tmp_path / "paused.txt").write_text(text)
    with pytest.raises(BadTemplateError, match=r"paused\.txt") as raised:
        Stationery(tmp_path)
    assert said in str(raised.value)


def test_a_folder_that_is_not_there_stops_the_start(tmp_path):
    with pytest.raises(BadTemplateError, match="no such directory"):
        Stationery(tmp_path / "none")


def test_a_template_that_breaks_later_holds_up_no_notice(tmp_path, caplog):
    (tmp_path / "lapsed.txt").write_text("Subject: x\n\nOwn.\n")
    own = Stationery(tmp_path)
    (tmp_path / "lapsed.txt").write_text("Subject: x\n\n{{ gone }} and longer\n")
    sample = next(samples_of(Occasion.LAPSED))
    notice = Notice(id="n", occasion=Occasion.LAPSED, facts=sample.facts, statement=None, words="")
    assert letter_of(notice, own).subject == write(Occasion.LAPSED).subject
    assert "cannot be written on this template" in caplog.text
