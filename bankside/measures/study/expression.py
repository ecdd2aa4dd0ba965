"""The language of `base`: a condition on earlier answers, read into nodes or refused with a column.

    uses == "yes" && "blog" in networks            reach >= 4 or not answered(budget)
    goals in ["contact", "brand"]                  count(networks) > 1 and sector == "bank"

`and or not` and `&& || !` mean the same. An option of the question that it stands beside needs no quotation
marks. No arithmetic, no calls but `answered` and `count`, at most PARTS_MAX parts: what is accepted ends.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, cast

from bankside.measures.study.answers import same
from bankside.measures.study.condition import (
    Answered,
    Both,
    Chosen,
    Compared,
    Condition,
    Either,
    Not,
    OfSector,
    Sign,
)
from bankside.measures.study.definition import Question, number_of
from bankside.measures.study.trouble import NOTHING, near
from bankside.said import Said

TEXT_CHARACTERS_MAX: Final = 2_000
PARTS_MAX: Final = 100
DEPTH_MAX: Final = 20

TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>-?[0-9]+(?:\.[0-9]+)?)(?![\w-]) | (?P<name>\w(?:[\w.-]*\w)?)
    | "(?P<word>[^"\n]*)" | '(?P<single>[^'\n]*)' | “(?P<curly>[^”\n]*)”
    | (?P<sign>&&|\|\||==|!=|<>|<=|>=|[=<>!()\[\]{},≤≥≠]) | (?P<wrong>\S) )""",
    re.X,
)
MEANS: Final = {"=": "==", "<>": "!=", "≠": "!=", "≤": "<=", "≥": ">=", "and": "&&", "or": "||", "not": "!"}
TURNED: Final = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
HAS: Final = ("contains", "has", "includes")
KEPT: Final = ("and", "or", "not", "in", "answered", "count", "sector", *HAS)
ENDS: Final = {"(": ")", "[": "]", "{": "}"}


class ExpressionWrong(ValueError):
    """A base cannot be read, at a column from 1; `hint` is "" when there is nothing to suggest."""

    def __init__(self, message: Said, column: int, hint: Said = NOTHING) -> None:
        super().__init__(message)
        self.message, self.column, self.hint = message, column, hint


def parse(text: str, earlier: Sequence[Question], later: Sequence[str] = ()) -> Condition:
    """Reads a base over earlier questions, or ExpressionWrong. `later`: ids that come too late."""
    if len(text) > TEXT_CHARACTERS_MAX:
        raise ExpressionWrong(Said("A base has at most %(most)s characters.", most=TEXT_CHARACTERS_MAX), 1)
    reader = _Reader(_tokens(text), {question.id: question for question in earlier}, frozenset(later))
    condition = reader.either()
    if reader.token.kind != "end":
        raise _unexpected(reader.token)
    return condition


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str  # number, name, word, sign, end
    text: str
    column: int


# What can stand on a side: a question, how many options it has, the sector, or words and numbers.
@dataclass(frozen=True, slots=True)
class _Side:
    token: _Token
    question: Question | None = None
    counted: bool = False
    sector: bool = False
    listed: tuple[_Token, ...] = ()

    @property
    def is_asked(self) -> bool:
        return self.question is not None or self.sector


def _tokens(text: str) -> list[_Token]:
    found, at = [], 0
    while (match := TOKEN.match(text, at)) is not None:
        kind = str(match.lastgroup)
        token = _Token(kind, match[kind], match.start(kind) + 1)
        if kind == "wrong":
            raise _unexpected(token)
        if kind in ("word", "single", "curly"):  # their column is that of the quotation mark
            token = _Token("word", token.text, token.column - 1)
        if kind == "sign" or (kind == "name" and token.text.lower() in KEPT):
            small = token.text.lower()
            token = _Token(kind, MEANS.get(small, small), token.column)
            kind = "sign" if token.text in ("&&", "||", "!") else kind
            token = _Token(kind, token.text, token.column)
        found.append(token)
        at = match.end()
    return [*found, _Token("end", "", len(text.rstrip()) + 1)]


def _unexpected(token: _Token) -> ExpressionWrong:
    if token.kind == "end":
        return ExpressionWrong(Said("The base ends too early."), token.column)
    if token.text in "\"'“":
        return ExpressionWrong(Said("A quotation mark is not closed."), token.column)
    hint = {"&": "&&", "|": "||"}.get(token.text, "")
    said = Said("Did you mean “%(word)s”?", word=hint) if hint else NOTHING
    return ExpressionWrong(Said("“%(text)s” cannot stand here.", text=token.text), token.column, said)


class _Reader:
    """Recursive descent, loosest binding first. Every part is counted, every nesting too."""

    def __init__(self, tokens: list[_Token], earlier: Mapping[str, Question], later: frozenset[str]) -> None:
        self.tokens, self.earlier, self.later = tokens, earlier, later
        self.at = self.parts = self.depth = 0

    @property
    def token(self) -> _Token:
        return self.tokens[self.at]

    def take(self, *texts: str) -> _Token | None:
        """The next token if it is one of these signs or words, which is then behind us."""
        token = self.token
        if token.kind in ("sign", "name") and token.text in texts:
            self.at += 1
            return token
        return None

    def need(self, text: str) -> None:
        if not self.take(text):
            raise _unexpected(self.token)

    def counted(self, condition: Condition) -> Condition:
        self.parts += 1
        if self.parts > PARTS_MAX:
            raise ExpressionWrong(
                Said("A base has at most %(most)s parts.", most=PARTS_MAX), self.token.column
            )
        return condition

    def either(self) -> Condition:
        left = self.both()
        while self.take("||"):
            left = self.counted(Either(left, self.both()))
        return left

    def both(self) -> Condition:
        left = self.negated()
        while self.take("&&"):
            left = self.counted(Both(left, self.negated()))
        return left

    def negated(self) -> Condition:
        column = self.token.column
        self.depth += 1
        if self.depth > DEPTH_MAX:
            raise ExpressionWrong(Said("At most %(most)s levels can be nested.", most=DEPTH_MAX), column)
        condition = self.counted(Not(self.negated())) if self.take("!") else self.single()
        self.depth -= 1
        return condition

    def single(self) -> Condition:
        if self.take("("):
            inner = self.either()
            self.need(")")
            return inner
        if self.take("answered"):
            self.need("(")
            asked = self.asked(self.token)
            self.at += 1
            self.need(")")
            return self.counted(Answered(asked.id))
        return self.counted(self.relation())

    def relation(self) -> Condition:
        left = self.side()
        if token := self.take(*TURNED):
            return _compared(token, left, self.beside(left))
        turned = self.take("!")
        if token := self.take("in"):
            found = _among(token, left, self.beside(left))
        elif token := self.take(*HAS):
            found = _among(token, self.beside(left), left)
        elif left.is_asked and turned is None:
            hint = Said("Write which answer: %(name)s == “...”, or answered(%(name)s).", name=left.token.text)
            raise ExpressionWrong(
                Said("This is a question and not yet a condition."), left.token.column, hint
            )
        else:
            raise _unexpected(self.token)
        return Not(found) if turned else found

    def beside(self, left: _Side) -> _Side:
        """The other side; one of both must be a question."""
        right = self.side()
        if not left.is_asked and not right.is_asked:
            named = next((one.token for one in (left, right) if one.token.kind == "name"), left.token)
            raise _unknown(named, self.earlier, self.later)
        return right

    def side(self) -> _Side:
        token = self.token
        if token.kind == "sign" and token.text in ENDS:
            return self.list()
        if token.kind in ("end", "sign"):
            raise _unexpected(token)
        if self.take("sector"):
            return _Side(token, sector=True)
        if self.take("count"):
            self.need("(")
            asked = self.asked(self.token)
            self.at += 1
            self.need(")")
            return _Side(token, question=asked, counted=True)
        self.at += 1
        if token.kind == "name" and token.text in self.earlier:
            return _Side(token, question=self.earlier[token.text])
        return _Side(token, listed=(token,))

    def list(self) -> _Side:
        start = self.token
        self.at += 1
        found: list[_Token] = []
        while not self.take(ENDS[start.text]):
            if found:
                self.need(",")
            if self.token.kind not in ("number", "name", "word") or len(found) == PARTS_MAX:
                raise _unexpected(self.token)
            found.append(self.token)
            self.at += 1
        if not found:
            raise ExpressionWrong(Said("The list is empty."), start.column)
        return _Side(start, listed=tuple(found))

    def asked(self, token: _Token) -> Question:
        """The earlier question that a name means."""
        if token.kind == "name" and token.text in self.earlier:
            return self.earlier[token.text]
        if token.kind in ("name", "word"):
            raise _unknown(token, self.earlier, self.later)
        raise _unexpected(token)


def _unknown(token: _Token, earlier: Mapping[str, Question], later: frozenset[str]) -> ExpressionWrong:
    if token.text in later:
        message = Said("The question %(name)s comes later; a base asks about earlier ones.", name=token.text)
        return ExpressionWrong(message, token.column)
    message = Said("There is no earlier question %(name)s.", name=token.text)
    return ExpressionWrong(message, token.column, near(token.text, earlier))


def _compared(token: _Token, left: _Side, right: _Side) -> Condition:
    """A question beside words or a number, in either order."""
    if right.is_asked and not left.is_asked:
        left, right, sign = right, left, TURNED[token.text]
    else:
        sign = token.text
    if right.is_asked or len(right.listed) != 1 or right.token.text in ENDS:
        raise ExpressionWrong(
            Said("A question is compared with one answer."), right.token.column,
            Said("Several are asked with in: %(name)s in [a, b].", name=left.token.text),
        )  # fmt: skip
    if sign in ("==", "!="):
        found = _is(left, right.listed)
        return found if sign == "==" else _opposite(found)
    return _ordered(cast(Sign, sign), left, right.listed[0])


def _opposite(found: Condition) -> Condition:
    match found:
        case Compared(sign="=="):
            return Compared(found.question, "!=", found.number, found.values, found.counted)
        case _:
            return Not(found)


def _among(token: _Token, left: _Side, right: _Side) -> Condition:
    """`"a" in q`, `q in ["a", "b"]`."""
    if left.is_asked == right.is_asked:
        raise ExpressionWrong(Said("One side of in is a question, the other its answers."), token.column)
    return _is(left, right.listed) if left.is_asked else _is(right, left.listed)


def _is(side: _Side, words: Sequence[_Token]) -> Condition:
    """The answer is one of these; for a multi, one of these is among what was chosen."""
    if side.sector:
        return OfSector(frozenset(same(word.text) for word in words))
    question = cast(Question, side.question)
    if side.counted or question.kind == "number" or not question.options:
        found: Condition | None = None
        for word in words:
            one = Compared(question.id, "==", _number(word), question.values, side.counted)
            found = Either(found, one) if found else one
        return cast(Condition, found)
    return Chosen(question.id, frozenset(_option(question, word) for word in words))


def _ordered(sign: Sign, side: _Side, word: _Token) -> Condition:
    """More or less than a number, or than a place on a scale."""
    question = side.question
    if question is None or (not side.counted and question.kind not in ("number", "scale")):
        message = Said("Only scales, numbers and count(...) can be more or less.")
        raise ExpressionWrong(message, side.token.column, Said("Ask with == or in."))
    values = question.values
    if not side.counted and word.kind != "number" and values:
        number = values[_option(question, word)]
    else:
        number = _number(word)
    return Compared(question.id, sign, number, values, side.counted)


def _option(question: Question, word: _Token) -> str:
    if question.option(word.text):
        return word.text
    alike = [option.id for option in question.options if same(option.id) == same(word.text)]
    if len(alike) == 1:
        return alike[0]
    message = Said("%(name)s has no option “%(word)s”.", name=question.id, word=word.text)
    raise ExpressionWrong(message, word.column, near(word.text, [option.id for option in question.options]))


def _number(word: _Token) -> Fraction:
    number = number_of(word.text)
    if number is None:
        raise ExpressionWrong(Said("This must be a number."), word.column)
    return number
