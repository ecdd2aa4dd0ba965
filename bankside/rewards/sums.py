"""The points of a rule as a sum: what was the base, what came on top of it, and what a limit cut off."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, Final, NamedTuple

from bankside.rewards.rules import nodes, walk
from bankside.rewards.rules.fields import ACT
from bankside.rewards.rules.nodes import Node
from bankside.rewards.rules.terms import Earn
from bankside.said import Said

BASE: Final = Said("Base")
AT_MOST, AT_LEAST = Said("Most of the rule"), Said("Least of the rule")
SIGNS: Final = {"*": "×", "+": "+", "-": "−"}


class Part(NamedTuple):
    """A line of the sum: what it is for, how it was counted (such as `2 × 2`), and its points."""

    label: Said
    shown: str
    points: int


def parts_of(rule: Earn, seen: Mapping[str, Any]) -> tuple[Part, ...]:
    """The sum of a rule for what it saw: its parts add up to the points it asked for."""
    act = SimpleNamespace(**seen)
    parts = _parts(rule.points.root, act)
    rest = max(0, int(walk.value(rule.points.root, act))) - sum(part.points for part in parts)
    return (*parts, Part(AT_LEAST, "", rest)) if rest else parts


def _parts(node: Node, act: object) -> tuple[Part, ...]:
    match node:
        case nodes.Number():
            return (Part(BASE, "", node.value),)
        case nodes.Arithmetic(sign="+"):
            return (*_parts(node.left, act), *_parts(node.right, act))
        case nodes.Arithmetic(sign="-"):
            less = tuple(Part(p.label, p.shown, -p.points) for p in _parts(node.right, act))
            return (*_parts(node.left, act), *less)
        case nodes.Extreme():
            return _limited(node, act)
        case _:
            return (Part(_label(node), _shown(node, act), int(walk.value(node, act))),)


def _limited(node: nodes.Extreme, act: object) -> tuple[Part, ...]:
    """What stands in min or max, and what that changed: of several the one that hangs on most."""
    richest = max(node.of, key=lambda one: (len(list(nodes.every(one))), -node.of.index(one)))
    parts = _parts(richest, act)
    cut = int(walk.value(node, act)) - sum(part.points for part in parts)
    label = AT_MOST if node.name == "min" else AT_LEAST
    return (*parts, Part(label, str(walk.value(node, act)), cut)) if cut else parts


def _label(node: Node) -> Said:
    fields = [one for one in nodes.every(node) if isinstance(one, nodes.Field)]
    return ACT[fields[0].name].says if fields else BASE


def _shown(node: Node, act: object) -> str:
    if isinstance(node, nodes.Arithmetic):
        return f"{_shown(node.left, act)} {SIGNS[node.sign]} {_shown(node.right, act)}"
    return str(walk.value(node, act))
