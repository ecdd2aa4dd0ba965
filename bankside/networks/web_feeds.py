"""RSS and Atom feeds of others, read and never written to; a hub (WebSub) may bring the news sooner.

An entry is named by its own id, else by its address, and its version is a digest of its words: what changed
is an edit. An entry that is not listed any more was not deleted, feeds name only their newest. A feed comes
from anybody, so it is measured before it is parsed, and the parser is given bytes alone: it opens nothing.

Sources, read 2026-11-28: RFC 4287 (Atom), https://www.rssboard.org/rss-specification (RSS 2.0),
RFC 9110 section 13 (conditional requests), https://www.w3.org/TR/websub/ sections 5 and 8.
"""

from __future__ import annotations

import calendar
import hashlib
import io
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import msgspec

from bankside.networks.catalogue import NetworkData, network
from bankside.networks.contract import (
    Accepted,
    Activity,
    Actor,
    Answer,
    Attachment,
    Connector,
    Forged,
    Gone,
    Item,
    Page,
    Refused,
    Request,
    Self,
)
from bankside.networks.declared import Signature
from bankside.networks.markup import text_of, web_address
from bankside.networks.public import PublicPost, PublicPosts, Window, listed_since
from bankside.networks.signatures import check, handshake
from bankside.networks.wire import WireAnswer
from bankside.said import Said

FEED_BYTES_MAX = 3_000_000
ENTRIES_MAX = 200
TAGS_MAX = 60_000
"""The parser takes about 60 microseconds for each."""
DEPTH_MAX = 2_000
"""The parser's time grows with the square of it: 1.5 MB of opened tags took 47 s (feedparser 6.0.14)."""
WORDS_LENGTH_MAX = 50_000
NAME_LENGTH_MAX = 300
ADDRESS_LENGTH_MAX = 2_000
MARK_LENGTH_MAX = 500
PICTURES_MAX = 4
MOMENT_MS_MAX = 4_102_444_800_000  # the year 2100
ACCEPT = "application/atom+xml, application/rss+xml, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.1"
METHODS = ("sha256", "sha1", "sha384", "sha512")
ENCODINGS = frozenset(
    (
        "utf-8", "us-ascii", "ascii", "iso-8859-1", "iso-8859-2", "iso-8859-15", "windows-1250",
        "windows-1251", "windows-1252", "euc-kr", "ks_c_5601-1987", "cp949", "gb2312", "gbk", "gb18030",
        "big5", "shift_jis", "euc-jp",
    )
)  # fmt: skip
"""Those that feeds are written in. Python knows more, some of them slow; others are read as UTF-8."""


class NoFeed(ValueError):
    """These bytes are no feed, or one that is not to be parsed."""


class WebFeed(Connector):
    """One feed, by its address."""

    def can(self, operation: str) -> bool:
        """Without a word for the hub nobody is believed, and the channel has no address for hooks."""
        return super().can(operation) and (operation != "verify" or bool(self._word))

    # --- who we listen to ----------------------------------------------------------------------------
    def whoami(self) -> Self:
        try:
            answer = self.wire.get(self._feed, headers={"accept": ACCEPT}, bytes_max=FEED_BYTES_MAX)
            feed = self._parsed(answer)
        except (Gone, NoFeed):
            raise Refused(Said("There is no feed at %(feed)s.", feed=self._feed)) from None
        return Self(
            remote_id=self._feed, handle=self._host, name=feed.title or self._host,
            url=feed.link or self._feed, limits={},
        )  # fmt: skip

    # --- what comes in -------------------------------------------------------------------------------
    def poll(self, cursor: str, since_ms: int) -> Page:
        """The feed, unless it says that it is as it was. Entries dated before `since_ms` never count."""
        place = _Place.of(cursor) if cursor else _Place(floor_ms=since_ms)
        asked = {"accept": ACCEPT, **place.conditions()}
        answer = self.wire.get(self._feed, headers=asked, also=(304,), bytes_max=FEED_BYTES_MAX)
        if answer.status == 304:
            return Page(items=(), cursor=str(place), more=False)
        try:
            feed = self._parsed(answer)
        except NoFeed as none:
            raise answer.nonsense(str(none)) from None
        items = tuple(_item(e) for e in reversed(feed.entries) if e.is_news(place.floor_ms))
        return Page(items=items, cursor=str(place.after(answer)), more=False)

    def verify(self, request: Request) -> Accepted | Answer:
        """A hub asks whether we want this feed, or brings it whole."""
        secret, rule = self._word, _data().signature
        if request.method == "GET":
            return self._agreed(request, rule, secret)
        check(_as_signed(rule, request), request, secret)
        try:
            feed = _feed_in(request.body, request.headers.get("content-type", ""), self._feed)
        except NoFeed as none:
            raise Refused(str(none)) from none
        return Accepted(items=tuple(_item(e) for e in reversed(feed.entries)))

    def read(self, raw: dict[str, Any]) -> tuple[Activity, ...]:
        if "entry" not in raw:
            return ()
        try:
            entry = msgspec.convert(raw["entry"], _Entry)
        except msgspec.ValidationError as broken:
            raise Refused(Said("The entry cannot be read: %(broken)s.", broken=str(broken))) from broken
        return (self._activity(entry),)

    def public_posts(self, account: str, window: Window) -> PublicPosts:
        """Entries of the window with a date. A feed names its newest and tells of no answers."""
        answer = self.wire.get(self._feed, headers={"accept": ACCEPT}, bytes_max=FEED_BYTES_MAX)
        try:
            entries = self._parsed(answer).entries
        except NoFeed:
            raise Gone(Said("There is no feed at %(feed)s.", feed=self._feed)) from None
        said = [one for entry in entries if (one := self._activity(entry)).published_ms]
        posts = [_public(one) for one in said if one.published_ms >= window.since_ms]
        since_ms = listed_since(posts, window, whole=len(posts) < len(said))
        return PublicPosts(posts=tuple(posts[: window.posts_max]), since_ms=since_ms, answers=False)

    def _activity(self, entry: _Entry) -> Activity:
        writer = text_of(entry.writer)[:NAME_LENGTH_MAX]
        name = writer or text_of(entry.feed)[:NAME_LENGTH_MAX] or self._host
        return Activity(
            remote_id=entry.id,
            version=_version(entry),
            kind="Article",
            actor=Actor(remote_id=f"{writer}@{self._host}" if writer else self._host, name=name),
            title=" ".join(_plain(entry.title, entry.title_kind).split()),
            text=_plain(entry.words, entry.words_kind),
            lang=entry.lang,
            thread=entry.id,
            url=web_address(entry.link),
            reply_allowed=False,
            published_ms=entry.published_ms or entry.updated_ms,
            attachments=tuple(
                Attachment(kind="image", url=address, mime=mime)
                for address, mime in entry.pictures
                if web_address(address)
            ),
        )

    def _agreed(self, request: Request, rule: Signature, secret: str) -> Answer:
        """Nobody but us ends a subscription or begins one to something else. Without a word there is none."""
        if not secret:
            raise Forged(Said("This channel has no secret for hooks, so that no hook can be genuine."))
        wanted = (request.query.get("hub.mode"), request.query.get("hub.topic"))
        if wanted != ("subscribe", self._feed):
            raise Forged(Said("The hub asks for something that this channel did not ask for."))
        answer = handshake(rule, request, secret)
        if answer is None:
            raise Refused(Said("The hub sends no challenge."))
        return answer

    def _parsed(self, answer: WireAnswer) -> _Feed:
        return _feed_in(answer.content, answer.headers.get("content-type", ""), self._feed)

    @property
    def _word(self) -> str:
        return self.grant.secrets.get("hub_secret", "")

    @property
    def _feed(self) -> str:
        return self.grant.settings.get("feed", "").strip()

    @property
    def _host(self) -> str:
        return urlsplit(self._feed).netloc.lower()


CONNECTOR = WebFeed


def _public(one: Activity) -> PublicPost:
    text = f"{one.title}\n{one.text}"
    return PublicPost(id=one.remote_id, at_ms=one.published_ms, own=True, lang=one.lang, text=text)


def _data() -> NetworkData:
    return network("web_feeds")


# --- where reading stands ------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class _Place:
    """What the feed called its last state, to be asked only for another one."""

    floor_ms: int
    etag: str = ""
    modified: str = ""

    @classmethod
    def of(cls, cursor: str) -> _Place:
        floor, etag, modified = msgspec.json.decode(cursor, type=tuple[int, str, str])
        return cls(floor, etag, modified)

    def __str__(self) -> str:
        return msgspec.json.encode((self.floor_ms, self.etag, self.modified)).decode()

    def conditions(self) -> dict[str, str]:
        named = {"if-none-match": self.etag, "if-modified-since": self.modified}
        return {name: mark for name, mark in named.items() if mark}

    def after(self, answer: WireAnswer) -> _Place:
        named = (_mark(answer.headers.get(name, "")) for name in ("etag", "last-modified"))
        return _Place(self.floor_ms, *named)


def _mark(value: str) -> str:
    """A mark that can be sent back in a header; any other is left out, and the whole feed comes again."""
    fine = value.isascii() and value.isprintable() and len(value) <= MARK_LENGTH_MAX
    return value if fine else ""


# --- a feed, parsed ------------------------------------------------------------------------------------
class _Entry(msgspec.Struct, kw_only=True):
    """What is kept of an entry: no e-mail address of its author."""

    id: str
    link: str
    title: str
    title_kind: str
    words: str
    words_kind: str
    writer: str
    feed: str
    lang: str
    published_ms: int
    updated_ms: int
    pictures: list[tuple[str, str]]

    def is_news(self, floor_ms: int) -> bool:
        """Whether it is from after the floor; what names no time is."""
        newest_ms = max(self.published_ms, self.updated_ms)
        return not newest_ms or newest_ms >= floor_ms


@dataclass(frozen=True, slots=True)
class _Feed:
    title: str
    link: str
    entries: list[_Entry]


def _item(entry: _Entry) -> Item:
    return Item(remote_id=entry.id, version=_version(entry), raw={"entry": msgspec.to_builtins(entry)})


def _version(entry: _Entry) -> str:
    """Many feeds date no change, and some date what did not change: a digest of what a reader sees."""
    seen = "\0".join((entry.title, entry.words, entry.link))
    return "h" + hashlib.sha256(seen.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _feed_in(content: bytes, kind: str, address: str) -> _Feed:
    """What these bytes say. Raises NoFeed for what is none, and for what is made to keep a parser busy."""
    text = _decoded(content, kind).encode("utf-8", "replace")
    _refuse_hostile(text)
    found = _given_to_parser(text, address)
    top = found.get("feed") or {}
    if not found.get("version") and not found.get("entries"):
        raise _none()
    title, lang = text_of(_text(top, "title"))[:NAME_LENGTH_MAX], _text(top, "language")
    entries: dict[str, _Entry] = {}
    for entry in (_entry(e, title, lang) for e in found["entries"][:ENTRIES_MAX]):
        if entry.id:  # two of one id would be edits of each other for ever; the first listed is the newest
            entries.setdefault(entry.id, entry)
    return _Feed(title, web_address(_text(top, "link")), list(entries.values()))


def _decoded(content: bytes, kind: str) -> str:
    """By its byte order mark, the header or its own first line; else as UTF-8, or as old pages are."""
    for mark, name in _MARKS.items():
        if content.startswith(mark):
            return content.decode(name, "replace")
    for found in (_CHARSET.search(kind.encode(errors="replace")), _DECLARED.match(content)):
        if found and (named := found["name"].decode().lower()) in ENCODINGS:
            return content.decode(named, "replace")
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("windows-1252", "replace")


def _given_to_parser(text: bytes, address: str) -> dict[str, Any]:
    import feedparser  # type: ignore[import-untyped]  # late: only who reads a feed pays for it

    said = {"content-type": "application/xml; charset=utf-8", "content-location": address}
    try:
        # A stream: the parser takes a plain string or bytes for a name, and would open what it names.
        # It leaves markup as it is, because text_of takes all of it away.
        found: dict[str, Any] = feedparser.parse(
            io.BytesIO(text), response_headers=said, sanitize_html=False, resolve_relative_uris=False
        )
    except Exception as stumbled:  # of any kind: whoever wrote the feed chose what the parser stumbles over
        raise NoFeed(Said("The feed cannot be read (%(error)s).", error=type(stumbled).__name__)) from None
    return found


def _refuse_hostile(text: bytes) -> None:
    """One quick look before anything is built."""
    root = _ROOT.search(text)
    if not root:
        raise _none()
    if b"<!ENTITY" in text[: root.start()].upper():
        raise NoFeed(Said("The feed defines entities of its own, as no feed needs to."))
    depth, tags = 0, 0
    for piece in _PIECE.finditer(text):
        if piece.lastgroup is None:  # a comment or words in CDATA: nothing in it is a tag
            continue
        tags += 1
        depth = max(depth + {"end": -1, "start": 1}.get(piece.lastgroup, 0), 0)
        if tags > TAGS_MAX or depth > DEPTH_MAX:
            raise NoFeed(Said("The feed is too large or too deeply nested to be read."))


def _none() -> NoFeed:
    return NoFeed(Said("What stands at the address of the feed is no feed."))


_MARKS = {
    b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe\x00\x00": "utf-32", b"\x00\x00\xfe\xff": "utf-32",
    b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"<\x00?\x00": "utf-16-le", b"\x00<\x00?": "utf-16-be",
}  # fmt: skip
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?(?P<name>[A-Za-z0-9._-]{1,40})", re.IGNORECASE)
_DECLARED = re.compile(rb"\s*<\?xml\s[^>]{0,200}?encoding\s*=\s*[\"'](?P<name>[A-Za-z0-9._-]{1,40})")
_ROOT = re.compile(rb"<[A-Za-z_]")
_PIECE = re.compile(
    rb"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)"
    rb"|(?P<end></[^<>]*>)|(?P<closed><[A-Za-z_:][^<>]*/>)|(?P<start><[A-Za-z_:][^<>]*>)|(?P<stray><)",
    re.DOTALL,
)


# --- one entry -----------------------------------------------------------------------------------------
def _entry(entry: dict[str, Any], feed: str, lang: str) -> _Entry:
    title, words = _detail(entry, "title_detail"), _words(entry)
    link = _text(entry, "link")[:ADDRESS_LENGTH_MAX]
    return _Entry(
        id=(_text(entry, "id") or link or _digest(title[0], words[0]))[:ADDRESS_LENGTH_MAX],
        link=link,
        title=title[0][:NAME_LENGTH_MAX],
        title_kind=title[1],
        words=words[0][:WORDS_LENGTH_MAX],
        words_kind=words[1],
        writer=_text(dict.get(entry, "author_detail") or {}, "name")[:NAME_LENGTH_MAX],
        feed=feed,
        lang=(_text(dict.get(entry, "title_detail") or {}, "language") or lang)[:35],
        published_ms=_ms(dict.get(entry, "published_parsed")),
        updated_ms=_ms(dict.get(entry, "updated_parsed")),
        pictures=_pictures(entry),
    )


def _words(entry: dict[str, Any]) -> tuple[str, str]:
    """The whole article where the feed holds it, else its summary."""
    content = dict.get(entry, "content") or [{}]
    return _detail({"first": content[0]}, "first") if content[0] else _detail(entry, "summary_detail")


def _detail(entry: dict[str, Any], name: str) -> tuple[str, str]:
    found = dict.get(entry, name) or {}
    return _text(found, "value"), _text(found, "type")


def _text(found: dict[str, Any], name: str) -> str:
    """A string that can be kept, or nothing. Asked as of a plain dict: the parser's own guesses and warns."""
    value = dict.get(found, name)
    if name == "link" and value is None:
        value = next((one.get("href") for one in dict.get(found, "links") or []), None)
    return value.strip() if isinstance(value, str) else ""


def _plain(words: str, kind: str) -> str:
    return words.strip() if kind == "text/plain" else text_of(words)


def _pictures(entry: dict[str, Any]) -> list[tuple[str, str]]:
    found = []
    for one in dict.get(entry, "links") or []:
        address, mime = _text(one, "href"), _text(one, "type")
        if _text(one, "rel") == "enclosure" and mime.startswith("image/"):
            found.append((address[:ADDRESS_LENGTH_MAX], mime[:100]))
    return found[:PICTURES_MAX]


def _digest(*parts: str) -> str:
    seen = "\0".join(parts)
    return hashlib.sha256(seen.encode("utf-8", "surrogatepass")).hexdigest() if any(parts) else ""


def _ms(moment: Any) -> int:
    """UTC milliseconds of the parser's time; 0 for none and for one that no news can be of."""
    try:
        found = calendar.timegm(moment) * 1000 if moment else 0
    except (TypeError, ValueError, OverflowError):
        return 0
    return found if 0 < found < MOMENT_MS_MAX else 0


def _as_signed(rule: Signature, request: Request) -> Signature:
    """The rule with the method that the hub chose among those of the Recommendation."""
    method = request.headers.get(rule.header, "").partition("=")[0].strip().lower()
    chosen = method if method in METHODS else rule.algorithm
    return msgspec.structs.replace(rule, algorithm=chosen, prefix=f"{chosen}=")
