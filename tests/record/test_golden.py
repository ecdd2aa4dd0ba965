"""A fact is for ever: what was written once can be read for ever, with every field that it had."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from bankside.record import fact as facts
from bankside.record.log import canonical
from tests.record.golden import __main__ as golden

SAMPLES = sorted(golden.HERE.glob("*.json"))


def test_every_fact_has_a_sample() -> None:
    missing = [kind.name for kind in golden.kinds() if not golden.file_of(kind).exists()]
    assert missing == [], "write them with: python -m tests.record.golden"


def test_no_sample_was_ever_changed_or_taken_away() -> None:
    listed = golden.DIGESTS.read_text().splitlines(keepends=True)
    assert sorted(listed) == sorted(golden.digest_line(file) for file in SAMPLES)


@pytest.mark.parametrize("file", SAMPLES, ids=lambda file: file.stem)
def test_an_old_sample_is_read_with_every_field_it_had(file: Path) -> None:
    golden.kinds()
    raw = canonical.parse(file.read_bytes())
    said = facts.decode(file.read_bytes())
    assert facts.kind_of(said).name == raw["fact"] == file.stem.rpartition(".")[0]
    assert lost(raw["data"], msgspec.to_builtins(said)) == []


def test_a_field_that_is_gone_is_noticed() -> None:
    assert lost({"a": 1, "b": [{"c": 2}]}, {"a": 1, "b": [{"c": 2}]}) == []
    assert lost({"a": 1, "b": [{"c": 2}]}, {"b": [{}]}) == ["a", "b.0.c"]
    assert lost({"a": [1]}, {"a": []}) == ["a.0"]
    assert lost({"a": "1"}, {"a": 1}) == ["a"]


def lost(old: Any, new: Any, place: str = "") -> list[str]:
    """Places in an old value that a newer reading does not give back."""
    if isinstance(old, dict) and isinstance(new, dict):
        pairs = [(key, value, new.get(key)) for key, value in old.items()]
    elif isinstance(old, list) and isinstance(new, list | tuple):
        pairs = [(str(n), value, new[n] if n < len(new) else None) for n, value in enumerate(old)]
    else:
        return [] if old == new and type(old) is type(new) else [place]
    return [
        found
        for key, value, other in pairs
        for found in lost(value, other, f"{place}.{key}" if place else key)
    ]
