"""The fast back end: Python code made from checked nodes, never from a stored text.

What is made is one lambda that reads the attributes of an act. `ast` nodes are compiled, and the code
object of the lambda becomes a function with no names but its own: no text is evaluated, nothing global can
be reached.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from itertools import count
from types import CodeType, FunctionType
from typing import Any, Final, cast

from bankside.rewards.rules import nodes
from bankside.rewards.rules.act import Act
from bankside.rewards.rules.expression import Expression
from bankside.rewards.rules.nodes import Node
from bankside.rewards.rules.standing import Standing
from bankside.rewards.rules.terms import Earn

COMPARED: Final[Mapping[str, type[ast.cmpop]]] = {
    "==": ast.Eq, "!=": ast.NotEq, "<": ast.Lt, "<=": ast.LtE, ">": ast.Gt, ">=": ast.GtE,
}  # fmt: skip
COUNTED: Final[Mapping[str, type[ast.operator]]] = {"+": ast.Add, "-": ast.Sub, "*": ast.Mult}


def earner(
    when: Expression | None, points: Expression, *, own_thread: bool = False, campaign: str = ""
) -> Callable[[Act], int]:
    """The points of a rule for an act of its network and kind, 0 where it pays nothing."""
    return cast("Callable[[Act], int]", _made(_paid(_Code(), when, points, own_thread, campaign)))


def earners(rules: Iterable[Earn]) -> Callable[[Act], tuple[int, ...]]:
    """What each of these rules pays for an act, by one call."""
    code = _Code()
    paid = [_paid(code, rule.when, rule.points, rule.own_thread, rule.campaign) for rule in rules]
    return cast("Callable[[Act], tuple[int, ...]]", _made(ast.Tuple(paid, ast.Load())))


def _paid(
    code: _Code, when: Expression | None, points: Expression, own_thread: bool, campaign: str
) -> ast.expr:
    conditions: list[ast.expr] = [code.read("own_thread")] if own_thread else []
    if campaign:
        conditions.append(_compare("==", code.read("campaign"), ast.Constant(campaign)))
    if when is not None:
        conditions.append(code.of(when.root))
    paid = code.at_least_nothing(points)
    return ast.IfExp(_all(conditions), paid, ast.Constant(0)) if conditions else paid


def chooser(when: Expression | None) -> Callable[[Standing], bool]:
    """Whether a member may have an offer."""
    body = ast.Constant(True) if when is None else _Code().of(when.root)
    return cast("Callable[[Standing], bool]", _made(body))


def valued(expression: Expression) -> Callable[[Any], Any]:
    """The bare value of an expression; for tests of the language itself."""
    return cast("Callable[[Any], Any]", _made(_Code().of(expression.root)))


def _made(body: ast.expr) -> FunctionType:
    arguments = ast.arguments(
        posonlyargs=[ast.arg("seen")], args=[], kwonlyargs=[], kw_defaults=[], defaults=[]
    )
    whole = ast.fix_missing_locations(ast.Expression(ast.Lambda(arguments, body)))
    module = compile(whole, "<rule>", "eval")
    inner = next(constant for constant in module.co_consts if isinstance(constant, CodeType))
    return FunctionType(inner, {"__builtins__": {}})


class _Code:
    """Python's nodes for ours. Values that are needed twice get a name of their own."""

    def __init__(self) -> None:
        self.names = (f"v{number}" for number in count())

    def at_least_nothing(self, points: Expression) -> ast.expr:
        if isinstance(points.root, nodes.Number):
            return ast.Constant(points.root.value)
        store, load = self.kept(self.of(points.root))
        return ast.IfExp(_compare(">", store, ast.Constant(0)), load, ast.Constant(0))

    def of(self, node: Node) -> ast.expr:
        """The value of a node."""
        match node:
            case nodes.Number() | nodes.Word() | nodes.Truth():
                return ast.Constant(node.value)
            case nodes.Field():
                return self.field(node)
            case nodes.Not():
                return ast.UnaryOp(ast.Not(), self.of(node.of))
            case nodes.Logic():
                sign = ast.And() if node.sign == "&&" else ast.Or()
                return ast.BoolOp(sign, [self.of(node.left), self.of(node.right)])
            case nodes.Compare():
                return self.compared(node)
            case nodes.Arithmetic():
                return ast.BinOp(self.of(node.left), COUNTED[node.sign](), self.of(node.right))
            case nodes.Extreme():
                return self.extreme(node)
            case nodes.Among():
                listed = ast.Tuple([ast.Constant(value) for value in node.values], ast.Load())
                return ast.Compare(self.of(node.item), [ast.In()], [listed])
            case nodes.Shares():
                tests = [
                    ast.Compare(ast.Constant(word), [ast.In()], [self.read(node.field.name)])
                    for word in node.values
                ]
                return cast(ast.expr, tests[0] if len(tests) == 1 else ast.BoolOp(ast.Or(), list(tests)))

    def read(self, name: str) -> ast.expr:
        return ast.Attribute(ast.Name("seen", ast.Load()), name, ast.Load())

    def kept(self, value: ast.expr) -> tuple[ast.expr, ast.expr]:
        """A value that gets a name where it is computed, and that name."""
        name = next(self.names)
        return ast.NamedExpr(ast.Name(name, ast.Store()), value), ast.Name(name, ast.Load())

    def field(self, node: nodes.Field) -> ast.expr:
        if node.type != "int":
            return self.read(node.name)
        store, load = self.kept(self.read(node.name))
        low, high = ast.Constant(node.low), ast.Constant(node.high)
        above = ast.IfExp(_compare(">", load, high), high, load)
        within = ast.IfExp(_compare("<", store, low), low, above)
        return within if node.per == 1 else ast.BinOp(within, ast.FloorDiv(), ast.Constant(node.per))

    def compared(self, node: nodes.Compare) -> ast.expr:
        """A field against a number inside its range needs no clamping: both ends fall on the same side."""
        match node:
            case nodes.Compare(sign, nodes.Field() as field, nodes.Number() as number) if _inside(
                sign, field, number.value
            ):
                return _compare(sign, self.read(field.name), ast.Constant(number.value))
            case _:
                return _compare(node.sign, self.of(node.left), self.of(node.right))

    def extreme(self, node: nodes.Extreme) -> ast.expr:
        found = self.of(node.of[0])
        sign = "<" if node.name == "min" else ">"
        for other in node.of[1:]:
            (mine, my_name), (yours, your_name) = self.kept(found), self.kept(self.of(other))
            found = ast.IfExp(_compare(sign, mine, yours), my_name, your_name)
        return found


def _inside(sign: str, field: nodes.Field, number: int) -> bool:
    if field.per != 1:
        return False
    above_low = number > field.low or sign in (">", "<=")
    below_high = number < field.high or sign in ("<", ">=")
    return above_low and below_high and field.low <= number <= field.high


def _compare(sign: str, left: ast.expr, right: ast.expr) -> ast.expr:
    return ast.Compare(left, [COMPARED[sign]()], [right])


def _all(conditions: list[ast.expr]) -> ast.expr:
    return conditions[0] if len(conditions) == 1 else ast.BoolOp(ast.And(), conditions)
