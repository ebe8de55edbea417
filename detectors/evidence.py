"""The evidence table: what each feature may say, of which kind, in which direction, in words.

Directions are chosen by us, never learnt: "strange" alone would accuse the merely unusual. A
feature not listed here is context and accuses nobody (the number of acts, exact repetition, sheer
volume). Sentences state the observed figure and pass no judgement.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal

from detectors.verdict import Kind

Group = Literal["timing", "rest", "interaction", "content", "devices", "networks", "burn"]

AUTO: Final = Kind.AUTOMATION
SCRIPT: Final = Kind.SCRIPTING
SHARE: Final = Kind.CREDENTIAL_SHARING
RESELL: Final = Kind.RESELLING


@dataclass(frozen=True, slots=True)
class Evidence:
    """One feature's say.

    `direction` is +1 where high values are strange and -1 where low ones are; `weights` give how
    much each kind listens; `sentence` is filled with the value as `x`, its size as `a`, as a
    `percent`, and, for features kept as logarithms, its exponential `e` and that less one, `m`.
    """

    feature: str
    code: str
    group: Group
    direction: int
    weights: dict[Kind, float]
    sentence: str
    beyond: str = ""
    """The long-window feature of which this is the recent partner: only what exceeds it counts."""

    def words(self, value: float) -> str:
        """State the observed `value`."""
        e = math.exp(min(value, 700.0))
        return self.sentence.format(x=value, e=e, m=e - 1.0, a=abs(value), percent=100.0 * value)


def _low(
    feature: str, code: str, group: Group, weights: dict[Kind, float], sentence: str,
    beyond: str = "",
) -> Evidence:  # fmt: skip
    return Evidence(feature, code, group, -1, weights, sentence, beyond)


def _high(
    feature: str, code: str, group: Group, weights: dict[Kind, float], sentence: str,
    beyond: str = "",
) -> Evidence:  # fmt: skip
    return Evidence(feature, code, group, 1, weights, sentence, beyond)


EVIDENCE: Final[tuple[Evidence, ...]] = (
    _low(
        "gap_entropy", "even_gaps", "timing", {AUTO: 1.0, SCRIPT: 0.5},
        "the pauses between requests vary little (entropy {x:.2f} nats)",
    ),
    _low(
        "gap_conditional_entropy", "predictable_gaps", "timing", {AUTO: 1.0, SCRIPT: 0.5},
        "each pause is largely told by the one before (conditional entropy {x:.2f} nats)",
    ),
    _low(
        "gap_phrases", "repeating_rhythm", "timing", {AUTO: 1.0, SCRIPT: 0.5},
        "the rhythm of pauses repeats itself ({x:.2f} new phrases a pause)",
    ),
    _low(
        "recent_gap_entropy", "even_gaps_lately", "timing", {AUTO: 1.0, SCRIPT: 0.5},
        "the last pauses between requests vary little (entropy {x:.2f} nats)", "gap_entropy",
    ),
    _high(
        "recent_similar_share", "similar_gaps_lately", "timing", {AUTO: 1.0},
        "{percent:.0f} % of the last pauses are within a tenth of the pause before",
        "gap_similar_share",
    ),
    _high(
        "gap_mode_share", "favourite_gap", "timing", {AUTO: 1.0},
        "{percent:.0f} % of the pauses between requests have the same length to the second",
    ),
    _high(
        "gap_similar_share", "similar_gaps", "timing", {AUTO: 1.0},
        "{percent:.0f} % of the pauses are within a tenth of the pause before",
    ),
    _low(
        "gap_low", "rapid_requests", "timing", {AUTO: 0.5},
        "one request in twenty follows within {m:.1f} s",
    ),
    _low(
        "gap_spread", "narrow_gaps", "timing", {AUTO: 0.5},
        "pauses spread over a factor of only {e:.1f}",
    ),
    _low(
        "gap_memory", "gaps_without_memory", "timing", {AUTO: 0.5},
        "long and short pauses do not follow each other as people's do (correlation {x:.2f})",
    ),
    _high(
        "minute_phase", "same_second", "timing", {AUTO: 1.0},
        "requests keep to the same second of the minute (concentration {x:.2f} of 1)",
    ),
    _high(
        "five_minute_phase", "five_minute_schedule", "timing", {AUTO: 0.5},
        "requests keep to a five-minute schedule (concentration {x:.2f} of 1)",
    ),
    _high(
        "hour_phase", "same_minute", "timing", {AUTO: 0.5},
        "requests keep to the same part of the hour (concentration {x:.2f} of 1)",
    ),
    _high(
        "minute_peak", "minute_schedule", "timing", {AUTO: 1.0},
        "{percent:.0f} % of requests fall into the same two minutes of the hour",
    ),
    _high(
        "equal_gap_run", "equal_gap_run", "timing", {AUTO: 0.5},
        "{x:.0f} pauses in a row were equal to within 2 %",
    ),
    _high(
        "hour_entropy", "all_hours", "rest", {AUTO: 0.5, RESELL: 0.5},
        "use is spread evenly over the hours of the day (entropy {x:.2f} of 3.18 nats)",
    ),
    _low(
        "quiet_hours", "no_quiet_hours", "rest", {AUTO: 0.5, RESELL: 0.5},
        "{x:.0f} of the 24 hours of the day are quiet",
    ),
    _high(
        "active_hours", "long_days", "rest", {AUTO: 0.5, RESELL: 0.5},
        "requests in {x:.1f} different hours of an active day",
    ),
    _high(
        "longest_stretch", "long_stretch", "rest", {AUTO: 1.0, RESELL: 0.5},
        "{x:.0f} hours of requests without a break of three hours",
    ),
    _low(
        "views_per_request", "results_not_viewed", "interaction", {SCRIPT: 1.0, RESELL: 0.5},
        "{m:.2f} results are looked at for each request",
    ),
    _low(
        "recent_views", "results_not_viewed_lately", "interaction", {SCRIPT: 1.0, RESELL: 0.5},
        "lately {m:.2f} results are looked at for each request", "views_per_request",
    ),
    _low(
        "turn_entropy", "one_track", "interaction", {SCRIPT: 1.0, AUTO: 0.5},
        "what comes next is told by what came before (entropy {x:.2f} nats a step)",
    ),
    _low(
        "recent_gestures", "no_gestures_lately", "interaction", {SCRIPT: 1.0, AUTO: 0.5},
        "lately {m:.1f} pointer or key strokes come with each request", "gestures_per_request",
    ),
    _low(
        "recent_reaction_spread", "even_reactions_lately", "interaction",
        {SCRIPT: 1.0, AUTO: 1.0},
        "lately the next request follows a finished result after nearly always the same time "
        "(spread factor {e:.2f})", "reaction_spread",
    ),
    _high(
        "recent_prompt_share", "instant_reactions_lately", "interaction",
        {SCRIPT: 1.0, AUTO: 0.5},
        "lately {percent:.0f} % of requests follow within 1.5 s of a result being ready",
        "prompt_reaction_share",
    ),
    _low(
        "gestures_per_request", "no_gestures", "interaction", {SCRIPT: 1.0, AUTO: 0.5},
        "{m:.1f} pointer or key strokes come with each request",
    ),
    _low(
        "reaction_spread", "even_reactions", "interaction", {SCRIPT: 1.0, AUTO: 1.0},
        "the next request follows a finished result after nearly always the same time "
        "(spread factor {e:.2f})",
    ),
    _high(
        "prompt_reaction_share", "instant_reactions", "interaction", {SCRIPT: 1.0, AUTO: 0.5},
        "{percent:.0f} % of requests follow within 1.5 s of the result before being ready",
    ),
    _high(
        "template_share", "template_prompts", "content", {SCRIPT: 0.5, RESELL: 0.5},
        "{percent:.0f} % of prompts are the one before with a small part replaced",
    ),
    _high(
        "poured_share", "filled_templates", "content", {SCRIPT: 0.5, RESELL: 0.5},
        "{percent:.0f} % of prompts fill one of a few moulds in a new way",
    ),
    _high(
        "new_topic_share", "topics_never_return", "content", {RESELL: 0.5, SHARE: 0.25},
        "{percent:.0f} % of prompts are unlike all that is usual for the account",
    ),
    _high(
        "seed_step_share", "counting_seeds", "content", {SCRIPT: 1.0, AUTO: 0.5},
        "{percent:.0f} % of seeds are the seed before plus one",
    ),
    _high(
        "sweep_share", "parameter_sweep", "content", {SCRIPT: 0.5},
        "{percent:.0f} % of requests repeat the prompt with other parameters",
    ),
    _high(
        "topic_jump_share", "topic_jumps", "content",
        {RESELL: 1.0, SCRIPT: 0.5, AUTO: 0.5, SHARE: 0.25},
        "{percent:.0f} % of prompts change the topic within a minute",
    ),
    _high(
        "devices", "many_devices", "devices", {SHARE: 1.0, RESELL: 1.0},
        "{e:.0f} devices are in regular use",
    ),
    _high(
        "device_entropy", "devices_in_equal_use", "devices", {SHARE: 1.0, RESELL: 0.5},
        "use is spread evenly over the devices (entropy {x:.2f} nats)",
    ),
    _high(
        "device_day_information", "devices_on_their_own_days", "devices", {SHARE: 1.0},
        "each device has its own days (information {x:.2f} nats)",
    ),
    _high(
        "device_hour_information", "devices_at_their_own_hours", "devices", {SHARE: 1.0},
        "each device has its own hours (information {x:.2f} nats)",
    ),
    _high(
        "device_topic_information", "devices_with_their_own_models", "devices", {SHARE: 1.0},
        "each device has its own favourite models (information {x:.2f} nats)",
    ),
    _high(
        "device_overlap_share", "devices_at_once", "devices", {SHARE: 1.0, RESELL: 0.5},
        "in {percent:.1f} % of the active time two devices on different networks are in use",
    ),
    _high(
        "fast_switch_share", "fast_device_switches", "devices", {SHARE: 0.5, RESELL: 0.25},
        "{percent:.1f} % of requests come from another device within a minute",
    ),
    _high(
        "interleave_share", "interleaved_devices", "devices", {SHARE: 1.0, RESELL: 0.25},
        "{percent:.1f} % of requests return to a device within half an hour of another's use",
    ),
    _high(
        "days_apart", "devices_in_three_countries", "devices", {SHARE: 1.0, RESELL: 1.0},
        "on {x:.0f} days three devices acted within ten minutes from three countries",
    ),
    _high(
        "login_surprise", "unlikely_logins", "devices", {SHARE: 0.5, RESELL: 0.5},
        "logins come from places and devices unlike those before ({x:.1f} nats each)",
    ),
    _high(
        "travel_share", "too_fast_between_places", "networks", {SHARE: 1.0, RESELL: 0.5},
        "{percent:.1f} % of requests come from another device, too far away to have travelled",
    ),
    _high(
        "foreign_fetch_share", "results_fetched_elsewhere", "networks", {RESELL: 1.0, SHARE: 0.25},
        "{percent:.0f} % of results are fetched from networks that asked for none",
    ),
    _high(
        "network_blocks", "many_networks", "networks", {SHARE: 0.5, RESELL: 0.5},
        "{e:.0f} changes to another network",
    ),
    _high(
        "countries", "many_countries", "networks", {SHARE: 0.5, RESELL: 0.5},
        "requests from {e:.0f} countries",
    ),
    _high(
        "hosting_share", "hosting_network", "networks", {SCRIPT: 0.5, RESELL: 1.0},
        "{percent:.0f} % of requests come from a hosting provider's network",
    ),
    _high(
        "surface_conflict_share", "impossible_client", "interaction", {SCRIPT: 1.0},
        "{percent:.0f} % of requests claim an app on a system it does not run on",
    ),
    _high(
        "declared_share", "declared_program", "interaction", {SCRIPT: 1.0},
        "{percent:.0f} % of requests come from a user agent that names itself a program",
    ),
    _high(
        "units_steadiness", "steady_burn", "burn", {RESELL: 1.0},
        "the quota is used in nearly equal parts each day (spread {a:.2f} of the mean)",
    ),
    _high(
        "burning_days_share", "every_day", "burn", {RESELL: 0.5},
        "quota is used on {percent:.0f} % of days",
    ),
)  # fmt: skip

CORE: Final[dict[Kind, frozenset[Group]]] = {
    Kind.AUTOMATION: frozenset({"timing"}),
    Kind.SCRIPTING: frozenset({"interaction", "content"}),
    Kind.CREDENTIAL_SHARING: frozenset({"devices"}),
    Kind.RESELLING: frozenset({"devices", "networks", "content"}),
}
"""Groups of which at least one must be visible on a platform before a kind is scored at all."""

BY_FEATURE: Final = {evidence.feature: evidence for evidence in EVIDENCE}

PARTNERS: Final = tuple(
    next((i for i, other in enumerate(EVIDENCE) if other.feature == evidence.beyond), -1)
    for evidence in EVIDENCE
)
"""Position of each feature's long partner in the table, -1 for none."""
