"""Where things stand in a TOML text: tomllib gives values and no places, so the text is walked once more.

The walk knows that tomllib has accepted the text. What it cannot find is said to stand where its table
begins.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

Path = tuple[str | int, ...]
Place = tuple[int, int]

BLANK = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
SPACES = re.compile(r"[ \t]*")
BARE = re.compile(r"[A-Za-z0-9_-]+")
SCALAR = re.compile(r"[^,\]}\n#]*")
QUOTES: Final = ('"""', "'''", '"', "'")
UNICODE_DIGITS: Final = {"u": 4, "U": 8, "x": 2}
MEANT: Final = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", "e": "\x1b", '"': '"', "\\": "\\"}


class Places:
    """The places of a text's tables, keys and values, by path, such as ("earn", 0, "when")."""

    def __init__(self, text: str) -> None:
        self.text = text.replace("\r\n", "\n")
        self.lines = [0, *(match.end() for match in re.finditer("\n", self.text))]
        walk = _Walk(self.text)
        walk.run()
        self.keys, self.values = walk.keys, walk.values

    def key(self, path: Path) -> Place:
        """Line and column, from 1, of a key or a table's heading; else of the nearest table around it."""
        return self._place(self._nearest(self.keys, path))

    def value(self, path: Path) -> Place:
        """Line and column of a value."""
        return self._place(self.values[path]) if path in self.values else self.key(path)

    def inside(self, path: Path, index: int) -> Place:
        """Line and column of the character at `index` of a text value, escapes counted as written."""
        if path not in self.values:
            return self.key(path)
        at = self.values[path]
        for number, place in enumerate(_characters(self.text, at)):
            at = place
            if number == index:
                break
        return self._place(at)

    def _nearest(self, places: dict[Path, int], path: Path) -> int:
        for length in range(len(path), 0, -1):
            if path[:length] in places:
                return places[path[:length]]
        return 0

    def _place(self, at: int) -> Place:
        line = bisect_right(self.lines, at)
        return line, at - self.lines[line - 1] + 1


class _Walk:
    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.keys: dict[Path, int] = {}
        self.values: dict[Path, int] = {}
        self.rows: dict[Path, int] = {}

    def run(self) -> None:
        """Every table and every key, to the end of the text."""
        table: Path = ()
        self.skip(BLANK)
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                table = self.heading()
            else:
                self.pair(table)
            self.skip(BLANK)

    def skip(self, what: re.Pattern[str]) -> str:
        match = what.match(self.text, self.at)
        if match is None:
            self.at += 1
            return ""
        self.at = match.end()
        return match[0]

    def heading(self) -> Path:
        """`[table]` or `[[row of tables]]`; the path of what follows."""
        start, many = self.at, self.text.startswith("[[", self.at)
        self.at += 2 if many else 1
        path: Path = ()
        for part in self.dotted():
            path = self.latest((*path, part))
        self.at += 2 if many else 1
        if many:
            name = path if not isinstance(path[-1], int) else path[:-1]
            self.rows[name] = self.rows.get(name, -1) + 1
            self.keys.setdefault(name, start)
            path = (*name, self.rows[name])
        self.keys.setdefault(path, start)
        return path

    def latest(self, path: Path) -> Path:
        return (*path, self.rows[path]) if path in self.rows else path

    def dotted(self) -> list[str]:
        """A key of one or more parts."""
        parts = []
        while True:
            self.skip(SPACES)
            if self.text[self.at : self.at + 1] in ('"', "'"):
                start = self.at
                self.quoted()
                parts.append(_decoded(self.text, start))
            else:
                parts.append(self.skip(BARE))
            self.skip(SPACES)
            if self.text[self.at : self.at + 1] != ".":
                return parts
            self.at += 1

    def pair(self, table: Path) -> None:
        """`key = value`."""
        self.skip(SPACES)
        start, path = self.at, table
        for part in self.dotted():
            path = (*path, part)
            self.keys.setdefault(path, start)
        self.at += 1
        self.skip(SPACES)
        self.value(path)

    def value(self, path: Path) -> None:
        self.values[path] = self.at
        sign = self.text[self.at : self.at + 1]
        if sign == "[":
            self.array(path)
        elif sign == "{":
            self.inline(path)
        elif sign in ('"', "'"):
            self.quoted()
        else:
            self.skip(SCALAR)

    def array(self, path: Path) -> None:
        self.at += 1
        number = 0
        while self.until("]"):
            self.value((*path, number))
            number += 1

    def inline(self, path: Path) -> None:
        self.at += 1
        while self.until("}"):
            self.pair(path)

    def until(self, end: str) -> bool:
        """Past blanks and a comma; False, and past it, at the end."""
        self.skip(BLANK)
        if self.text[self.at : self.at + 1] == ",":
            self.at += 1
            self.skip(BLANK)
        if self.text[self.at : self.at + 1] in (end, ""):
            self.at += 1
            return False
        return True

    def quoted(self) -> None:
        for at in _characters(self.text, self.at):
            self.at = at
        quote = _quote(self.text, self.at)
        self.at += len(quote)


def _quote(text: str, at: int) -> str:
    return next(quote for quote in QUOTES if text.startswith(quote, at)) if text[at : at + 1] in "\"'" else ""


def _characters(text: str, start: int) -> Iterator[int]:
    """Where each character of a quoted text stands, and last where its closing quotation mark does."""
    quote = _quote(text, start)
    at = start + len(quote)
    if len(quote) == 3 and text.startswith("\n", at):
        at += 1
    while at < len(text):
        if text.startswith(quote, at) and not (len(quote) == 3 and text.startswith(quote[0], at + 3)):
            break
        if quote[0] == '"' and text[at] == "\\":
            folded = re.compile(r"\\[ \t]*\n[ \t\n]*").match(text, at)
            if folded is None:
                yield at
            at = folded.end() if folded else at + 2 + UNICODE_DIGITS.get(text[at + 1 : at + 2], 0)
            continue
        yield at
        at += 1
    yield at


def _decoded(text: str, start: int) -> str:
    places = list(_characters(text, start))
    parts = [text[at:end] for at, end in pairwise(places)]
    return "".join(parts if text[start] == "'" else map(_letter, parts))


def _letter(written: str) -> str:
    if not written.startswith("\\"):
        return written
    return MEANT.get(written[1:2]) or chr(int(written[2:], 16))
