"""Entries of the record as lines of a page. What a line says comes from the leaf, never from the words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from babel import dates
from django.utils import translation
from django.utils.translation import gettext

from bankside.people.staff import StaffName, named
from bankside.record import reading, shards
from bankside.record.reading import Listed, LogHead, Opened
from bankside.web import leaf_words, moments, sentences

WORD_FIELDS = ("title", "text", "alt", "reason", "evidence", "note")
REST_MAX = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One entry. `at` is its time as text; `hid` says that a number was hidden on arrival."""

    n: int
    at: str
    t: int
    who: str
    words: Any
    fact: str
    obj: str
    hash: str
    subj: str
    lane: int
    year: str
    seq: int
    hid: bool
    band: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A head of a log between the entries: the place up to which everything is written out."""

    words: str
    at: int
    band: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The opened words: those that people wrote (name, words, language), and the other fields."""

    words: list[tuple[str, str, str]]
    rest: list[tuple[str, str]]
    erased: bool = False


def lines(found: list[Listed], zone: ZoneInfo, *, banded: bool) -> list[Line | Band]:
    """The lines of a page, newest first, with the heads of the logs where they belong in time."""
    names = named(row.actor.removeprefix("u:") for row in found)
    heads = sorted(reading.checkpoint(), key=lambda head: head.at) if banded else []
    shown: list[Line | Band] = []
    for row in found:
        while heads and heads[-1].at >= row.t:
            head = heads.pop()
            shown += [_band(head)] if head.size else []
        shown.append(_line(row, names, zone))
    return shown


def line(row: Listed, zone: ZoneInfo) -> Line:
    """One entry."""
    return _line(row, named([row.actor.removeprefix("u:")]), zone)


def name_of(actor: str, names: Mapping[str, StaffName]) -> str:
    """Who did it: a name, the operator at the machine, or the desk by itself."""
    uid = actor.removeprefix("u:")
    if uid in names:
        return names[uid].name
    return gettext("Operator") if actor in {"s:operator", "s:setup"} else gettext("Bankside")


def summary(zone: ZoneInfo) -> dict[str, Any]:
    """How much is in the record, and when it was last checked as a whole."""
    heads = reading.checkpoint()
    checked = next(iter(reading.entries(fact="record.verified", limit=1)), None)
    meta = gettext("It was not checked as a whole yet.")
    if checked:
        meta = gettext("Checked as a whole: %(time)s.") % {"time": stamp(checked.t, zone)}
    return {"total": sum(head.entries for head in heads), "meta": meta, "verified": bool(checked)}


def sealed_words(row: Listed) -> str:
    """Whether the entry is already behind a head that is written out."""
    for head in reading.checkpoint():
        if (head.lane, head.year) == (row.lane, row.year) and row.seq < head.size:
            return gettext("Written out, under the head of %(size)s entries.") % {
                "size": moments.number(head.size)
            }
    return gettext("In the record; written out with the next head.")


def leaf_fields(row: Listed) -> list[tuple[str, Any, str]]:
    """The leaf, field by field, as it is hashed: its name, that name in words, and its value."""
    leaf: dict[str, Any] = msgspec.json.decode(row.leaf)
    return [(name, leaf_words.of_field(name), _plain(value)) for name, value in leaf.items()]


def opened(said: Opened | None) -> Words:
    """The words of an entry, those of people first."""
    if said is None:
        return Words(words=[], rest=[], erased=True)
    words, rest = [], []
    for name, value, lang in flat(said.said, "", ""):
        if name.rpartition(".")[2] in WORD_FIELDS and value:
            words.append((name, value, lang))
        elif value not in ("", "False", "0"):
            rest.append((name, value))
    return Words(words=words, rest=rest[:REST_MAX])


def stamp(t: int, zone: ZoneInfo) -> str:
    """`10:12:44`, with the day before it when that is not today."""
    moment = datetime.fromtimestamp(t / 1000, zone)
    clock = f"{moment:%H:%M:%S}"
    if moment.date() == datetime.now(zone).date():
        return clock
    locale = moments.LOCALES.get(translation.get_language() or "en", "en_GB")
    return f"{dates.format_skeleton('MMMd', moment, locale=locale)} {clock}"


def _line(row: Listed, names: Mapping[str, StaffName], zone: ZoneInfo) -> Line:
    return Line(
        n=row.n, at=stamp(row.t, zone), t=row.t, who=name_of(row.actor, names),
        words=sentences.of_fact(row.fact), fact=row.fact, obj=row.obj, hash=row.hash, lane=row.lane,
        subj=row.subj, year=shards.name_of(row.year), seq=row.seq, hid='"red":' in row.leaf,
    )  # fmt: skip


def _band(head: LogHead) -> Band:
    words = gettext("Head of log %(lane)s/%(year)s, %(size)s entries written out, root %(root)s") % {
        "lane": head.lane,
        "year": shards.name_of(head.year),
        "size": moments.number(head.size),
        "root": f"{head.root[:4]}…{head.root[-4:]}",
    }
    return Band(words=words, at=head.at)


def flat(value: Any, name: str, lang: str) -> Iterable[tuple[str, str, str]]:
    """Every field with its dotted name, value and language, which is the one that stands beside words."""
    if isinstance(value, dict):
        lang = str(value.get("lang", "") or lang)
        for key, inner in value.items():
            yield from flat(inner, f"{name}.{key}" if name else key, lang)
    elif isinstance(value, list):
        for number, inner in enumerate(value, 1):
            yield from flat(inner, f"{name}.{number}", lang)
    else:
        yield name, str(value), lang


def _plain(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
