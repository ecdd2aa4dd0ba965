"""What is counted follows from the record, computed again it is the same, and what is erased is forgotten."""

from __future__ import annotations

import pytest
from django.db import connection, transaction

from bankside.measures.models import Count, Incoming, Outgoing, Rule, Step, Talk
from bankside.measures.projections import COUNTS
from bankside.record import clock, projection
from bankside.record.append import Entry, append, entries_where
from bankside.record.facts.channels import ActivityReceived, ActorSeen, CountsRead, PostPublished, Seen, Words
from bankside.record.facts.inbox import ConversationClosed, ConversationReopened, MessageTriaged, ReplyWritten
from bankside.record.ids import new_id
from bankside.record.models import Payload, Quarantined
from bankside.record.rebuild import rebuild
from tests.measures import generated
from tests.measures.test_figures import follow
from tests.record.rebuilt import rows_of, tables_of

pytestmark = pytest.mark.django_db
OBJ, CHANNEL = "a" * 32, "c" * 32
T = clock.from_iso("2026-11-02T09:00:00Z")
MINUTE = 60_000


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "_frozen_ms", T)


def tell(fact: object, at: int = T, *, obj: str = OBJ, actor: str = "s:test") -> Entry:
    """Appends one fact at a moment, and lets the projection follow."""
    clock._frozen_ms = at
    with transaction.atomic():
        entry = append(fact, new_id(), actor=actor, obj=obj)
    follow()
    return entry


def said(
    remote: str, at: int, *, own: bool = False, private: bool = False, verb: str = "Create", about: str = ""
) -> ActivityReceived:
    seen = Seen(
        remote_id=remote, version="1", verb=verb, kind="Note", actor=ActorSeen(remote_id="p"), text="?",
        own=own, private=private, published_ms=at, in_reply_to=about,
    )  # fmt: skip
    return ActivityReceived(channel=CHANNEL, network="practice", seen=seen, via="poll")


def published(remote: str, at: int, *, reply: str = "r", private: bool = False) -> PostPublished:
    return PostPublished(
        delivery="d", channel=CHANNEL, purpose="reply", about=OBJ, version=reply, remote_id=remote, url="",
        found="sent", published_ms=at, words=Words(text="!", private=private),
    )  # fmt: skip


def triaged(due_ms: int) -> MessageTriaged:
    return MessageTriaged(entry="", model="m", lang="nl", classes=(), due_ms=due_ms)


def written(reply: str = "r") -> ReplyWritten:
    return ReplyWritten(reply=reply, channel=CHANNEL, digest="", needs_approval=False, words=Words(text="!"))


def test_all_tables_are_rebuilt_row_for_row() -> None:
    generated.desk(600)
    follow()
    before = {table: rows_of(table) for table in tables_of(COUNTS)}
    assert all(before[table] for table in before if table != "measures_rule")
    rebuild(COUNTS.name)
    assert {table: rows_of(table) for table in tables_of(COUNTS)} == before
    assert not Quarantined.objects.filter(follower=COUNTS.name).exists()


def test_a_conversation_from_its_first_words_to_its_end() -> None:
    opened = tell(said("1", T))
    asked = tell(triaged(T + 15 * MINUTE))
    tell(written(), T + MINUTE, actor="u:" + "b" * 32)
    answered = tell(published("2", T + 2 * MINUTE), T + 3 * MINUTE)
    closed = tell(ConversationClosed(reason=""), T + 9 * MINUTE)
    [talk] = Talk.objects.all()
    assert (talk.pk, talk.asked_n, talk.answered_n, talk.closed_n) == (
        opened.n,
        asked.n,
        answered.n,
        closed.n,
    )
    assert (talk.opened_at, talk.answered_at, talk.closed_at) == (T, T + 2 * MINUTE, T + 9 * MINUTE)
    assert (talk.answer_by, talk.lang, talk.turn, talk.version) == (Talk.PERSON, "nl", 0, closed.n)


def test_words_after_the_end_are_a_new_row_and_a_colleague_goes_on_with_the_old_one() -> None:
    tell(said("1", T))
    tell(ConversationClosed(reason=""), T + MINUTE)
    tell(ConversationReopened(by="u"), T + 2 * MINUTE)
    assert Talk.objects.get().closed_n == 0
    tell(ConversationClosed(reason=""), T + 3 * MINUTE)
    again = tell(said("2", T + 4 * MINUTE), T + 4 * MINUTE)
    assert list(Talk.objects.order_by("id").values_list("turn", "closed_at")) == [(0, T + 3 * MINUTE), (1, 0)]
    assert Talk.objects.get(turn=1).pk == again.n


def test_an_answer_that_is_seen_before_it_is_known_to_be_out_is_ours() -> None:
    tell(said("1", T))
    tell(written(), T)
    tell(said("2", T + MINUTE, own=True), T + MINUTE)
    assert Talk.objects.get().answer_by == Talk.OUTSIDE
    out = tell(published("2", T + MINUTE, private=True), T + 2 * MINUTE)
    talk = Talk.objects.get()
    assert (talk.answer_by, talk.answered_n, talk.moved_n) == (Talk.MACHINE, out.n, out.n)


def test_an_answer_from_before_the_words_is_none() -> None:
    tell(said("1", T + MINUTE), T + MINUTE)
    tell(said("0", T, own=True), T + 2 * MINUTE)
    assert Talk.objects.get().answered_n == 0


def test_the_newest_counts_stand_and_what_is_not_counted_is_unknown() -> None:
    first = tell(CountsRead(channel=CHANNEL, remote_id="9", names=("views", "likes"), values=(10, 2)))
    last = tell(CountsRead(channel=CHANNEL, remote_id="9", names=("views", "reposts"), values=(30, 4)))
    row = Count.objects.get()
    assert (row.pk, row.read_n) == (first.n, last.n)
    assert (row.reach, row.likes, row.shares, row.comments) == (30, None, 4, None)


def test_how_many_follow_the_account_is_no_row() -> None:
    tell(CountsRead(channel=CHANNEL, remote_id="us", names=("followers",), values=(120,)))
    assert not Count.objects.exists()


def test_what_others_do_is_a_row_each_and_what_we_do_is_not() -> None:
    tell(said("1", T, verb="Like", about="9"))
    tell(said("2", T, verb="Follow"))
    tell(said("3", T, verb="Delete"))
    tell(said("4", T, own=True, verb="Like", about="9"))
    assert sorted(Incoming.objects.values_list("verb", "about")) == [("Follow", ""), ("Like", "9")]
    assert not Talk.objects.exists() and not Outgoing.objects.exists()


def erase(*entries: Entry) -> None:
    Payload.objects.filter(n__in=[entry.n for entry in entries]).delete()
    with transaction.atomic():
        projection.deliver(COUNTS, list(entries))


@pytest.mark.parametrize("erased", [(0,), (0, 1), (2,), (0, 1, 2, 3), (5,)])
def test_after_an_erasure_living_rows_are_those_of_a_rebuild(erased: tuple[int, ...]) -> None:
    entries = [
        tell(said("1", T)), tell(triaged(T + MINUTE)), tell(said("2", T + MINUTE), T + MINUTE),
        tell(triaged(T + 9 * MINUTE), T + MINUTE), tell(written(), T + MINUTE),
        tell(published("3", T + 2 * MINUTE), T + 2 * MINUTE),
        tell(ConversationClosed(reason=""), T + 3 * MINUTE), tell(said("4", T + 4 * MINUTE), T + 4 * MINUTE),
    ]  # fmt: skip
    erase(*(entries[place] for place in erased))
    after = {table: rows_of(table) for table in tables_of(COUNTS)}
    rebuild(COUNTS.name)
    assert {table: rows_of(table) for table in tables_of(COUNTS)} == after
    assert not Incoming.objects.filter(pk__in=[entries[place].n for place in erased]).exists()


def test_no_table_holds_words_or_names() -> None:
    generated.desk(300)
    follow()
    kept = str([rows_of(table) for table in tables_of(COUNTS)])
    assert "카드" not in kept and "person:" not in kept
    columns = {field.column for table in COUNTS.tables for field in table._meta.concrete_fields}
    assert not columns & {"subj", "name", "handle", "title"}
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from measures_talk")
        assert cursor.fetchone()[0] == Talk.objects.count() > 10
    assert Step.objects.exists() and not Rule.objects.exists()
    assert entries_where("n > %s order by n limit 1", [0])
