"""Writes the golden sample of every fact that has none yet, with made-up values from its field types."""

from __future__ import annotations

import hashlib
import sys
import types
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from bankside.record import fact as facts
from bankside.record.facts import load

HERE = Path(__file__).parent
DIGESTS = HERE / "digests.txt"
TEXTS = ("카드를 잃어버렸어요", "我的卡丢了", "Ik ben mijn pas kwijt", "I lost my card 🙂")
MOMENT_MS = 1_768_435_200_000
FACTS = "bankside.record.facts."


def kinds() -> list[facts.Kind]:
    """Every fact of the desk, in order of name and version."""
    load()
    declared = (kind for kind in facts.KINDS.values() if kind.cls.__module__.startswith(FACTS))
    return sorted(declared, key=lambda kind: (kind.name, kind.v))


def file_of(kind: facts.Kind) -> Path:
    """Where the sample of a fact lies."""
    return HERE / f"{kind.name}.{kind.v}.json"


def digest_line(file: Path) -> str:
    """What `digests.txt` says of a sample."""
    return f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n"


def main() -> int:
    """Writes what is missing; how many samples it wrote is printed."""
    missing = [kind for kind in kinds() if not file_of(kind).exists()]
    for kind in missing:
        file_of(kind).write_bytes(facts.encode(sample(kind.cls)))
        with DIGESTS.open("a") as lines:
            lines.write(digest_line(file_of(kind)))
    sys.stdout.write(f"{len(missing)} samples written\n")
    return 0


def sample(cls: type) -> Any:
    """A value of a fact, or of what a fact holds; the same class gives the same value."""
    hints = get_type_hints(cls)
    named = {field.name: _value(field.name, hints[field.name]) for field in fields(cls)}
    return cls(**named)


def _value(name: str, hint: Any) -> Any:
    origin = get_origin(hint)
    if origin is types.UnionType:
        return _value(name, next(one for one in get_args(hint) if one is not type(None)))
    if origin is tuple:
        inner = get_args(hint)[0]
        return (_value(f"{name}-1", inner), _value(f"{name}-2", inner))
    if is_dataclass(hint) and isinstance(hint, type):
        return sample(hint)
    if hint is bool:
        return True
    if hint is int:
        return MOMENT_MS if name.endswith("_ms") else 42
    if hint is str:
        return f"{name}: {TEXTS[sum(name.encode()) % len(TEXTS)]}"
    raise TypeError(f"{name}: a fact of {hint} has no sample; say here what one looks like")


if __name__ == "__main__":
    sys.exit(main())
