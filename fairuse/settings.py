"""Every setting, its default, and one line saying what it is for.

A setting comes from a `FAIRUSE_*` environment variable or from the one TOML file that
`FAIRUSE_CONFIG` names; the environment wins. Nothing else is read, and a name that no setting
has is an error, because a misspelt limit is a limit that is not there.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict, TomlConfigSettingsSource

from fairuse.errors import WrongInputError
from streams.hashing import KEY_BYTES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic_settings import PydanticBaseSettingsSource

PREFIX: Final = "FAIRUSE_"
CONFIG: Final = "FAIRUSE_CONFIG"
RESERVED: Final = (CONFIG, "FAIRUSE_TEST_")
"""Variables beginning with our prefix that are not settings."""

Seconds = Annotated[float, Field(gt=0, le=3600)]
Share = Annotated[float, Field(ge=0, le=1)]


class Settings(BaseSettings):
    """The settings of one run of the program."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    database_url: str = Field(
        "sqlite:///var/fairuse.db", description="Where accounts, leases and cases are kept."
    )
    events_url: str = Field(
        "log:var/log/usage-events",
        description=(
            "Topic of usage events: `log:DIR/TOPIC`, `kafka://HOST:PORT/TOPIC` or `archive:…`."
        ),
    )
    archive_dir: Path = Field(
        Path("var/archive"), description="Where archived events rest as Parquet."
    )
    archive_days: int = Field(
        400, ge=1, le=36_600, description="How many days archived events are kept."
    )
    snapshot_dir: Path = Field(
        Path("var/snapshots"), description="Where feature state rests; shared by all workers."
    )
    registry_dir: Path = Field(Path("var/registry"), description="Where trained models rest.")
    group: str = Field(
        "fairuse", min_length=1, max_length=100, description="Consumer group of all workers."
    )
    partitions: int = Field(
        4, ge=1, le=1024, description="Partitions of a topic that the program makes itself."
    )
    poll_seconds: Seconds = Field(
        1.0, description="Longest wait for events before a worker looks round."
    )
    session_seconds: Seconds = Field(
        45.0, description="How long a worker may be silent before others get its partitions."
    )
    batch_events: int = Field(
        8192, ge=1, le=1_000_000, description="Most records handled as one micro-batch."
    )
    model_seconds: Seconds = Field(
        20.0, description="How often a scorer asks the registry which model is to score."
    )
    model_signing_key: SecretStr = Field(
        SecretStr(""), description="Key that models are signed with; while empty, none is."
    )
    model_verify_keys: str = Field(
        "", description="Keys whose models may score, with commas; while empty, any may."
    )
    snapshot_seconds: Seconds = Field(
        60.0, description="Longest time of live scoring between two snapshots of a partition."
    )
    dead_letter_count: int = Field(
        100, ge=0, description="Bad events in the window that a worker lets pass in any case."
    )
    dead_letter_share: Share = Field(
        0.2, description="Share of the window that may be bad; past both limits the worker stops."
    )
    dead_letter_window: int = Field(
        10_000, ge=100, description="How many of the latest events the two limits look at."
    )
    pseudonym_key: SecretStr = Field(
        SecretStr("fairuse"),
        min_length=1,
        description="Key of the hashes standing for addresses and devices; a change forgets state.",
    )
    link_attributes: int = Field(
        262_144,
        ge=1024,
        le=1 << 26,
        description="Devices, addresses, prompts and blocks of each kind that links remember.",
    )
    link_days: float = Field(
        90.0, gt=0, le=366, description="How long a shared attribute is kept that no account joins."
    )
    activity_days: float = Field(
        35.0,
        ge=1,
        le=366,
        description="How long what accounts did is kept; longer while a case of theirs is open.",
    )
    message_days: float = Field(
        30.0, gt=0, le=3660, description="How long a message stays in the outbox that was sent."
    )
    attempt_days: float = Field(
        184.0, gt=0, le=3660, description="How long it is kept how a notice's delivery went."
    )
    detect_only: str = Field(
        "",
        description="Detectors that only watch: rule codes and kinds, with commas, or `all`.",
    )
    audit_share: Share = Field(
        0.001,
        description="Share of account-months that are looked at by chance; 0 turns audits off.",
    )
    retrain_dir: Path = Field(
        Path("var/retrain"), description="Where nights keep what they have made so far."
    )
    retrain_seed: int = Field(0, ge=0, description="Where chance begins in retraining.")
    shadow_days: float = Field(
        7.0, ge=0, le=90, description="How long a challenger only watches; 0 promotes at once."
    )
    reviews_per_day: int = Field(
        40, ge=1, le=100_000, description="Cases that reviewers look at in a day, for the gate."
    )
    flip_limit: int = Field(
        20, ge=0, description="Accounts a new model may treat otherwise without anybody's look."
    )
    flip_sample: int = Field(
        20, ge=1, le=500, description="How many of more such accounts reviewers must look at first."
    )
    calibration_cases: int = Field(
        10, ge=0, le=500,
        description="How many of the strangest accounts nobody has judged may wait for reviewers.",
    )  # fmt: skip
    pause_hours: float = Field(
        72.0, gt=0, le=744, description="How long a pause lasts that nobody has reviewed."
    )
    hold_days: float = Field(
        30.0, gt=0, le=366, description="How long the speed ramp is held that nobody has reviewed."
    )
    challenge_hours: float = Field(
        72.0, gt=0, le=744, description="How long a challenge stays open that nobody answers."
    )
    uphold_days: float = Field(
        30.0, gt=0, le=366, description="How long a pause lasts that a reviewer has upheld."
    )
    clearance_days: float = Field(
        31.0, ge=0, le=366, description="How long a reviewer's restore outranks the machine."
    )
    protected_days: float = Field(
        60.0,
        ge=0,
        le=366,
        description="How long after a clearance soft evidence must be five times as rare.",
    )
    grace_seconds: float = Field(
        20.0, ge=0, le=3600, description="How long a decision may be taken back; then it is done."
    )
    second_share: Share = Field(
        0.1, description="Share of upheld cases that wait for a second person's agreement."
    )
    double_share: Share = Field(
        0.1, description="Share of decided cases that another person judges once more, blind."
    )
    claim_minutes: float = Field(
        10.0, gt=0, le=480, description="How long a reviewer holds a case after the last heartbeat."
    )
    review_hours: float = Field(
        24.0, gt=0, le=744, description="By when a pause is to be reviewed, from the pause."
    )
    appeal_hours: float = Field(
        24.0, gt=0, le=744, description="By when an appeal is to be decided, from the appeal."
    )
    pauses_per_minute: int = Field(
        10, ge=0, description="Most pauses that all detectors take in a minute; 0 takes none."
    )
    model_pauses_per_minute: int = Field(
        8, ge=0, description="Most pauses taken in a minute on one model version's verdicts."
    )
    segment_pauses_per_minute: int = Field(
        4, ge=0, description="Most pauses taken in a minute in one stratum, and in one country."
    )
    restore_run: int = Field(
        5, ge=1, le=500, description="Wrongful pauses in a row after which a detector only watches."
    )
    restore_sample: int = Field(
        50, ge=1, le=500, description="How many of a detector's last decided pauses are weighed."
    )
    restore_share: Share = Field(
        0.2, description="Share of them that may be wrongful; surely above it, it only watches."
    )
    book_jobs: bool = Field(
        True, description="Whether `book` charges jobs that ran without asking, from their events."
    )
    catalogue: str = Field(
        "", description="TOML file of plans, models and packs; while empty, the packaged one."
    )
    http_host: str = Field("127.0.0.1", description="Address that API and console listen on.")
    http_port: int = Field(8000, ge=0, le=65535, description="Their port; 0 takes a free one.")
    session_key: SecretStr = Field(
        SecretStr(""),
        description="Key of sessions, links and sealed addresses; while empty, a restart ends all.",
    )
    oidc_issuer: str = Field(
        "",
        pattern=r"^(https?://[^\s?#]+)?$",
        description="Identity provider that people sign in with; while empty, only tokens do.",
    )
    oidc_client_id: str = Field("", description="Who this program is to that provider.")
    oidc_client_secret: SecretStr = Field(
        SecretStr(""), description="Its secret; empty for a client that has none."
    )
    oidc_scopes: str = Field(
        "openid email profile", pattern=r"^openid( \S+)*$", description="What is asked to be told."
    )
    oidc_name_claim: str = Field(
        "email", min_length=1, description="Claim holding the name that stands under decisions."
    )
    oidc_role_claim: str = Field(
        "", description="Claim holding groups or roles; while empty, `fairuse person` gives roles."
    )
    oidc_roles: str = Field(
        "", description="What its values mean: `VALUE=ROLE` pairs with commas between."
    )
    body_bytes: int = Field(
        1_000_000, ge=10_000, description="Longest body of a request that is taken."
    )
    calls_per_minute: int = Field(
        60_000,
        ge=0,
        description="Most calls of one token's name, but those about jobs; 0 bounds none.",
    )
    sign_ins_per_ten_minutes: int = Field(
        60, ge=0, description="Most tries to sign in from one address; 0 bounds none."
    )
    public_url: str = Field(
        "",
        pattern=r"^(https?://[^\s?#]+)?$",
        description="Where customers reach status pages; while empty, where the platform asks.",
    )
    support_contact: str = Field(
        "",
        pattern=r"^(https?://\S+|[^@\s:/?#]+@[^@\s:/?#]+)?$",
        description="E-mail address or URL that a paused customer writes to.",
    )
    notice_templates: str = Field(
        "", description="Folder of your own texts of notices; what it lacks, we bring."
    )
    webhook_url: str = Field(
        "", description="Where the relay posts notices to customers; while empty, nowhere."
    )
    webhook_secret: SecretStr = Field(
        SecretStr(""),
        description="What signs them, `whsec_…`; several with spaces, the newest first.",
    )
    webhook_plain: bool = Field(
        False, description="Whether `FAIRUSE_WEBHOOK_URL` may be http on another machine."
    )
    mail_server: SecretStr = Field(
        SecretStr(""),
        description="Where the relay hands e-mail in, `smtp://USER:PASSWORD@HOST`; else nowhere.",
    )
    mail_from: str = Field("", description="The address that e-mail to customers comes from.")
    metrics_port: int = Field(
        0, ge=0, le=65535, description="Port where a worker shows its metrics; 0 shows none."
    )

    @property
    def hash_key(self) -> bytes:
        """The key of every hash of an address, a device or an account, made from the secret."""
        secret = self.pseudonym_key.get_secret_value().encode()
        return hashlib.blake2b(secret, digest_size=KEY_BYTES).digest()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then the environment, then the TOML file, and nothing else."""
        del dotenv_settings, file_secret_settings
        sources: tuple[PydanticBaseSettingsSource, ...] = (init_settings, env_settings)
        if file := os.environ.get(CONFIG):
            sources += (TomlConfigSettingsSource(settings_cls, Path(file)),)
        return sources


def load_settings(**overrides: object) -> Settings:
    """Read the settings; raise `WrongInputError` naming the one that is wrong."""
    _refuse_unknown_names(os.environ)
    if (file := os.environ.get(CONFIG)) and not Path(file).is_file():
        raise WrongInputError(f"{CONFIG}: no such file: {file}")
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        raise WrongInputError(_explain(error)) from error
    except ValueError as error:  # a TOML file that is not TOML
        raise WrongInputError(f"{os.environ.get(CONFIG)}: {error}") from error


def _refuse_unknown_names(environment: Mapping[str, str]) -> None:
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    for name in environment:
        if name.startswith(PREFIX) and not name.startswith(RESERVED) and name not in known:
            raise WrongInputError(f"{name}: no such setting; docs/settings.md lists them")


def _explain(error: ValidationError) -> str:
    first = error.errors()[0]
    name = str(first["loc"][0])
    variable = PREFIX + name.upper()
    where = variable if variable in os.environ else f"{os.environ.get(CONFIG, 'settings')}: {name}"
    problem = "no such setting" if first["type"] == "extra_forbidden" else first["msg"]
    return f"{where}: {problem[0].lower()}{problem[1:]}"
