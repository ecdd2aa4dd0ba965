"""The table of networks turned round, by what a page is searched for. Made once for each process. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from bankside.channels.places import KnownPlace
from bankside.measures.observation import picking
from bankside.measures.observation.skimming import Names

HEAD: Final = re.compile(r"(?:[a-z]+://)?([\w.\\]+)")
SIGN: Final = re.compile(r"([:@.])")
DATA: Final = "data-"
"""What names of attributes of widgets begin with."""


class Marks:
    """What is looked for on every page. Each maps to the name of a network.

    `metas`, `authors`: names of <meta>, with others in `named`; `feeds`: media types; `signs`: relations of
    <link>; `generators`: beginnings; `keys` of settings in scripts; `calls`, `texts`: patterns, the second
    with words of which one must be near; `widgets`: selector and attribute, found in bytes by `widget_names`
    when one of `data_names` is there; `odd`: names of elements;
    `posts`, `timelines`: classes; `codes`: words on pictures of codes; `anywhere`: networks that any server
    may be part of; `ends`: what hosts of networks end in, from the last dot on.
    """

    def __init__(self, places: Iterable[KnownPlace], hosts: Iterable[str]) -> None:
        known = [(place.network, place.known_by) for place in places]
        self.metas = {one: name for name, by in known for one in by.metas}
        self.authors = {one: name for name, by in known for one in by.authors}
        self.feeds = {one: name for name, by in known for one in by.feeds}
        self.feeds_network = next(iter(self.feeds.values()), "")
        self.signs = {one: name for name, by in known for one in by.signs}
        self.generators = {one: name for name, by in known for one in by.generators}
        self.named = frozenset({"generator", "og:see_also", *self.metas, *self.authors})
        self.keys = {one: name for name, by in known for one in by.keys}
        self.calls = tuple((name, re.compile(one)) for name, by in known for one in by.scripts)
        self.texts = tuple((name, by.words, re.compile(one)) for name, by in known for one in by.texts)
        self.anywhere = tuple((name, by.words) for name, by in known if by.anywhere)
        self.codes = tuple((w, name) for name, by in known for w in by.words if len(w) > 4 or not w.isascii())
        self.posts = _classes(one for _, by in known for one in by.posts)
        self.timelines = _classes(one for _, by in known for one in by.timelines)
        every = tuple((*_selected(one), name) for name, by in known for one in by.attributes)
        self.widgets = tuple(one for one in every if ":" not in one[0])
        self.widget_names = _beginning(DATA, (one[1] for one in self.widgets))
        odd = (one for one in every if ":" in one[0])
        self.odd = {one.partition("[")[0].replace("\\", ""): (said, name) for one, said, name in odd}
        # what all begin with stands everywhere, so they are looked for without it
        self.data_names = Names(one[1].removeprefix(DATA[:-1]) for one in self.widgets)
        self._selectors: dict[picking.Held, str] = {}
        self.needles = _shortest(hosts)
        self.ends = tuple(sorted({"." + needle.rpartition(".")[2] for needle in self.needles}))
        heads = (HEAD.match(one.pattern) for _, one in self.calls)
        self.call_hosts = frozenset(head[1].replace("\\", "") for head in heads if head)

    def selector(self, held: picking.Held) -> str:
        """Of all elements that are looked at on a page; kept, for there are few different ones."""
        if held not in self._selectors:
            self._selectors[held] = picking.selector((said for said, _ in self.odd.values()), held)
        return self._selectors[held]


def _shortest(hosts: Iterable[str]) -> tuple[str, ...]:
    """What must stand in a page that names any of the hosts."""
    every = {host.rpartition("*.")[2].removeprefix("www.") for host in hosts}
    return tuple(sorted(h for h in every if not any(h.endswith(f".{other}") for other in every)))


def _beginning(start: str, words: Iterable[str]) -> re.Pattern[bytes]:
    """Any of the words, which all begin so, as names of attributes: finds their rests, by the next letter."""
    by_letter: dict[str, list[str]] = {}
    for word in words:
        rest = word.removeprefix(start)
        by_letter.setdefault(rest[0], []).append(rest[1:])
    every = "|".join(f"{letter}(?:{'|'.join(rests)})" for letter, rests in by_letter.items()) or "(?!)"
    # one letter is found faster than a word, so it is looked for by the last letter of what all begin with
    return re.compile(rf"{start[-1]}(?<={start})({every})(?=[\s=])".encode())


def _selected(word: str) -> tuple[str, str]:
    """A selector and the attribute that holds the name."""
    owner, _, attribute = word.rpartition("@")
    if not owner:
        return f"[{attribute}]", attribute
    if ":" in owner:
        return SIGN.sub(r"\\\1", owner) + f"[{attribute}]", attribute
    return f".{owner}[{attribute}]", attribute


def _classes(words: Iterable[str]) -> re.Pattern[str]:
    every = "|".join(re.escape(word) for word in words)
    return re.compile(rf"\b(?:{every})\b" if every else "(?!)")
