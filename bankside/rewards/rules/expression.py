"""The language of rules: a typed subset of CEL's syntax, read into nodes or refused with a column.

No loops, no division, no calls but min and max, at most NODES_MAX nodes. What is accepted ends, and costs
little.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final, Literal, cast

from bankside.rewards.rules import nodes
from bankside.rewards.rules.fields import REFUSED, Allowed, Type
from bankside.rewards.rules.nodes import Node
from bankside.said import Said

TEXT_CHARACTERS_MAX: Final = 2_000
NODES_MAX: Final = 200
DEPTH_MAX: Final = 30
NUMBER_MAX: Final = 10**12
WORD_CHARACTERS_MAX: Final = 64
NOTHING: Final = Said(template="")

TOKEN = re.compile(
    r"""[ \t\r\n]*(?:
      (?P<number>[0-9][0-9_.]*) | (?P<name>[A-Za-z_][A-Za-z0-9_]*) | (?P<word>"[^"\n]*"|'[^'\n]*')
    | (?P<sign>&&|\|\||==|!=|<=|>=|[-+*<>!()\[\],]) | (?P<wrong>[^ \t\r\n]) )""",
    re.X,
)
WORD_SIGNS: Final = frozenset(" -_.:/")
INSTEAD: Final = {
    "=": "==", "&": "&&", "|": "||", "and": "&&", "or": "||", "not": "!", "AND": "&&", "OR": "||", "NOT": "!",
    "True": "true", "False": "false", "IN": "in",
}  # fmt: skip
COMPARISONS: Final = ("==", "!=", "<", "<=", ">", ">=")


class ExpressionWrong(ValueError):
    """An expression cannot be read, at a column from 1; `hint` is "" when there is nothing to suggest."""

    def __init__(self, message: Said, column: int, hint: Said = NOTHING) -> None:
        super().__init__(message)
        self.message, self.column, self.hint = message, column, hint


@dataclass(frozen=True, slots=True)
class Expression:
    """A text that was read: its nodes and the type of its value."""

    text: str
    root: Node
    type: Type


def parse(
    text: str, fields: Mapping[str, Allowed], want: Type, units: Mapping[str, int] | None = None
) -> Expression:
    """Reads an expression over these fields; ExpressionWrong when it is not one of type `want`.

    `units`: by field, in how many of its units it counts (`{"amount": 1000}`: thousands, rounded down).
    """
    if len(text) > TEXT_CHARACTERS_MAX:
        raise ExpressionWrong(
            Said("An expression has at most %(most)s characters.", most=TEXT_CHARACTERS_MAX), 1
        )
    reader = _Reader(_tokens(text), fields, units or {})
    root = reader.either()
    if reader.kind != "end":
        raise _unexpected(reader.token)
    if nodes.type_of(root) != want:
        raise ExpressionWrong(WANTED[want], 1)
    return Expression(text, root, want)


def close(word: str, known: tuple[str, ...] | list[str]) -> Said:
    """ "Did you mean" the nearest known word; "" when none is near."""
    found = get_close_matches(word, known, n=1, cutoff=0.6)
    return Said("Did you mean %(word)s?", word=found[0]) if found else NOTHING


WANTED: Final[Mapping[Type, Said]] = {
    "int": Said("This must be a number."),
    "bool": Said("This must be a condition that is true or false."),
    "str": Said("This must be a word in quotation marks."),
    "list": Said("This must be a list."),
}


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    column: int


def _tokens(text: str) -> list[_Token]:
    found, at = [], 0
    while (match := TOKEN.match(text, at)) is not None:
        kind = str(match.lastgroup)
        token = _Token(kind, match[kind], match.start(kind) + 1)
        if kind == "wrong":
            raise _unexpected(token)
        found.append(token)
        at = match.end()
    return [*found, _Token("end", "", len(text.rstrip()) + 1)]


def _unexpected(token: _Token) -> ExpressionWrong:
    if token.kind == "end":
        return ExpressionWrong(Said("The expression ends too early."), token.column)
    if token.text in "/%":
        hint = Said("Use `amount_unit` to count an amount in larger units.")
        return ExpressionWrong(Said("There is no division."), token.column, hint)
    if token.text in "\"'":
        return ExpressionWrong(Said("A quotation mark is not closed."), token.column)
    there = INSTEAD.get(token.text, "")
    hint = Said("Did you mean %(word)s?", word=there) if there else NOTHING
    return ExpressionWrong(Said("“%(text)s” cannot stand here.", text=token.text), token.column, hint)


class _Reader:
    """Recursive descent, loosest binding first. Every node is counted, every nesting too."""

    def __init__(self, tokens: list[_Token], fields: Mapping[str, Allowed], units: Mapping[str, int]) -> None:
        self.tokens, self.fields, self.units = tokens, fields, units
        self.at = self.count = self.depth = 0

    @property
    def token(self) -> _Token:
        return self.tokens[self.at]

    @property
    def kind(self) -> str:
        return self.token.kind

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

    def counted(self, node: Node) -> Node:
        self.count += 1
        if self.count > NODES_MAX:
            message = Said("An expression has at most %(most)s parts.", most=NODES_MAX)
            raise ExpressionWrong(message, node.column, Said("Write two rules instead of one."))
        return node

    def deeper(self, column: int) -> None:
        self.depth += 1
        if self.depth > DEPTH_MAX:
            raise ExpressionWrong(Said("At most %(most)s levels can be nested.", most=DEPTH_MAX), column)

    def either(self) -> Node:
        left = self.both()
        while token := self.take("||"):
            left = self.logic("||", token, left, self.both())
        return left

    def both(self) -> Node:
        left = self.relation()
        while token := self.take("&&"):
            left = self.logic("&&", token, left, self.relation())
        return left

    def logic(self, sign: Literal["&&", "||"], token: _Token, left: Node, right: Node) -> Node:
        _typed(left, "bool")
        _typed(right, "bool")
        return self.counted(nodes.Logic(sign, left, right, token.column))

    def relation(self) -> Node:
        left = self.sum()
        while True:
            if token := self.take(*COMPARISONS):
                left = self.counted(_compared(token, left, self.sum(), self.fields))
            elif token := self.take("in"):
                left = self.counted(self.among(token, left))
            else:
                return left

    def sum(self) -> Node:
        left = self.product()
        while token := self.take("+", "-"):
            left = self.arithmetic(token, left, self.product())
        return left

    def product(self) -> Node:
        left = self.single()
        while token := self.take("*"):
            left = self.arithmetic(token, left, self.single())
        return left

    def arithmetic(self, token: _Token, left: Node, right: Node) -> Node:
        _typed(left, "int")
        _typed(right, "int")
        sign = cast('Literal["+", "-", "*"]', token.text)
        return self.counted(nodes.Arithmetic(sign, left, right, token.column))

    def single(self) -> Node:
        token = self.token
        self.deeper(token.column)
        node = self.signed() if self.kind == "sign" else self.plain()
        self.depth -= 1
        return node

    def signed(self) -> Node:
        """What begins with a sign: `!`, a minus, or brackets."""
        token = self.token
        if self.take("!"):
            return self.counted(nodes.Not(_typed(self.single(), "bool"), token.column))
        if self.take("-"):
            of = _typed(self.single(), "int")
            return self.counted(nodes.Arithmetic("-", nodes.Number(0, token.column), of, token.column))
        if self.take("("):
            inner = self.either()
            self.need(")")
            return inner
        raise _unexpected(token)

    def plain(self) -> Node:
        """What is named, numbered or quoted."""
        token = self.token
        if token.kind == "end":
            raise _unexpected(token)
        self.at += 1
        if token.kind == "number":
            return self.counted(nodes.Number(_number(token), token.column))
        if token.kind == "word":
            return self.counted(nodes.Word(_word(token), token.column))
        if token.text in ("true", "false"):
            return self.counted(nodes.Truth(token.text == "true", token.column))
        if self.kind == "sign" and self.token.text == "(":
            return self.extreme(token)
        return self.counted(self.field(token))

    def extreme(self, token: _Token) -> Node:
        if token.text not in ("min", "max"):
            raise ExpressionWrong(Said("Only min and max can be called."), token.column)
        self.need("(")
        of = [_typed(self.either(), "int")]
        while self.take(","):
            of.append(_typed(self.either(), "int"))
        self.need(")")
        if len(of) < 2:
            raise ExpressionWrong(Said("min and max need at least two numbers."), token.column)
        return self.counted(nodes.Extreme(cast('Literal["min", "max"]', token.text), tuple(of), token.column))

    def field(self, token: _Token) -> Node:
        allowed = self.fields.get(token.text)
        if allowed is not None:
            per = self.units.get(token.text, 1)
            return nodes.Field(token.text, allowed.type, allowed.low, allowed.high, per, token.column)
        if token.text in INSTEAD:
            raise _unexpected(token)
        if token.text.lower() in REFUSED:
            raise ExpressionWrong(REFUSED[token.text.lower()], token.column)
        message = Said("There is no field %(name)s.", name=token.text)
        raise ExpressionWrong(message, token.column, close(token.text, list(self.fields)))

    def among(self, token: _Token, left: Node) -> Node:
        of = nodes.type_of(left)
        if isinstance(left, nodes.Word) and self.kind == "name":
            field = self.single()
            if not isinstance(field, nodes.Field) or field.type != "list":
                raise ExpressionWrong(WANTED["list"], field.column)
            return nodes.Shares(field, (left.value,), token.column)
        values = self.listed("str" if of == "list" else of, left)
        if isinstance(left, nodes.Field) and of == "list":
            return nodes.Shares(left, cast("tuple[str, ...]", values), token.column)
        return nodes.Among(left, values, token.column)

    def listed(self, of: Type, left: Node) -> tuple[int, ...] | tuple[str, ...]:
        """A list in square brackets, all of one type."""
        column = self.token.column
        if of not in ("int", "str"):
            raise ExpressionWrong(Said("Only numbers and words can be in a list."), left.column)
        self.need("[")
        values: list[Node] = []
        while not self.take("]"):
            if values:
                self.need(",")
            values.append(self.literal(of))
        if not values:
            raise ExpressionWrong(Said("The list is empty."), column)
        for value in values:
            _choice(left, value, self.fields)
        found = tuple(value.value for value in values if isinstance(value, nodes.Number | nodes.Word))
        return cast("tuple[int, ...] | tuple[str, ...]", found)

    def literal(self, of: Type) -> Node:
        node = self.single()
        if not isinstance(node, nodes.Number | nodes.Word) or nodes.type_of(node) != of:
            raise ExpressionWrong(WANTED[of], node.column)
        return node


def _typed(node: Node, want: Type) -> Node:
    if nodes.type_of(node) != want:
        raise ExpressionWrong(WANTED[want], node.column)
    return node


def _compared(token: _Token, left: Node, right: Node, fields: Mapping[str, Allowed]) -> Node:
    of = nodes.type_of(left)
    if of == "list":
        raise ExpressionWrong(Said("A list is asked with `in`."), token.column)
    _typed(right, of)
    if of != "int" and token.text not in ("==", "!="):
        raise ExpressionWrong(Said("Only numbers can be larger or smaller."), token.column)
    _choice(left, right, fields)
    _choice(right, left, fields)
    sign = cast(nodes.Comparison, token.text)
    return nodes.Compare(sign, left, right, of, token.column)


def _choice(field: Node, value: Node, fields: Mapping[str, Allowed]) -> None:
    """Refuses a word that a field of a closed list can never have."""
    if not isinstance(field, nodes.Field) or not isinstance(value, nodes.Word):
        return
    choices = fields[field.name].choices
    if choices and value.value not in choices:
        message = Said("%(field)s is never “%(word)s”.", field=field.name, word=value.value)
        raise ExpressionWrong(message, value.column, close(value.value, choices))


def _number(token: _Token) -> int:
    if not token.text.isdecimal():
        raise ExpressionWrong(Said("Numbers are whole and written with digits alone."), token.column)
    if len(token.text) > len(str(NUMBER_MAX)) or int(token.text) > NUMBER_MAX:
        raise ExpressionWrong(Said("A number is at most %(most)s.", most=NUMBER_MAX), token.column)
    return int(token.text)


def _word(token: _Token) -> str:
    word = token.text[1:-1]
    if not word or len(word) > WORD_CHARACTERS_MAX:
        raise ExpressionWrong(
            Said("A word has 1 to %(most)s characters.", most=WORD_CHARACTERS_MAX), token.column
        )
    if not all(c.isalnum() or c in WORD_SIGNS for c in word):
        message = Said("A word has letters, digits, spaces and the signs - _ . : / alone.")
        raise ExpressionWrong(message, token.column)
    return word
