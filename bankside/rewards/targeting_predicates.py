"""The condition of an offer taken apart: a tree of AND and OR over predicates, without a negation left."""

from __future__ import annotations

import operator
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple, assert_never

from bankside.late import numpy as np
from bankside.rewards.columns import Columns
from bankside.rewards.rules import nodes
from bankside.rewards.rules.nodes import Node

Op = Literal[">=", "<", "is", "is not", "in", "not in", "has", "has not", "always", "never", "holds", "fails"]
OPPOSITE: Final[dict[str, Op]] = {
    ">=": "<", "<": ">=", "is": "is not", "is not": "is", "in": "not in", "not in": "in", "has": "has not",
    "has not": "has", "always": "never", "never": "always", "holds": "fails", "fails": "holds",
}  # fmt: skip
COMPARED_MAX: Final = 8
MIRRORED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


class Predicate(NamedTuple):
    """One question about a member: (column, op, value). Equal ones are one bitmap.

    `value` is a whole number for `>=`, `<` and `is`; a word, or words or numbers, for the others. What
    compares more than a field with a number (`spend * 2 >= tier`) is `holds` with its checked node.
    """

    columns: tuple[str, ...]
    op: Op
    value: Any

    @property
    def opposite(self) -> Predicate:
        """What holds exactly when this does not."""
        return self._replace(op=OPPOSITE[self.op])


@dataclass(frozen=True, slots=True)
class Tree:
    """Predicates by number, or trees joined by a sign."""

    sign: Literal["&", "|"] | None
    predicate: int = 0
    of: tuple[Tree, ...] = ()

    def leaves(self) -> Iterator[int]:
        """The numbers of the predicates, at every place where they stand."""
        if self.sign is None:
            yield self.predicate
        for inner in self.of:
            yield from inner.leaves()

    def depth(self) -> int:
        """How many signs are inside one another."""
        return 0 if self.sign is None else 1 + max(inner.depth() for inner in self.of)


def tree_of(node: Node, known: dict[Predicate, int], *, wanted: bool = True) -> Tree:
    """The tree of a condition (or, when not `wanted`, of its opposite); new predicates go into `known`."""
    match node:
        case nodes.Not(of=of):
            return tree_of(of, known, wanted=not wanted)
        case nodes.Logic(sign=sign, left=left, right=right):
            parts = (tree_of(left, known, wanted=wanted), tree_of(right, known, wanted=wanted))
            return _flat("&" if (sign == "&&") == wanted else "|", parts)
        case _:
            asked = predicate_of(node)
            asked = asked if wanted else asked.opposite
            return Tree(None, known.setdefault(asked, len(known)))


def predicate_of(node: Node) -> Predicate:
    """A truth without AND, OR and NOT as a question, in the one form that equal ones share."""
    match node:
        case nodes.Truth(value=value):
            return Predicate((), "always" if value else "never", None)
        case nodes.Shares(field=field, values=values):
            return Predicate((field.name,), "has", tuple(sorted(set(values))))
        case nodes.Among(item=nodes.Field(name=name, per=1), values=values):
            return Predicate((name,), "in", tuple(sorted(set(values))))
        case nodes.Compare(sign=sign, left=nodes.Field(per=1) as field, right=nodes.Number(value=value)):
            return _number(field.name, sign, value)
        case nodes.Compare(sign=sign, left=nodes.Number(value=value), right=nodes.Field(per=1) as field):
            return _number(field.name, MIRRORED[sign], value)
        case nodes.Compare(sign=sign, left=nodes.Field() as field, right=nodes.Word(value=word)):
            return Predicate((field.name,), "is" if sign == "==" else "is not", word)
        case nodes.Compare(sign=sign, left=nodes.Word(value=word), right=nodes.Field() as field):
            return Predicate((field.name,), "is" if sign == "==" else "is not", word)
        case _:
            names = {n.name for n in nodes.every(node) if isinstance(n, nodes.Field)}
            return Predicate(tuple(sorted(names)), "holds", node)


def holds(predicate: Predicate, columns: Columns) -> Any:
    """A truth per member, as an array of bool."""
    op, value = predicate.op, predicate.value
    if op in ("always", "never"):
        return np.full(len(columns), op == "always")
    if op in ("holds", "fails"):
        truth = np.broadcast_to(np.asarray(_value(value, columns)), len(columns))
        return truth if op == "holds" else ~truth
    column = columns.values[predicate.columns[0]]
    if op == ">=":
        return column >= value
    if op == "<":
        return column < value
    codes = [columns.code(one) if isinstance(one, str) else one for one in _several(value)]
    found: Any = _among(column, codes)
    if column.ndim == 2:  # column by column: `any(axis=1)` costs five times as much
        found = np.logical_or.reduce([found[:, place] for place in range(column.shape[1])])
    return ~found if op in ("is not", "not in", "has not") else found


def _among(column: Any, codes: list[int]) -> Any:
    """Few values are compared one by one: `isin` sorts, which costs ten times as much."""
    if len(codes) > COMPARED_MAX:
        return np.isin(column, codes)
    found = column == codes[0]
    for code in codes[1:]:
        found |= column == code
    return found


def _several(value: Any) -> tuple[int | str, ...]:
    return value if isinstance(value, tuple) else (value,)


def _flat(sign: Literal["&", "|"], parts: tuple[Tree, ...]) -> Tree:
    """`a & (b & c)` as `a & b & c`."""
    inner = [below for part in parts for below in (part.of if part.sign == sign else (part,))]
    return Tree(sign, of=tuple(inner))


def _number(name: str, sign: str, value: int) -> Predicate:
    match sign:
        case ">" | "<=":
            asked = Predicate((name,), ">=", value + 1)
            return asked if sign == ">" else asked.opposite
        case ">=" | "<":
            asked = Predicate((name,), ">=", value)
            return asked if sign == ">=" else asked.opposite
        case _:
            asked = Predicate((name,), "is", value)
            return asked if sign == "==" else asked.opposite


def _value(node: Node, columns: Columns) -> Any:
    """What a checked node is for every member; it was bounded within 64 bits when it was read."""
    match node:
        case nodes.Number(value=number):
            return number
        case nodes.Truth(value=truth):
            return truth
        case nodes.Word(value=word):
            return columns.code(word)
        case nodes.Field(name=name, per=per):
            column = columns.values[name].astype(np.int64)
            return column if per == 1 else column // per
        case nodes.Not(of=of):
            return np.logical_not(_value(of, columns))
        case nodes.Logic(sign=sign, left=left, right=right):
            join = np.logical_and if sign == "&&" else np.logical_or
            return join(_value(left, columns), _value(right, columns))
        case nodes.Compare(sign=sign, left=left, right=right):
            return _COMPARED[sign](_value(left, columns), _value(right, columns))
        case nodes.Arithmetic(sign=sign, left=left, right=right):
            return _COUNTED[sign](_value(left, columns), _value(right, columns))
        case nodes.Extreme(name=name, of=parts):
            return (np.minimum if name == "min" else np.maximum).reduce(
                np.broadcast_arrays(*(_value(one, columns) for one in parts))
            )
        case nodes.Among(item=item, values=values):
            codes = [columns.code(one) if isinstance(one, str) else one for one in values]
            return np.isin(np.asarray(_value(item, columns)), codes)
        case nodes.Shares():
            return holds(predicate_of(node), columns)
        case _:
            assert_never(node)


_COMPARED: Final = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt,
    ">=": operator.ge,
}  # fmt: skip
_COUNTED: Final = {"+": operator.add, "-": operator.sub, "*": operator.mul}
