"""A busy desk for a bench: conversations in four languages, as many as are asked for.

The first hundred are told entry by entry and made into rows by the real projection. The others are copies of
those rows, made by the database with ids, objs, times and the network's ids of their own: what is measured is
reading, so the rows must be as the projection writes them, and a record behind them would add nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

MODELS = 100
MESSAGES_EACH = 4
SPACING = 1_000_000
MINUTE = 60_000
WORDS = (
    ("박서연", "ko", "어제 보낸 송금이 아직 들어오지 않았어요. 확인해 주세요."),
    ("王立", "zh", "我的卡在国外不能用了，应该怎么办？"),
    ("Sanne de Vries", "nl", "Hoe kan ik mijn limiet voor vakantie verhogen?"),
    ("Amelia Ward", "en", "The app signs me out every time I open the savings page."),
)

# Every column of a row that must differ from its model, as SQL over the copy's number k.
_CONVERSATION = {
    "id": "id + k * {spacing}",
    "obj": "{hex}",
    "thread": "thread || '.' || k",
    "due_at": "case when due_at > 0 then due_at + k * 1000 else 0 end",
    "first_at": "first_at - k * 1000",
    "last_at": "last_at - k * 1000",
    "turn": "case when due_at > 0 then due_at + k * 1000 else turn + k * 1000 end",
}
_MESSAGE = {
    "id": "id + k * {spacing}",
    "conversation": "conversation + k * {spacing}",
    "entry": "{hex}",
    "remote_id": "remote_id || '.' || k",
    "at": "at - k * 1000",
}


@dataclass(frozen=True)
class Crowd:
    """Who reads, and how much there is to read."""

    staff: Any
    conversations: int
    messages: int


def crowd(messages: int) -> Crowd:
    """A desk with so many messages, a fourth as many conversations, and a responder who sees them all."""
    staff = _responder()
    _tell(staff)
    copies = max(1, messages // (MODELS * MESSAGES_EACH)) - 1
    from bankside.inbox.models import Conversation, Message

    _copy(Conversation._meta, _CONVERSATION, copies)
    _copy(Message._meta, _MESSAGE, copies)
    return Crowd(staff, Conversation.objects.count(), Message.objects.count())


def _responder() -> Any:
    from bankside.people import policy, staff

    return staff.add("da-eun@hanul.example", "이다은", role=policy.RESPONDER, password="only for a bench")


def _tell(staff: Any) -> None:
    """The models: a fifth is answered, a fifth is the reader's, a tenth is closed."""
    from bankside.channels.models import Channel
    from bankside.inbox import conversation
    from bankside.inbox.models import Conversation
    from bankside.record import projection

    channel = Channel.objects.create(name="Hanul Bank", network="practice")
    _append(channel)
    while projection.run_once():
        pass
    for row in Conversation.objects.order_by("id"):
        if row.pk % 5 == 1:
            conversation.assign(staff, row, staff.uid)
        if row.pk % 10 == 2:
            conversation.close(staff, row)


def _append(channel: Any) -> None:
    from django.db import transaction

    from bankside.record import subjects
    from bankside.record.append import Draft, append_many
    from bankside.record.clock import now_ms
    from bankside.record.ids import new_id

    objs, now, drafts = [new_id() for _ in range(MODELS)], now_ms(), []
    for turn in range(MESSAGES_EACH):
        for number, obj in enumerate(objs):
            at = now - (MODELS - number) * MINUTE + turn * 1000
            own = turn == MESSAGES_EACH - 1 and number % 5 == 0
            fact, account = _fact(channel, number, turn, at, own)
            drafts.append(
                Draft(
                    fact=fact, key=f"crowd:{number}:{turn}", actor="s:intake", obj=obj, src_t=at,
                    subj=None if own else subjects.subject_of("practice", account),
                )
            )  # fmt: skip
    with transaction.atomic():
        append_many(drafts)


def _fact(channel: Any, number: int, turn: int, at: int, own: bool) -> tuple[object, str]:
    from bankside.record.facts.channels import ActivityReceived, ActorSeen, Seen

    name, lang, text = WORDS[number % len(WORDS)]
    actor = ActorSeen(remote_id=f"account:{number}", handle=f"@guest{number}", name=f"{name} {number}")
    seen = Seen(
        remote_id=f"comment:{number}.{turn}", version="1", verb="Create", kind="Note", actor=actor, text=text,
        lang=lang, thread=f"comment:{number}.0", own=own, published_ms=at,
    )  # fmt: skip
    return ActivityReceived(channel=channel.obj, network="practice", seen=seen, via="poll"), actor.remote_id


def _copy(meta: Any, changed: dict[str, str], copies: int) -> None:
    """Copies every row so many times within the database, in one statement."""
    from django.db import connection, transaction

    postgresql = connection.vendor == "postgresql"
    number = f"id + k * {SPACING}"
    hexed = f"lpad(to_hex({number}), 32, '0')" if postgresql else f"printf('%032x', {number})"
    columns = [field.column for field in meta.concrete_fields]
    values = [changed.get(column, f'"{column}"').format(spacing=SPACING, hex=hexed) for column in columns]
    named = ", ".join(f'"{column}"' for column in columns)
    # Every name comes from our own models, never from a person.
    sql = f"""with recursive copy(k) as (select 1 union all select k + 1 from copy where k < %s)
        insert into "{meta.db_table}" ({named}) select {", ".join(values)}
        from "{meta.db_table}" cross join copy where k <= %s"""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, [copies, copies])
