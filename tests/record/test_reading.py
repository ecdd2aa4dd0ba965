from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from bankside.record import clock, reading, seal
from bankside.record.append import append
from bankside.record.ids import new_id
from bankside.record.log.proofs import head_of
from bankside.record.models import Entry, Payload, Subject
from bankside.record.payload import Unreadable
from tests.record.tally import WordEchoed, say
from tests.record.tampered import let_rows_change

pytestmark = pytest.mark.django_db
NOW = clock.from_iso("2026-01-15T00:00:00Z")
READER = f"u:{new_id()}"


def listed(**filters: Any) -> list[int]:
    return [row.n for row in reading.entries(**filters)]


def test_entries_come_newest_first_and_page_by_arrival() -> None:
    n = [e.n for e in say("하나", "二", "drie", "four")]
    assert listed() == n[::-1]
    assert listed(limit=2) == [n[3], n[2]]
    assert listed(limit=2, before=n[2]) == [n[1], n[0]]
    assert listed(limit=0) == listed(before=n[0]) == []


def test_entries_are_filtered_by_fact_room_object_actor_and_time() -> None:
    with clock.frozen(NOW):
        first, second = say("한울", "은행")
    with clock.frozen(NOW + 1000), transaction.atomic():
        third = append(WordEchoed(word="韩"), "k", actor="s:echo", obj=first.obj)
    assert listed(fact="tally.word-echoed") == listed(actor="s:echo") == [third.n]
    assert listed(fact="tally.") == [third.n, second.n, first.n]
    assert listed(fact="tally") == []
    assert listed(obj=first.obj) == [third.n, first.n]
    assert listed(since_ms=NOW + 1) == [third.n]
    assert listed(until_ms=NOW + 1000) == [second.n, first.n]
    assert listed(obj=first.obj, actor="s:test", since_ms=NOW) == [first.n]


def test_a_listed_entry_says_everything_but_its_words() -> None:
    [entry] = say("비밀")
    row = reading.entry(entry.n)
    assert (row.n, row.lane, row.seq, row.actor, row.obj) == (entry.n, 0, 0, "s:test", entry.obj)
    assert (row.fact, row.type) == ("tally.word-said", "tally.word-said")
    assert len(row.hash) == 64
    assert row.leaf.startswith('{"actor":"s:test"')
    assert "비밀" not in str(row)


def test_who_opens_words_is_recorded_before_they_are_seen() -> None:
    [entry] = say("카드를 잃어버렸어요")
    opened = reading.words_of(READER, entry.n)
    assert opened == reading.Opened("tally.word-said", 1, {"word": "카드를 잃어버렸어요"})
    read = reading.entries(fact="record.entry-read")
    assert [(r.actor, r.obj, r.type) for r in read] == [(READER, entry.obj, "read")]
    inside = reading.words_of(READER, read[0].n)
    assert inside is not None
    assert inside.said == {"entry": entry.id, "reason": ""}
    assert len(reading.entries(fact="record.entry-read")) == 2


def test_erased_words_are_none_and_nobody_read_them() -> None:
    one, two = say("a", "b")
    Payload.objects.filter(n=one.n).delete()
    assert reading.words_of(READER, one.n) is None
    Subject.objects.filter(subj=two.subj).delete()
    from bankside.record import subjects

    subjects.forget()
    assert reading.words_of(READER, two.n) is None
    assert Entry.objects.count() == 2


def test_changed_words_are_not_shown() -> None:
    [entry] = say("hello")
    let_rows_change()
    Payload.objects.filter(n=entry.n).update(body=b"x" * 40)
    with pytest.raises(Unreadable):
        reading.words_of(READER, entry.n)


def test_what_is_not_there_is_said_so() -> None:
    with pytest.raises(reading.NoSuchEntry):
        reading.entry(404)
    with pytest.raises(reading.NoSuchEntry):
        reading.words_of(READER, 404)


def test_heads_say_what_is_published_and_what_is_not_yet(settings: Any, tmp_path: Path) -> None:
    settings.LOG_FOLDER = tmp_path
    with clock.frozen(NOW):
        say("one", "two")
        [head] = reading.checkpoint()
        assert (head.lane, head.year, head.entries, head.size, head.text) == (0, 2026, 2, 0, "")
        seal.seal_all()
        say("three")
    [head] = reading.checkpoint()
    assert (head.entries, head.size, head.at) == (3, 2, NOW)
    assert head.text == (tmp_path / "0" / "2026" / "checkpoint").read_text()
    assert head_of(head.text.encode()).root.hex() == head.root
