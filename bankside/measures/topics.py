"""What words of ours are about, by single words that topics.toml names. Pure: same words, same topics."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Final

FILE: Final = Path(__file__).with_name("topics.toml")
CHARACTERS_READ_MAX: Final = 4_000
_ADDRESS: Final = re.compile(r"https?://\S+")


def of(text: str) -> tuple[str, ...]:
    """The topics that the words name, in the order of the file."""
    read = _ADDRESS.sub(" ", text[:CHARACTERS_READ_MAX]).casefold()
    return tuple(topic for topic, named in _patterns().items() if named.search(read))


def has_link(text: str) -> bool:
    """Whether an address stands in the words."""
    return _ADDRESS.search(text) is not None


@lru_cache(maxsize=1)
def known() -> tuple[str, ...]:
    """Every topic, in the order of the file."""
    return tuple(_patterns())


@lru_cache(maxsize=1)
def _patterns() -> dict[str, re.Pattern[str]]:
    topics = tomllib.loads(FILE.read_text(encoding="utf-8"))["topic"]
    return {
        topic["id"]: re.compile("|".join(_pattern(word.casefold()) for word in topic["words"]))
        for topic in topics
    }


def _pattern(word: str) -> str:
    """A Latin word stands by itself; Korean and Chinese write words together."""
    return rf"\b{re.escape(word)}\b" if word.isascii() else re.escape(word)
