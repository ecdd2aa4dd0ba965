"""Whether an address is that of an account on a network, and whose: by the table of networks alone. Pure.

An address of a share button, a sign-in or a help page is none. What the table does not know is not guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from bankside.channels.places import Form, KnownBy, KnownPlace
from bankside.measures.observation.finding import Around
from bankside.measures.observation.marks import Marks

ADDRESS_CHARACTERS_MAX: Final = 2_000
REMEMBERED_MAX: Final = 20_000
WRAPPED: Final = frozenset({"url", "u", "q", "to", "target", "href", "link", "redirect", "goto", "dest", "r"})
PLACE: Final = "{handle}"
PLAIN: Final = re.compile(r"https?://([\w.\-]+)((?:/[\w.@+\-]+)*/?)(?:\?([^#]*))?$", re.ASCII)
HOST: Final = re.compile(r"(?:[a-zA-Z]{2,8}:)?//([\w.\-]+)(?:[/?#]|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What an address shows. `shows`: account, person, post or short, as in the table.

    `handle` is as people write it, `key` the same for every way to write it; `address` the account's page.
    """

    network: str
    handle: str
    key: str
    address: str
    shows: str


@dataclass(frozen=True, slots=True)
class _Rule:
    """One form, ready to be tried. `fields` of the query must be so; `named`: the field with the name."""

    path: re.Pattern[str]
    fields: tuple[tuple[str, str], ...]
    named: str
    handle: re.Pattern[str]
    form: Form
    open: bool


class Addresses:
    """The table, made ready once for each process. Remembers what it was asked, within a limit."""

    def __init__(self, places: Iterable[KnownPlace]) -> None:
        self.places = {place.network: place for place in places}
        self._exact: dict[str, list[tuple[str, _Rule]]] = {}
        self._wide: dict[str, list[tuple[str, _Rule]]] = {}
        self._never = {name: _never(place.known_by.never) for name, place in self.places.items()}
        self._apart = {host for place in self.places.values() for host in place.known_by.apart}
        self._hosts = frozenset(h for place in self.places.values() for h in place.known_by.hosts)
        self.marks = Marks(self.places.values(), self._hosts)
        self._whose: dict[str, bool] = {}
        self.surroundings: dict[tuple[str, str], Around] = {}
        self._remembered: dict[str, Found | None] = {}
        for place in self.places.values():
            for form in place.known_by.forms:
                self._add(place, form)

    def is_known(self, host: str) -> bool:
        """Whether a host belongs to a network, also where it holds no accounts."""
        try:
            return self._whose[host]
        except KeyError:
            pass
        if len(self._whose) >= REMEMBERED_MAX:
            self._whose.clear()
        known = host in self._exact or host in self._apart or self._suffix(host) is not None
        self._whose[host] = known
        return known

    def short(self, host: str) -> str:
        """The part of a known host that all others of the same network end in."""
        return next((n for n in self.marks.needles if host == n or host.endswith(f".{n}")), host)

    def found(self, address: str) -> Found | None:
        """What a whole address shows, or one without its scheme; None when it is no account."""
        if len(address) > ADDRESS_CHARACTERS_MAX:
            return None
        try:
            return self._remembered[address]
        except KeyError:
            pass
        if len(self._remembered) >= REMEMBERED_MAX:
            self._remembered.clear()
        self._remembered[address] = found = self._looked_at(address)
        return found

    def named(self, network: str, handle: str) -> Found | None:
        """An account of a network by its name alone, such as `@hanul`, or by its address."""
        known, said = self.places[network].known_by, handle.strip()
        if "/" in said or (said.partition(".")[0] in {"www", "m"}):
            found = self.found(said)
            return found if found and found.network == network else None
        forms = sorted(known.forms, key=lambda form: not form.handle[:2].isalnum())  # such as UC...
        for form in (form for form in forms if form.shows == "account"):
            pattern = form.handle or known.handle
            fit = re.fullmatch(pattern, said) or re.fullmatch(pattern, said.removeprefix("@"))
            if fit and (form.handle[:2].isalnum() or not form.handle):
                found = _shown(network, known, form, fit)
                return _at_server(found, "") if known.anywhere else found
        return None

    def on_any_server(self, address: str) -> Found | None:
        """An account of a network that any server may keep. The address alone shows nothing: ask for more."""
        parts = _parted(address)
        if parts is None or not parts.hostname or self.is_known(parts.hostname):
            return None
        for name, place in self.places.items():
            if place.known_by.anywhere and not self._never[name].match(parts.path):
                rules = (_rule(place.known_by, form) for form in place.known_by.forms if not form.under)
                for rule in rules:
                    if fit := _fitting(rule, parts, parts.hostname):
                        return _at_server(_shown(name, place.known_by, rule.form, fit), parts.hostname)
        return None

    def _add(self, place: KnownPlace, form: Form) -> None:
        rule = _rule(place.known_by, form)
        for host in form.under or place.known_by.hosts:
            before, _, after = host.rpartition("{handle}.") if PLACE in host else host.rpartition("*.")
            if PLACE in host or host.startswith("*."):
                self._wide.setdefault(after, []).append((place.network, rule))
            else:
                self._exact.setdefault(before + after, []).append((place.network, rule))

    def _suffix(self, host: str) -> str | None:
        rest = host
        while "." in rest:
            rest = rest.partition(".")[2]
            if rest in self._wide:
                return rest
        return None

    def _looked_at(self, address: str) -> Found | None:
        parts = _parted(address)
        if parts is None:
            return None
        host = (parts.hostname or "").rstrip(".")
        if not host or host in self._apart:
            return None
        rules, path = self._exact.get(host, ()), parts.path
        if (suffix := self._suffix(host)) is not None:
            rules = [*rules, *self._wide[suffix]]
        for name, rule in rules:
            if not rule.path.match(path) or (rule.open and self._never[name].match(path)):
                continue
            if fit := _fitting(rule, parts, host):
                known = self.places[name].known_by
                found = _shown(name, known, rule.form, fit)
                return _at_server(found, host) if known.anywhere else found
        return None


def wrapped(address: str) -> list[str]:
    """Addresses that stand in the query of another, as in those of pages that say that one leaves a site."""
    query = urlsplit(address).query
    return [v for k, v in parse_qsl(query) if k.lower() in WRAPPED and ("//" in v or v.startswith("www."))]


def host_of(address: str) -> str:
    """The host in lower case; empty when there is none."""
    if plain := HOST.match(address):
        return plain[1].lower().rstrip(".")
    try:
        return (urlsplit(address).hostname or "").rstrip(".")
    except ValueError:
        return ""


# --- one address -----------------------------------------------------------------------------------------
def _parted(address: str) -> SplitResult | None:
    """The parts; a lost scheme is added, the old `#!` made a path, and what stands percent-encoded opened."""
    if plain := PLAIN.match(address):
        return SplitResult("https", plain[1], plain[2].rstrip("/") or "/", plain[3] or "", "")
    address = address.strip().replace("\\/", "/")
    if address.startswith("//"):
        address = f"https:{address}"
    elif not address[:8].lower().startswith(("http://", "https://", "feed://")):
        address = f"https://{address}"
    try:
        parts = urlsplit(address)
        _ = parts.hostname
    except ValueError:
        return None
    path = re.sub("/{2,}", "/", unquote(parts.path)) or "/"
    fragment = unquote(parts.fragment)
    if fragment.startswith("!/") or (path == "/" and fragment.startswith("/")):
        path = fragment.removeprefix("!")
    return parts._replace(path=path.strip() if path == "/" else path.rstrip("/ \u00a0"))


def _fitting(rule: _Rule, parts: SplitResult, host: str) -> re.Match[str] | None:
    """The match of the name, when the whole address has the form."""
    fit = rule.path.match(parts.path)
    if not fit:
        return None
    if rule.fields or rule.named:
        said = dict(parse_qsl(parts.query.replace("&amp;", "&"), keep_blank_values=True))
        if any(said.get(name) != value for name, value in rule.fields):
            return None
        if rule.named:
            return rule.handle.fullmatch(said.get(rule.named, "").strip().replace(" ", "+"))
    if "handle" in rule.path.groupindex:
        return rule.handle.fullmatch(fit["handle"].strip())
    return rule.handle.fullmatch(host.partition(".")[0])


def _shown(network: str, known: KnownBy, form: Form, fit: re.Match[str]) -> Found:
    name = next(filter(None, fit.groups()), None) or fit.group()
    exact = known.exact or form.exact
    name = name if exact else name.lower()
    handle = form.called.replace(PLACE, name)
    key = handle
    for letter in known.idle:
        key = key.replace(letter, "")
    address = form.address.replace(PLACE, name) or known.address.replace(PLACE, handle)
    if form.shows == "short":
        address = f"https://{handle}"
    return Found(network=network, handle=handle, key=key, address=address, shows=form.shows)


def _at_server(found: Found, host: str) -> Found:
    """With its server: `@name@server`. A name that has one already is looked at through another."""
    name, _, other = found.handle.lstrip("@").partition("@")
    server = (other or host).removeprefix("www.")
    handle = f"@{name}@{server}"
    return replace(found, handle=handle, key=handle, address=f"https://{server}/@{name}")


# --- the forms -------------------------------------------------------------------------------------------
def _rule(known: KnownBy, form: Form) -> _Rule:
    path, _, query = form.path.partition("?")
    ends, path = path.endswith("$"), path.removesuffix("$")
    pairs = [tuple(field.split("=", 1)) for field in query.split("&") if field]
    named = next((name for name, value in pairs if value == PLACE), "")
    pattern = "/".join(_part(part) for part in path.rstrip("/").split("/"))
    in_name = PLACE not in form.path
    tail = "/?$" if ends else ("(?:/|$)" if not in_name or form.shows != "account" else "")
    return _Rule(
        re.compile(pattern + tail, re.IGNORECASE if not form.exact else 0),
        tuple((name, value) for name, value in pairs if value != PLACE) if pairs else (),
        named,
        re.compile(form.handle or known.handle, re.IGNORECASE if not (form.exact or known.exact) else 0),
        form,
        open=_is_open(path, in_name=in_name),
    )  # fmt: skip


def _is_open(path: str, *, in_name: bool) -> bool:
    """Whether the name comes first, so that words of the network's own could be taken for one."""
    return in_name or path.split("/")[1].lstrip("@").startswith(PLACE)


def _part(part: str) -> str:
    """One part of a path as a regular expression: `{handle}`, `*`, and classes such as [0-9]*."""
    if part == "*":
        return "[^/]+"
    if part.startswith("["):
        return part.replace("]*", "]+")
    found = re.escape(part).replace(re.escape(PLACE), "(?P<handle>[^/]+)")
    return found.replace(r"\*", "[^/]*")


def _never(words: tuple[str, ...]) -> re.Pattern[str]:
    """Paths that begin so are no accounts."""
    every = "|".join(_word(word) for word in words)
    return re.compile(f"/(?:{every})(?:/|$)" if every else "(?!)", re.IGNORECASE)


def _word(word: str) -> str:
    return re.sub(r"\\\[(.+?)\\\]", lambda m: "[" + m[1].replace("\\", "") + "]", re.escape(word)).replace(
        r"\*", "[^/]*"
    )
