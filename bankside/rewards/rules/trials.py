"""The tests inside a programme's file: an act that is given, and the points that are expected of it."""

from __future__ import annotations

from typing import Any, Final

from bankside.rewards.rules.act import Act
from bankside.rewards.rules.bounds import AWARD_POINTS_MAX
from bankside.rewards.rules.expression import close
from bankside.rewards.rules.fields import ACT
from bankside.rewards.rules.tables import Table
from bankside.rewards.rules.terms import Finding, Programme, Trial
from bankside.said import Said

TYPES: Final[dict[str, type[int] | type[bool] | type[str]]] = {"int": int, "bool": bool, "str": str}
WORD_CHARACTERS_MAX: Final = 64


def trials(tables: list[Table], root: Table) -> tuple[Trial, ...]:
    """The tests of a text; what cannot be a field of an act or a rule is noted."""
    listed = root.data.get("earn")
    rows = [row.get("id") for row in listed if isinstance(row, dict)] if isinstance(listed, list) else []
    rules = [name for name in rows if isinstance(name, str)]
    return tuple(_trial(table, rules) for table in tables)


def failures(programme: Programme) -> tuple[Finding, ...]:
    """The tests that come out otherwise than they say."""
    found = []
    for trial in programme.tests:
        paid = {rule.id: points for rule, points in programme.awards(act_of(trial.given))}
        for name in sorted(paid.keys() | trial.expect.keys()):
            wanted, came = trial.expect.get(name, 0), paid.get(name, 0)
            if wanted != came:
                words = Said(
                    "Expected %(wanted)s points of %(rule)s; it pays %(came)s.",
                    wanted=wanted,
                    rule=name,
                    came=came,
                )
                found.append(Finding(line=trial.line, column=1, message=words, hint=Said(template="")))
    return tuple(found)


def act_of(given: Any) -> Act:
    """An act with these fields and nothing else."""
    return Act(
        **{"source": "test", "seq": 1, "member": 1, "network": "", "kind": "", "at": 0, "day": 0, **given}
    )


def _trial(table: Table, rules: list[str]) -> Trial:
    given, expect = table.table("given", needed=True), table.table("expect", needed=True)
    line, _ = table.notes.places.key(table.path)
    table.end()
    values = {key: _given(given, key) for key in given.data} if given else {}
    if given and "kind" not in given:
        given.missing("kind")
    return Trial(given=values, expect=_expected(expect, rules) if expect else {}, line=line)


def _given(given: Table, key: str) -> object:
    if key == "evidence":
        return given.text(key)
    if key not in ACT:
        place = given.notes.places.key(given.place(key))
        given.notes.at(place, Said("There is no field %(name)s.", name=key), close(key, [*ACT, "evidence"]))
        return None
    if key == "kind":
        return given.choice(key, ACT["kind"].choices)
    return given.get(key, TYPES[ACT[key].type], needed=True)


def _expected(expect: Table, rules: list[str]) -> dict[str, int]:
    for key in expect.data:
        if key not in rules:
            place = expect.notes.places.key(expect.place(key))
            expect.notes.at(place, Said("There is no rule %(name)s.", name=key), close(key, rules))
    return {key: expect.number(key, 0, AWARD_POINTS_MAX) for key in expect.data}
