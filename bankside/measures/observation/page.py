"""From the bytes of one page to what it shows of accounts on networks. Pure.

Looked at: links, `rel="me"`, JSON-LD, meta tags, feeds, settings in scripts, attributes of widgets, embedded
posts and timelines, and words for people. A share button shows nothing. The page is parsed once and gone
through once; what costs more is done only for what might be there.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any, Final
from urllib.parse import urljoin

from selectolax.lexbor import LexborDocumentOptions, LexborHTMLParser

from bankside.measures.observation import around, decoding, feeds, picking, scripts, wording
from bankside.measures.observation.addresses import Addresses, Found, host_of, wrapped
from bankside.measures.observation.attributes import Occurrences, selector_of
from bankside.measures.observation.finding import Around, Evidence, Seen
from bankside.measures.observation.gathering import Gathering

BODY_BYTES_MAX: Final = 5_000_000
DEEP_BYTES: Final = 100_000
UNCLOSED_MAX: Final = 10_000
"""Elements within elements cost the parser the square of their number; so much of such a page is read."""
NODES_MAX: Final = 50_000
ELEMENTS_MAX: Final = 2_000
OUTWARD: Final = frozenset({"www.google.com", "google.com"})
QUIET: Final = frozenset({"data-text", "data-via", "alt", "title", "class"})
AS_EMBEDDED: Final = frozenset({"link", "attribute"})
SEVERAL: Final = re.compile(r"[\s,]+")
VALUES_MAX: Final = 10
SHORT: Final = 4
WITHOUT_EVENTS: Final = int(LexborDocumentOptions.WO_EVENTS)
"""The parser does not copy the chosen option of a menu into its button; nothing here asks for that."""


def observed(
    body: bytes, table: Addresses, *, address: str = "", content_type: str = "", at_ms: int = 0
) -> Seen:
    """What a page shows. `address`: its own. A body over 5,000,000 bytes is cut there."""
    cut = body[:BODY_BYTES_MAX]
    text, encoding, fits = decoding.fitted(cut, content_type)
    raw = cut if fits and encoding == "utf-8" else text.encode("utf-8", "replace")
    looked = _Page(raw, cut, encoding, table, address)
    looked.look()
    return Seen(
        address=address, at_ms=at_ms, sha256=hashlib.sha256(body).hexdigest(), size=len(body),
        encoding=encoding, findings=looked.gathered.findings(), cut=len(body) > len(cut) or looked.cut,
    )  # fmt: skip


class _Page:
    """One page while it is looked at."""

    def __init__(self, raw: bytes, body: bytes, encoding: str, table: Addresses, address: str) -> None:
        """`raw`: the body in UTF-8."""
        self._table, self._marks, self._address = table, table.marks, address
        self._host = host_of(address)
        self.cut = len(raw) > DEEP_BYTES and raw.count(b"<") - 2 * raw.count(b"</") > UNCLOSED_MAX
        raw = raw[:DEEP_BYTES] if self.cut else raw
        self._raw, self._tree = raw, LexborHTMLParser(raw, options=WITHOUT_EVENTS)
        self.gathered = Gathering(body, encoding)
        self._there = Occurrences(raw, table)
        self._surroundings = around.Surroundings(self._marks.posts, self._marks.timelines, table.surroundings)
        self._sources: list[str] = []
        self._quiet: list[Any] = []
        self._odd: list[tuple[Any, str, str]] = []
        self._feeds: list[tuple[str, str, str, Any]] = []

    def look(self) -> None:
        """Everything, in a fixed order."""
        for node in picking.picked(self._tree, self._there.selector())[:NODES_MAX]:
            self._node(node, node.tag)
        for network, href, title, node in feeds.first_of_all(self._feeds, self._address):
            if not feeds.is_of_comments(href, title):
                self._feed(network, href, "link@href", node)
        for name in self._there.attributes():
            self._attribute(name)
        self._widgets()
        self._scripts()
        self._words()

    def _node(self, node: Any, tag: str | None) -> None:
        said = node.attributes
        match tag:
            case "a" | "area":
                href = said.get("href") or said.get("xlink:href") or ""
                if len(href) > 3 and (
                    href[0] != "/" or href[1] == "/" or "=" in href or feeds.looks_like_one(href)
                ):
                    self._link(node, href.strip(), said)
            case "script":
                self._quiet.append(node)
                self._script(node, said)
            case "style" | "template":
                self._quiet.append(node)
            case "img":
                for network, words in wording.code_to_scan(said, self._marks.codes):
                    made = Found(network=network, handle="", key="", address="", shows="account")
                    self._add(made, "picture", "img@alt", words, node)
            case "link":
                self._relation(node, (said.get("href") or "").strip(), said)
            case "meta":
                name = (said.get("property") or said.get("name") or "").lower()
                if name in self._marks.named or "itemprop" in said:
                    self._meta(node, name, (said.get("content") or "").strip(), said)
            case _ if tag in self._marks.odd:
                self._odd.append((node, *self._marks.odd[tag]))
            case "iframe" | "embed" | "object":
                source = said.get("src") or said.get("data-src") or said.get("data") or ""
                self._frame(node, source.strip())

    # --- links -----------------------------------------------------------------------------------------
    def _link(self, node: Any, href: str, said: dict[str, str | None]) -> None:
        if len(href) < SHORT or href[0] == "#":
            return
        inside = href[0] in "/?." and href[1] != "/"
        if not inside and ("//" in href[:9] or href[:4].lower() == "www."):
            host = host_of(href if "//" in href[:9] else f"//{href}")
            if self._table.is_known(host):
                self._add(self._table.found(href), _kind(said), "a@href", href, node)
                return
            if "@" in href or "%40" in href or "/users/" in href:
                self._elsewhere(node, href, _kind(said))
            if host not in OUTWARD and not _same_site(host, self._host):
                return
        elif href[:11].lower() == "javascript:":
            for one in scripts.addresses_in(href, self._table):
                self._add(self._table.found(one), "script", "a@href", one, node)
            return
        if "%2F%2F" in href or "=http" in href or "%2f%2f" in href or "=www." in href:
            for one in wrapped(href):
                self._add(self._table.found(one), _kind(said), "a@href", href, node)
        if self._marks.feeds_network and feeds.looks_like_one(href):
            self._feed(self._marks.feeds_network, href, "a@href", node)

    def _elsewhere(self, node: Any, href: str, kind: Evidence) -> None:
        """A link to a server that nobody knows: an account there when the page says that it is one."""
        found = self._table.on_any_server(href)
        if found and (kind == "rel-me" or wording.is_called(node, self._marks.anywhere)):
            self._add(found, kind, "a@href", href, node)

    # --- the head --------------------------------------------------------------------------------------
    def _relation(self, node: Any, href: str, said: dict[str, str | None]) -> None:
        rels = (said.get("rel") or "").lower().split()
        if (said.get("itemprop") or said.get("property") or "").lower().endswith("sameas"):
            self._add(self._table.found(href), "same-as", "link@href", href, node)
        elif "me" in rels:
            found = self._table.found(href) or self._table.on_any_server(href)
            self._add(found, "rel-me", "link@href", href, node)
        elif "alternate" in rels:
            kind = (said.get("type") or "").lower().partition(";")[0].strip()
            if kind in self._marks.feeds:
                self._feeds.append((self._marks.feeds[kind], href, said.get("title") or "", node))
        for rel in rels:
            if rel in self._marks.signs:
                self._site(self._marks.signs[rel], rel, "link@rel", node)

    def _feed(self, network: str, href: str, where: str, node: Any) -> None:
        whole = urljoin(self._address, href)
        if found := self._table.found(whole):
            self._add(found, "feed", where, href, node)
            return
        key = feeds.named(whole)
        made = Found(network=network, handle=key, key=key, address=whole, shows="account")
        self._add(made, "feed", where, href, node)

    def _meta(self, node: Any, name: str, content: str, said: dict[str, str | None]) -> None:
        if name == "generator":
            for beginning, network in self._marks.generators.items():
                if content.lower().startswith(beginning):
                    self._site(network, content, "meta[generator]", node)
        elif name in self._marks.metas or name in self._marks.authors:
            network = self._marks.metas.get(name) or self._marks.authors[name]
            kind: Evidence = "meta" if name in self._marks.metas else "author"
            for one in SEVERAL.split(content)[:VALUES_MAX]:
                found = self._table.named(network, one) if one else None
                self._add(found, kind, f"meta[{name}]", one, node)
        elif name == "og:see_also" or (said.get("itemprop") or "").lower() == "sameas":
            self._add(self._table.found(content), "same-as", "meta@content", content, node)

    def _site(self, network: str, said: str, where: str, node: Any) -> None:
        """The page itself is of a site that is an account."""
        if self._host:
            host = self._host.removeprefix("www.")
            made = Found(network=network, handle=host, key=host, address=f"https://{host}", shows="account")
            self._add(made, "generator", where, said, node, within="frame")

    # --- what is embedded ------------------------------------------------------------------------------
    def _frame(self, node: Any, source: str) -> None:
        if "//" not in source[:9] or not self._table.is_known(host_of(source)):
            return
        found = self._table.found(source)
        self._add(found, "embed", f"{node.tag}@src", source, node)
        for one in wrapped(source) if found is None else ():
            self._add(self._table.found(one), "embed", f"{node.tag}@src", source, node)

    def _attribute(self, name: str) -> None:
        for node in picking.picked(self._tree, selector_of(name))[:ELEMENTS_MAX]:
            if name in QUIET or node.tag == "script":
                continue
            for one in scripts.addresses_in(node.attributes.get(name) or "", self._table):
                kind: Evidence = "embed" if self._is_timeline(node) or node.tag == "iframe" else "attribute"
                self._add(self._table.found(one), kind, f"{node.tag}@{name}", one, node)

    def _widgets(self) -> None:
        for node, attribute, network in self._odd[:ELEMENTS_MAX]:
            value = node.attributes.get(attribute) or ""
            found = self._table.named(network, value) if value else None
            self._add(found, "attribute", f"{node.tag}@{attribute}", value, node)
        for selector, attribute, network in self._there.widgets():
            for node in picking.picked(self._tree, selector)[:ELEMENTS_MAX]:
                value = (node.attributes.get(attribute) or "").strip()
                found = self._table.named(network, value) if value else None
                self._add(found, "attribute", f"{node.tag}@{attribute}", value, node)

    # --- scripts and words -----------------------------------------------------------------------------
    def _script(self, node: Any, said: dict[str, str | None]) -> None:
        source = node.text(deep=True)
        if "ld+json" in (said.get("type") or "").lower():
            for one, within in scripts.same_as(source):
                found = self._table.found(one) or self._table.on_any_server(one)
                self._add(found, "same-as", "script[ld+json]", one, node, within=within)
        elif source:
            self._sources.append(source)

    def _scripts(self) -> None:
        source = "\n".join(self._sources)
        for one in scripts.addresses_in(source, self._table):
            self._add(self._table.found(one), "script", "script", one, None, within="")
        for network, handle in scripts.named_in(source, self._marks):
            self._add(self._table.named(network, handle), "script", "script", handle, None, within="")
        calling = self._raw.decode("utf-8", "replace") if self._there.calls else ""
        for network, handle in scripts.called_in(calling, self._marks.calls):
            self._add(self._table.named(network, handle), "script", "text", handle, None, within="")

    def _words(self) -> None:
        for node in self._quiet:
            node.decompose()
        for network, said, node in wording.told(self._tree, self._table):
            found = self._table.named(network, said) if network else self._table.found(said)
            self._add(found, "text", "text", said, node)

    def _is_timeline(self, node: Any) -> bool:
        return self._surroundings.is_timeline(node)

    def _add(
        self,
        found: Found | None,
        kind: Evidence,
        where: str,
        said: str,
        node: Any,
        *,
        within: Around | None = None,
    ) -> None:
        if found is None:
            return
        if found.shows == "post":
            kind = "post"
        elif kind in AS_EMBEDDED and self._is_timeline(node):
            kind = "embed"
        if within is None:
            within = self._surroundings.of(node)
        self.gathered.add(found, kind, within, where, said)


def _kind(said: dict[str, str | None]) -> Evidence:
    """Of a link: `rel="me"` and the property sameAs say more than others."""
    if "me" in (said.get("rel") or "").lower().split():
        return "rel-me"
    return "same-as" if (said.get("itemprop") or "").lower() == "sameas" else "link"


def _same_site(host: str, other: str) -> bool:
    """Whether two hosts belong together: they are the same, or one is a name under the other."""
    one, two = host.removeprefix("www."), other.removeprefix("www.")
    if not one or not two:
        return not one
    return one == two or one.endswith(f".{two}") or two.endswith(f".{one}")
