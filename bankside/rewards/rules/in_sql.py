"""The back ends in SQL, for SQLite, PostgreSQL and DuckDB: text made from checked nodes.

Numbers stand in it as digits. Words have letters, digits and `- _ . : /` alone (`expression.py` refuses
others) and are quoted all the same; so the text has no sign that a driver could take for a placeholder.
Columns are named by whoever asks. A list is kept as a text in which every word stands between bars:
`|coffee|travel|`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from bankside.rewards.rules import nodes
from bankside.rewards.rules.expression import Expression
from bankside.rewards.rules.nodes import Node

Dialect = Literal["sqlite", "postgresql", "duckdb"]
EXTREMES: Final = {"min": "least", "max": "greatest"}


def award(
    when: Expression | None, points: Expression, dialect: Dialect, columns: Mapping[str, str] | None = None
) -> str:
    """What a rule pays, as one SQL expression of a whole number: never below 0, never NULL.

    `columns`: by field, the SQL that reads it (a quoted column), which is never NULL; left out, the column is
    named as the field.
    """
    writer = _Writer(dialect, columns or {})
    paid = writer.extreme("max", [writer.number(0), writer.of(points.root)])
    if when is None:
        return paid
    return f"(CASE WHEN {writer.of(when.root)} THEN {paid} ELSE {writer.number(0)} END)"


def condition(when: Expression | None, dialect: Dialect, columns: Mapping[str, str] | None = None) -> str:
    """A condition as one SQL expression; `(1 = 1)` for none."""
    return "(1 = 1)" if when is None else _Writer(dialect, columns or {}).of(when.root)


def value(expression: Expression, dialect: Dialect, columns: Mapping[str, str] | None = None) -> str:
    """The bare value of an expression."""
    return _Writer(dialect, columns or {}).of(expression.root)


class _Writer:
    def __init__(self, dialect: Dialect, columns: Mapping[str, str]) -> None:
        self.dialect, self.columns = dialect, columns

    def of(self, node: Node) -> str:
        """The SQL of a node, in brackets where it has parts."""
        match node:
            case nodes.Number():
                return self.number(node.value)
            case nodes.Word():
                return quoted(node.value)
            case nodes.Truth():
                return "(1 = 1)" if node.value else "(1 = 0)"
            case nodes.Field():
                return self.field(node)
            case nodes.Not():
                return f"(NOT {self.of(node.of)})"
            case nodes.Logic():
                word = "AND" if node.sign == "&&" else "OR"
                return f"({self.of(node.left)} {word} {self.of(node.right)})"
            case nodes.Compare():
                sign = {"==": "=", "!=": "<>"}.get(node.sign, node.sign)
                return f"({self.of(node.left)} {sign} {self.of(node.right)})"
            case nodes.Arithmetic():
                return f"({self.of(node.left)} {node.sign} {self.of(node.right)})"
            case nodes.Extreme():
                return self.extreme(node.name, [self.of(one) for one in node.of])
            case nodes.Among():
                listed = ", ".join(self.number(v) if isinstance(v, int) else quoted(v) for v in node.values)
                return f"({self.of(node.item)} IN ({listed}))"
            case nodes.Shares():
                return "(" + " OR ".join(self.contains(node.field.name, word) for word in node.values) + ")"

    def read(self, name: str) -> str:
        return self.columns.get(name, f'"{name}"')

    def number(self, value: int) -> str:
        # Sums of small literals would be computed in 32 bits otherwise.
        return str(value) if self.dialect == "sqlite" else f"CAST({value} AS bigint)"

    def field(self, node: nodes.Field) -> str:
        if node.type != "int":
            return f"({self.read(node.name)})"
        read = self.read(node.name)
        read = read if self.dialect == "sqlite" else f"CAST({read} AS bigint)"
        within = self.extreme("max", [self.number(node.low), read])
        within = self.extreme("min", [self.number(node.high), within])
        if node.per == 1:
            return within
        # Nothing here is negative, so that cutting and rounding down are the same.
        return f"({within} {'//' if self.dialect == 'duckdb' else '/'} {self.number(node.per)})"

    def extreme(self, name: str, of: list[str]) -> str:
        called = name if self.dialect == "sqlite" else EXTREMES[name]
        return f"{called}({', '.join(of)})"

    def contains(self, name: str, word: str) -> str:
        called = "instr" if self.dialect == "sqlite" else "strpos"
        return f"{called}({self.read(name)}, {quoted(f'|{word}|')}) > 0"


def quoted(word: str) -> str:
    """A word as an SQL literal; it has no quotation mark, backslash or control character in it."""
    if any(c in "'\"\\%?$" or not c.isprintable() for c in word):
        raise ValueError(word)
    return f"'{word}'"
