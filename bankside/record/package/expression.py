"""The language in which somebody says which entries a package holds. Pure: no Django, no database.

    channel = "Hanul Bank" and period = 2026-11 and not type in (read, login)
    (subject = 0123…cdef or account = "practice:account:5") and time >= 2026-11-01

Fields, an operator, a value; `and`, `or`, `not`, brackets; `all` for everything. Times are UTC. What is
wrong is told with its line and column.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from bankside.record.log.leaf import FIXED_TYPES
from bankside.said import Said

CHARACTERS_MAX: Final = 2_000
COMPARISONS_MAX: Final = 200
DEPTH_MAX: Final = 32
STATES: Final = ("readable", "erased", "restricted", "held")

_TOKEN: Final = re.compile(
    r'\s+|(?P<text>"(?:[^"\\\n]|\\.)*")|(?P<sign>!=|<=|>=|[=<>(),])|(?P<word>[^\s"=<>!(),]+)'
)
_HEX: Final = re.compile(r"[0-9a-f]{32}")
_ACTOR: Final = re.compile(r"u:[0-9a-f]{32}|s:[a-z0-9.-]{1,40}|[^\s@]{1,100}@[^\s@]{1,200}")
_FACT: Final = re.compile(r"[a-z]{2,12}\.[a-z-]{2,32}")
_ROOM: Final = re.compile(r"[a-z]{2,12}")
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,17}")
_TIME: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{3}))?)?Z?)?")
_PERIOD: Final = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?")
_ESCAPED: Final = re.compile(r"\\(.)")
EQUAL: Final = frozenset({"=", "!=", "in"})
ORDERED: Final = EQUAL | {"<", "<=", ">", ">="}
KEYWORDS: Final = frozenset({"and", "or", "not", "in", "all"})


class ExpressionWrong(ValueError):
    """The expression cannot be understood; `line` and `column` count from 1."""

    def __init__(self, what: Said, line: int, column: int) -> None:
        self.line, self.column = line, column
        super().__init__(
            Said("Line %(line)s, column %(column)s: %(what)s", line=line, column=column, what=what)
        )


class Token(NamedTuple):
    """A piece of the text: `kind` is text, word, sign or end; `at` its place from 0."""

    kind: str
    value: str
    at: int


@dataclass(frozen=True, slots=True)
class Everything:
    """Every entry."""


@dataclass(frozen=True, slots=True)
class Not:
    """What the other is not."""

    one: Wanted


@dataclass(frozen=True, slots=True)
class Both:
    """What all of them are."""

    parts: tuple[Wanted, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """What one of them is."""

    parts: tuple[Wanted, ...]


@dataclass(frozen=True, slots=True)
class Is:
    """A comparison. Times are UTC ms; a period is its first ms and the first after it."""

    field: str
    sign: str
    values: tuple[str | int | tuple[int, int], ...]
    at: tuple[int, int]


Wanted = Everything | Not | Both | Either | Is


def parse(text: str) -> Wanted:
    """What an expression asks for; raises ExpressionWrong."""
    if len(text) > CHARACTERS_MAX:
        raise ExpressionWrong(
            Said("An expression has at most %(number)s characters.", number=CHARACTERS_MAX), 1, CHARACTERS_MAX
        )
    return _Parser(text).whole()


def place_in(text: str, at: int) -> tuple[int, int]:
    """Line and column, from 1, of a place in a text."""
    before = text[:at]
    return before.count("\n") + 1, at - (before.rfind("\n") + 1) + 1


class _Parser:
    """Recursive descent, one method a rule; nothing is deeper than DEPTH_MAX."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = self._cut()
        self._place = self._comparisons = self._depth = 0

    def whole(self) -> Wanted:
        """The expression, up to its end."""
        if self._next.kind == "end":
            raise self._wrong(Said("Say which entries; `all` for every one."))
        found = self._either()
        if self._next.kind != "end":
            raise self._wrong(Said("Something follows that does not belong here; `and` or `or` is missing."))
        return found

    @property
    def _next(self) -> Token:
        return self._tokens[self._place]

    def _either(self) -> Wanted:
        parts = [self._both()]
        while self._took("or"):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def _both(self) -> Wanted:
        parts = [self._one()]
        while self._took("and"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else Both(tuple(parts))

    def _one(self) -> Wanted:
        self._depth += 1
        if self._depth > DEPTH_MAX:
            raise self._wrong(Said("Brackets and `not` go at most %(number)s deep.", number=DEPTH_MAX))
        found = self._inner()
        self._depth -= 1
        return found

    def _inner(self) -> Wanted:
        if self._took("not"):
            return Not(self._one())
        if self._took("all"):
            return Everything()
        if self._took("("):
            found = self._either()
            self._need(")")
            return found
        return self._comparison()

    def _comparison(self) -> Is:
        name = self._next
        if name.kind != "word" or name.value not in FIELDS:
            raise self._wrong(Said("Here a field is needed: %(fields)s.", fields=", ".join(FIELDS)))
        self._place += 1
        self._comparisons += 1
        if self._comparisons > COMPARISONS_MAX:
            raise self._wrong(Said("At most %(number)s comparisons fit.", number=COMPARISONS_MAX), name)
        sign, (signs, read) = self._next, FIELDS[name.value]
        if sign.value not in signs or sign.kind == "text":
            raise self._wrong(
                Said(
                    "After %(field)s one of these is needed: %(signs)s.",
                    field=name.value,
                    signs=_listed(signs),
                )
            )
        self._place += 1
        values = self._many(read) if sign.value == "in" else (self._value(read),)
        return Is(name.value, sign.value, values, place_in(self._text, name.at))

    def _many(self, read: Reads) -> tuple[Value, ...]:
        self._need("(")
        values = [self._value(read)]
        while self._took(","):
            values.append(self._value(read))
        self._need(")")
        return tuple(values)

    def _value(self, read: Reads) -> Value:
        token = self._next
        if token.kind not in ("word", "text"):
            raise self._wrong(Said("Here a value is needed."))
        self._comparisons += 1
        value = token.value
        if token.kind == "text":
            value = _ESCAPED.sub(r"\1", value[1:-1])
        found = read(value)
        if isinstance(found, Said):
            raise self._wrong(found)
        self._place += 1
        return found

    def _took(self, value: str) -> bool:
        found = self._next.kind in ("word", "sign") and self._next.value == value
        self._place += found
        return found

    def _need(self, sign: str) -> None:
        if not self._took(sign):
            raise self._wrong(Said("Here %(sign)s is needed.", sign=sign))

    def _wrong(self, what: Said, token: Token | None = None) -> ExpressionWrong:
        return ExpressionWrong(what, *place_in(self._text, (token or self._next).at))

    def _cut(self) -> list[Token]:
        tokens, at = [], 0
        while at < len(self._text):
            found = _TOKEN.match(self._text, at)
            if found is None:
                what = Said("This cannot be read; quotation marks stand around words, in pairs.")
                raise ExpressionWrong(what, *place_in(self._text, at))
            if found.lastgroup:
                tokens.append(Token(found.lastgroup, found[0], at))
            at = found.end()
        return [*tokens, Token("end", "", len(self._text))]


# --- what the values of fields are -----------------------------------------------------------------------
Value = str | int | tuple[int, int]
Reads = Callable[[str], "Value | Said"]


def _matching(form: re.Pattern[str], what: Said) -> Reads:
    return lambda text: text if form.fullmatch(text) else what


def _one_of(names: frozenset[str] | tuple[str, ...]) -> Reads:
    what = Said("One of these is needed: %(names)s.", names=_listed(names))
    return lambda text: text if text in names else what


def _type(text: str) -> Value | Said:
    if text in FIXED_TYPES or _FACT.fullmatch(text):
        return text
    return Said("This is no type of an entry, such as post.in, post.out, approve or read.")


def _thing(text: str) -> Value | Said:
    if _HEX.fullmatch(text):
        return text
    if _NUMBER.fullmatch(text):
        return int(text)
    return Said("A number is needed, or 32 hexadecimal digits.")


def _words(text: str) -> Value | Said:
    return text if 0 < len(text) <= 400 and "\0" not in text else Said("Some words are needed.")


def _time(text: str) -> Value | Said:
    found = _TIME.fullmatch(text)
    what = Said("A time is needed, in UTC: 2026-11-29 or 2026-11-29T10:30Z.")
    if found is None:
        return what
    try:
        parts = [int(part or 0) for part in found.groups()]
        moment = datetime(*parts[:6], parts[6] * 1000, tzinfo=UTC)  # type: ignore[misc,arg-type]
    except ValueError:
        return what
    return _ms(moment)


def _period(text: str) -> Value | Said:
    found = _PERIOD.fullmatch(text)
    what = Said("A year, month or day is needed: 2026, 2026-11 or 2026-11-29.")
    if found is None:
        return what
    year, month, day = (int(part or 0) for part in found.groups())
    try:
        first = datetime(year, month or 1, day or 1, tzinfo=UTC)
        after = (
            first + timedelta(days=1)
            if day
            else datetime(year + (month == 12), month % 12 + 1, 1, tzinfo=UTC)
            if month
            else datetime(year + 1, 1, 1, tzinfo=UTC)
        )
    except (ValueError, OverflowError):
        return what
    return _ms(first), _ms(after)


def _ms(moment: datetime) -> int:
    return int((moment - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(milliseconds=1))


def _listed(names: frozenset[str] | tuple[str, ...]) -> str:
    return ", ".join(sorted(names))


_OBJECT: Final = _matching(_HEX, Said("32 hexadecimal digits are needed."))
FIELDS: Final[dict[str, tuple[frozenset[str], Reads]]] = {
    "subject": (EQUAL, _OBJECT),
    "account": (EQUAL, _words),
    "object": (EQUAL, _OBJECT),
    "conversation": (EQUAL, _thing),
    "entry": (EQUAL, _thing),
    "channel": (EQUAL, _words),
    "actor": (EQUAL, _matching(_ACTOR, Said("An actor is needed: u: or s: and a name, or an address."))),
    "type": (EQUAL, _type),
    "fact": (EQUAL, _matching(_FACT, Said("The name of a fact is needed, such as inbox.note-written."))),
    "room": (EQUAL, _matching(_ROOM, Said("The name of a room is needed, such as inbox."))),
    "state": (EQUAL, _one_of(STATES)),
    "time": (ORDERED - {"in"}, _time),
    "period": (EQUAL, _period),
}
"""Each field with the signs that it can have and how its value is read."""
