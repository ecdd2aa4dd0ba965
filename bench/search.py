"""Search: what keeping the index costs beside cutting the words alone, how long a search takes beside the
bare statement that finds the same messages, and whether every word of two letters is found."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Any

from bench.crowd import MESSAGES_EACH, MODELS, WORDS, crowd
from bench.desk import empty_desk

BATCH = 500
QUERIES = 300
ROUNDS = 3
PAIRS_MAX = 60
# Beside what people say in the crowd: words that are rare, so that queries meet both kinds.
RARE = (
    "체크카드",
    "해외결제",
    "분실신고",
    "전세대출",
    "信用卡",
    "不良率",
    "手续费",
    "账户",
    "hypotheek",
    "pinpas",
    "refund",
    "café",
)
BARE = """select f.rowid from inbox_found f where f.inbox_found match %s order by f.rowid desc limit 50"""


def measure(size: int) -> dict[str, float]:
    """A desk of `size` messages. `search-indexing`: the time of the tokeniser alone in parts of that of
    keeping the index; `search-p50`, `search-p99`: milliseconds of a search; `search-bare`: its median in
    multiples of the bare statement's; `search-found`: the share of two-letter words that are found.
    """
    with empty_desk():
        desk = crowd(MODELS * MESSAGES_EACH)
        cutting, keeping = _told(size)
        words = _words()
        ours = [_seconds(_search, desk.staff, word) for _ in range(ROUNDS) for word in words]
        bare = [_seconds(_bare, word) for _ in range(ROUNDS) for word in words]
        return {
            "search-indexing": cutting / keeping,
            "search-p50": 1000 * statistics.median(ours),
            "search-p99": 1000 * statistics.quantiles(ours, n=100)[98],
            "search-bare": statistics.median(ours) / statistics.median(bare),
            "search-found": _found(desk.staff),
        }


def _told(size: int) -> tuple[float, float]:
    """Says so many messages; seconds of cutting them once more, and of keeping their words in the index."""
    from bankside.inbox.models import Message

    models = list(Message.objects.order_by("id")[:BATCH])
    chance, cutting, keeping, number = random.Random(7), 0.0, 0.0, 10_000_000
    for _ in range(0, size, BATCH):
        made = [_copy(models[n % len(models)], number + n, chance) for n in range(BATCH)]
        number += BATCH
        Message.objects.bulk_create(made)
        cutting += _seconds(_cut, made)
        keeping += _seconds(_keep, made)
    return cutting, keeping


def _cut(messages: list[Any]) -> None:
    from bankside.record import index

    for message in messages:
        index.tokens(message.text, message.title, message.name, message.handle)


def _keep(messages: list[Any]) -> None:
    """As the projection of the inbox keeps the messages of a batch, and durably."""
    from django.db import transaction

    from bankside.inbox import wording

    with transaction.atomic(), wording.together():
        for message in messages:
            wording.keep(message)


def _copy(model: Any, number: int, chance: random.Random) -> Any:
    from copy import copy

    made = copy(model)
    made.pk, made.entry, made.remote_id = number, f"{number:032x}", f"comment:{number}"
    made.text = f"{model.text} {chance.choice(RARE) if chance.random() < 0.02 else ''} {number % 9973}"
    return made


def _words() -> list[str]:
    """Queries as people type them: words of what was said, frequent and rare, and numbers that are seldom."""
    chance = random.Random(11)
    said = [word.strip(".,?！？。，") for _, _, text in WORDS for word in text.split()]
    known = [*said, *RARE, "카드", "수수", "手续", "drie"]
    return [
        chance.choice(known) if chance.random() < 0.8 else str(chance.randrange(9973)) for _ in range(QUERIES)
    ]


def _search(staff: Any, word: str) -> Any:
    from bankside.inbox import search

    return search.search(staff, word)


def _bare(word: str) -> Any:
    from django.db import connection

    from bankside.inbox.tokens import as_match
    from bankside.record import index

    with connection.cursor() as cursor:
        cursor.execute(BARE, [as_match(index.phrases(word))])
        return cursor.fetchall()


def _found(staff: Any) -> float:
    """Of the pairs of letters in what was said, the share whose newest message is found first."""
    from bankside.inbox.models import Message

    pairs = sorted(set(_pairs([*(text for _, lang, text in WORDS if lang in ("ko", "zh")), *RARE[:8]])))
    chance, right = random.Random(13), 0
    asked = chance.sample(pairs, min(PAIRS_MAX, len(pairs)))
    for pair in asked:
        newest = Message.objects.filter(text__contains=pair).order_by("-id").values_list("id", flat=True)[:1]
        found = _search(staff, pair).found
        right += [hit.id for one in found[:1] for hit in one.hits[:1]] == list(newest)
    return right / len(asked)


def _pairs(texts: Iterable[str]) -> Iterable[str]:
    for text in texts:
        for pair in map("".join, pairwise(text)):
            if pair.isalpha() and not pair.isascii():
                yield pair


def _seconds(work: Callable[..., Any], *given: Any) -> float:
    started = time.perf_counter()
    work(*given)
    return time.perf_counter() - started
