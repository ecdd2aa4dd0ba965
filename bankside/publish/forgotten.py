"""How a post is forgotten, when two people decided that its words should never have been there."""

from __future__ import annotations

import json
from collections.abc import Iterable

from django.db import models
from django.db.models.functions import Cast

from bankside.channels import media
from bankside.publish.models import Post, Version
from bankside.record import subjects
from bankside.record.forgetting import covered
from bankside.record.forgetting.covered import Scope

UNDECIDED = (Post.WAITING, Post.APPROVED)


def forget(scope: Scope) -> None:
    """Empties the draft and the versions of a post, with their pictures and films, unless another post has
    them too. Its story is derived, and forgets by itself. What was submitted after the erasure stays."""
    if scope.subj != subjects.desk() or not scope.about:
        return
    rows = Post.objects.filter(obj=scope.about)
    versions = Version.objects.filter(post__in=rows)
    if (before := covered.erased_at(scope)) >= 0:
        versions = versions.filter(submitted_at__lte=before)
    media.drop(_of_no_other(scope.about, [*versions, *rows]))
    versions.update(title="", words=[])
    rows.filter(state__in=UNDECIDED).update(state=Post.DRAFT)
    # Whoever has the old words open in a form does not put them back.
    full = rows.exclude(title="", base="", words={})
    full.update(title="", base="", words={}, edition=models.F("edition") + 1)


def _of_no_other(about: str, rows: Iterable[Post | Version]) -> set[str]:
    """The media of these words that the words of no other post name."""
    mine = {obj for row in rows for obj in _named(row.words)}
    others = (Version.objects.exclude(post__obj=about), Post.objects.exclude(obj=about))
    return {obj for obj in mine if not any(_with(some, obj).exists() for some in others)}


def _with(rows: models.QuerySet[Version] | models.QuerySet[Post], obj: str) -> models.QuerySet[Version]:
    said = rows.annotate(said=Cast("words", models.TextField()))
    return said.filter(said__contains=json.dumps(obj))  # type: ignore[return-value]


def _named(words: object) -> Iterable[str]:
    """Every `media` in words as they lie in a row, however deep."""
    match words:
        case {"media": str(obj)}:
            yield obj
        case dict():
            for value in words.values():
                yield from _named(value)
        case list():
            for value in words:
                yield from _named(value)
