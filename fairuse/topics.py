"""The topics of one installation: all at the place that the usage events' URL names.

Their names are part of the contract with the platform; only the first may be chosen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from review_api.changes import ACCESS_CHANGES
from streams import urls
from streams.transport import TopicSpec

if TYPE_CHECKING:
    from fairuse.settings import Settings
    from streams.clock import Clock
    from streams.transport import Sink, Source

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

    def source(self, group: str, settings: Settings, clock: Clock) -> Source:
        """Open a member of a group."""
        seconds = settings.session_seconds
        return urls.open_source(self.url, group, clock=clock, session_seconds=seconds)

    def sink(self, clock: Clock) -> Sink:
        """Open a sink to all topics."""
        return urls.open_sink(self.url, clock=clock)

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
