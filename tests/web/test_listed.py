"""What a row of the inbox shows: whoever wrote it, whatever it holds, in the reader's words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.template import engines
from django.utils import translation

from bankside.inbox.arriving import ASKS
from bankside.inbox.reading import Listed, groups
from bankside.record import clock
from bankside.web.staff.listed import NUMBERS, drawn
from tests.scene import NOW
from tests.tongues import compiled

MINUTE = 60_000
SEOUL = ZoneInfo("Asia/Seoul")
ME = "a" * 32


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.frozen(NOW), translation.override("en"):
        yield


def row(**changed: Any) -> Listed:
    known: dict[str, Any] = {
        "id": 7, "obj": "0" * 32, "name": "박서연", "handle": "@guest7", "url": "", "network": "practice",
        "channel": "1" * 32, "channel_name": "Hanul Bank", "private": False, "lang": "ko", "state": "open",
        "excerpt": "송금이 아직 안 들어왔어요.", "assignee": "", "assignee_name": "", "messages": 1,
        "first_at": NOW, "last_at": NOW - 5 * MINUTE, "waiting_since": NOW - 20 * MINUTE,
        "due_at": NOW + 40 * MINUTE, "version": 7, "turn": 0, "hidden": "",
    }  # fmt: skip
    return Listed(**known | changed)


def html(*rows: Listed, view: str = "all") -> str:
    listed = drawn(groups(rows, NOW), view=view, me=ME, zone=SEOUL)
    page = '{% from "inbox/item.html" import items with context %}{{ items(listed[0].rows) }}'
    made = engines["jinja2"].from_string(page)
    return str(made.render({"listed": listed, "view": view, "opened": None}))


@pytest.mark.parametrize(
    "name", ["name", "handle", "lang", "excerpt", "channel_name", "assignee_name", "network"]
)
def test_no_words_of_anybody_become_markup(name: str) -> None:
    hostile = "\"'><script>alert(1)</script>"
    changed = {"assignee": "b" * 32, "assignee_name": "Noor", name: hostile}
    said = html(row(**changed | ({"name": ""} if name == "handle" else {})))
    assert "<script" not in said
    assert "\"'>" not in said
    assert "alert(1)" in said or name == "network"


def test_what_was_hidden_on_arrival_is_drawn_as_a_mask() -> None:
    said = html(row(excerpt="카드 •••• 4242 <b>"))
    assert '<span class="mask" title="Number hidden on arrival">•••• 4242</span> &lt;b&gt;' in said


def test_what_kind_of_number_was_hidden_is_said_in_a_private_row_too() -> None:
    said = html(row(private=True, hidden="CVV PAN", excerpt=""))
    assert "Hidden: card code, card number</span>" in said and "Private message" in said
    assert "Hidden:" not in html(row())
    assert set(NUMBERS) == ASKS


def test_times_are_the_readers_and_a_clock_grows_hot_in_the_last_third() -> None:
    early, late = html(row()), html(row(waiting_since=NOW - 90 * MINUTE))
    assert ('title="answer by 19:40"' in early, "40 min<" in early, '"33 100"' in early) == (True,) * 3
    assert ('"clock hot"' in early, '"clock hot"' in late) == (False, True)
    assert "9 min over<" in html(row(due_at=NOW - 9 * MINUTE))
    assert '<time class="clock">18:55</time>' in html(row(due_at=0))
    assert '<time class="clock">18:55</time>' in html(row(state="closed"), view="closed")


@pytest.mark.parametrize(
    ("language", "nobody", "you", "over"),
    [
        ("en", "Nobody yet", "You", "9 min over"), ("ko", "아직 없음", "나", "9분 지남"),
        ("zh-hans", "尚无人", "您", "超时 9 分钟"), ("nl", "Nog niemand", "Jij", "9 min te laat"),
    ],
)  # fmt: skip
def test_whose_it_is_in_four_languages(language: str, nobody: str, you: str, over: str) -> None:
    with compiled(), translation.override(language):
        free, mine, hers = (
            html(row(due_at=NOW - 9 * MINUTE, assignee=uid, assignee_name=name))
            for uid, name in (("", ""), (ME, "이다은"), ("b" * 32, "Noor Bakker"))
        )
    assert (f">{nobody}<" in free, f">{over}<" in free) == (True, True)
    assert (f">{you}<" in mine, 'class="av us s" aria-hidden="true">다은<' in mine) == (True, True)
    assert (">Noor Bakker<" in hers, 'class="av s" aria-hidden="true">NB<' in hers) == (True, True)
    assert not html(row(state="closed"), view="closed").count("Nobody yet")
