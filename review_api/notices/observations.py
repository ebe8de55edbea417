"""What was observed, as the customer reads it: behaviour in words, for every reason code.

Told is what they did, never how it was found: no statistic, no name, no other account. Figures are
rounded down to steps of which none is a limit of a rule, since whoever is told the exact figure at
which a rule first spoke has been told the rule.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Final

from detectors.association import Code

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from detectors.verdict import Reason

STEPS: Final = (1, 2, 3, 10, 20, 30, 60, 120, 300, 600, 1200, 3000, 6000, 12000, 30000, 60000)
PARTS: Final = (
    (0.95, "nearly all"),
    (0.75, "most"),
    (0.6, "about two thirds"),
    (0.4, "about half"),
    (0.27, "about a third"),
    (0.17, "about a quarter"),
    (0.07, "about a tenth"),
    (0.0, "a small part"),
)

_PAUSES: Final = "The pauses between your requests were much more alike than a person's are."
_CLOCK: Final = "Your requests kept to the clock, as a timetable does."
_REST: Final = "Your requests were spread over day and night, without the rest a person takes."
_VIEWS: Final = "Only few of the finished results were looked at."
_GESTURES: Final = "Hardly any pointer or key strokes came with your requests."
_REACTIONS: Final = "The next request followed a finished result after nearly always the same time."
_INSTANT: Final = "{part} of your requests followed at once when a result was ready."
_TURNS: Final = "The steps from one act to the next were always nearly the same."
_PROMPTS: Final = "{part} of your prompts were one text with small parts replaced."
_APART: Final = "Each of the devices on your login had its own days, hours or favourite models."
_SWITCHES: Final = "Devices on your login took turns within minutes, again and again."
_COUNTRIES: Final = (
    "On more than {count} days, devices in several countries used your login within minutes."
)
_PROGRAM: Final = "{part} of your requests came from software that calls itself a program."

# Empty: what others did is nobody else's to know, nor told of them as a reason.
TOLD: Final[Mapping[str, str]] = {
    "metronome": "More than {count} pauses between your requests in a row had the same length.",
    "no_rest": "Your requests went on for more than {count} hours without a longer break.",
    "three_countries_at_once": _COUNTRIES,
    "declared_automation": _PROGRAM,
    "even_gaps": _PAUSES,
    "predictable_gaps": _PAUSES,
    "repeating_rhythm": "The rhythm of your requests repeated itself.",
    "even_gaps_lately": _PAUSES,
    "similar_gaps_lately": _PAUSES,
    "favourite_gap": "{part} of the pauses between your requests had the same length.",
    "similar_gaps": _PAUSES,
    "rapid_requests": "Many of your requests followed each other very fast.",
    "narrow_gaps": _PAUSES,
    "gaps_without_memory": "Long and short pauses did not follow each other as a person's do.",
    "same_second": _CLOCK,
    "five_minute_schedule": _CLOCK,
    "same_minute": _CLOCK,
    "minute_schedule": _CLOCK,
    "equal_gap_run": (
        "More than {count} pauses between your requests in a row had the same length."
    ),
    "all_hours": _REST,
    "no_quiet_hours": _REST,
    "long_days": "On the days you used the service, your requests went on through most hours.",
    "long_stretch": "Your requests went on for more than {count} hours without a longer break.",
    "results_not_viewed": _VIEWS,
    "results_not_viewed_lately": _VIEWS,
    "one_track": _TURNS,
    "no_gestures_lately": _GESTURES,
    "even_reactions_lately": _REACTIONS,
    "instant_reactions_lately": _INSTANT,
    "no_gestures": _GESTURES,
    "even_reactions": _REACTIONS,
    "instant_reactions": _INSTANT,
    "template_prompts": _PROMPTS,
    "filled_templates": _PROMPTS,
    "topics_never_return": "{part} of your prompts were unlike everything usual for you.",
    "counting_seeds": "{part} of your seeds were the seed before plus one.",
    "parameter_sweep": "{part} of your requests repeated a prompt with other parameters.",
    "topic_jumps": "{part} of your prompts changed the topic within moments.",
    "many_devices": "Several devices were in regular use on your login.",
    "devices_in_equal_use": "Several devices were used about equally on your login.",
    "devices_on_their_own_days": _APART,
    "devices_at_their_own_hours": _APART,
    "devices_with_their_own_models": _APART,
    "devices_at_once": "Devices in different places used your login at the same time.",
    "fast_device_switches": _SWITCHES,
    "interleaved_devices": _SWITCHES,
    "devices_in_three_countries": _COUNTRIES,
    "unlikely_logins": "Logins came from places and devices unlike those before.",
    "too_fast_between_places": "Your login was used in places too far apart to travel between.",
    "results_fetched_elsewhere": "{part} of the results were fetched from where nobody had asked.",
    "many_networks": "Your requests changed between networks very often.",
    "many_countries": "Your requests came from several countries.",
    "hosting_network": "{part} of your requests came from the network of a hosting provider.",
    "impossible_client": "{part} of your requests came from an app where that app cannot run.",
    "declared_program": _PROGRAM,
    "steady_burn": "Your quota was used in nearly equal parts each day.",
    "every_day": "Your quota was used on nearly every day.",
    Code.LINKED_TO_CONFIRMED: "",
    Code.FIRST_SEEN_TOGETHER: "",
}


def observed(reasons: Iterable[Reason]) -> tuple[str, ...]:
    """Say what the reasons observed, strongest first; what several of them observed, once.

    A code this release does not know is left out rather than shown in the scorer's words.
    """
    said = (_told(reason) for reason in reasons)
    return tuple(dict.fromkeys(sentence for sentence in said if sentence))


def more_than(count: float) -> int | None:
    """Give the largest step below `count`; None where there is none.

    >>> more_than(212)
    120
    """
    place = bisect_left(STEPS, count)
    return STEPS[place - 1] if place else None


def part_of_all(share: float) -> str:
    """Say a share (0 to 1) in words.

    >>> part_of_all(0.62)
    'about two thirds'
    """
    return next((said for least, said in PARTS if share >= least), PARTS[-1][1])


def _told(reason: Reason) -> str:
    words = TOLD.get(reason.code, "")
    count = more_than(reason.observed)
    if "{count}" in words and count is None:
        return ""
    part = part_of_all(reason.observed)
    return words.format(count=count, part=part[:1].upper() + part[1:])
