"""How the inbox forgets: answers in rows of their own, the pictures that went with them, and its index."""

from __future__ import annotations

from bankside.channels import media
from bankside.inbox.models import Reply
from bankside.record import subjects
from bankside.record.forgetting import covered
from bankside.record.forgetting.covered import Scope


def forget(scope: Scope) -> None:
    """Empties the desk's answers in a conversation that is erased. Conversations themselves are derived.

    An answer that was written after the erasure is something new, and stays.
    """
    if scope.subj != subjects.desk() or not scope.about:
        return
    rows = Reply.objects.filter(conversation=scope.about)
    if (before := covered.erased_at(scope)) >= 0:
        rows = rows.filter(written_at__lte=before)
    for row in rows.exclude(words={}):
        media.drop(str(one["media"]) for one in row.words.get("media", ()))  # each was added for it
    rows.filter(state=Reply.APPROVAL).update(state=Reply.WITHDRAWN)
    rows.exclude(words={}).update(words={})
