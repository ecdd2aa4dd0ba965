"""The back end for large histories: an Ibis expression that DuckDB and Spark compute alike."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Any

from bankside.late import ibis
from bankside.rewards.rules import nodes
from bankside.rewards.rules.expression import Expression
from bankside.rewards.rules.nodes import Node
from bankside.rewards.rules.walk import SIGNS

if TYPE_CHECKING:
    from ibis.expr.types import Table


def award(when: Expression | None, points: Expression, acts: Table) -> Any:
    """What a rule pays for each row of a table with the fields as columns: int64, never below 0."""
    paid = ibis.greatest(_number(0), value(points.root, acts))
    return paid if when is None else ibis.ifelse(value(when.root, acts), paid, _number(0))


def value(node: Node, acts: Table) -> Any:
    """The Ibis value of a node."""
    match node:
        case nodes.Number():
            return _number(node.value)
        case nodes.Word() | nodes.Truth():
            return ibis.literal(node.value)
        case nodes.Field():
            return _field(node, acts)
        case nodes.Not():
            return ~value(node.of, acts)
        case nodes.Logic() if node.sign == "&&":
            return value(node.left, acts) & value(node.right, acts)
        case nodes.Logic():
            return value(node.left, acts) | value(node.right, acts)
        case nodes.Compare() | nodes.Arithmetic():
            return SIGNS[node.sign](value(node.left, acts), value(node.right, acts))
        case nodes.Extreme():
            inner = [value(one, acts) for one in node.of]
            return ibis.least(*inner) if node.name == "min" else ibis.greatest(*inner)
        case nodes.Among():
            return value(node.item, acts).isin(node.values)
        case nodes.Shares():
            found = [acts[node.field.name].contains(f"|{word}|") for word in node.values]
            return reduce(lambda one, other: one | other, found)


def _number(number: int) -> Any:
    return ibis.literal(number, type="int64")


def _field(node: nodes.Field, acts: Table) -> Any:
    if node.type != "int":
        return acts[node.name]
    column = acts[node.name].cast("int64")
    within = ibis.least(_number(node.high), ibis.greatest(_number(node.low), column))
    return within if node.per == 1 else (within // node.per).cast("int64")
