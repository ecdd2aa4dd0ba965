"""What a listing has shown before: new, changed, gone; and how ids of many digits are kept."""

from __future__ import annotations

import pytest

from bankside.networks.contract import Item
from bankside.networks.seen import KNOWN_MAX, LOOKED_FOR_PER_LOOK, Known, Notes, Sighted

CARD_LIKE = "4111111111111111"


def seen(name: str, version: str = "h1", at_ms: int = 10, under: str = "post") -> Sighted:
    item = Item(remote_id=name, version=version, raw={"comment": name})
    return Sighted(item, Known(version, name, "who", under, at_ms))


def test_only_what_is_new_or_changed_is_handed_on_oldest_first() -> None:
    notes = Notes(since_ms=5)
    first = [seen("b", at_ms=20), seen("a"), seen("before", at_ms=4)]
    assert [item.remote_id for item in notes.fresh(first)] == ["a", "b"]
    later = Notes.of(str(notes.after(first, [])), 0)
    assert later.fresh(first) == [] and later.turn == 1 and later.since_ms == 5
    assert [item.version for item in later.fresh([seen("a", "h2"), seen("b", at_ms=20)])] == ["h2"]


def test_what_is_missing_in_a_list_that_was_read_whole_is_looked_for() -> None:
    notes = Notes().after([seen("a"), seen("b"), seen("c", under="long")], [])
    assert notes.lost([seen("a")], {"post"}) == ["b"]
    assert notes.lost([seen("a")], set()) == []
    assert "b" not in notes.after([seen("a")], ["b"]).known


def test_many_that_are_missing_have_their_turns() -> None:
    notes = Notes().after([seen(f"{n:02d}") for n in range(25)], [])
    found: set[str] = set()
    for _ in range(3):
        looked_for = notes.lost([], {"post"})
        assert len(looked_for) == LOOKED_FOR_PER_LOOK
        found |= set(looked_for)
        notes = notes.after([], [])
    assert len(found) == 25


def test_the_notes_stay_short_and_forget_the_oldest() -> None:
    notes = Notes().after([seen(f"{n:04d}", at_ms=n) for n in range(KNOWN_MAX + 7)], [])
    assert len(notes.known) == KNOWN_MAX and "0006" not in notes.known and "0007" in notes.known
    assert notes.fresh([seen("0006", at_ms=6), seen("new", at_ms=500)])[0].remote_id == "new"
    assert notes.fresh([seen("0006", at_ms=6)]) == []


@pytest.mark.parametrize("cursor", ["", "no JSON", "[]", '{"known": 7}', "\ud800"])
def test_a_cursor_that_cannot_be_read_begins_anew(cursor: str) -> None:
    assert Notes.of(cursor, 77) == Notes(since_ms=77)
