"""The page that is open all day: statements, CPU against the least that a page can cost, and its depth.

Pages and API are served as the desk serves them, signed in; see `bare.py` for what they are compared with,
and `crowd.py` for the desk. Rounds alternate and the median ratio counts, because machines are shared.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from bench.crowd import Crowd, crowd
from bench.desk import empty_desk
from bench.served import Served, served

ROUNDS = 5
REQUESTS = 60
WALK_MAX = 20_000
SAMPLE_EVERY = 997
PAGE = "/conversations/"
API = "/api/v1/conversations"


def measure(size: int) -> dict[str, float]:
    """A desk of `size` messages. `inbox-statements` of a page, `inbox-html` and `inbox-json` in multiples of
    the bare server's CPU, `inbox-deep` the last page against the first, `inbox-reach` the share of messages
    that paging shows, `inbox-counts` milliseconds of the counts.
    """
    with empty_desk() as folder:
        desk = crowd(size)
        cookie = _signed_in(desk.staff)
        return {
            "inbox-statements": _statements(cookie),
            "inbox-deep": _deep(desk),
            "inbox-reach": _reach(desk),
            "inbox-counts": 1000 * _seconds(lambda: _reading().counts(desk.staff)),
            **_against_bare(folder, cookie),
        }


def _reading() -> Any:
    from bankside.inbox import reading

    return reading


def _signed_in(staff: Any) -> str:
    from django.test import Client

    client = Client()
    client.force_login(staff, backend="bankside.people.sign_in.StaffBackend")
    return "; ".join(f"{name}={value.value}" for name, value in client.cookies.items())


def _statements(cookie: str) -> int:
    """Of one page through Django's own handler, warmed up."""
    from django.test import Client

    client = Client(headers={"cookie": cookie})
    client.get(PAGE)
    with _counted() as said:
        assert client.get(PAGE).status_code == 200
    return len(said)


@contextmanager
def _counted() -> Iterator[list[str]]:
    from django.db import connection

    said: list[str] = []

    def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        said.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        yield said


def _against_bare(folder: Path, cookie: str) -> dict[str, float]:
    """CPU of page and API in multiples of the bare server's."""
    sql = _reading()._LIST.format(where="c.state = 'open'").replace("%s", "?")
    from django.conf import settings

    ours = {"BANKSIDE_SECRET_KEY": settings.SECRET_KEY}
    env = {"BENCH_DATABASE": str(folder / "bankside.db"), "BENCH_SQL": sql}
    with ExitStack() as servers:
        desk = servers.enter_context(served("bankside.web.wsgi:application", "wsgi", ours))
        bare = servers.enter_context(served("bench.bare:application", "asginl", env))
        rounds = [_round(desk, bare, cookie) for _ in range(ROUNDS + 1)][1:]
    html, json, least = (statistics.median(column) for column in zip(*rounds, strict=True))
    print(f"server CPU: page {1000 * html:.2f} ms, API {1000 * json:.2f} ms, bare {1000 * least:.2f} ms")
    return {
        "inbox-html": statistics.median(one[0] / one[2] for one in rounds),
        "inbox-json": statistics.median(one[1] / one[2] for one in rounds),
    }


def _round(desk: Served, bare: Served, cookie: str) -> tuple[float, float, float]:
    headers = {"Cookie": cookie}
    html, json = desk.ask(PAGE, REQUESTS, headers), desk.ask(API, REQUESTS, headers)
    return html, json, bare.ask("/", 10 * REQUESTS, {})


def _deep(desk: Crowd) -> float:
    """The time of the last page of the list in multiples of the first one's."""
    reading = _reading()
    last = _row_before_the_end()
    first_page = _seconds(lambda: reading.page(desk.staff))
    return _seconds(lambda: reading.page(desk.staff, before=last)) / first_page


def _row_before_the_end() -> str:
    from bankside.inbox.models import Conversation

    rows = Conversation.objects.filter(state=Conversation.OPEN).order_by("-turn", "-id")
    turn, number = rows.values_list("turn", "id")[60]
    return f"{turn}.{number}"


def _seconds(act: Callable[[], Any]) -> float:
    def once() -> float:
        started = time.perf_counter()
        act()
        return time.perf_counter() - started

    return min(once() for _ in range(20))


def _reach(desk: Crowd) -> float:
    """The share of messages that are reached by paging through lists and threads.

    Every list is walked to its end. Of a large desk a sample of the conversations is opened.
    """
    found = {row for view in ("all", "closed") for row in _walked(desk.staff, view)}
    step = 1 if desk.messages <= WALK_MAX else SAMPLE_EVERY
    opened = sorted(found)[::step]
    shown = sum(_lines(number) for number in opened)
    due = sum(_messages_of(opened))
    return float(len(found) / desk.conversations * shown / due)


def _walked(staff: Any, view: str) -> Iterator[int]:
    before = ""
    while True:
        page = _reading().page(staff, view=view, before=before, limit=200)
        yield from (row.id for row in page.rows)
        before = page.next
        if not before:
            return


def _lines(number: int) -> int:
    """Messages of a conversation, two lines a page."""
    from bankside.inbox.models import Conversation

    row, before, count = Conversation.objects.get(pk=number), 0, 0
    while True:
        thread = _reading().thread(row, before=before, limit=2)
        count += sum(line.kind == "message" for line in thread.lines)
        before = thread.earlier
        if not before:
            return int(count)


def _messages_of(numbers: list[int]) -> list[int]:
    from bankside.inbox.models import Message

    counts = []
    for start in range(0, len(numbers), 500):
        some = numbers[start : start + 500]
        counts.append(Message.objects.filter(conversation__in=some).count())
    return counts
