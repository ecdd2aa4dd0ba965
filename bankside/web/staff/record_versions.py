"""Two versions of one thing side by side. A POST opens their words, because that is a reading of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from bankside.people import policy
from bankside.publish.changes import Change, changes
from bankside.record import reading, versions
from bankside.record.reading import Listed
from bankside.web import pages, seal
from bankside.web.staff import entries, record_tabs
from bankside.web.staff.entries import WORD_FIELDS
from bankside.web.staff.frame import page, staff_of

TEXT_CHARACTERS_MAX = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One field of both versions: pieces that are the same, gone or new. `words`: people wrote it."""

    name: str
    words: bool
    lang: str
    pieces: tuple[Change, ...]

    @property
    def differs(self) -> bool:
        """Whether it is not the same in both."""
        return any(op != "same" for op, _ in self.pieces)

    def said(self, op: str) -> list[str]:
        """The pieces that are gone, or new, by themselves."""
        return [text for kind, text in self.pieces if kind == op and text.strip()]


@page
@require_http_methods(["GET", "HEAD", "POST"])
def record_versions(request: HttpRequest, n: int) -> HttpResponse:
    """The versions of what an entry tells of; a POST opens the words of this one and of the one before it."""
    staff = staff_of(request)
    policy.require(staff, "record.read" if request.method == "POST" else "record.see")
    row = reading.entry(n)
    all_of = versions.of(row)
    before = versions.before(row, all_of)
    opened = _opened(staff.actor, before, row) if request.method == "POST" else None
    zone = pages.zone_of(request)
    context = {
        "row": row, "lines": entries.lines(all_of, zone, banded=False), "before": before, "opened": opened,
        "short": seal.short, "may_read": policy.may(staff, "record.read"), "n": n,
    }  # fmt: skip
    return record_tabs.render(request, "record", "record/versions.html", context)


def _opened(actor: str, before: Listed | None, row: Listed) -> dict[str, Any]:
    """Both versions' fields compared; `gone` names versions whose words were erased."""
    found = [(one, reading.words_of(actor, one.n)) for one in (before, row) if one is not None]
    said: list[Mapping[str, Any]] = [{} if words is None else words.said for _, words in found]
    old, new = (said[0], said[1]) if before is not None else ({}, said[0])
    return {
        "fields": compared(old, new, alone=before is None),
        "erased": [one.n for one, words in found if words is None],
    }  # fmt: skip


def compared(old: Mapping[str, Any], new: Mapping[str, Any], *, alone: bool = False) -> list[Compared]:
    """Words that people wrote, always; of other fields those that differ. `alone`: there is no older one."""
    before, after = _fields(old), _fields(new)
    found = []
    for name in [*after, *(name for name in before if name not in after)]:
        text, lang = after.get(name, ("", ""))
        earlier = text if alone else before.get(name, ("", ""))[0]
        words = name.rpartition(".")[2] in WORD_FIELDS
        pieces = tuple(changes(earlier[:TEXT_CHARACTERS_MAX], text[:TEXT_CHARACTERS_MAX]))
        one = Compared(name=name, words=words, lang=lang or before.get(name, ("", ""))[1], pieces=pieces)
        if one.differs or (words and text):
            found.append(one)
    return sorted(found, key=lambda one: not one.words)


def _fields(said: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    return {name: (value, lang) for name, value, lang in entries.flat(dict(said), "", "")}
