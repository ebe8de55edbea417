"""Whose models may score: Ed25519 signatures over a model's name, manifest and arrays (RFC 8032).

Whoever trains holds the private key, whoever scores only public ones. Without keys nothing is
signed and nothing refused but what was altered.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FILE: Final = "signature.json"
BYTES: Final = 32


class Signature(msgspec.Struct, frozen=True, kw_only=True):
    """Who signed (the public key) and the signature, both in base64."""

    key: str
    signature: str
    schema: int = 1


class BadKey(ValueError):  # noqa: N818 - names what is wrong
    """A key is not 32 bytes in base64."""


@dataclass(frozen=True, slots=True)
class Trust:
    """The key to sign with, if any, and those whose signatures are believed; none believes all."""

    signing: bytes | None = field(default=None, repr=False)
    believed: tuple[bytes, ...] = ()

    @classmethod
    def of(cls, signing: str, believed: Sequence[str]) -> Trust:
        """Read keys in base64; raises `BadKey`."""
        private = _key(signing) if signing else None
        return cls(private, tuple(_key(one) for one in believed))

    def sign(self, folder: Path) -> bytes | None:
        """Give the signature file of the model in a folder, None without a key."""
        if self.signing is None:
            return None
        key = Ed25519PrivateKey.from_private_bytes(self.signing)
        public = key.public_key().public_bytes_raw()
        made = Signature(key=_text(public), signature=_text(key.sign(_message(folder))))
        return msgspec.json.encode(made)

    def refusal(self, folder: Path) -> str | None:
        """Say why the model in a folder is not believed; None if it is."""
        if not self.believed:
            return None
        try:
            found = msgspec.json.decode((folder / FILE).read_bytes(), type=Signature)
            public, signature = _key(found.key), base64.b64decode(found.signature, validate=True)
        except FileNotFoundError:
            return "it is not signed"
        except (msgspec.MsgspecError, BadKey, binascii.Error):
            return "its signature cannot be read"
        if public not in self.believed:
            return f"it is signed with {found.key}, which nobody here believes"
        try:
            Ed25519PublicKey.from_public_bytes(public).verify(signature, _message(folder))
        except InvalidSignature:
            return "its signature does not fit what is there"
        return None


ANYBODY: Final = Trust()


def key_pair() -> tuple[str, str]:
    """Make a key to sign with and the one to believe, in base64."""
    key = Ed25519PrivateKey.generate()
    return _text(key.private_bytes_raw()), _text(key.public_key().public_bytes_raw())


def _message(folder: Path) -> bytes:
    parts = [hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in _SIGNED]
    return "\x1f".join(["fairuse model", folder.name, *parts]).encode()


_SIGNED: Final = ("manifest.json", "arrays.npz")


def _key(text: str) -> bytes:
    try:
        found = base64.b64decode(text.strip(), validate=True)
    except binascii.Error as error:
        raise BadKey(f"not a key in base64: {error}") from error
    if len(found) != BYTES:
        raise BadKey(f"a key has {BYTES} bytes, not {len(found)}")
    return found


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
