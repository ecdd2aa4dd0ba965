from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from bankside.inbox.models import Conversation, Event, Message
from bankside.inbox.projections import INBOX
from bankside.record.facts import channels as facts
from bankside.record.facts import inbox as said
from bankside.record.facts.approvals import SentBack
from bankside.record.ids import new_id
from bankside.record.models import Payload
from tests.inbox.story import T0, Story, at, follow, rebuilt, tables

pytestmark = pytest.mark.django_db

KO, ZH, NL, EN = (
    "앱에도 로그인이 안 돼요. 전화는 계속 통화 중이고요.",
    "在首尔刷外币卡，手续费怎么算？",
    "Ik kreeg een sms met een link om mijn rekening te ontgrendelen.",
    "Third time asking: why was I charged twice on Saturday?",
)


@pytest.mark.parametrize(
    ("text", "lang"), [(KO, "ko"), (ZH, "zh"), (NL, "nl"), (EN, "en")], ids=["ko", "zh", "nl", "en"]
)
def test_a_persons_words_open_a_conversation_with_a_clock(text: str, lang: str) -> None:
    story = Story()
    with at(0):
        entry = story.seen(text, published_ms=T0 - 30_000)
        row = story.row()
    assert (row.pk, row.state, row.name, row.lang) == (entry.n, "open", "박서연", lang)
    assert row.excerpt == text
    assert row.waiting_since == T0 - 30_000
    assert row.due_at == T0 - 30_000 + 3_600_000
    assert row.turn == row.due_at


def test_likes_follows_and_shares_open_nothing() -> None:
    for verb in ("Like", "Follow", "Announce"):
        Story(thread=verb).seen("", verb=verb)
    follow()
    *words, done = tables()
    assert words == [[], [], [], []] and len(done) == 3


def test_what_only_we_said_is_quiet_until_a_person_answers() -> None:
    story = Story(thread="post:7")
    story.seen("2026 연차보고서를 공개합니다.", "post:7", own=True, who="한울은행")
    assert (story.row().state, story.row().name) == ("quiet", "")
    story.seen(NL, "comment:1", who="Sanne de Vries", in_reply_to="post:7")
    row = story.row()
    assert (row.state, row.name, row.messages) == ("open", "Sanne de Vries", 2)
    assert row.waiting_since > 0
    assert Event.objects.count() == 0


def test_an_edit_replaces_the_words_and_keeps_one_row() -> None:
    story = Story()
    story.seen("年报第12页的不良率是0.58%")
    changed = story.edited("年报第12页的不良率是0.61%")
    (message,) = story.messages()
    assert message.text.endswith("0.61%")
    assert message.edited_at == changed.t
    assert message.entry == changed.id
    assert story.row().excerpt == message.text


def test_a_new_version_with_the_same_words_is_no_edit_and_opens_nothing() -> None:
    story = Story()
    story.seen(EN)
    story.tell(said.ConversationClosed(reason=""))
    story.edited(EN, held=True)
    assert story.messages()[0].edited_at == 0
    assert story.messages()[0].held
    assert story.row().state == "closed"


def test_an_edit_of_a_closed_conversation_opens_it_without_a_clock() -> None:
    story = Story()
    story.seen(EN)
    story.tell(said.ConversationClosed(reason=""))
    story.edited(EN + " And again today.")
    assert (story.row().state, story.row().due_at) == ("open", 0)


def test_words_taken_away_stay_marked_and_nobody_waits_for_an_answer() -> None:
    story = Story()
    story.seen(EN)
    assert story.row().due_at
    gone = story.removed()
    (message,) = story.messages()
    assert (message.text, message.removed_at) == (EN, gone.t)
    assert (story.row().waiting_since, story.row().due_at) == (0, 0)


def test_a_message_reopens_what_was_closed_and_says_so_in_the_thread() -> None:
    story = Story()
    story.seen(EN)
    story.tell(said.ConversationClosed(reason="answered by phone"))
    assert (story.row().state, story.row().due_at) == ("closed", 0)
    entry = story.seen("Still broken.", "comment:13")
    row = story.row()
    assert row.state == "open"
    assert row.waiting_since == entry.t
    assert [(e.what, e.detail) for e in Event.objects.order_by("id")] == [
        ("closed", "answered by phone"),
        ("reopened", "message"),
    ]


def test_assignment_closing_and_reopening_by_people() -> None:
    story = Story()
    story.seen(KO)
    story.tell(said.ConversationAssigned(to="7" * 32))
    assert story.row().assignee == "7" * 32
    story.tell(said.ConversationClosed(reason=""))
    last = story.tell(said.ConversationReopened(by="staff"))
    row = story.row()
    assert (row.state, row.assignee, row.version, row.due_at) == ("open", "7" * 32, last.n, 0)


def test_a_sent_answer_stops_the_clock_and_one_on_its_way_does_not() -> None:
    story, reply = Story(), new_id()
    story.seen(KO)
    story.wrote(reply, "서연 고객님, 확인하고 있습니다.")
    request = {"digest": "d" * 64, "consent": new_id(), "due_ms": T0, "words": facts.Words(text="")}
    story.delivery(facts.DeliveryRequested, reply, **request)
    story.delivery(facts.AttemptStarted, reply, number=1)
    assert story.row().due_at
    assert story.messages()[1].state == "sending"
    story.published(reply, "comment:40")
    row, answer = story.row(), story.messages()[1]
    assert (row.due_at, row.waiting_since, row.messages) == (0, 0, 2)
    assert (answer.state, answer.remote_id, answer.reply) == ("sent", "comment:40", reply)


def test_a_message_that_came_while_the_answer_was_leaving_still_waits() -> None:
    story, reply = Story(), new_id()
    story.seen(NL)
    story.wrote(reply, "Dank u wel, wij kijken ernaar.")
    second = story.seen("En nu werkt de app ook niet.", "comment:13")
    story.published(reply, "comment:40")
    assert story.row().waiting_since == second.t
    assert story.row().due_at == second.t + 3_600_000


@pytest.mark.parametrize("order", ["receipt first", "network first"])
def test_our_answer_seen_on_the_network_is_one_row_whichever_comes_first(order: str) -> None:
    story, reply = Story(), new_id()
    story.seen(ZH)
    story.wrote(reply, "陈先生，手续费是1%。")
    acts = [
        lambda: story.published(reply, "comment:40"),
        lambda: story.seen("陈先生，手续费是1%。", "comment:40", own=True, who="韩尔银行"),
    ]
    for act in acts if order == "receipt first" else reversed(acts):
        act()
        follow()
    answers = [m for m in story.messages() if m.way == Message.OUT]
    assert [(m.reply, m.state, m.outside) for m in answers] == [(reply, "sent", False)]


def test_words_typed_in_the_networks_own_app_are_shown_as_such_and_count_as_an_answer() -> None:
    story = Story()
    with at(0):
        story.seen(EN)
    with at(5):
        story.seen("Sorry, we look into it.", "comment:41", own=True, who="Hanul Bank")
        row = story.row()
    assert story.messages()[1].outside
    assert (row.waiting_since, row.due_at) == (0, 0)


def test_an_old_answer_of_ours_that_polling_brings_late_does_not_stop_a_newer_clock() -> None:
    story = Story()
    with at(10):
        story.seen(EN)
        story.seen("An old answer.", "comment:2", own=True, published_ms=T0)
        assert story.row().due_at


@pytest.mark.parametrize(
    ("fact", "fields", "state"),
    [
        (facts.DeliveryDelayed, {"reason": "busy", "due_ms": T0, "held": False}, "delayed"),
        (facts.DeliveryDelayed, {"reason": "paused", "due_ms": T0, "held": True}, "held"),
        (facts.DeliveryRefused, {"reason": "Comments are closed", "fallback": ""}, "refused"),
        (facts.DeliveryUncertain, {"reason": "no answer", "looking": True}, "looking"),
        (facts.DeliveryUncertain, {"reason": "no answer", "looking": False}, "uncertain"),
        (facts.DeliveryWithdrawn, {"reason": "taken back"}, "withdrawn"),
    ],
)
def test_what_becomes_of_an_answer(fact: type, fields: dict[str, object], state: str) -> None:
    story, reply = Story(), new_id()
    story.seen(EN)
    story.wrote(reply, "We look into it.")
    story.delivery(fact, reply, **fields)
    answer = story.messages()[1]
    assert (answer.state, answer.note) == (state, fields["reason"])
    story.delivery(facts.AttemptStarted, reply, number=2)
    later = story.messages()[1].state
    assert later == (state if state in {"looking", "uncertain", "withdrawn"} else "sending")


def test_an_answer_that_was_sent_back_shows_the_reason() -> None:
    story, reply = Story(), new_id()
    story.seen(EN)
    story.wrote(reply, "Your money is always safe.", needs_approval=True)
    assert story.messages()[1].state == "approval"
    back = SentBack(
        request=new_id(), kind="reply", thing=reply, version=reply, approver="8" * 32, reason="Not always."
    )
    story.tell(back)
    assert (story.messages()[1].state, story.messages()[1].note) == ("sent-back", "Not always.")


def test_deliveries_of_posts_are_no_business_of_the_inbox() -> None:
    story = Story()
    story.seen(EN)
    fact = facts.DeliveryWithdrawn(
        delivery=new_id(), channel=story.channel, purpose="post", about=new_id(), version=new_id(), reason=""
    )
    story.tell(fact)
    assert len(story.messages()) == 1


def test_a_rebuild_gives_the_same_rows() -> None:
    told_at_length()
    before = tables()
    assert [len(rows) for rows in before] == [2, 7, 3, 7, 0]
    Message.objects.all().update(text="broken")
    assert rebuilt() == before


def test_after_an_erasure_living_rows_equal_rebuilt_ones_and_hold_no_words() -> None:
    story = Story()
    entry = story.seen(KO)
    other = story.seen(NL, "comment:13", who="Sanne de Vries")
    follow()
    Payload.objects.filter(n=entry.n).delete()
    INBOX.apply(entry, None)
    row, message = Conversation.objects.get(obj=story.obj), Message.objects.get(pk=entry.n)
    assert (message.text, message.name, message.erased) == ("", "", True)
    assert (row.name, row.excerpt) == ("", NL)
    assert Message.objects.get(pk=other.n).text == NL
    living = tables()
    assert rebuilt() == living


def told_at_length() -> None:
    """A conversation in which everything happens once."""
    story, reply, second = Story(), new_id(), new_id()
    story.seen(KO)
    story.edited(KO + " 빨리요.")
    story.tell(said.NoteWritten(note=new_id(), text="Bel haar even."))
    story.tell(said.ConversationAssigned(to="7" * 32))
    story.wrote(reply, "확인하고 있습니다.")
    story.seen("확인하고 있습니다.", "comment:40", own=True, who="한울은행")
    follow()
    story.published(reply, "comment:40")
    story.wrote(second, "Nog iets.", needs_approval=True)
    story.tell(said.ReplyWithdrawn(reply=second, reason="taken back"))
    story.tell(said.ConversationClosed(reason=""))
    story.seen("감사합니다", "comment:14")
    story.removed("comment:14")
    other = Story(thread="dm:王立")
    other.seen(ZH, "dm:1", private=True, who="王立")
    other.seen(EN, "dm:2", private=True, own=True, who="Hanul Bank")
    follow()


def test_a_hidden_number_marks_its_conversation_until_it_is_gone_or_somebody_has_answered() -> None:
    story = Story()
    ours: dict[str, Any] = {"own": True, "who": "Hanul Bank"}
    steps: list[tuple[Callable[[], object], str]] = [
        (lambda: story.seen("카드 •••• 4242, CVV •••", "c:1", red=("CVV", "PAN")), "CVV PAN"),
        (lambda: story.seen("계좌 •••• 1234", "c:2", red=("IBAN",)), "CVV PAN"),  # often needed, to pay to
        (lambda: story.seen("주민번호 •••", "c:3", red=("RRN",)), "CVV PAN RRN"),
        (lambda: story.removed("c:1"), "RRN"),
        (lambda: story.edited("안 보이게 했어요", "c:3"), ""),
        (lambda: story.edited("•••", "c:3", red=("RRN",)), "RRN"),
        (lambda: story.seen("글을 삭제해 주세요.", "own:1", **ours), ""),
        (lambda: story.edited("다시 •••", "c:3", red=("RRN",)), "RRN"),  # nobody has asked since
        (lambda: story.seen("감사합니다", "c:4"), "RRN"),
        (lambda: story.wrote("e" * 32, "Verwijder uw bericht."), "RRN"),  # not sent yet
        (lambda: story.edited("또 다시 •••", "c:3", red=("RRN",)), "RRN"),
        (lambda: story.published("e" * 32, "own:3"), "RRN"),  # its author had not seen that
        (lambda: story.seen("다시 한번 삭제해 주세요.", "own:2", **ours), ""),
        (lambda: story.seen("또 •••• 4242", "c:5", red=("PAN",)), "PAN"),
        (lambda: story.tell(said.ConversationClosed(reason="asked by phone")), ""),
        (lambda: story.edited("또 •••", "c:5", red=("CVV",)), "CVV"),
        (lambda: story.tell(said.ConversationClosed(reason="asked again")), ""),
    ]
    for minute, (happens, mark) in enumerate(steps):
        with at(minute):
            happens()
        assert story.row().hidden == mark, f"step {minute}"
    assert tables() == rebuilt()


def test_erased_words_mark_nothing() -> None:
    story = Story()
    entry = story.seen("카드 •••• 4242", "c:1", red=("PAN",))
    assert story.row().hidden == "PAN"
    Payload.objects.filter(n=entry.n).delete()
    assert rebuilt() and story.row().hidden == ""


def test_the_migration_fills_what_the_projection_would() -> None:
    there = [Story(f"t:{n}") for n in range(3)]
    there[0].seen("•••• 4242", "a", red=("PAN",))
    there[0].seen("•••", "b", red=("CVV", "IBAN"))
    there[1].seen("•••• 4242", "c", red=("PAN",))
    there[1].seen("답", "own:1", own=True)
    there[2].seen("•••• 4242", "d", red=("PAN",))
    there[2].removed("d")
    follow()
    told = tables()
    Conversation.objects.update(hidden="")
    import_module("bankside.inbox.migrations.0005_hidden_numbers").fill(apps, connection.schema_editor())
    assert tables() == told and there[0].row().hidden == "CVV PAN"
