"""Why access came back, as a customer reads it: the cause in plain words, and what is offered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from review_api.vocabulary import ReasonCode

if TYPE_CHECKING:
    from collections.abc import Mapping

# A reviewer wrote the reason for reviewers; this is the same for the customer.
CAUSES: Final[Mapping[ReasonCode, str]] = {
    ReasonCode.SIGNALS_MISREAD: "Our system misread what it saw.",
    ReasonCode.SHARED_NETWORK: (
        "You share a connection with others, as households, offices and mobile networks do, and "
        "our system took that for something else."
    ),
    ReasonCode.TRAVEL_OR_VPN: (
        "You were travelling or used a VPN, and our system took that for something else."
    ),
    ReasonCode.OFFICIAL_FEATURE: (
        "You used a feature that we offer ourselves, and our system took it for something else."
    ),
    ReasonCode.ACCESSIBILITY_TOOL: (
        "You work with a tool that helps you type or click. That is allowed, and our system "
        "should have known it."
    ),
    ReasonCode.OWN_DEVICES: (
        "You use several devices of your own. That is allowed, and our system took it for "
        "something else."
    ),
    ReasonCode.HEAVY_PERSONAL_USE: (
        "You simply work a lot. That is what your quota is for, and our system took it for "
        "something else."
    ),
    ReasonCode.INSUFFICIENT_EVIDENCE: (
        "What we saw does not prove anything, and then you are in the right."
    ),
    ReasonCode.GOODWILL: "We looked again and decided in your favour.",
}

OFFERS: Final[Mapping[ReasonCode, str]] = {
    ReasonCode.OFFER_SEATS: (
        "Several people seem to work on this account, for good reason. A login is for one person; "
        "seats are made for this, and each brings a quota of its own."
    ),
    ReasonCode.OFFER_API_PLAN: (
        "A program seems to do part of your work, for good reason. The monthly quota is for work "
        "by hand; the plan for programs is made for this."
    ),
}


def cause_of(code: str | None) -> str | None:
    """Say the cause behind a reason's code; None where it is not one for the customer."""
    return CAUSES.get(ReasonCode(code)) if code else None


def offer_of(code: str | None) -> str | None:
    """Say what is offered with a reason's code; None where nothing is."""
    return OFFERS.get(ReasonCode(code)) if code else None
