"""Acts that a rule pays for, found by trying the numbers at which its conditions change."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from bankside.rewards.rules import nodes
from bankside.rewards.rules.fields import ACT
from bankside.rewards.rules.terms import Earn, Example, Programme
from bankside.rewards.rules.trials import act_of

TRIES_MAX: Final = 300
VALUES_MAX: Final = 12


def examples(programme: Programme) -> tuple[Example, ...]:
    """For each rule the act with the smallest and with the greatest award among those that were tried."""
    return tuple(example for rule in programme.earn for example in _of(rule))


def _of(rule: Earn) -> list[Example]:
    fixed = _fixed(rule)
    paid: dict[int, Mapping[str, object]] = {}
    for values in itertools.islice(_combinations(rule, fixed), TRIES_MAX):
        given = {**fixed, **values}
        points = min(rule.evaluate(act_of(given)), rule.cap_points)
        if points:
            paid.setdefault(points, given)
    ends = sorted({min(paid), max(paid)}) if paid else []
    return [Example(rule=rule.id, given=paid[points], points=points) for points in ends]


def _fixed(rule: Earn) -> dict[str, object]:
    """What the rule's own keys ask of an act."""
    given: dict[str, object] = {"kind": rule.on[0]}
    if rule.networks:
        given["network"] = rule.networks[0]
    if rule.own_thread:
        given["own_thread"] = True
    if rule.campaign:
        given["campaign"] = rule.campaign
    if rule.cls == "B":
        given["disclosed"] = True
    return given


def _combinations(rule: Earn, fixed: Mapping[str, object]) -> Iterator[dict[str, object]]:
    """Values for the fields that a rule reads: the ends of what is allowed last, as they tell the least."""
    every = [*nodes.every(rule.points.root), *(nodes.every(rule.when.root) if rule.when else ())]
    numbers = _numbers(every)
    names = [node.name for node in every if isinstance(node, nodes.Field) and node.name not in fixed]
    choices = {
        name: _values(name, numbers.get(name, []), every, rule.amount_unit) for name in dict.fromkeys(names)
    }
    # One field after the other first, so that the tries reach every one of them; then all together.
    likely = {name: values[0] for name, values in choices.items()}
    yield likely
    for name, values in choices.items():
        yield from ({**likely, name: value} for value in values[1:])
    for row in itertools.product(*choices.values()):
        yield dict(zip(choices, row, strict=True))


def _numbers(every: list[nodes.Node]) -> dict[str, list[int]]:
    """The numbers that fields are compared with."""
    found: dict[str, list[int]] = {}
    for node in every:
        match node:
            case nodes.Compare(_, nodes.Field(name=name), nodes.Number(value=value)) | nodes.Compare(
                _, nodes.Number(value=value), nodes.Field(name=name)
            ):
                found.setdefault(name, []).extend((value, value + 1, value - 1))
            case nodes.Among(nodes.Field(name=name), values):
                found.setdefault(name, []).extend(value for value in values if isinstance(value, int))
    return found


def _values(name: str, near: list[int], every: list[nodes.Node], unit: int) -> Sequence[object]:
    field = ACT[name]
    match field.type:
        case "bool":
            return [True, False]
        case "int":
            scaled = [value * unit for value in near] if name == "amount" else near
            ends = (
                (100 * unit, unit, field.high)
                if name == "amount"
                else (field.low, min(field.high, 5), field.high)
            )
            inside = [value for value in (*scaled, *ends) if field.low <= value <= field.high]
            return list(dict.fromkeys(inside))[:VALUES_MAX]
        case _:
            words = [node.value for node in every if isinstance(node, nodes.Word)]
            listed = [
                v
                for node in every
                if isinstance(node, nodes.Among)
                for v in node.values
                if isinstance(v, str)
            ]
            return list(dict.fromkeys([*listed, *words, *field.choices, ""]))[:VALUES_MAX]
