from __future__ import annotations

import pytest

from bankside.channels.models import Channel
from bankside.inbox.reactions import TRIAGES
from bankside.record.models import Cursor, Entry
from tests.inbox.story import CHANNEL, Story, follow

pytestmark = pytest.mark.django_db


def triaged() -> int:
    return Entry.objects.filter(fact="inbox.message-triaged").count()


def test_every_message_of_a_person_is_sorted_once() -> None:
    Story().seen("在首尔刷外币卡")
    follow()
    Cursor.objects.filter(follower=TRIAGES.name).update(seq=-1)
    follow()
    assert triaged() == 1


def test_our_own_words_likes_and_edits_are_not_sorted() -> None:
    story = Story()
    story.seen("2호선 공사, 우회 안내", "post:7", own=True)
    story.seen("", "like:1", verb="Like")
    story.edited("2호선 공사", "post:7", own=True)
    follow()
    assert triaged() == 0


def test_people_who_talk_to_each_other_have_no_clock_until_they_name_us() -> None:
    Channel.objects.create(obj=CHANNEL, network="practice", name="Blog", handle="@HanulBank", hook="h")
    story = Story()
    story.seen("Why was I charged twice?", "c:1", who="Priya")
    due = story.row().due_at
    story.seen("Same here.", "c:2", who="Tom", in_reply_to="c:1")
    assert story.messages()[1].due_at == 0
    assert story.row().due_at == due
    story.seen("And again.", "c:3", who="Priya", in_reply_to="c:1")
    story.seen("@hanulbank kunt u helpen?", "c:4", who="Lotte", in_reply_to="c:1", mentions=("hanulbank",))
    assert all(message.due_at for message in story.messages()[2:])


def test_the_networks_own_word_on_the_language_counts_more_than_ours() -> None:
    story = Story()
    story.seen("OK", lang="nl")
    assert story.row().lang == "nl"


def test_an_article_of_a_feed_starts_no_clock() -> None:
    story = Story()
    story.seen("Rentebesluit van maart", "feed:1", who="De Toezichthouder", kind="Article", title="Nieuws")
    follow()
    assert triaged() == 1 and story.messages()[0].due_at == 0
    story.seen("언제 반영되나요?", "note:2", who="Minji")
    follow()
    assert story.messages()[1].due_at > 0


def test_whoever_wrote_a_number_waits_for_us_whomever_she_spoke_to() -> None:
    story = Story()
    story.seen("Why was I charged twice?", "c:1", who="Priya")
    story.seen("Mine is •••• 4242.", "c:2", who="Tom", in_reply_to="c:1", red=("PAN",))
    story.seen("To NL•• •••• 0300.", "c:3", who="Lotte", in_reply_to="c:1", red=("IBAN",))
    assert [bool(message.due_at) for message in story.messages()] == [True, True, False]
