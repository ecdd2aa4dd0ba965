"""Whom to believe: a trust file with the keys of logs and witnesses, and how many witnesses are enough.

Pure. The form is https://c2sp.org/tlog-policy (read 2026-11-29): lines `log <vkey> [url]`,
`witness <name> <vkey> [url]`, `group <name> all|any|<number> <names>`, and one `quorum <name>|none`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from bankside.record.log.note import COSIGNS, COSIGNS_FOR_LONG, SIGNS, Key, KeyWrong, Signed, parse_vkey

LINES_MAX: Final = 10_000
NONE: Final = "none"
_ALLOWED: Final = re.compile(rb"[\t\n\x20-\x7e\x80-\xff]*")
_NUMBER: Final = re.compile("[1-9][0-9]{0,3}")


class TrustWrong(ValueError):
    """The trust file is not in its form; the message names the line."""


@dataclass
class Trust:
    """Keys of logs and of witnesses (by their names in the file), groups, which must have signed, and where
    witnesses are asked."""

    logs: list[Key] = field(default_factory=list)
    witnesses: dict[str, Key] = field(default_factory=dict)
    groups: dict[str, tuple[int, tuple[str, ...]]] = field(default_factory=dict)
    quorum: str = NONE
    urls: dict[str, str] = field(default_factory=dict)

    def keys_for(self, origin: str) -> list[Key]:
        """The keys that may sign heads of this log: its own, and those of all witnesses."""
        return [key for key in self.logs if key.name == origin] + list(self.witnesses.values())

    def enough(self, signed: Iterable[Signed]) -> bool:
        """Whether as many witnesses signed as the file asks for."""
        keys = {one.key for one in signed}
        have = {name for name, key in self.witnesses.items() if key in keys}
        for name, (least, members) in self.groups.items():  # each names only those before it
            if len(have.intersection(members)) >= least:
                have.add(name)
        return self.quorum == NONE or self.quorum in have


def trust_in(*vkeys: str) -> Trust:
    """Trust in these logs alone, without witnesses; raises KeyWrong."""
    return Trust(logs=[parse_vkey(vkey) for vkey in vkeys])


def trust_text(keys: Iterable[Key], witnesses: Mapping[str, Key] | None = None) -> str:
    """A trust file for these logs, which knows these witnesses and asks for none."""
    lines = [f"log {key.vkey}" for key in keys]
    lines += [f"witness {name} {key.vkey}" for name, key in (witnesses or {}).items()]
    return "".join(f"{line}\n" for line in (*lines, f"quorum {NONE}"))


def parse_trust(data: bytes) -> Trust:
    """The trust that a file tells of; raises TrustWrong with the line."""
    lines = data.split(b"\n")
    if not _ALLOWED.fullmatch(data) or lines.pop() or len(lines) > LINES_MAX:
        raise TrustWrong(f"a trust file has lines of text, each with its newline, at most {LINES_MAX}")
    trust = Trust(quorum="")
    for number, line in enumerate(lines, 1):
        words = line.decode(errors="surrogateescape").replace("\t", " ").split(" ")
        try:
            _take(trust, [word for word in words if word])
        except (KeyWrong, TrustWrong, UnicodeEncodeError) as wrong:  # a name that is no UTF-8
            raise TrustWrong(f"line {number}: {wrong}") from None
    if not trust.quorum:
        raise TrustWrong("there is no quorum line; `quorum none` asks for no witness")
    return trust


def _take(trust: Trust, words: list[str]) -> None:
    match words:
        case [] | [""]:
            return
        case [first, *_] if first.startswith("#"):
            return
        case ["log", vkey] | ["log", vkey, _]:
            trust.logs.append(_new(parse_vkey(vkey), trust.logs, SIGNS))
        case ["witness", name, vkey, *url] if len(url) < 2:
            known = list(trust.witnesses.values())
            trust.witnesses[_free(trust, name)] = _new(parse_vkey(vkey), known, COSIGNS, COSIGNS_FOR_LONG)
            trust.urls |= dict.fromkeys([name][: len(url)], "".join(url))
        case ["group", name, least, *members] if members:
            trust.groups[_free(trust, name)] = _group(trust, least, members)
        case ["quorum", name] if not trust.quorum:
            if name != NONE and name not in trust.witnesses and name not in trust.groups:
                raise TrustWrong(f"{name} is no witness and no group")
            trust.quorum = name
        case _:
            raise TrustWrong(f"{' '.join(words)[:80]!r} is not in a form that such a line has")


def _new(key: Key, known: list[Key], *kinds: int) -> Key:
    if key.kind not in kinds:
        raise TrustWrong(f"the key of {key.name} does not sign as this line says")
    if any(one.public == key.public for one in known):
        raise TrustWrong(f"the key of {key.name} is in another line too")
    return key


def _free(trust: Trust, name: str) -> str:
    if name == NONE or name in trust.witnesses or name in trust.groups:
        raise TrustWrong(f"the name {name} is taken")
    return name


def _group(trust: Trust, least: str, members: list[str]) -> tuple[int, tuple[str, ...]]:
    taken = {one for _, names in trust.groups.values() for one in names}
    for name in members:
        if name not in trust.witnesses and name not in trust.groups:
            raise TrustWrong(f"{name} is no witness and no group")
        if name in taken or members.count(name) > 1:
            raise TrustWrong(f"{name} is a member of a group already")
    if least in ("any", "all"):
        return 1 if least == "any" else len(members), tuple(members)
    if not _NUMBER.fullmatch(least) or int(least) > len(members):
        raise TrustWrong(f"{least} is not all, any or a number of members")
    return int(least), tuple(members)
