"""Gathers a candidate's card from what the night found; values in, values out."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from detectors.bank import KINDS
from detectors.card.findings import distributions, families, flips, gate_of, parity, segments
from detectors.card.parts import Card, Section, Table
from detectors.card.words import BACK, LIMITS, PURPOSE
from detectors.evidence import EVIDENCE

if TYPE_CHECKING:
    from detectors.gate.check import Gate
    from detectors.gate.standing import ModelFacts
    from detectors.labels import LabelSet
    from detectors.model import Manifest, Model


def contents(
    model: Model, candidate: ModelFacts, gate: Gate, labels: LabelSet | None = None
) -> Card:
    """Gather the card of `model`, of which the gate has said what it says."""
    manifest = model.manifest
    tone = "passed" if gate.passed else "waits" if gate.waits else "refused"
    answer = {
        "passed": "The gate let it pass",
        "waits": "It waits for reviewers",
        "refused": "The gate refused it",
    }[tone]
    sections = (
        Section("What it is for", PURPOSE),
        gate_of(gate),
        _taught(manifest, labels),
        _listens(model),
        _may(candidate),
        distributions(gate),
        families(gate),
        segments(gate),
        flips(gate),
        parity(gate),
        Section("Limits", points=LIMITS),
        _again(manifest),
    )
    told = tuple(section for section in sections if section is not None)
    return Card(manifest.version, manifest.created_at, tone, f"{answer}: {gate.why}", told)


def _taught(manifest: Manifest, labels: LabelSet | None) -> Section:
    facts = [
        ("Events", f"{manifest.events:,} of {manifest.accounts:,} accounts ({manifest.origin})"),
        ("From, to", f"{manifest.first_event}, {manifest.last_event}"),
        ("Positions", ", ".join(f"{p} up to {n}" for p, n in manifest.positions.items())),
        ("Honest account-months", f"{manifest.calibrated:,} calibrate its thresholds"),
        ("Left out as confirmed abuse", f"{manifest.excluded:,} accounts"),
        ("Labels", _labels(manifest, labels)),
        ("Label set", manifest.label_digest),
        ("Feature view", f"{manifest.view_fingerprint}, {len(manifest.features)} features"),
        ("Champion at the time", manifest.parent),
        ("Night, seed", f"{manifest.night or 'none'}, {manifest.seed}"),
        ("Code, engine", " ".join(filter(None, (manifest.code, manifest.engine)))),
    ]
    rows = tuple((name, said) for name, said in facts if said)
    learnt = manifest.learnt or ("No kind had confirmed cases: it is the unsupervised pair alone.",)
    return Section(
        "What it was taught",
        tables=(Table("The archive and the labels it was made of", ("Fact", "Value"), rows),),
        points=learnt,
    )


def _labels(manifest: Manifest, labels: LabelSet | None) -> str:
    if labels is None:
        return (
            f"{manifest.labels:,}, known by {manifest.labels_known_by}" if manifest.labels else ""
        )
    counts = Counter((str(one.provenance), one.abusive) for one in labels.labels)
    said = [
        f"{n} {source} {'confirmed' if yes else 'honest'}"
        for (source, yes), n in sorted(counts.items())
    ]
    known = labels.known_by.isoformat(timespec="seconds")
    more = [f"{len(labels.contradicted)} contradictory"] if labels.contradicted else []
    return f"{len(labels.labels):,} known by {known}: " + ", ".join(said + more or ["none"])


def _listens(model: Model) -> Section:
    rows = []
    for kind, weights, box in zip(KINDS, model.bank.weights, model.bank.learnt, strict=True):
        heard = [one for one, weight in zip(EVIDENCE, weights, strict=True) if weight]
        groups = Counter(one.group for one in heard)
        taught = f"{len(box.columns)} features and its own score" if box else "nothing"
        rows.append((
            kind.replace("_", " "), str(len(heard)),
            ", ".join(f"{group} {n}" for group, n in groups.most_common()) or "cannot be seen here",
            taught,
        ))  # fmt: skip
    blind = model.manifest.blind
    words = f"Blind on this platform: {', '.join(blind)}." if blind else "Blind to nothing."
    heads = ("Kind", "Features", "By group of evidence", "Has learnt from")
    table = Table("What each kind listens to", heads, tuple(rows))
    return Section("What it listens to", (words,), tables=(table,))


def _may(candidate: ModelFacts) -> Section:
    rows = tuple(
        (one.label, f"{one.months:,}", ", ".join(one.may) or "nothing", f"{one.floor:.3%}")
        for one in candidate.strata
    )
    heads = ("Plan / volume before / tenure", "Months", "A score may ask for", "Least budget")
    return Section(
        "What it may do",
        ("A hard rule may pause anywhere. A score may ask for what enough honest months allow.",),
        tables=(Table("Strata of honest peers", heads, rows),),
    )


def _again(manifest: Manifest) -> Section:
    return Section(
        "Again, and back",
        (BACK,),
        commands=(f"fairuse retrain --again {manifest.version}", "fairuse models rollback"),
    )
