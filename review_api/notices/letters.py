"""Puts notices into words: one template an occasion, plain text, its first line the subject.

An operator's own templates lie in a directory and are tried before ours, so that a language is a
directory. They are read in a sandbox and all rendered once at the start: one that cannot be read,
or wants what no notice has, stops the program there, naming the file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from jinja2 import ChoiceLoader, FileSystemLoader, PackageLoader, StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from review_api.notices.errors import BadTemplateError
from review_api.notices.samples import samples_of
from review_api.notices.statement import read_statement
from review_api.notices.vocabulary import Occasion
from review_api.notices.wording import cause_of, offer_of
from review_api.policy import UTC
from review_api.times import moment, wait

if TYPE_CHECKING:
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from jinja2 import Environment

    from review_api.notices.said import Said

# Stands in a letter at rest for the link that only its holder may have.
STATUS_PAGE: Final = "[link to your status page]"
_SUBJECT: Final = "Subject:"
_GAP: Final = re.compile(r"\n{3,}")
# What a template does wrong, and what a filter does with a fact that this notice has not.
_FAULTS: Final = (TemplateError, AttributeError, TypeError, ValueError, LookupError)


@dataclass(frozen=True, slots=True)
class Letter:
    """A notice in words."""

    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Stationery:
    """What letters are written on: the templates, the zone of their times, and whom to write to.

    `links` tells whether a link to the status page can be given.
    """

    directory: Path | None = None
    zone: ZoneInfo = UTC
    contact: str = ""
    links: bool = False
    _templates: Environment = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Read and try every template; `BadTemplateError` names the one that is wrong."""
        if self.directory is not None and not self.directory.is_dir():
            raise BadTemplateError(f"{self.directory}: there is no such directory of templates")
        object.__setattr__(self, "_templates", _open(self.directory, self.zone))
        for occasion in Occasion:
            for said in samples_of(occasion):
                self.write(said)

    def write(self, said: Said) -> Letter:
        """Write the letter; `BadTemplateError` if its template cannot be used."""
        name = f"{said.occasion}.txt"
        try:
            template = self._templates.get_template(name)
            return _letter(template.render(self._words(said)))
        except _FAULTS as error:
            line = getattr(error, "lineno", None)
            place = f"{self.directory or 'templates'}/{name}" + (f", line {line}" if line else "")
            raise BadTemplateError(f"{place}: {error}") from error

    def packaged(self) -> Stationery:
        """Give the same without the operator's templates."""
        return replace(self, directory=None)

    def _words(self, said: Said) -> dict[str, Any]:
        facts, good = said.facts, said.facts["made_good"]
        return {
            "occasion": said.occasion.value,
            "reference": facts["reference"],
            "looked_as": facts["looked_as"],
            "confirmed": facts["confirmed"],
            "until": datetime.fromisoformat(facts["until"]) if facts["until"] else None,
            "made_good": timedelta(seconds=good["seconds"]) if good else None,
            "cause": cause_of(facts["reason_code"]),
            "offer": offer_of(facts["reason_code"]),
            "statement": read_statement(said.statement) if said.statement else None,
            "words": said.words.strip(),
            "contact": self.contact,
            "status_page": STATUS_PAGE if self.links else "",
        }


def _open(directory: Path | None, zone: ZoneInfo) -> Environment:
    own = [FileSystemLoader(directory)] if directory else []
    made = ImmutableSandboxedEnvironment(
        loader=ChoiceLoader([*own, PackageLoader("review_api.notices")]),
        undefined=StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["moment"] = lambda at: _plain(moment(at, zone))
    made.filters["wait"] = lambda length: _plain(wait(length))
    return made


def _letter(text: str) -> Letter:
    first, _, body = text.strip().partition("\n")
    if not first.startswith(_SUBJECT) or not body.strip():
        raise ValueError(f"the first line begins with {_SUBJECT!r}, and a text follows")
    subject = " ".join(first.removeprefix(_SUBJECT).split())
    lines = "\n".join(line.rstrip() for line in body.strip().splitlines())
    return Letter(subject, _GAP.sub("\n\n", lines) + "\n")


def _plain(said: str) -> str:
    return said.replace("\N{NO-BREAK SPACE}", " ")
