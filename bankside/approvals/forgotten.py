"""How requests for consent forget: title and reason may name whoever the words are for, or quote them."""

from __future__ import annotations

from django.db import models

from bankside.approvals.models import Consent, Request
from bankside.record import clock, subjects
from bankside.record.forgetting import covered
from bankside.record.forgetting.covered import Scope


def forget(scope: Scope) -> None:
    """Empties titles and reasons of requests about a thing that is erased, or about what she spoke of; who
    decided what stays.

    Nobody agrees to erased words any more, and no consent to them counts. Nothing is appended: the `erase`
    leaf says it. What was asked for after the erasure is something new, and stays.
    """
    before = covered.erased_at(scope)
    if not scope.about:
        for objs in covered.slices(covered.objs_of(scope)):
            _empty(_until(before, Request.objects.filter(about__in=objs)))
    elif scope.subj == subjects.desk():
        asked = _until(before, Request.objects.filter(about=scope.about))
        agreed = Consent.objects.filter(about=scope.about, voided_at=0)
        asked.filter(state=Request.WAITING).update(state=Request.VOID)
        (agreed.filter(given_at__lte=before) if before >= 0 else agreed).update(voided_at=clock.now_ms())
        _empty(asked)


def _until(before: int, rows: models.QuerySet[Request]) -> models.QuerySet[Request]:
    return rows.filter(asked_at__lte=before) if before >= 0 else rows


def _empty(rows: models.QuerySet[Request]) -> None:
    rows.exclude(title="", reason="").update(title="", reason="")
