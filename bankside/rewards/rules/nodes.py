"""The nodes of a parsed expression: frozen, typed, each with its column (from 1) in the text of the
expression.

What stands in a tree has been checked: names are fields of the table, words have no signs that SQL or
Python could read as anything but a word, numbers are whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from bankside.rewards.rules.fields import Type

Comparison = Literal["==", "!=", "<", "<=", ">", ">="]


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number as written."""

    value: int
    column: int


@dataclass(frozen=True, slots=True)
class Word:
    """A quoted word."""

    value: str
    column: int


@dataclass(frozen=True, slots=True)
class Truth:
    """true or false."""

    value: bool
    column: int


@dataclass(frozen=True, slots=True)
class Field:
    """A field with its range; a number is counted in units of `per`, rounded down, after clamping."""

    name: str
    type: Type
    low: int
    high: int
    per: int
    column: int


@dataclass(frozen=True, slots=True)
class Among:
    """`item in [...]`: equal to one of the numbers or words."""

    item: Node
    values: tuple[int, ...] | tuple[str, ...]
    column: int


@dataclass(frozen=True, slots=True)
class Shares:
    """`field in [...]` for a field that is a list: at least one word in common."""

    field: Field
    values: tuple[str, ...]
    column: int


@dataclass(frozen=True, slots=True)
class Not:
    """`!of`."""

    of: Node
    column: int


@dataclass(frozen=True, slots=True)
class Logic:
    """`left && right`, `left || right`."""

    sign: Literal["&&", "||"]
    left: Node
    right: Node
    column: int


@dataclass(frozen=True, slots=True)
class Compare:
    """Two numbers, or two words or truths for equality, compared; `of` is their type."""

    sign: Comparison
    left: Node
    right: Node
    of: Type
    column: int


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """`left + right`, `left - right`, `left * right`; a minus before a number is 0 - it."""

    sign: Literal["+", "-", "*"]
    left: Node
    right: Node
    column: int


@dataclass(frozen=True, slots=True)
class Extreme:
    """`min(...)`, `max(...)` of two or more numbers."""

    name: Literal["min", "max"]
    of: tuple[Node, ...]
    column: int


Node = Number | Word | Truth | Field | Among | Shares | Not | Logic | Compare | Arithmetic | Extreme


def type_of(node: Node) -> Type:
    """The type of what a node stands for."""
    match node:
        case Number() | Arithmetic() | Extreme():
            return "int"
        case Word():
            return "str"
        case Field():
            return node.type
        case _:
            return "bool"


def below(node: Node) -> tuple[Node, ...]:
    """The nodes directly inside one."""
    match node:
        case Not():
            return (node.of,)
        case Logic() | Compare() | Arithmetic():
            return (node.left, node.right)
        case Extreme():
            return node.of
        case Among():
            return (node.item,)
        case Shares():
            return (node.field,)
        case _:
            return ()


def every(node: Node) -> Iterator[Node]:
    """A node and all inside it, outermost first."""
    yield node
    for inner in below(node):
        yield from every(inner)
