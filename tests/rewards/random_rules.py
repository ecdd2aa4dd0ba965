"""Random rules and acts, from a seed: every form of the language, numbers at and beyond ends of ranges."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bankside.rewards.rules.act import KINDS, Act
from bankside.rewards.rules.bounds import NeverTrue, Payout, payout
from bankside.rewards.rules.expression import Expression, ExpressionWrong, parse
from bankside.rewards.rules.fields import ACT, Allowed

DEPTH_MAX = 4
WORDS = ("coffee", "travel", "ko", "nl", "zh", "festival-26", "광고", "旅行")
BEYOND = (-(2**62), -7, 2**62)


@dataclass(frozen=True)
class Rule:
    """A rule that was accepted, with its bounds."""

    when: Expression
    points: Expression
    payout: Payout


def rules(seed: int, count: int, fields: Mapping[str, Allowed] = ACT) -> Iterator[Rule]:
    """So many rules that the language and its bounds accept."""
    maker = _Maker(random.Random(seed), fields)
    found = 0
    while found < count:
        when, points = maker.truth(DEPTH_MAX), maker.number(DEPTH_MAX)
        try:
            rule = accepted(when, points, maker.random.choice((1, 1, 1000)), fields)
        except (ExpressionWrong, NeverTrue):
            continue
        found += 1
        yield rule


def accepted(when: str, points: str, unit: int, fields: Mapping[str, Allowed] = ACT) -> Rule:
    """The rule of two texts."""
    units = {"amount": unit, "spend": unit}
    condition, paid = parse(when, fields, "bool", units), parse(points, fields, "int", units)
    return Rule(condition, paid, payout(condition, paid))


def acts(seed: int, count: int) -> list[Act]:
    """Acts with numbers inside, at the ends of and beyond their ranges."""
    chance = random.Random(seed)
    return [Act(source=f"e:{n}", seq=n, member=n % 7, at=n, day=0, **_values(chance)) for n in range(count)]


def _values(chance: random.Random) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, field in ACT.items():
        match field.type:
            case "int":
                near = (field.low, field.high, field.low - 1, field.high + 1, chance.randint(0, 60), *BEYOND)
                values[name] = chance.choice(
                    (*near, chance.randint(field.low, field.high), chance.randint(0, 9))
                )
            case "bool":
                values[name] = chance.random() < 0.5
            case _:
                values[name] = chance.choice(field.choices or (*WORDS, ""))
    return values


class _Maker:
    def __init__(self, chance: random.Random, fields: Mapping[str, Allowed]) -> None:
        self.random, self.fields = chance, fields
        self.by_type = {
            of: [name for name, field in fields.items() if field.type == of]
            for of in ("int", "bool", "str", "list")
        }

    def number(self, depth: int) -> str:
        """A number; large fields mostly inside a min, so that many are accepted."""
        form = self.random.randrange(9) if depth else self.random.randrange(2)
        if form == 0:
            return str(self.literal())
        if form == 1:
            return self.field()
        if form < 5:
            sign = self.random.choice(("+", "-", "*", "+"))
            return f"{self.bracketed(depth)} {sign} {self.bracketed(depth)}"
        if form == 5:
            return f"-{self.bracketed(depth)}"
        names = self.random.choice(("min", "min", "max"))
        inner = [self.number(depth - 1) for _ in range(self.random.choice((2, 2, 3)))]
        return f"{names}({', '.join([*inner, str(self.literal())])})"

    def bracketed(self, depth: int) -> str:
        inner = self.number(depth - 1)
        return inner if inner.isalnum() else f"({inner})"

    def field(self) -> str:
        name = self.random.choice(self.by_type["int"])
        return f"min({self.literal()}, {name})" if self.random.random() < 0.3 else name

    def literal(self) -> int:
        ends = [
            end for name in self.by_type["int"] for end in (self.fields[name].low, self.fields[name].high)
        ]
        return self.random.choice(
            (self.random.randint(0, 40), self.random.randint(0, 40), self.random.choice(ends))
        )

    def truth(self, depth: int) -> str:
        """A condition."""
        form = self.random.randrange(10) if depth else self.random.randrange(3)
        match form:
            case 0 if self.by_type["bool"]:
                return self.random.choice((*self.by_type["bool"], "true"))
            case 0 | 1:
                return self.worded()
            case 2 | 3 | 4:
                sign = self.random.choice(("==", "!=", "<", "<=", ">", ">="))
                return f"{self.number(min(depth, 2))} {sign} {self.number(min(depth, 1))}"
            case 5:
                listed = ", ".join(str(self.literal()) for _ in range(self.random.randint(1, 4)))
                return f"{self.number(min(depth, 1))} in [{listed}]"
            case 6:
                return f"!({self.truth(depth - 1)})"
            case 7 if self.by_type["bool"]:
                sign = self.random.choice(("==", "!="))
                return f"({self.truth(depth - 1)}) {sign} {self.random.choice(self.by_type['bool'])}"
            case _:
                sign = self.random.choice(("&&", "||"))
                return f"({self.truth(depth - 1)}) {sign} ({self.truth(depth - 1)})"

    def worded(self) -> str:
        name = self.random.choice([*self.by_type["str"], *self.by_type["list"]])
        known = (*(self.fields[name].choices or WORDS),)
        if self.fields[name].type == "list" and self.random.random() < 0.5:
            return f'"{self.random.choice(known)}" in {name}'
        if self.fields[name].type == "str" and self.random.random() < 0.5:
            return f"{name} {self.random.choice(('==', '!='))} '{self.random.choice(known)}'"
        listed = ", ".join(f'"{word}"' for word in self.random.sample(known, self.random.randint(1, 3)))
        return f"{name} in [{listed}]"


assert set(KINDS) == set(ACT["kind"].choices)
