"""What a page says of accounts in words and pictures for people. Faint traces. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

from bankside.measures.observation.addresses import Addresses
from bankside.measures.observation.picking import CODES

HTML_CHARACTERS_MAX: Final = 1_500
TEXT_CHARACTERS_MAX: Final = 400_000
WORDS_MAX: Final = 200
SIGNS_MAX: Final = 2_000
WORD_CHARACTERS_MAX: Final = 40
NAME_CHARACTERS_MAX: Final = 60
SAID_CHARACTERS_MAX: Final = 200
HOST: Final = re.compile(r"[\w.\-]+$")
HOST_CHARACTERS_MAX: Final = 80
REST: Final = re.compile(r"""[^\s<>"'()\[\]{}|\\^`，。、；（）「」《》]{1,200}""")
AFTER: Final = re.compile(r"(?<=[A-Za-z0-9_])[\u3000-\u9fff\uac00-\ud7a3]+$")


def is_called(node: Any, networks: tuple[tuple[str, tuple[str, ...]], ...]) -> bool:
    """Whether a link is called by a word for one of the networks: in its text, classes, or picture."""
    shown = (node.html or "")[:HTML_CHARACTERS_MAX].lower()
    shown = re.sub(r"""\bhref\s*=\s*(?:"[^"]*"|'[^']*'|\S+)""", "", shown)
    return any(word in shown for _, words in networks for word in words)


def told(tree: Any, table: Addresses) -> list[tuple[str, str, Any]]:
    """(network or "", name or address, element) of what is written out in a page without scripts."""
    body = tree.body
    text = body.text(deep=True, separator=" ")[:TEXT_CHARACTERS_MAX] if body else ""
    found: list[tuple[str, str]] = []
    ends = table.marks.ends
    for at in islice((at for at in _places(text, "/") if text.endswith(ends, 0, at)), SIGNS_MAX):
        if address := _address(text, at + 1, table):
            found.append(("", address))
    found += _names(text, table)
    return [(n, said, _holder(body, said)) for n, said in list(dict.fromkeys(found))[:WORDS_MAX]]


def _address(text: str, end: int, table: Addresses) -> str:
    """The address around a place in the text; empty when its host is not known."""
    host = HOST.search(text, max(0, end - HOST_CHARACTERS_MAX), end - 1)
    if host is None or not table.is_known(host.group().lower()):
        return ""
    rest = REST.match(text, end)
    return AFTER.sub("", host.group() + "/" + (rest.group() if rest else "").rstrip(".,;:!?)…"))


def _names(text: str, table: Addresses) -> Iterator[tuple[str, str]]:
    """Names that stand behind a colon or an at sign that a word for a network stands before."""
    for sign in (":", "@") if text.isascii() else (":", "：", "@"):
        for at in islice(_places(text, sign), SIGNS_MAX):
            near = text[max(0, at - WORD_CHARACTERS_MAX) : at + 1 + NAME_CHARACTERS_MAX]
            lower = near[: WORD_CHARACTERS_MAX + 1].lower()
            for name, words, pattern in table.marks.texts:
                if any(word in lower for word in words):
                    yield from ((name, one["handle"]) for one in pattern.finditer(near))


def _places(text: str, sign: str) -> Iterator[int]:
    """Where a sign stands; one letter is found faster so than by an expression."""
    at = text.find(sign)
    while at >= 0:
        yield at
        at = text.find(sign, at + 1)


def code_to_scan(said: dict[str, str | None], codes: tuple[tuple[str, str], ...]) -> list[tuple[str, str]]:
    """(network, words) of a picture that is called a code to scan of a network."""
    words = f"{said.get('alt')} {said.get('src')} {said.get('data-src')} {said.get('title')}".lower()
    if "qr" not in words and (words.isascii() or not any(code in words for code in CODES)):
        return []
    named = {network for word, network in codes if word in words}
    return [
        (name, (said.get("alt") or said.get("src") or "")[:SAID_CHARACTERS_MAX]) for name in sorted(named)
    ]


def _holder(body: Any, said: str) -> Any:
    """The innermost element that has these words, so that it can be told what they stand in."""
    one = body
    for _ in range(30):
        inner = next((child for child in one.iter() if said in child.text(deep=True, separator=" ")), None)
        if inner is None:
            return one
        one = inner
    return one
