"""What is written to an institution, in its language."""

from __future__ import annotations

from typing import Final

from django.utils import translation
from django.utils.translation import gettext

from bankside.measures.models import Respondent
from bankside.measures.studies import definition_of
from bankside.measures.study.definition import words

# How the study's own texts name a language that Django names otherwise.
TONGUES: Final = {"zh-hans": "zh-Hans"}


def of(row: Respondent, link: str, *, reminder: int) -> tuple[str, str]:
    """Subject and text of the invitation (`reminder` 0) or of a reminder; plain text, one link."""
    with translation.override(row.language):
        title = words(definition_of(row.study).title, TONGUES.get(row.language, row.language))
        subject = (
            gettext("Reminder: %(title)s")
            if reminder
            else gettext("Questions to your institution: %(title)s")
        )
        again = gettext("We wrote to you before and have not had all of your answers yet.")
        parts = [
            gettext("To %(institution)s,") % {"institution": row.institution},
            *([again] if reminder else []),
            gettext("we ask institutions about this: %(title)s.") % {"title": title},
            gettext("Your questions are at this address, and nobody else's:"),
            link,
            gettext("You can stop at any time and go on later by the same link. It is not to be passed on."),
            _closing(row),
        ]
    return subject % {"title": title}, "\n\n".join(parts) + "\n"


def _closing(row: Respondent) -> str:
    if row.study.anonymous:
        return gettext("Names of institutions are not published.")
    return gettext("The report may name institutions.")
