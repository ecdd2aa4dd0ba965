"""You and your peers: our institution beside the others of a study, their middle and their quarters.

The latest published observation that we are in is shown, because what everybody can see was counted alike
for all; without one, the latest questionnaire. Of fewer peers than the study lets a cell have (`suppress`)
nothing is shown; quarters are, where each half of the peers has as many.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from bankside.measures import study_reports
from bankside.measures.models import Study
from bankside.measures.study.answers import same
from bankside.measures.study.definition import Question, asked_as, words
from bankside.measures.study.spread import quantile
from bankside.measures.study.standing import Standing, standing
from bankside.people import policy
from bankside.people.models import Staff
from bankside.said import Said

STRIPS_MAX: Final = 7
STUDIES_TRIED_MAX: Final = 5
# What is asked of pages and posts: the telling ones first; what only says how much was looked at is no place.
FIRST: Final = ("networks", "posts_per_week", "answer_rate", "answer_minutes", "purposes", "languages")
NO_PLACE: Final = frozenset({"faint", "read_on", "answers_looked_at"})
QUICK: Final = ("answer_minutes", "minutes_")
"""Beginnings of questions where less is better."""


@dataclass(frozen=True, slots=True)
class Strip:
    """One question: our value, those of `peers`, their `middle`, and `half`: their lower and upper quarter.

    `half` is None where it would say too much of too few. `quick_right`: less is better, so it ranks first.
    """

    question: str
    title: str
    sub: Said
    ours: float
    peers: tuple[float, ...]
    middle: float
    half: tuple[float, float] | None
    rank: int
    joint: bool
    of: int
    quick_right: bool = False

    @property
    def said(self) -> Said:
        """Our place in words; the best value is first."""
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
    for source in (Study.OBSERVATION, Study.QUESTIONNAIRE):
        for study in published.filter(source=source)[:STUDIES_TRIED_MAX]:
            if (found := of(study, language)) is not None:
                return found
    return None


def of(study: Study, language: str) -> Peers | None:
    """Our place in one study; None when we are not in it, or nothing of it may be shown."""
    answers = study_reports.answers_of(study)
    least = answers.definition.suppress
    places = _chosen(standing(answers, study.us), least)
    if not places:
        return None
    return Peers(
        study=study.obj, title=words(answers.definition.title, language), source=study.source,
        institutions=len({same(one.institution) for one in answers.responses}),
        published_at=study.published_at, us=study.us,
        strips=tuple(_strip(one, least, language) for one in places),
    )  # fmt: skip


def _chosen(places: Iterable[Standing], least: int) -> list[Standing]:
    """Those with enough peers, the telling ones first, else in the order of the study."""
    there = [one for one in places if len(one.others) >= max(least, 1) and one.question.id not in NO_PLACE]
    ranks = {name: place for place, name in enumerate(FIRST)}
    return sorted(there, key=lambda one: ranks.get(one.question.id, len(ranks)))[:STRIPS_MAX]


def _strip(one: Standing, least: int, language: str) -> Strip:
    order = sorted(value for _, value in one.others)
    quick = one.question.id.startswith(QUICK)
    better = sum(value < one.value if quick else value > one.value for value in order)
    return Strip(
        question=one.question.id, title=asked_as(one.question, language), sub=_measured(one.question),
        ours=float(one.value), peers=tuple(map(float, order)),
        middle=float(quantile(order, Fraction(1, 2))),
        half=_half(order) if len(order) // 2 >= least else None,
        rank=1 + better, joint=one.joint, of=one.of, quick_right=quick,
    )  # fmt: skip


def _half(order: list[Fraction]) -> tuple[float, float]:
    """The lower and the upper quarter, quantiles of type 7."""
    return float(quantile(order, Fraction(1, 4))), float(quantile(order, Fraction(3, 4)))


def _measured(question: Question) -> Said:
    """What the values of a question are."""
    if question.kind == "multi":
        return Said("how many of %(count)s", count=len(question.options))
    if question.kind == "scale" and question.options:
        ends = question.options[0].id, question.options[-1].id
        return Said("from %(low)s to %(high)s", low=ends[0], high=ends[1])
    return Said("the number")
