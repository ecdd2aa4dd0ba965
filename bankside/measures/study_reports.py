"""What a study found, from the answers that are in: its figures, its files, and the report that is published.

Every figure is counted by `measures/study`. Where the publication is anonymous, institutions stand in it
under labels, and a sector so small that its institutions would be known again is left out of their rows.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from typing import Final

from django.db import transaction

from bankside.measures import study_answers
from bankside.measures.models import Study
from bankside.measures.sheets import as_csv, as_xlsx
from bankside.measures.studies import definition_of
from bankside.measures.study import as_csv as figures_csv
from bankside.measures.study import as_html, as_json, report, responses
from bankside.measures.study.answers import same
from bankside.measures.study.report import Report
from bankside.measures.study.sections import Reader
from bankside.measures.study.tongue import speaker
from bankside.measures.study_rows import locked
from bankside.people import policy
from bankside.people.models import Staff
from bankside.record import clock
from bankside.record.append import append
from bankside.record.facts.measures import StudyPublished
from bankside.said import Said

HEADINGS: Final = ("institution", "sector", "wave")
UNLIKE_MAX: Final = 200


class NothingYet(LookupError):
    """No institution has finished: there is nothing to count."""


@dataclass(frozen=True, slots=True)
class Alike:
    """How well rows hide whom they are of: the fewest that share a sector, and the sectors left out."""

    fewest: int
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unlike:
    """An institution that says one thing in a study and another in the one beside it, as cells."""

    institution: str
    question: str
    here: str
    there: str


# --- figures --------------------------------------------------------------------------------------------
def answers_of(study: Study, *, anonymous: bool = False) -> responses.Study:
    """The answers of those who finished, as the engine takes them. Raises NothingYet."""
    records = study_answers.records_of(study, anonymous=anonymous)
    if not records:
        raise NothingYet(Said("No institution has finished yet."))
    if anonymous:
        records = without_small_sectors(records, definition_of(study).suppress)
    return responses.from_records(definition_of(study), records, "responses.csv")


def report_of(study: Study) -> Report:
    """The figures of a study, with the change since the one before. Raises NothingYet."""
    before = study.earlier if study.earlier_id else None
    against = answers_of(before) if before and study_answers.records_of(before) else None
    return report.report(answers_of(study), against)


def beside(study: Study, other: Study) -> Report:
    """The figures of a study with the difference to another one that asks some of the same questions."""
    return report.report(answers_of(study), answers_of(other))


def alike(study: Study) -> Alike:
    """How many institutions share a sector at least, once those of small sectors stand without it."""
    least = definition_of(study).suppress
    sectors = Counter(one["sector"] for one in study_answers.records_of(study))
    small = tuple(sorted(name for name, count in sectors.items() if name and count < least))
    kept = [count for name, count in sectors.items() if name and name not in small]
    rest = sum(sectors[name] for name in ("", *small))
    return Alike(min([*kept, *([rest] if rest else [])], default=0), small)


def without_small_sectors(records: list[dict[str, str]], least: int) -> list[dict[str, str]]:
    """The rows with no sector where fewer than `least` share it."""
    sectors = Counter(one["sector"] for one in records)
    return [one if sectors[one["sector"]] >= least else {**one, "sector": ""} for one in records]


def unlike(study: Study, other: Study) -> tuple[Unlike, ...]:
    """Where an institution that is in both says different things in them, at most UNLIKE_MAX."""
    shared = [one.id for one in definition_of(study).questions if one.id in _ids(other)]
    there = {same(one["institution"]): one for one in study_answers.records_of(other)}
    found = [
        Unlike(one["institution"], question, one.get(question, ""), twin.get(question, ""))
        for one in study_answers.records_of(study)
        if (twin := there.get(same(one["institution"]))) is not None
        for question in shared
        if one.get(question, "") != twin.get(question, "")
    ]
    return tuple(found[:UNLIKE_MAX])


def _ids(study: Study) -> frozenset[str]:
    return frozenset(question.id for question in definition_of(study).questions)


# --- files ----------------------------------------------------------------------------------------------
def rows(study: Study, *, anonymous: bool = False) -> list[list[str]]:
    """responses.csv again: headings, then a row per institution that finished."""
    records = study_answers.records_of(study, anonymous=anonymous)
    if anonymous:
        records = without_small_sectors(records, definition_of(study).suppress)
    waves = any(one["wave"] for one in records)
    first = [name for name in HEADINGS if waves or name != "wave"]
    names = [*first, *(question.id for question in definition_of(study).questions)]
    return [names, *([one.get(name, "") for name in names] for one in records)]


def rows_csv(study: Study, *, anonymous: bool = False) -> bytes:
    """The same as CSV."""
    return as_csv(rows(study, anonymous=anonymous))


def rows_xlsx(study: Study, *, anonymous: bool = False) -> bytes:
    """The same as a workbook."""
    return as_xlsx(rows(study, anonymous=anonymous), study.title)


def as_data(study: Study) -> str:
    """The figures as JSON, the same as `bankside study report --json`; once published, those that were."""
    return study.report or _json(report_of(study))


def as_figures(study: Study, language: str) -> bytes:
    """The figures as CSV."""
    return b"\xef\xbb\xbf" + figures_csv.as_csv(report_of(study), language).encode()


def as_page(study: Study, language: str) -> str:
    """The whole report as one page of HTML that needs nothing else."""
    return as_html.as_html(report_of(study), Reader(language, speaker(language)))


# --- publishing -----------------------------------------------------------------------------------------
def publish(staff: Staff, obj: str) -> Study:
    """The report is out and stays as it is. Twice is once. Raises NotNow (not closed), NothingYet."""
    policy.require(staff, "studies.manage")
    with transaction.atomic():
        study = locked(obj)
        if study.state == Study.PUBLISHED:
            return study
        study = locked(obj, Study.CLOSED)
        found = report_of(study)
        study.report, study.state = _json(found), Study.PUBLISHED
        study.published_at = clock.now_ms()
        study.save(update_fields=["report", "state", "published_at"])
        fact = StudyPublished(
            study=obj, institutions=found.institutions, anonymous=study.anonymous,
            sha256=hashlib.sha256(study.report.encode()).hexdigest(),
        )  # fmt: skip
        append(fact, f"measures.study-published:{obj}", actor=staff.actor, obj=obj)
    return study


def _json(found: Report) -> str:
    return json.dumps(as_json.as_json(found), ensure_ascii=False, indent=1)
