"""The reference back end: walks the nodes. Slow and plain; the others must agree with it."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any, Final

from bankside.rewards.rules import nodes
from bankside.rewards.rules.expression import Expression
from bankside.rewards.rules.fields import clamped
from bankside.rewards.rules.nodes import Node

SIGNS: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt,
    ">=": operator.ge, "+": operator.add, "-": operator.sub, "*": operator.mul,
}  # fmt: skip


def award(when: Expression | None, points: Expression, seen: object) -> int:
    """What a rule pays for what is seen, in points: never below 0, and 0 where the condition is false."""
    if when is not None and not value(when.root, seen):
        return 0
    return max(0, int(value(points.root, seen)))


def holds(when: Expression | None, seen: object) -> bool:
    """Whether a condition is true; none at all is."""
    return when is None or bool(value(when.root, seen))


def value(node: Node, seen: object) -> Any:
    """The value of a node for an object whose attributes are the fields."""
    match node:
        case nodes.Number() | nodes.Word() | nodes.Truth():
            return node.value
        case nodes.Field():
            found = getattr(seen, node.name)
            return clamped(found, node.low, node.high) // node.per if node.type == "int" else found
        case nodes.Not():
            return not value(node.of, seen)
        case nodes.Logic() if node.sign == "&&":
            return value(node.left, seen) and value(node.right, seen)
        case nodes.Logic():
            return value(node.left, seen) or value(node.right, seen)
        case nodes.Compare() | nodes.Arithmetic():
            return SIGNS[node.sign](value(node.left, seen), value(node.right, seen))
        case nodes.Extreme():
            inner = [value(one, seen) for one in node.of]
            return min(inner) if node.name == "min" else max(inner)
        case nodes.Among():
            return value(node.item, seen) in node.values
        case nodes.Shares():
            return any(word in node.values for word in getattr(seen, node.field.name))
