"""Reading a TOML table strictly: every key has a type and a range, and what is wrong is noted, not raised."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from bankside.rewards.rules.expression import NOTHING, close
from bankside.rewards.rules.located import Path, Places
from bankside.rewards.rules.terms import Finding
from bankside.said import Said

FINDINGS_MAX: Final = 100
SLUG: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?")
UNITS_MS: Final = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
SPAN: Final = re.compile(r"([1-9][0-9]{0,5})([smhd])")
MONTHS: Final = re.compile(r"([1-9][0-9]{0,3})M")
PERCENT: Final = re.compile(r"([0-9]{1,3})(?:\.([0-9]{1,2}))?%")

KINDS_OF_VALUE: Final[Mapping[type, Said]] = {
    str: Said("%(key)s is a text in quotation marks."),
    int: Said("%(key)s is a whole number."),
    bool: Said("%(key)s is true or false."),
    dict: Said("%(key)s is a table, such as {a = 1}."),
    list: Said("%(key)s is a list in square brackets."),
}


class Notes:
    """The findings of one text, each at its place; more than FINDINGS_MAX are not kept."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.found: list[Finding] = []

    def at(self, place: tuple[int, int], message: Said, hint: Said = NOTHING) -> None:
        """Notes something at a line and column."""
        if len(self.found) < FINDINGS_MAX:
            self.found.append(Finding(line=place[0], column=place[1], message=message, hint=hint))

    def value(self, path: Path, message: Said, hint: Said = NOTHING) -> None:
        """Notes something that is wrong with a value."""
        self.at(self.places.value(path), message, hint)

    def sorted(self) -> tuple[Finding, ...]:
        """Everything noted, in the order of the text."""
        return tuple(sorted(self.found, key=lambda finding: (finding.line, finding.column)))


class Table:
    """One table of the text. A key that is asked for and is wrong or missing is noted, and a harmless value
    given in its place; what was never asked for is unknown."""

    def __init__(self, notes: Notes, path: Path, data: object) -> None:
        self.notes, self.path = notes, path
        self.data: dict[str, Any] = data if isinstance(data, dict) else {}
        self.asked: list[str] = []
        if not isinstance(data, dict):
            notes.value(path, _kind(dict, path))

    def __contains__(self, key: str) -> bool:
        return key in self.data

    def place(self, key: str) -> Path:
        return (*self.path, key)

    def wrong(self, key: str, message: Said, hint: Said = NOTHING) -> None:
        """Notes something about the value of a key."""
        self.notes.value(self.place(key), message, hint)

    def missing(self, key: str, hint: Said = NOTHING) -> None:
        """Notes at the table's heading that a key is not there."""
        self.notes.at(self.notes.places.key(self.path), Said("%(key)s is missing.", key=key), hint)

    def end(self) -> None:
        """Notes every key that nobody asked for."""
        for key in self.data.keys() - set(self.asked):
            message = Said("There is no key %(key)s here.", key=key)
            self.notes.at(self.notes.places.key(self.place(key)), message, close(key, self.asked))

    def get(self, key: str, of: type, *, needed: bool) -> Any:
        """The value of a key if it is of a type; None otherwise."""
        self.asked.append(key)
        if key not in self.data:
            if needed:
                self.missing(key)
            return None
        value = self.data[key]
        if type(value) is not of:
            self.wrong(key, _kind(of, self.place(key)))
            return None
        return value

    def text(self, key: str, *, needed: bool = True, most: int = 2_000) -> str:
        """A text of at most so many characters; "" when it is not there."""
        value = self.get(key, str, needed=needed)
        if value is None:
            return ""
        if not value.strip() or len(value) > most or not value.replace("\n", " ").isprintable():
            self.wrong(
                key, Said("%(key)s has 1 to %(most)s characters that can be read.", key=key, most=most)
            )
            return ""
        return str(value)

    def number(self, key: str, low: int, high: int, default: int | None = None) -> int:
        """A whole number in a range; the default, or `low` where one is needed, when it is not there."""
        value = self.get(key, int, needed=default is None)
        if value is None:
            return low if default is None else default
        if not low <= value <= high:
            self.wrong(key, Said("%(key)s is from %(low)s to %(high)s.", key=key, low=low, high=high))
            return low
        return int(value)

    def choice(self, key: str, choices: Sequence[str], default: str = "") -> str:
        """One word of a closed list."""
        value = self.text(key, needed=not default)
        if value and value not in choices:
            hint = close(value, list(choices))
            known = ", ".join(choices)
            self.wrong(key, Said("%(key)s is one of: %(known)s.", key=key, known=known), hint)
            return choices[0]
        return value or default

    def slug(self, key: str, *, needed: bool = True, most: int = 32) -> str:
        """A name of small letters, digits and hyphens, at most 32."""
        value = self.text(key, needed=needed)
        if value and (len(value) > most or not SLUG.fullmatch(value)):
            words = Said("%(key)s is 1 to %(most)s small letters, digits and hyphens.", key=key, most=most)
            self.wrong(key, words)
            return ""
        return value

    def span(self, key: str, default: str, *, most_days: int) -> int:
        """A span of time such as `72h`, in milliseconds; at most so many days."""
        value = self.text(key, needed=False) or default
        match = SPAN.fullmatch(value)
        if not match and value != "0":
            words = Said("%(key)s is a time such as 30s, 10m, 72h or 3d.", key=key)
            self.wrong(key, words)
            return 0
        span_ms = int(match[1]) * UNITS_MS[match[2]] if match else 0
        if span_ms > most_days * UNITS_MS["d"]:
            self.wrong(key, Said("%(key)s is at most %(days)s days.", key=key, days=most_days))
        return span_ms

    def months(self, key: str, default: str, low: int, high: int) -> int:
        """A number of months such as `60M`."""
        match = MONTHS.fullmatch(self.text(key, needed=False) or default)
        if not match or not low <= int(match[1]) <= high:
            words = Said("%(key)s is %(low)sM to %(high)sM, in months.", key=key, low=low, high=high)
            self.wrong(key, words)
            return low
        return int(match[1])

    def percent(self, key: str, most: int) -> int:
        """A share such as `5%` or `2.5%`, in basis points; 0 when it is not there."""
        value = self.text(key, needed=False)
        if not value:
            return 0
        match = PERCENT.fullmatch(value)
        points = int(match[1]) * 100 + int((match[2] or "0").ljust(2, "0")) if match else 0
        if not 0 < points <= most:
            words = Said(
                "%(key)s is a share such as 5%% or 2.5%%, at most %(most)s%%.", key=key, most=most // 100
            )
            self.wrong(key, words)
        return points

    def listed(
        self, key: str, of: type[str] | type[int], most: int, *, needed: bool = False
    ) -> tuple[Any, ...]:
        """A list of texts or of numbers; one alone counts as a list of one."""
        if type(self.data.get(key)) is of:
            self.asked.append(key)
            return (self.data[key],)
        values = self.get(key, list, needed=needed)
        if values is None:
            return ()
        if any(type(value) is not of for value in values) or not 0 < len(values) <= most:
            number = next((n for n, value in enumerate(values) if type(value) is not of), None)
            path = self.place(key) if number is None else (*self.place(key), number)
            self.notes.value(path, _list(of, most))
            return ()
        return tuple(values)

    def table(self, key: str, *, needed: bool = False) -> Table | None:
        """A table inside this one."""
        value = self.get(key, dict, needed=needed)
        return None if value is None else Table(self.notes, self.place(key), value)

    def rows(self, key: str, most: int) -> list[Table]:
        """An array of tables, `[[key]]`."""
        values = self.get(key, list, needed=False) or []
        if len(values) > most:
            self.notes.at(
                self.notes.places.key((*self.path, key, most)), Said("At most %(most)s of these.", most=most)
            )
        found = []
        for number, value in enumerate(values[:most]):
            path = (*self.path, key, number)
            if isinstance(value, dict):
                found.append(Table(self.notes, path, value))
            else:
                self.notes.value(path, Said("Every %(key)s is a table, [[%(key)s]].", key=key))
        return found

    def languages(self, key: str, languages: Sequence[str], most: int, *also: str) -> dict[str, str]:
        """A table with a text in each language; `also` names keys of it that are something else."""
        inner = self.table(key, needed=True)
        if inner is None:
            return {}
        texts = {language: inner.text(language, most=most) for language in languages}
        inner.asked += also
        inner.end()
        return texts


def _kind(of: type, path: Path) -> Said:
    return Said(KINDS_OF_VALUE[of].template, key=str(path[-1]))


def _list(of: type[str] | type[int], most: int) -> Said:
    if of is str:
        return Said("A list of 1 to %(most)s texts.", most=most)
    return Said("A list of 1 to %(most)s whole numbers.", most=most)
