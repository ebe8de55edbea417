"""The topics of one installation: all at the place that the usage events' URL names.

Their names are part of the contract with the platform; only the first may be chosen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from review_api.changes import ACCESS_CHANGES
from streams import urls
from streams.transport import TopicSpec

VERDICTS: Final = "verdicts"


@dataclass(frozen=True, slots=True)
class Topics:
    """Where records go; `url` is that of the usage events and opens sources and sinks."""

    url: str
    events: str

    @classmethod
    def at(cls, url: str) -> Topics:
        """Read the URL of the usage events."""
        return cls(url, urls.parse(url).topic)

    def dead_letters(self, topic: str) -> str:
        """Name where a topic's unreadable records go."""
        return f"{topic}.dead-letters"

    def specs(self, partitions: int) -> tuple[TopicSpec, ...]:
        """List every topic that the program needs."""
        return (
            TopicSpec(self.events, partitions),
            TopicSpec(self.dead_letters(self.events), 1),
            TopicSpec(VERDICTS, partitions),
            TopicSpec(self.dead_letters(VERDICTS), 1),
            TopicSpec(ACCESS_CHANGES, partitions, compacted=True),
        )
