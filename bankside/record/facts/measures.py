"""Facts about studies, and about how is counted.

`study` and `respondent` are the objs of a study and of an institution in it.
What an institution answered stands in no fact: a digest of it does, so that nobody can change it unseen.
"""

from __future__ import annotations

from dataclasses import dataclass

from bankside.record.fact import fact


@fact("measures.study-opened")
@dataclass(frozen=True, slots=True, kw_only=True)
class StudyOpened:
    """Institutions may answer from now on. `sha256`: of the text as it stands; `questions`: how many."""

    study: str
    title: str
    sha256: str
    questions: int


@fact("measures.institution-invited")
@dataclass(frozen=True, slots=True, kw_only=True)
class InstitutionInvited:
    """An institution has a link of its own. `turn` counts its links: a new one ends the one before."""

    study: str
    respondent: str
    institution: str
    turn: int


@fact("measures.invitation-revoked")
@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationRevoked:
    """The link of an institution opens nothing any more."""

    study: str
    respondent: str
    reason: str


@fact("measures.institution-reminded")
@dataclass(frozen=True, slots=True, kw_only=True)
class InstitutionReminded:
    """An institution that had not finished was written to again, for the `times`-th time."""

    study: str
    respondent: str
    times: int


@fact("measures.institution-answered")
@dataclass(frozen=True, slots=True, kw_only=True)
class InstitutionAnswered:
    """An institution finished, for the `version`-th time. `sha256`: of its answers; `answers`: how many."""

    study: str
    respondent: str
    version: int
    answers: int
    sha256: str


@fact("measures.responses-imported")
@dataclass(frozen=True, slots=True, kw_only=True)
class ResponsesImported:
    """Answers came in by a file. `sha256`: of the rows as they were kept; `rows`: how many institutions."""

    study: str
    rows: int
    sha256: str


@fact("measures.study-closed")
@dataclass(frozen=True, slots=True, kw_only=True)
class StudyClosed:
    """Nobody answers any more. `institutions`: how many finished; `sha256`: of all their answers."""

    study: str
    institutions: int
    sha256: str


@fact("measures.study-published")
@dataclass(frozen=True, slots=True, kw_only=True)
class StudyPublished:
    """The report is out. `sha256`: of it; `anonymous`: institutions stand in it under labels."""

    study: str
    institutions: int
    anonymous: bool
    sha256: str


# --- how is counted ----------------------------------------------------------------------------------
@fact("measures.rule-decided", leaf="config")
@dataclass(frozen=True, slots=True, kw_only=True)
class RuleDecided:
    """Somebody decided how is counted. `kind`: purposes or savings; `text`: the whole of it, as TOML."""

    kind: str
    text: str
    sha256: str


@fact("measures.report-ordered")
@dataclass(frozen=True, slots=True, kw_only=True)
class ReportOrdered:
    """A report goes by mail from now on, `every` week or month, to so many `addresses`. `report`: its obj."""

    report: str
    every: str
    language: str
    addresses: int


@fact("measures.report-ended")
@dataclass(frozen=True, slots=True, kw_only=True)
class ReportEnded:
    """A report goes by mail no longer."""

    report: str
