"""You and your peers: where our institution stands in the latest published study in which it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bankside.measures import study_reports
from bankside.measures.models import Respondent, Study
from bankside.measures.study.answers import same
from bankside.measures.study.definition import Question, asked_as, words
from bankside.measures.study.standing import Standing, standing
from bankside.people import policy
from bankside.people.models import Staff
from bankside.said import Said

STRIPS_MAX: Final = 6
STUDIES_TRIED_MAX: Final = 5


@dataclass(frozen=True, slots=True)
class Strip:
    """One question. `peers`: the others by name (or label) with their values, `middle` their median."""

    question: str
    title: str
    sub: Said
    ours: float
    peers: tuple[tuple[str, float], ...]
    middle: float | None
    rank: int
    joint: bool
    of: int
    quick_right: bool = False

    @property
    def said(self) -> Said:
        """Our place in words; the largest value is first."""
        if self.joint:
            return Said("joint place %(rank)s of %(of)s", rank=self.rank, of=self.of)
        return Said("place %(rank)s of %(of)s", rank=self.rank, of=self.of)


@dataclass(frozen=True, slots=True)
class Peers:
    """The study that is shown, and our place in its questions that have one. `published_at`: UTC ms."""

    study: str
    title: str
    source: str
    institutions: int
    published_at: int
    us: str
    strips: tuple[Strip, ...]


def latest(staff: Staff, language: str) -> Peers | None:
    """Our place in the latest published study that we are in; None: there is none, or she may not see it."""
    if not policy.may(staff, "studies.read"):
        return None
    published = Study.objects.filter(state=Study.PUBLISHED).exclude(us="").order_by("-published_at", "-pk")
    for study in published[:STUDIES_TRIED_MAX]:
        if (found := of(study, language)) is not None:
            return found
    return None


def of(study: Study, language: str) -> Peers | None:
    """Our place in one study; None when we are not in it, or it asks nothing that has a place."""
    answers = study_reports.answers_of(study)
    places = standing(answers, study.us)[:STRIPS_MAX]
    if not places:
        return None
    names = _names(study)
    return Peers(
        study=study.obj, title=words(answers.definition.title, language), source=study.source,
        institutions=len({same(one.institution) for one in answers.responses}),
        published_at=study.published_at, us=study.us,
        strips=tuple(_strip(one, names, language) for one in places),
    )  # fmt: skip


def _strip(one: Standing, names: dict[str, str], language: str) -> Strip:
    return Strip(
        question=one.question.id, title=asked_as(one.question, language), sub=_measured(one.question),
        ours=float(one.value),
        peers=tuple((names.get(name, name), float(value)) for name, value in one.others),
        middle=None if one.middle is None else float(one.middle),
        rank=one.rank, joint=one.joint, of=one.of,
    )  # fmt: skip


def _measured(question: Question) -> Said:
    """What the values of a question are."""
    if question.kind == "multi":
        return Said("how many of %(count)s", count=len(question.options))
    if question.kind == "scale" and question.options:
        ends = question.options[0].id, question.options[-1].id
        return Said("from %(low)s to %(high)s", low=ends[0], high=ends[1])
    return Said("the number")


def _names(study: Study) -> dict[str, str]:
    """Under which name each institution is shown."""
    if not study.anonymous:
        return {}
    rows = Respondent.objects.filter(study=study).values_list("institution", "label")
    return dict(rows)
