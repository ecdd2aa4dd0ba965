"""The expressions as DuckDB takes them, written down beforehand: a page waits for no compiler.

`python -m bankside.measures.compiled` writes compiled.toml again; a test compares them.
"""

from __future__ import annotations

import sys
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Final

FILE: Final = Path(__file__).with_name("compiled.toml")
HEAD: Final = (
    "# Written by `python -m bankside.measures.compiled` from expressions.py. Not to be edited by hand.\n"
)


@lru_cache(maxsize=1)
def statements() -> dict[str, str]:
    """The SQL of each expression by its name, over tables called as the logical tables are."""
    told: dict[str, str] = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return told


def compiled() -> dict[str, str]:
    """The same, compiled now. Slow: it imports Ibis."""
    import ibis

    from bankside.measures.expressions import expressions, tables

    return {
        name: str(ibis.to_sql(expression, dialect="duckdb"))
        for name, expression in expressions(tables()).items()
    }


def text() -> str:
    """What the file should hold."""
    return HEAD + "".join(f"\n{name} = '''\n{sql}\n'''\n" for name, sql in compiled().items())


def main() -> int:
    """Writes the file."""
    FILE.write_text(text(), encoding="utf-8")
    sys.stdout.write(f"{FILE.name} is written\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
