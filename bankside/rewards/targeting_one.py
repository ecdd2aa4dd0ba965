"""One member against all offers: one function, made from checked predicates alone.

Its text holds names and whole numbers of our own making; words are handed to it as values. Nothing that
somebody wrote in a programme is ever part of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, assert_never, cast

from bankside.rewards.rules import nodes
from bankside.rewards.rules.nodes import Node
from bankside.rewards.targeting_predicates import Predicate, Tree

NAMES: Final = ("tier", "tenure", "spend", "active_days", "link_days", "language", "interest")
PYTHON: Final = {"&&": "and", "||": "or"}
NOTHING_ELSE: Final[dict[str, object]] = {"__builtins__": {"min": min, "max": max}}


def one_function(predicates: Sequence[Predicate], trees: Sequence[Tree]) -> Callable[..., tuple[bool, ...]]:
    """A function of NAMES, in their order, that gives a truth for each tree."""
    words: list[object] = []
    lines = [f" p{number}={_asked(one, words)}" for number, one in enumerate(predicates)]
    answers = "".join(f"{_text(tree)},\n" for tree in trees)
    source = "\n".join([f"def one({','.join(NAMES)}):", *lines, f" return ({answers})", ""])
    space: dict[str, object] = {**NOTHING_ELSE, "w": words}
    exec(compile(source, "<offers>", "exec"), space)  # noqa: S102
    return cast("Callable[..., tuple[bool, ...]]", space["one"])


def _text(tree: Tree) -> str:
    if tree.sign is None:
        return f"p{tree.predicate}"
    between = " and " if tree.sign == "&" else " or "
    return f"({between.join(_text(inner) for inner in tree.of)})"


def _asked(predicate: Predicate, words: list[object]) -> str:
    value = predicate.value
    name = _name(predicate.columns[0]) if len(predicate.columns) == 1 else ""
    match predicate.op:
        case "always" | "never":
            return repr(predicate.op == "always")
        case ">=" | "<":
            return f"{name} {predicate.op} {_whole(value)}"
        case "is":
            return f"{name} == {_given(value, words)}"
        case "is not":
            return f"{name} != {_given(value, words)}"
        case "in" | "not in":
            return f"{name} {predicate.op} {_given(frozenset(value), words)}"
        case "has":
            return f"not {_given(frozenset(value), words)}.isdisjoint(interest)"
        case "has not":
            return f"{_given(frozenset(value), words)}.isdisjoint(interest)"
        case "holds":
            return _source(value, words)
        case "fails":
            return f"not {_source(value, words)}"


def _given(value: object, words: list[object]) -> str:
    """A value that is handed over, not written down."""
    words.append(value)
    return f"w[{len(words) - 1}]"


def _whole(value: object) -> str:
    if type(value) is not int:
        raise TypeError(f"{value!r} is no whole number")
    return repr(value)


def _name(name: str) -> str:
    if name not in NAMES:
        raise TypeError(f"{name!r} is nothing that offers look at")
    return name


def _source(node: Node, words: list[object]) -> str:
    match node:
        case nodes.Number(value=number):
            return _whole(number)
        case nodes.Truth(value=truth):
            return repr(truth is True)
        case nodes.Word(value=word):
            return _given(word, words)
        case nodes.Field(name=name, per=per):
            return _name(name) if per == 1 else f"({_name(name)} // {_whole(per)})"
        case nodes.Not(of=of):
            return f"(not {_source(of, words)})"
        case nodes.Logic(sign=sign, left=left, right=right):
            return f"({_source(left, words)} {PYTHON[sign]} {_source(right, words)})"
        case nodes.Compare(sign=sign, left=left, right=right):
            return f"({_source(left, words)} {_sign(sign)} {_source(right, words)})"
        case nodes.Arithmetic(sign=sign, left=left, right=right):
            return f"({_source(left, words)} {_sign(sign)} {_source(right, words)})"
        case nodes.Extreme(name=name, of=of):
            least = "min" if name == "min" else "max"
            return f"{least}({','.join(_source(one, words) for one in of)})"
        case nodes.Among(item=item, values=values):
            return f"({_source(item, words)} in {_given(frozenset(values), words)})"
        case nodes.Shares(values=values):
            return f"(not {_given(frozenset(values), words)}.isdisjoint(interest))"
        case _:
            assert_never(node)


def _sign(sign: str) -> str:
    if sign not in ("==", "!=", "<", "<=", ">", ">=", "+", "-", "*"):
        raise TypeError(f"{sign!r} is no sign")
    return sign
