"""What every card says, whatever the night found."""

from __future__ import annotations

from typing import Final

PURPOSE: Final = (
    (
        "It scores how an account uses its monthly quota against the platform's own population, "
        "so that a reviewer looks at those that may be automated, scripted, shared or resold. A "
        "hold on the speed ramp, a challenge or a pause of the monthly quota is what it may ask "
        "for; each can be undone, and a person decides."
    ),
    (
        "It is not for anything else: it never touches credits, which are paid for, never judges "
        "what is generated, says nothing of a person outside this platform, and ends no "
        "subscription."
    ),
)

LIMITS: Final = (
    (
        "Labels come from reviewers, mostly on accounts that a machine chose. They err, and are "
        "weighted by their reliability and by the chance of having been looked at."
    ),
    (
        "Where the gate says so, precision rests on labels that the model may have been taught by, "
        "which flatter it; as challenger it is asked again on labels that came later."
    ),
    (
        "Whoever nobody confirmed counts as honest. A new family of abuse looks like wrongful "
        "pauses until its first accounts are decided."
    ),
    (
        "The families are simulated. Their recall tells what was lost from one model to the next, "
        "and nothing about recall on this platform: audits measure that."
    ),
    (
        "What a feature cannot see on this platform, the model cannot see either; the blind ones "
        "are named."
    ),
)

BACK: Final = (
    "The same positions, labels, seed and code give the same model, bit for bit. Going back is one "
    "move; live scorers follow within a minute."
)
