"""What points can be spent on, as data: a file of the bank's own, or the one that comes with the desk."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Literal, cast

from django.conf import settings

from bankside.rewards import programme as programmes
from bankside.rewards.programme import Live
from bankside.rewards.rules.terms import Programme
from bankside.said import Said

Kind = Literal["statement", "code", "gift"]
KINDS: Final = ("statement", "code", "gift")
FILE: Final = "choices.toml"
CHOICES_MAX: Final = 100
BYTES_MAX: Final = 200_000
POINTS_MAX: Final = 10**9
WORDS_CHARACTERS_MAX: Final = 200


class ChoicesWrong(RuntimeError):
    """The file of choices cannot be read; the message tells whoever runs the desk which and why."""


class ChoiceGone(LookupError):
    """Points cannot be spent on this, or not any more."""


class WrongAmount(ValueError):
    """So many points cannot be spent on this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Something for points. `points` is its price, 0 when the member chooses: at least `least`, in steps of
    `step`.

    `value`: what it is worth in minor units of `currency`, 0 when that follows from the points. `title` and
    `words` by language. `left`: codes that are there, None for what has no codes.
    """

    id: str
    kind: Kind
    title: Mapping[str, str]
    words: Mapping[str, str] = field(default_factory=dict)
    points: int = 0
    least: int = 1
    step: int = 1
    value: int = 0
    currency: str = ""
    partner: str = ""
    cause: str = ""
    left: int | None = None

    def worth(self, points: int, terms: Programme) -> int:
        """What so many points bring, in minor units, rounded down; raises WrongAmount."""
        if self.points and points != self.points:
            raise WrongAmount(Said("This costs %(points)s points.", points=self.points))
        if not self.points and (points < self.least or points > POINTS_MAX or points % self.step):
            raise WrongAmount(
                Said(
                    "Choose at least %(least)s points, in steps of %(step)s.",
                    least=self.least,
                    step=self.step,
                )
            )
        worth = self.value or points * terms.worth_minor // terms.worth_points
        if not worth:
            raise WrongAmount(Said("So few points are not worth anything yet."))
        return worth


def listed() -> tuple[Choice, ...]:
    """All choices in the order of the file; raises ChoicesWrong."""
    own = Path(settings.DATA) / FILE
    path = own if own.is_file() else Path(__file__).with_name(FILE)
    return _read(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _read(path: Path, _changed_ns: int) -> tuple[Choice, ...]:
    body = path.read_bytes()
    if len(body) > BYTES_MAX:
        raise ChoicesWrong(f"{path.name} is larger than {BYTES_MAX} bytes")
    try:
        rows = tomllib.loads(body.decode()).get("choice", [])
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        raise ChoicesWrong(f"{path.name}: {wrong}") from None
    if not isinstance(rows, list) or not 0 < len(rows) <= CHOICES_MAX:
        raise ChoicesWrong(f"{path.name} needs 1 to {CHOICES_MAX} tables [[choice]]")
    found = tuple(_choice(row, path.name) for row in rows)
    if len({choice.id for choice in found}) < len(found):
        raise ChoicesWrong(f"{path.name} has two choices of one id")
    return found


def _choice(row: Any, name: str) -> Choice:
    try:
        kind, points = row["kind"], row.get("points", 0)
        made = Choice(
            id=_word(row["id"]), kind=cast(Kind, kind), title=_by_language(row["title"]),
            words=_by_language(row.get("words", {"en": ""})), points=_number(points, 0),
            least=_number(row.get("least", 1), 1), step=_number(row.get("step", 1), 1),
            value=_number(row.get("value", 0), 0), partner=_word(row.get("partner", "-")),
            cause=_word(row.get("cause", "-")),
        )  # fmt: skip
        if kind not in KINDS or unknown(row):
            raise ValueError(f"kind {kind!r}, fields {sorted(unknown(row))}")
    except (AttributeError, KeyError, TypeError, ValueError) as wrong:
        raise ChoicesWrong(f"{name}: a choice cannot be read: {wrong!r}") from None
    if kind == "code" and not (made.points and made.value):
        raise ChoicesWrong(f"{name}: {made.id} needs points and value")
    return made


def unknown(row: Mapping[str, object]) -> set[str]:
    """Fields that a choice does not have."""
    return set(row) - (set(Choice.__dataclass_fields__) - {"currency", "left"})


def _word(text: str) -> str:
    if not (0 < len(text) <= 32 and text.isascii() and text.isprintable() and " " not in text):
        raise ValueError(f"{text!r} is no word of at most 32 letters")
    return text


def _number(value: int, low: int) -> int:
    if type(value) is not int or not low <= value <= POINTS_MAX:
        raise ValueError(f"{value!r} is no number from {low} on")
    return value


def _by_language(words: Mapping[str, str]) -> Mapping[str, str]:
    if not words or any(len(text) > WORDS_CHARACTERS_MAX for text in words.values()):
        raise ValueError("words by language, in at most 200 characters each")
    return dict(words)


def live_now() -> Live | None:
    """The programme whose points are spent, also when it has ended; None before there was any."""
    return programmes.current()


def choice_of(
    choice_id: str, live: Live | None, among: Sequence[Choice] | None = None
) -> tuple[Choice, Live]:
    """The choice, and the programme whose points are spent; raises ChoiceGone. `among`: those listed now."""
    for one in listed() if among is None else among:
        if one.id == choice_id and live is not None:
            return one, live
    raise ChoiceGone(Said("Points cannot be spent on this now."))
