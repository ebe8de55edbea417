"""Opens the registry of models with the keys that the settings name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detectors.registry import Registry
from detectors.signing import BadKey, Trust
from fairuse.errors import WrongInputError
from fairuse.watching import listed

if TYPE_CHECKING:
    from pathlib import Path

    from fairuse.settings import Settings


def open_registry(settings: Settings, directory: Path | None = None) -> Registry:
    """Open the registry, or another one; `WrongInputError` names a key that is none."""
    return Registry(directory or settings.registry_dir, trust_of(settings))


def trust_of(settings: Settings) -> Trust:
    """Read the keys; `WrongInputError` names the setting whose key is none."""
    try:
        signing = Trust.of(settings.model_signing_key.get_secret_value(), ())
    except BadKey as error:
        raise WrongInputError(f"FAIRUSE_MODEL_SIGNING_KEY: {error}") from error
    try:
        return Trust(signing.signing, Trust.of("", listed(settings.model_verify_keys)).believed)
    except BadKey as error:
        raise WrongInputError(f"FAIRUSE_MODEL_VERIFY_KEYS: {error}") from error
