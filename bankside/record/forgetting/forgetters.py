"""Where else than in the record a person's words may lie: rooms say it here, and the record asks them.

The record knows entries, keys and derived tables. A room that keeps rows of its own with words in them (an
answer on its way, a file, a profile) contributes how it forgets them. Twice is once, and nothing to forget is
no error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from bankside.record import announced
from bankside.record.forgetting.covered import Scope

RELATED_MAX = 200


@dataclass(slots=True)
class _Known:
    forget: dict[str, Callable[[Scope], None]] = field(default_factory=dict)
    related: dict[str, Callable[[str], Iterable[str]]] = field(default_factory=dict)
    leave: dict[str, Callable[[str, str], None]] = field(default_factory=dict)
    tidy: dict[str, Callable[[], None]] = field(default_factory=dict)
    look: dict[str, Callable[[Scope], None]] = field(default_factory=dict)
    restored: dict[str, Callable[[], None]] = field(default_factory=dict)


_known = _Known()


def forget_in(room: str, forget: Callable[[Scope], None]) -> None:
    """A room says how it empties its own rows of the words of a scope."""
    _known.forget[room] = forget


def related_by(room: str, related: Callable[[str], Iterable[str]]) -> None:
    """A room says which other subjects are the same person, as far as she told it."""
    _known.related[room] = related


def leave_by(room: str, leave: Callable[[str, str], None]) -> None:
    """A room ends what goes on with a subject before it is erased: called with the subject and the actor."""
    _known.leave[room] = leave


def tidy_in(room: str, tidy: Callable[[], None]) -> None:
    """A room leaves nothing of what was erased in the files of the database, such as in an index."""
    _known.tidy[room] = tidy


def look_by(room: str, look: Callable[[Scope], None]) -> None:
    """A room finds what else it keeps of a restored scope's words, while they can be read, and empties it."""
    _known.look[room] = look


def restored_in(room: str, restored: Callable[[], None]) -> None:
    """A room empties what it cannot tell the owner of, after a restore that replayed erasures."""
    _known.restored[room] = restored


def forget(scope: Scope) -> None:
    """Every room empties its rows."""
    announced.bring()
    for room in sorted(_known.forget):
        _known.forget[room](scope)


def same_person(subj: str) -> list[str]:
    """The subjects that are one person with this one, itself among them, sorted; at most 200."""
    announced.bring()
    found = {subj}
    for room in sorted(_known.related):
        found |= set(_known.related[room](subj))
    return sorted(found)[:RELATED_MAX]


def leave(subj: str, actor: str) -> None:
    """Every room ends what goes on with the subject."""
    announced.bring()
    for room in sorted(_known.leave):
        _known.leave[room](subj, actor)


def tidy() -> None:
    """Every room tidies up."""
    announced.bring()
    for room in sorted(_known.tidy):
        _known.tidy[room]()


def last_look(scope: Scope) -> None:
    """Every room looks, before the key is destroyed again."""
    announced.bring()
    for room in sorted(_known.look):
        _known.look[room](scope)


def restored() -> None:
    """Every room, after a restore that replayed erasures."""
    announced.bring()
    for room in sorted(_known.restored):
        _known.restored[room]()
