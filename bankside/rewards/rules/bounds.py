"""Interval analysis: between which numbers an expression can come out, for every act there can ever be.

A rule whose payout is not bounded by AWARD_POINTS_MAX is refused, and so is any step that could leave
±VALUE_MAX: within it whole numbers are exact in every back end, in SQL and in doubles too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bankside.rewards.rules import nodes
from bankside.rewards.rules.expression import Expression, ExpressionWrong
from bankside.rewards.rules.nodes import Node
from bankside.said import Said

VALUE_MAX: Final = 10**15
AWARD_POINTS_MAX: Final = 1_000_000
# Where sums of sums stop growing in the analysis itself; anything near it has been refused before.
SATURATED: Final = 2**63 - 1

Range = tuple[int, int]
Ranges = Mapping[str, Range]


@dataclass(frozen=True, slots=True)
class Payout:
    """The least and greatest award of a rule for one act that it pays for at all, in points."""

    least: int
    most: int


def payout(when: Expression | None, points: Expression) -> Payout:
    """The bounds of a rule's award; ExpressionWrong when it has none, is too large, or is never paid.

    Every step is bounded with the fields' whole ranges, because an engine may compute the points before it
    looks at the condition; the award itself only with what the condition leaves.
    """
    within(points)
    narrowed = possible(when) if when else {}
    if narrowed is None:
        raise NeverTrue()
    low, high = interval(points.root, narrowed)
    if high <= 0:
        raise ExpressionWrong(Said("This never pays: it is at most %(most)s.", most=high), 1)
    if high > AWARD_POINTS_MAX:
        message = Said(
            "One act could bring %(points)s points; %(most)s is the most.", points=high, most=AWARD_POINTS_MAX
        )
        raise ExpressionWrong(message, 1, Said("Write min(..., the most you want to pay)."))
    return Payout(max(0, low), high)


def within(expression: Expression) -> None:
    """Refuses an expression of which any step could leave ±VALUE_MAX."""
    for node in nodes.every(expression.root):
        if isinstance(node, nodes.Arithmetic):
            low, high = interval(node, {})
            if max(-low, high) > VALUE_MAX:
                message = Said(
                    "This has no bound that can be counted on: it could reach %(value)s.",
                    value=max(-low, high),
                )
                raise ExpressionWrong(message, node.column, Said("Put min(..., a limit) around the field."))


class NeverTrue(ValueError):
    """A condition is false for every act."""


def possible(when: Expression) -> dict[str, Range] | None:
    """The ranges of fields that a condition leaves; None when it cannot be true."""
    within(when)
    once = _narrowed(when.root, {}, holds=True)
    # What stands at the end may narrow what was compared before it.
    return None if once is None else _narrowed(when.root, once, holds=True)


def interval(node: Node, ranges: Ranges) -> Range:
    """The least and greatest value of a number, given the ranges of fields (left out: the whole range)."""
    match node:
        case nodes.Number():
            return node.value, node.value
        case nodes.Field():
            return ranges.get(node.name, (node.low // node.per, node.high // node.per))
        case nodes.Arithmetic():
            return _arithmetic(node.sign, interval(node.left, ranges), interval(node.right, ranges))
        case nodes.Extreme():
            inner = [interval(one, ranges) for one in node.of]
            pick = min if node.name == "min" else max
            return pick(low for low, _ in inner), pick(high for _, high in inner)
        case _:
            raise TypeError(node)


def _arithmetic(sign: str, left: Range, right: Range) -> Range:
    if sign == "+":
        found = (left[0] + right[0], left[1] + right[1])
    elif sign == "-":
        found = (left[0] - right[1], left[1] - right[0])
    else:
        corners = [a * b for a in left for b in right]
        found = (min(corners), max(corners))
    return max(found[0], -SATURATED), min(found[1], SATURATED)


def _narrowed(node: Node, ranges: Ranges, *, holds: bool) -> dict[str, Range] | None:
    """The ranges that are left when a condition holds, or does not; None when that cannot be."""
    match node:
        case nodes.Truth():
            return dict(ranges) if node.value is holds else None
        case nodes.Not():
            return _narrowed(node.of, ranges, holds=not holds)
        case nodes.Logic() if (node.sign == "&&") is holds:
            left = _narrowed(node.left, ranges, holds=holds)
            return None if left is None else _narrowed(node.right, left, holds=holds)
        case nodes.Logic():
            return _hull(
                _narrowed(node.left, ranges, holds=holds), _narrowed(node.right, ranges, holds=holds)
            )
        case nodes.Compare() if node.of == "int":
            return _compared(node if holds else _opposite(node), ranges)
        case nodes.Among() if holds and isinstance(node.item, nodes.Field) and node.item.type == "int":
            return _among(node.item, [v for v in node.values if isinstance(v, int)], ranges)
        case _:
            return dict(ranges)


def _hull(left: dict[str, Range] | None, right: dict[str, Range] | None) -> dict[str, Range] | None:
    if left is None or right is None:
        return right if left is None else left
    both = left.keys() & right.keys()
    return {name: (min(left[name][0], right[name][0]), max(left[name][1], right[name][1])) for name in both}


OPPOSITE: Final[Mapping[nodes.Comparison, nodes.Comparison]] = {
    "==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">",
}  # fmt: skip
TURNED: Final[Mapping[nodes.Comparison, nodes.Comparison]] = {
    "==": "==", "!=": "!=", "<": ">", ">": "<", "<=": ">=", ">=": "<=",
}  # fmt: skip


def _opposite(node: nodes.Compare) -> nodes.Compare:
    return nodes.Compare(OPPOSITE[node.sign], node.left, node.right, node.of, node.column)


def _compared(node: nodes.Compare, ranges: Ranges) -> dict[str, Range] | None:
    left, right = interval(node.left, ranges), interval(node.right, ranges)
    found = _cut(node.left, _side(node.sign, left, right), ranges)
    if found is None:
        return None
    return _cut(node.right, _side(TURNED[node.sign], right, left), found)


def _side(sign: nodes.Comparison, mine: Range, other: Range) -> Range:
    """What is left of my range when I compare so with some number of the other."""
    low, high = mine
    match sign:
        case "<":
            return low, min(high, other[1] - 1)
        case "<=":
            return low, min(high, other[1])
        case ">":
            return max(low, other[0] + 1), high
        case ">=":
            return max(low, other[0]), high
        case "==":
            return max(low, other[0]), min(high, other[1])
        case _:
            return (low, high) if not low == high == other[0] == other[1] else (1, 0)


def _cut(node: Node, to: Range, ranges: Ranges) -> dict[str, Range] | None:
    if to[0] > to[1]:
        return None
    return {**ranges, node.name: to} if isinstance(node, nodes.Field) else dict(ranges)


def _among(field: nodes.Field, values: list[int], ranges: Ranges) -> dict[str, Range] | None:
    low, high = interval(field, ranges)
    there = [value for value in values if low <= value <= high]
    return {**ranges, field.name: (min(there), max(there))} if there else None
