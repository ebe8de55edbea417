"""Runs the steps of a night one after the other, and goes on where an earlier run ended.

Each step builds on everything before it: its inputs are the night's (settings, code) and the
content that every earlier step made. What was made before is read again only if somebody asks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from fairuse.progress import say
from fairuse.retrain.folder import Marker, digest_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from fairuse.retrain.folder import Folder
    from streams.clock import Clock

T = TypeVar("T")


class Codec(Protocol[T]):
    """How what a step made rests on disk; files ending in `suffix`."""

    @property
    def suffix(self) -> str: ...
    def keep(self, made: T) -> bytes: ...
    def take(self, content: bytes) -> T: ...


@dataclass(slots=True)
class Made(Generic[T]):
    """What a step made, in memory or still on disk."""

    folder: Folder
    name: str
    codec: Codec[T]
    held: list[T] = field(default_factory=list)

    @property
    def value(self) -> T:
        """Give it, read from disk if an earlier run made it."""
        if not self.held:
            content = self.folder.read(self.name)
            if content is None:
                raise FileNotFoundError(self.folder.path / self.name)
            self.held.append(self.codec.take(content))
        return self.held[0]


@dataclass(slots=True)
class Steps:
    """The steps of one night. `told` hears `begins` and `done` with each step's name."""

    folder: Folder
    clock: Clock
    inputs: str
    told: Callable[[str, str], None] = lambda _moment, _name: None
    seconds: dict[str, float] = field(default_factory=dict)
    resumed: list[str] = field(default_factory=list)
    began: bool = False

    def step(self, name: str, codec: Codec[T], do: Callable[[], T]) -> Made[T]:
        """Do a step, or find it done; raises what doing it raises."""
        made = Made(self.folder, f"{name}{codec.suffix}", codec)
        marker = self._standing(name, made.name)
        if marker is None:
            marker = self._do(name, made, do)
        else:
            self.resumed.append(name)
        self.seconds[name] = marker.seconds
        self.inputs = digest_of(self.inputs, name, marker.content)
        return made

    def _standing(self, name: str, file: str) -> Marker | None:
        """Give the step's marker if it counts."""
        marker = self.folder.marker(name)
        if marker is None or marker.inputs != self.inputs:
            return None
        content = self.folder.read(file)
        return marker if content is not None and digest_of(content) == marker.content else None

    def _say_where(self, name: str) -> None:
        """Tell a person who sees it run a second time what is done again, and what is not."""
        night = self.folder.path.name
        if self.resumed:
            say(f"{night}: goes on at {name}; done before: {', '.join(self.resumed)}")
        elif self.folder.marker(name) is not None:
            say(f"{night}: begins anew: the code, archive, settings or what was asked are others")

    def _do(self, name: str, made: Made[T], do: Callable[[], T]) -> Marker:
        if not self.began:
            self._say_where(name)
        self.began = True
        self.told("begins", name)
        start = self.clock.monotonic()
        value = do()
        made.held.append(value)
        content = made.codec.keep(value)
        self.folder.write(made.name, content)
        self.told("wrote", name)
        taken = round(self.clock.monotonic() - start, 3)
        marker = Marker(step=name, inputs=self.inputs, content=digest_of(content), seconds=taken)
        self.folder.mark(marker)
        self.told("done", name)
        return marker
