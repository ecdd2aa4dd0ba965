"""Rules and assumptions as data: what words are for, and how many minutes customers are saved.

As shipped they are files beside this one; what somebody decided since is in the record, and the newest of a
kind is in force, for the past as well.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from django.db import transaction

from bankside.measures import topics as known_topics
from bankside.measures.models import Rule
from bankside.measures.projections import COUNTS
from bankside.people import policy
from bankside.people.models import Staff
from bankside.record import projection
from bankside.record.append import append
from bankside.record.facts.measures import RuleDecided
from bankside.record.identifiers import kept
from bankside.record.ids import new_id
from bankside.said import Said

PURPOSES, SAVINGS = "purposes", "savings"
KINDS: Final = (PURPOSES, SAVINGS)
HERE: Final = Path(__file__).parent
SERVED: Final = ("contact", "relations", "information", "brand")
COUNTED: Final = ("answered", "answered-public", "answered-private", "answered-by-person", "solved")
POST_KINDS: Final = ("note", "article", "page")
LANGUAGES: Final = ("en", "ko", "zh_Hans", "nl")
LINES_MAX: Final = 50
TEXT_CHARACTERS_MAX: Final = 10_000
WORDS_CHARACTERS_MAX: Final = 200
MINUTES_MAX: Final = 600
LANE: Final = 0
READ_KEPT: Final = 8


class BadRule(ValueError):
    """It cannot be used as a rule; the message says which line is wrong and why."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What is in force since when: the number of its entry, UTC ms, and who decided it (as in the record)."""

    n: int
    at: int
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Fits words that hold to every condition; None or () asks for nothing."""

    purpose: str
    answers: bool | None = None
    private: bool | None = None
    kinds: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()

    def fits(self, *, answers: bool, private: bool, kind: str, topics: Collection[str]) -> bool:
        """Whether words of this kind are meant."""
        return (
            self.answers in (None, answers)
            and self.private in (None, private)
            and (not self.kinds or kind in self.kinds)
            and (not self.topics or any(topic in topics for topic in self.topics))
        )


@dataclass(frozen=True, slots=True)
class Purposes:
    """The first line that fits says what words are for; `otherwise` when none does."""

    lines: tuple[Line, ...]
    otherwise: str

    def of(self, *, answers: bool, private: bool, kind: str, topics: Collection[str]) -> str:
        """What such words are for, one of SERVED."""
        found = (
            line.purpose
            for line in self.lines
            if line.fits(answers=answers, private=private, kind=kind, topics=topics)
        )
        return next(found, self.otherwise)


@dataclass(frozen=True, slots=True, kw_only=True)
class Saving:
    """`percent` of what the measure `counts` gives would have taken `minutes`. `words` by language."""

    counts: str
    percent: int
    minutes: int
    words: dict[str, str]


def purposes() -> Purposes:
    """The rule of purposes in force."""
    return read_purposes(text(PURPOSES))


def savings() -> tuple[Saving, ...]:
    """The assumptions about savings in force."""
    return read_savings(text(SAVINGS))


def text(kind: str) -> str:
    """The rule in force, as TOML."""
    row = Rule.objects.filter(kind=kind).order_by("-id").first()
    return row.text if row else shipped(kind)


@lru_cache(maxsize=len(KINDS))
def shipped(kind: str) -> str:
    """The rule as it came with the desk. Raises KeyError for another kind."""
    if kind not in KINDS:
        raise KeyError(kind)
    return (HERE / f"{kind}.toml").read_text(encoding="utf-8")


def since(kind: str) -> Decided | None:
    """When somebody decided the rule in force; None while it is as it came."""
    row = Rule.objects.filter(kind=kind).order_by("-id").first()
    return Decided(row.pk, row.at, row.actor) if row else None


def write(staff: Staff, kind: str, new: str) -> None:
    """Decides a rule, for everything that is counted from now on. Raises NotYours, KeyError and BadRule."""
    policy.require(staff, "measures.decide")
    shipped(kind)
    clean = kept(new.replace("\r\n", "\n").strip()) + "\n"
    READERS[kind](clean)
    with transaction.atomic():
        digest = hashlib.sha256(clean.encode()).hexdigest()
        fact = RuleDecided(kind=kind, text=clean, sha256=digest)
        obj = hashlib.sha256(f"measures.rule|{kind}".encode()).hexdigest()[:32]
        append(fact, f"measures.rule-decided:{new_id()}", actor=staff.actor, obj=obj, lane=LANE)
        projection.see(COUNTS, LANE)


# --- reading: what was read is kept, a page asks for it several times ------------------------------------
@lru_cache(maxsize=READ_KEPT)
def read_purposes(toml: str) -> Purposes:
    """The rule in a text. Raises BadRule."""
    told = _parsed(toml, {"otherwise", "line"})
    lines = tuple(_line(place, line) for place, line in enumerate(_lines(told), 1))
    return Purposes(lines, _one_of(told.get("otherwise"), SERVED, Said("otherwise")))


@lru_cache(maxsize=READ_KEPT)
def read_savings(toml: str) -> tuple[Saving, ...]:
    """The assumptions in a text. Raises BadRule."""
    told = _parsed(toml, {"line"})
    return tuple(_saving(place, line) for place, line in enumerate(_lines(told), 1))


def _line(place: int, told: dict[str, Any]) -> Line:
    _refuse_unknown(place, told, {"purpose", "answers", "private", "kinds", "topics"})
    return Line(
        purpose=_one_of(told.get("purpose"), SERVED, _at(place, "purpose")),
        answers=_flag(told.get("answers"), _at(place, "answers")),
        private=_flag(told.get("private"), _at(place, "private")),
        kinds=_some_of(told.get("kinds", []), POST_KINDS, _at(place, "kinds")),
        topics=_some_of(told.get("topics", []), known_topics.known(), _at(place, "topics")),
    )


def _saving(place: int, told: dict[str, Any]) -> Saving:
    _refuse_unknown(place, told, {"counts", "percent", "minutes", "words"})
    words = told.get("words", {})
    if not isinstance(words, dict) or not words or not all(_is_wording(*item) for item in words.items()):
        raise BadRule(
            Said("%(where)s: say what is meant, in a language of the desk.", where=_at(place, "words"))
        )
    return Saving(
        counts=_one_of(told.get("counts"), COUNTED, _at(place, "counts")),
        percent=_number(told.get("percent"), 100, _at(place, "percent")),
        minutes=_number(told.get("minutes"), MINUTES_MAX, _at(place, "minutes")),
        words=dict(words),
    )


def _is_wording(language: str, words: Any) -> bool:
    return language in LANGUAGES and isinstance(words, str) and 0 < len(words) <= WORDS_CHARACTERS_MAX


def _parsed(toml: str, names: set[str]) -> dict[str, Any]:
    if len(toml) > TEXT_CHARACTERS_MAX:
        raise BadRule(Said("The rule is longer than %(number)s characters.", number=TEXT_CHARACTERS_MAX))
    try:
        told = tomllib.loads(toml)
    except tomllib.TOMLDecodeError as error:
        raise BadRule(Said("This is not TOML: %(error)s", error=str(error))) from error
    if unknown := sorted(told.keys() - names):
        raise BadRule(Said("Nothing is called %(names)s here.", names=", ".join(unknown)))
    return told


def _lines(told: dict[str, Any]) -> list[dict[str, Any]]:
    lines = told.get("line", [])
    if not isinstance(lines, list) or not all(isinstance(line, dict) for line in lines):
        raise BadRule(Said("Write each line under [[line]]."))
    if not 0 < len(lines) <= LINES_MAX:
        raise BadRule(Said("A rule has 1 to %(number)s lines.", number=LINES_MAX))
    return lines


def _refuse_unknown(place: int, told: dict[str, Any], names: set[str]) -> None:
    if unknown := sorted(told.keys() - names):
        where = _at(place, ", ".join(unknown))
        raise BadRule(Said("%(where)s: there is no such condition.", where=where))


def _one_of(value: Any, allowed: Iterable[str], where: Said) -> str:
    if value not in (choices := tuple(allowed)):
        raise BadRule(Said("%(where)s must be one of %(choices)s.", where=where, choices=", ".join(choices)))
    return str(value)


def _some_of(values: Any, allowed: Iterable[str], where: Said) -> tuple[str, ...]:
    if not isinstance(values, list):
        raise BadRule(Said("%(where)s must be a list.", where=where))
    choices = tuple(allowed)
    return tuple(_one_of(value, choices, where) for value in values)


def _flag(value: Any, where: Said) -> bool | None:
    if value is not None and not isinstance(value, bool):
        raise BadRule(Said("%(where)s must be true or false.", where=where))
    return value


def _number(value: Any, most: int, where: Said) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise BadRule(Said("%(where)s must be a whole number from 0 to %(most)s.", where=where, most=most))
    return value


def _at(place: int, name: str) -> Said:
    return Said("Line %(number)s, %(name)s", number=str(place), name=name)


READERS: Final = {PURPOSES: read_purposes, SAVINGS: read_savings}
