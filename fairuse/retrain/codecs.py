"""How what the steps make rests on disk: JSON of a struct, or plain arrays. Never a pickle."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import msgspec
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Json(Generic[T]):
    """A value of a type that msgspec knows."""

    type: type[T]
    suffix: str = ".json"

    def keep(self, made: T) -> bytes:
        return msgspec.json.format(msgspec.json.encode(made), indent=1)

    def take(self, content: bytes) -> T:
        return msgspec.json.decode(content, type=self.type)


@dataclass(frozen=True, slots=True)
class Arrays(Generic[T]):
    """A value that can be laid out as named arrays and built again from them."""

    lay_out: Callable[[T], Mapping[str, NDArray[Any]]]
    build: Callable[[Mapping[str, NDArray[Any]]], T]
    suffix: str = ".npz"

    def keep(self, made: T) -> bytes:
        file = io.BytesIO()
        np.savez(file, allow_pickle=False, **self.lay_out(made))
        return file.getvalue()

    def take(self, content: bytes) -> T:
        with np.load(io.BytesIO(content), allow_pickle=False) as stored:
            return self.build({name: stored[name] for name in stored.files})


def as_bytes(value: object) -> NDArray[np.uint8]:
    """Lay a struct out as the bytes of its JSON, to stand among arrays."""
    return np.frombuffer(msgspec.json.encode(value), dtype=np.uint8)


def from_bytes(array: NDArray[Any], type_: type[T]) -> T:
    """Read such a struct again."""
    return msgspec.json.decode(array.tobytes(), type=type_)
