"""What `fairuse labels` does: counts what people found, names what is no longer true, exports."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from detectors.labels import LabelSet, Provenance
from detectors.lessons import taught_by
from detectors.registry import Registry
from detectors.verdict import Kind
from fairuse.errors import WrongInputError
from fairuse.wiring import reading
from review_api.labels import label_set
from review_api.repairs import repairs
from streams.clock import SystemClock

if TYPE_CHECKING:
    from pathlib import Path

    from fairuse.settings import Settings

FORMS: Final = "write a date, such as 2026-11-23, or 2026-11-23T03:00:00Z"


def moment(name: str, text: str | None) -> datetime:
    """Read an instant as RFC 3339 with a zone, or a date (its end, UTC); None is now."""
    if text is None:
        return SystemClock().now()
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise WrongInputError(f"{name}: {text!r} is no time: {FORMS}") from error
    if len(text) == len("2026-11-23"):
        return found.replace(hour=23, minute=59, second=59, microsecond=999_999, tzinfo=UTC)
    if found.tzinfo is None:
        raise WrongInputError(f"{name}: {text} has no time zone: {FORMS}")
    return found


def list_labels(
    settings: Settings, known_by: str | None, observed_by: str | None
) -> dict[str, object]:
    """Count the labels of a moment: by kind and answer, where they come from, what they weigh."""
    known = moment("--known-by", known_by)
    observed = moment("--observed-by", observed_by) if observed_by else known
    with reading(settings) as session:
        return facts(label_set(session, known_by=known, observed_by=observed, pinned=0))


def facts(labels: LabelSet) -> dict[str, object]:
    """Tell of a set of labels in figures."""
    kinds = Counter((one.kind, one.abusive) for one in labels.labels)
    sources = Counter(one.provenance for one in labels.labels)
    return {
        "labels": len(labels.labels),
        "digest": labels.digest,
        "known_by": labels.known_by.isoformat(),
        "observed_by": labels.observed_by.isoformat(),
        "kinds": [
            {"kind": str(kind), "confirmed": kinds[kind, True], "honest": kinds[kind, False]}
            for kind in Kind
        ],
        "sources": [{"source": str(one), "labels": sources[one]} for one in Provenance],
        "contradicted": len(labels.contradicted),
        "effective": round(labels.effective(), 1),
    }


def list_repairs(settings: Settings, since: str) -> dict[str, object]:
    """Tell which labels known at `since` are no longer true, and which models learnt from them."""
    then, now = moment("--since", since), SystemClock().now()
    with reading(settings) as session:
        found = repairs(session, then=then, now=now)
    models = taught_by(Registry(settings.registry_dir), [one.case_id for one in found])
    return {
        "since": then.isoformat(),
        "repairs": [{"case": one.case_id, "label": one.sentence} for one in found],
        "models": [{"model": version, "learnt": count} for version, count in models.items()],
    }


def export_labels(settings: Settings, out: Path, known_by: str | None) -> dict[str, object]:
    """Write the labels of a moment as `fairuse fit --labels` reads them."""
    with reading(settings) as session:
        labels = label_set(session, known_by=moment("--known-by", known_by), pinned=0)
    kinds: dict[str, Any] = labels.kinds()
    try:
        with out.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(("account_id", "kind"))
            writer.writerows((name, kinds[name] or "") for name in sorted(kinds))
    except OSError as error:
        raise WrongInputError(f"{out}: {error.strerror or error}") from error
    return {"accounts": len(kinds), "contradicted": len(labels.contradicted), "out": str(out)}
