from __future__ import annotations

import pytest

from fairuse.errors import WrongInputError
from fairuse.serving import _console, _customer_door
from fairuse.settings import load_settings


def test_a_session_key_outlives_the_process():
    first, second = (_console(load_settings(session_key="a key")) for _ in range(2))
    assert first.secret == second.secret == b"a key"


def test_without_a_key_no_two_processes_trust_each_others_sessions():
    first, second = (_console(load_settings()) for _ in range(2))
    assert first.secret != second.secret
    assert len(first.secret) >= 32


def test_status_links_outlive_the_process_with_the_same_key():
    first, second = (_customer_door(load_settings(session_key="a key")) for _ in range(2))
    assert first.secret == second.secret == b"a key"
    assert _customer_door(load_settings()).secret != _customer_door(load_settings()).secret


@pytest.mark.parametrize("contact", ["", "help@studio.example", "https://studio.example/help"])
def test_a_contact_is_an_address_or_a_page(contact):
    assert _customer_door(load_settings(support_contact=contact)).contact == contact


@pytest.mark.parametrize("contact", ["help", "javascript:alert(1)", "a@b?bcc=c@d", "a b@c"])
def test_a_contact_that_cannot_be_written_to_is_refused(contact):
    with pytest.raises(WrongInputError, match="support_contact"):
        load_settings(support_contact=contact)


@pytest.mark.parametrize("url", ["studio.example", "ftp://studio.example", "https://x/?a=b"])
def test_a_public_url_that_leads_nowhere_is_refused(url):
    with pytest.raises(WrongInputError, match="public_url"):
        load_settings(public_url=url)
