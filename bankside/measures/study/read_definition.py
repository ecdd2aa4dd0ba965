"""Reads study.toml: everything that is wrong is said at once, each with its place and what to do."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final, cast

from bankside.measures.study.definition import (
    KINDS,
    LANGUAGES,
    SUPPRESS_DEFAULT,
    Definition,
    Kind,
    Option,
    Question,
    Texts,
)
from bankside.measures.study.expression import KEPT, ExpressionWrong, parse
from bankside.measures.study.trouble import NOTHING, TROUBLES_MAX, DefinitionWrong, Trouble, near
from bankside.said import Said

FILE: Final = "study.toml"
BODY_CHARACTERS_MAX: Final = 1_000_000
QUESTIONS_MAX: Final = 300
OPTIONS_MAX: Final = 100
TEXT_CHARACTERS_MAX: Final = 2_000
ID_CHARACTERS_MAX: Final = 64
POPULATION_MAX: Final = 10**9
SUPPRESS_MAX: Final = 100
DOTS_MAX: Final = 400
"""In one line: a key of so many parts takes the reader of TOML the square of them."""
WAVES_MAX: Final = 50
STUDY_KEYS: Final = ("title", "year", "unit", "population", "suppress", "waves", "languages")
QUESTION_KEYS: Final = ("id", "kind", "options", "text", "base", "min", "max", "finding")
COLUMNS: Final = ("institution", "sector", "wave")  # what a heading can be besides a question
# Names that other tools give a language.
_LANGUAGES: Final = {"zh": "zh-Hans", "zh-hans": "zh-Hans", "zh_hans": "zh-Hans", "zh-cn": "zh-Hans"}
_ID = re.compile(r"\w(?:[\w.-]*\w)?")


def define_text(toml: str, file: str = FILE, *, titled: bool = True) -> Definition:
    """Reads the text of a study.toml; DefinitionWrong with everything that is wrong."""
    if len(toml) > BODY_CHARACTERS_MAX:
        message = Said("A definition has at most %(most)s characters.", most=BODY_CHARACTERS_MAX)
        raise DefinitionWrong([Trouble(file=file, message=message)])
    try:
        if any(line.count(".") > DOTS_MAX for line in toml.split("\n")):
            raise RecursionError("it is nested too deeply")
        data = tomllib.loads(toml.removeprefix("﻿").replace("\r\n", "\n"))
    except (ValueError, RecursionError) as error:  # also a number of more digits than Python reads
        message = Said("This is not TOML: %(why)s.", why=str(error)[:200])
        raise DefinitionWrong([Trouble(file=file, message=message)]) from None
    return define(data, file, titled=titled)


def define(data: Mapping[str, Any], file: str = FILE, *, titled: bool = True) -> Definition:
    """Makes a study of what a study.toml holds; DefinitionWrong with everything that is wrong.

    `titled`: a title is needed, as on the desk, where a study is found by it.
    """
    reader = _Reader(file, titled)
    definition = reader.study(data)
    if reader.troubles:
        raise DefinitionWrong(reader.troubles[:TROUBLES_MAX])
    return definition


class _Reader:
    """Collects troubles on the way; what is wrong is left out of what it gives."""

    def __init__(self, file: str, titled: bool) -> None:
        self.file, self.titled = file, titled
        self.troubles: list[Trouble] = []

    def wrong(self, name: str, message: Said, hint: Said = NOTHING) -> None:
        self.troubles.append(Trouble(file=self.file, name=name, message=message, hint=hint))

    def study(self, data: Mapping[str, Any]) -> Definition:
        inner = data.get("study", {})
        rows = data.get("question", [])
        head = {key: value for key, value in data.items() if key not in ("study", "question")}
        head |= inner if isinstance(inner, dict) else {}
        self.keys("study", head, STUDY_KEYS)
        return Definition(
            title=self.texts("study.title", head.get("title"), needed=self.titled),
            year=self.label("study.year", head.get("year", "")),
            unit=self.texts("study.unit", head.get("unit")),
            population=self.whole("study.population", head.get("population"), 1, POPULATION_MAX),
            suppress=self.whole("study.suppress", head.get("suppress"), 1, SUPPRESS_MAX) or SUPPRESS_DEFAULT,
            waves=tuple(self.waves(head.get("waves", []))),
            questions=self.questions(rows),
        )

    def waves(self, given: Any) -> Iterator[str]:
        if not isinstance(given, list) or len(given) > WAVES_MAX:
            self.wrong("study.waves", Said("This must be a list."))
            return
        yield from (self.label("study.waves", wave) for wave in given)

    def questions(self, rows: Any) -> tuple[Question, ...]:
        if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
            self.wrong("", Said("A study has at least one [[question]]."))
            return ()
        if len(rows) > QUESTIONS_MAX:
            self.wrong("", Said("A study has at most %(most)s questions.", most=QUESTIONS_MAX))
            return ()
        found: list[Question] = []
        for place, row in enumerate(rows, 1):
            ids = [str(other.get("id", "")) for other in rows[place - 1 :]]
            question = self.question(row, place, found, ids)
            if question.id in {other.id for other in found}:
                self.wrong(question.id, Said("Two questions have the id %(id)s.", id=question.id))
            else:
                found.append(question)
        return tuple(found)

    def question(
        self, row: dict[str, Any], place: int, earlier: Sequence[Question], later: Sequence[str]
    ) -> Question:
        id = self.id(row.get("id"), place)
        self.keys(id, row, QUESTION_KEYS)
        kind = row.get("kind")
        if kind not in KINDS:
            self.wrong(
                f"{id}.kind",
                Said("“%(kind)s” is not a kind of question.", kind=str(kind)[:60]),
                near(str(kind), KINDS),
            )
            kind = "single"
        base_text = row.get("base", "")
        low = self.bound(f"{id}.min", row.get("min"), kind)
        high = self.bound(f"{id}.max", row.get("max"), kind)
        options = self.options(id, kind, row.get("options"))
        return Question(
            id=id, kind=cast(Kind, kind), low=low, high=high,
            texts=self.texts(f"{id}.text", row.get("text")),
            options=options or (_steps(low, high) if kind == "scale" else ()),
            base=self.base(id, base_text, earlier, later),
            base_text=base_text if isinstance(base_text, str) else "",
            said=self.texts(f"{id}.finding", row.get("finding")),
        )  # fmt: skip

    def id(self, given: Any, place: int) -> str:
        if not isinstance(given, str) or not _ID.fullmatch(given) or len(given) > ID_CHARACTERS_MAX:
            message = Said("The id of question %(place)s is missing or not a word.", place=str(place))
            hint = Said("Letters, digits, - and _ alone, at most %(most)s.", most=ID_CHARACTERS_MAX)
            self.wrong("", message, hint)
            return f"question-{place}"
        if given.lower() in (*KEPT, *COLUMNS):
            self.wrong(
                given, Said("The word %(id)s has a meaning of its own.", id=given), Said("Choose another id.")
            )
        return given

    def base(self, id: str, given: Any, earlier: Sequence[Question], later: Sequence[str]) -> Any:
        if given == "" or given is None:
            return None
        if not isinstance(given, str):
            self.wrong(f"{id}.base", Said("This must be a text in quotation marks."))
            return None
        try:
            return parse(given, earlier, later)
        except ExpressionWrong as error:
            message = Said("Character %(column)s: %(why)s", column=str(error.column), why=error.message)
            self.wrong(f"{id}.base", message, error.hint)
            return None

    def options(self, id: str, kind: str, given: Any) -> tuple[Option, ...]:
        name = f"{id}.options"
        if given is None:
            given = []
        if isinstance(given, dict):
            given = [{"id": key, "text": text} for key, text in given.items()]
        if not isinstance(given, list) or len(given) > OPTIONS_MAX:
            self.wrong(name, Said("This must be a list of at most %(most)s options.", most=OPTIONS_MAX))
            return ()
        if kind == "number" and given:
            self.wrong(name, Said("A number has no options."), Said("Bound it with min and max."))
        if kind in ("single", "multi") and not given:
            self.wrong(name, Said("This kind of question needs options."))
        options = [option for one in given if (option := self.option(name, one))]
        ids = [option.id for option in options]
        for twice in sorted({one for one in ids if ids.count(one) > 1}):
            self.wrong(name, Said("The option %(id)s stands there twice.", id=twice))
        return tuple(options)

    def option(self, name: str, given: Any) -> Option | None:
        texts: Texts = {}
        if isinstance(given, dict):
            spoken = given.get("text", {key: text for key, text in given.items() if key != "id"})
            texts = self.texts(name, spoken) if spoken else {}
            given = given.get("id")
        whole = type(given) is int
        id = str(given).strip() if whole or isinstance(given, str) else ""
        if not id or len(id) > TEXT_CHARACTERS_MAX or "|" in id or "\n" in id or id in ("-", "–", "—"):
            message = Said("An option is a short word or a whole number.")
            self.wrong(name, message, Said("It cannot be empty, nor “-”, nor hold “|”."))
            return None
        return Option(id=id, texts=texts, written=given if whole else id)

    def texts(self, name: str, given: Any, *, needed: bool = False) -> Texts:
        """A text for every language (key ""), or one per language."""
        if given is None or given == "":
            if needed:
                self.wrong(name, Said("This is missing."))
            return {}
        if isinstance(given, str):
            given = {"": given}
        if not isinstance(given, dict) or not all(isinstance(text, str) for text in given.values()):
            self.wrong(name, Said("This must be a text, or a text for each language."))
            return {}
        found: dict[str, str] = {}
        for language, text in given.items():
            meant = _LANGUAGES.get(str(language).lower(), str(language))
            if meant and meant not in LANGUAGES:
                message = Said("“%(language)s” is not one of the languages.", language=language)
                self.wrong(name, message, near(language, LANGUAGES))
            if len(text) > TEXT_CHARACTERS_MAX:
                self.wrong(name, Said("A text has at most %(most)s characters.", most=TEXT_CHARACTERS_MAX))
            found[meant] = text.strip()
        return found

    def label(self, name: str, given: Any) -> str:
        """A year or the name of a wave: a text or a whole number."""
        if type(given) is int or (isinstance(given, str) and len(given) <= ID_CHARACTERS_MAX):
            return str(given).strip()
        self.wrong(name, Said("This must be a year or a short text."))
        return ""

    def whole(self, name: str, given: Any, low: int, high: int) -> int | None:
        if given is None or (type(given) is int and low <= given <= high):
            return given
        self.wrong(name, Said("This must be a whole number from %(low)s to %(high)s.", low=low, high=high))
        return None

    def bound(self, name: str, given: Any, kind: str) -> Fraction | None:
        if given is None:
            return None
        if kind not in ("number", "scale") or type(given) not in (int, float) or given != given:
            self.wrong(name, Said("Only a number has bounds, and they are numbers."))
            return None
        return Fraction(str(given))

    def keys(self, name: str, given: Mapping[str, Any], known: Sequence[str]) -> None:
        for key in given:
            if key not in known:
                self.wrong(name, Said("There is no setting “%(key)s”.", key=key[:60]), near(key, known))


def _steps(low: Fraction | None, high: Fraction | None) -> tuple[Option, ...]:
    """The whole numbers of a scale that has no options, but bounds."""
    if low is None or high is None or low.denominator != 1 or high.denominator != 1:
        return ()
    steps = range(int(low), min(int(high), int(low) + OPTIONS_MAX - 1) + 1)
    return tuple(Option(id=str(step), written=step) for step in steps)
