"""How studies and sectors are called on a page: by the study's own words in the reader's language."""

from __future__ import annotations

from django.utils.translation import get_language, to_locale

from bankside.measures import studies
from bankside.measures.models import Study
from bankside.measures.study.answers import same
from bankside.measures.study.definition import words
from bankside.measures.study.sections import SECTOR_WORDS
from bankside.web.spoken import spoken


def study_title(row: Study) -> str:
    """The title in the reader's language with its year; as the desk keeps it when its text has none."""
    definition = studies.definition_of(row)
    title = words(definition.title, to_locale(get_language() or "en").replace("_", "-"))
    return ", ".join(part for part in (title, definition.year) if part) or row.title


def sector_name(sector: str) -> str:
    """A sector of ours in the reader's language; another one as it was written; empty for none."""
    known = SECTOR_WORDS.get(same(sector)) if sector else None
    return spoken(known) if known else sector
