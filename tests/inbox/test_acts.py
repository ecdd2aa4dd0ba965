"""Likes, shares and followers: counted, each once, and forgotten with the rest."""

from __future__ import annotations

from typing import Any

import pytest

from bankside.inbox import acts
from bankside.inbox.acts import NONE, Acts
from bankside.inbox.models import Act
from bankside.inbox.projections import INBOX
from bankside.record.append import Entry
from bankside.record.models import Payload
from tests.inbox.story import CHANNEL, Story, follow, rebuilt, tables

pytestmark = pytest.mark.django_db
OURS = "at://hanulbank/post/1"


def done(verb: str, remote_id: str, about: str = OURS, **more: Any) -> Entry:
    return Story(thread=about or remote_id).seen("", remote_id, verb=verb, in_reply_to=about, **more)


def test_they_are_counted_by_what_they_are_about() -> None:
    for who in ("김민지", "李伟", "Sanne de Vries"):
        done("Like", f"like:{who}", who=who)
    done("Announce", "share:1")
    done("Like", "like:other", "at://hanulbank/post/2")
    done("Follow", "follow:1", "")
    done("Like", "like:own", own=True)
    follow()
    assert acts.about(CHANNEL, [OURS, "at://hanulbank/post/9"]) == {OURS: Acts(likes=3, shares=1)}
    assert acts.of_channel(CHANNEL) == Acts(likes=4, shares=1, follows=1)
    assert acts.of_channel("d" * 32) == NONE


def test_a_rebuild_counts_the_same() -> None:
    done("Like", "like:1")
    done("Follow", "follow:1", "")
    follow()
    living = tables()
    assert Act.objects.count() == 2 and rebuilt() == living


def test_what_was_erased_is_not_counted_any_more() -> None:
    entry = done("Like", "like:1")
    done("Like", "like:2")
    follow()
    Payload.objects.filter(n=entry.n).delete()
    INBOX.apply(entry, None)
    assert acts.of_channel(CHANNEL) == Acts(likes=1)
    living = tables()
    assert rebuilt() == living
