"""Studies, their institutions and their reports, as the API shows and takes them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field, StringConstraints

from bankside.web.api.shapes import Taken

INSTITUTIONS_MAX = 500
StudyText = Annotated[str, StringConstraints(max_length=200_000)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
State = Literal["draft", "open", "closed", "published"]


class StudyIn(Taken):
    """A study as it is written, in TOML."""

    text: StudyText


class StudyOut(Schema):
    """A study, without what was answered. `sha256` names its text; `source`: questionnaire, observation."""

    obj: str
    title: str
    state: State
    source: str
    sha256: str
    us: str
    anonymous: bool
    institutions: int
    begun: int
    finished: int
    made: str | None
    opened: str | None
    closed: str | None
    published: str | None


class Studies(Schema):
    """All of them, newest first."""

    items: list[StudyOut]


class InstitutionIn(Taken):
    """An institution that is asked; without an e-mail its link is handed over by hand."""

    institution: Name
    sector: Annotated[str, StringConstraints(max_length=60)] = ""
    language: Literal["en", "ko", "zh-hans", "nl"] = "en"
    email: Annotated[str, StringConstraints(max_length=254)] = ""


class InstitutionsIn(Taken):
    """Those who are asked."""

    items: Annotated[list[InstitutionIn], Field(min_length=1, max_length=INSTITUTIONS_MAX)]


class InstitutionOut(Schema):
    """An institution, how far it is, and its link, which nobody else may learn ("" when it has none)."""

    obj: str
    institution: str
    sector: str
    wave: str
    label: str
    language: str
    link: str
    begun: str | None
    saved: str | None
    finished: str | None
    reminded: int


class Institutions(Schema):
    """Those of one study, by name."""

    items: list[InstitutionOut]


class ResponsesOut(Schema):
    """How many institutions a file brought."""

    institutions: int


class EndIn(Taken):
    """Why a link opens nothing any more."""

    reason: Annotated[str, StringConstraints(max_length=300)]


class ReportOut(Schema):
    """What `bankside study report --json` prints."""

    title: dict[str, str]
    year: str
    unit: dict[str, str]
    population: int | None
    institutions: int
    wave: str
    before: str
    questions: list[dict[str, Any]]
    warnings: list[str]
