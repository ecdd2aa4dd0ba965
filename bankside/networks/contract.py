"""What every connector takes and gives: the words that the house and a network have in common.

All values are frozen. All times are whole UTC milliseconds. Vocabulary: ActivityStreams 2.0.
A connector only translates. It keeps no state, does not sleep, does not try again, knows no database,
writes no content into a log, and fails in exactly five ways: Later (Expired is a kind of it), Refused (Gone
and NotAllowed are kinds of it), Reconnect, Uncertain, Forged.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from bankside.networks.failures import Expired as Expired
from bankside.networks.failures import Forged as Forged
from bankside.networks.failures import Gone as Gone
from bankside.networks.failures import Later as Later
from bankside.networks.failures import NotAllowed as NotAllowed
from bankside.networks.failures import NotOffered as NotOffered
from bankside.networks.failures import Reconnect as Reconnect
from bankside.networks.failures import Refused as Refused
from bankside.networks.failures import Uncertain as Uncertain

if TYPE_CHECKING:
    from bankside.networks.public import PublicPosts, Window
    from bankside.networks.whose import Named, Profile
    from bankside.networks.wire import Wire

Verb = Literal["Create", "Update", "Delete", "Like", "Announce", "Follow"]
PostKind = Literal["note", "article", "page"]
MediaKind = Literal["image", "video", "audio", "document"]

OPERATIONS: tuple[str, ...] = (
    "whoami",
    "verify",
    "read",
    "poll",
    "preview",
    "send",
    "settle",
    "find",
    "remove",
    "measure",
)
"""The ten operations, all optional. `verify`, `read` and `preview` are pure: no socket, no file."""

PURE_OPERATIONS: tuple[str, ...] = ("verify", "read", "preview")


# --- what comes in -----------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who did something on a network. `remote_id` is the network's own id; empty only in a Delete whose
    author the network does not tell any more."""

    remote_id: str
    handle: str = ""
    name: str = ""
    url: str = ""
    avatar_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file that belongs to an activity, at the network's own address."""

    kind: MediaKind
    url: str
    alt: str = ""
    mime: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """One thing that somebody did on a network.

    `version` is empty or changes whenever the item changes. A network that cannot tell a first sight
    from an edit says "Create" with a new version: whoever keeps the items knows which one it is.
    `thread` is the remote id of the root of the thread (for a private exchange: of the exchange), so
    that all of one thread lands in one lane. `text` is plain text, never HTML. `own` means that the
    channel's own account did it, here or elsewhere. `held` means that the network keeps it from the
    public until somebody lets it through. `reply_allowed` false: the network lets us not answer it by desk,
    only by hand at `url`. `published_ms` is the network's time, 0 when it names none.
    """

    remote_id: str
    version: str = ""
    verb: Verb = "Create"
    kind: str = "Note"
    actor: Actor
    text: str = ""
    title: str = ""
    lang: str = ""
    thread: str
    in_reply_to: str = ""
    url: str = ""
    private: bool = False
    own: bool = False
    held: bool = False
    reply_allowed: bool = True
    published_ms: int
    attachments: tuple[Attachment, ...] = ()
    mentions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing as the network gave it, polled or hooked: both enter by the same door.

    Unique by (remote_id, version) within a channel. `raw` is decoded JSON; `read(raw)` makes activities.
    `ids`: names of the fields in `raw`, however deep, that hold ids which the network made. One in ten long
    numbers could be a card's; these are none, and are kept as they are.
    """

    remote_id: str
    version: str
    raw: dict[str, Any]
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What one `poll` gave. `cursor` goes into the next call; `more`: call again at once.

    `unannounced`: remote ids of items that the network told nobody about, and that were found by looking.
    """

    items: tuple[Item, ...]
    cursor: str
    more: bool
    unannounced: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request that reached our hook address. Header names are in lower case; `body` is untouched."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """A genuine hook and the items that it carries."""

    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A handshake: the network wants these bytes back and nothing else happens."""

    body: bytes
    content_type: str = "text/plain; charset=utf-8"


# --- what goes out -----------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """A file to be published with a post. `alt` says in words what it shows.

    `url`: where a network can fetch it for an hour, for those that take no bytes; empty on a desk that
    cannot be reached from outside.
    """

    mime: str
    alt: str
    data: bytes
    name: str
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """What is to be said. Reply, private message and edit are fields, not verbs.

    `in_reply_to`: remote id that this answers. `thread`: remote id of the root of that thread.
    `to`: handles or remote ids of the receivers of a private message. `replaces`: remote id of what
    this edits. `slug`: the wanted last part of the address, where a network has such a thing.
    """

    text: str
    title: str = ""
    lang: str = ""
    media: tuple[Media, ...] = ()
    in_reply_to: str = ""
    thread: str = ""
    to: tuple[str, ...] = ()
    private: bool = False
    replaces: str = ""
    slug: str = ""
    kind: PostKind = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What the network says about a post. `pending`: not out yet, ask again with `settle(handle)`."""

    remote_id: str
    url: str = ""
    pending: bool = False
    handle: str = ""
    published_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """One length, counted as the network counts it. `limit` 0 means that there is none."""

    used: int
    limit: int
    unit: str
    ok: bool
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """How a post would look and count. A post with any finding would be refused by the network."""

    text: str
    counts: tuple[Count, ...]
    findings: tuple[str, ...]
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Counts of one of our posts, for example {"comments": 3}, or of the account: {"followers": 120}."""

    remote_id: str
    counts: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Self:
    """The account that a channel speaks as, and its live limits, which override the data file."""

    remote_id: str
    handle: str
    name: str
    url: str
    limits: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a channel may use: its settings, its secrets, and `account`, the last `Self` as a dict or {}."""

    settings: dict[str, str]
    secrets: dict[str, str] = field(default_factory=dict, repr=False)
    account: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """What a grant was exchanged for: secrets by name, good until `fresh_until_ms` (UTC)."""

    secrets: dict[str, str] = field(repr=False)
    fresh_until_ms: int


# --- the connector -----------------------------------------------------------------------------------
class Connector:
    """One channel's translator, made with its grant and the wire. Networks override what they offer."""

    def __init__(self, grant: Grant, wire: Wire | None = None) -> None:
        self.grant = grant
        self._wire = wire

    @property
    def wire(self) -> Wire:
        """The only way outside. Missing only where pure operations alone are used."""
        if self._wire is None:
            raise NotOffered("This connector was made without a wire and can only verify, read and preview.")
        return self._wire

    def can(self, operation: str) -> bool:
        """True when this channel offers the operation (a grant may offer less than its network)."""
        return operation in implemented(type(self))

    def whoami(self) -> Self:
        """The account behind the grant. Raises Reconnect when the grant is not good."""
        raise self._not_offered("whoami")

    def verify(self, request: Request) -> Accepted | Answer:
        """Pure. Checks a hook's signature over its raw body. Raises Forged, or Refused for a broken body."""
        raise self._not_offered("verify")

    def read(self, raw: dict[str, Any]) -> tuple[Activity, ...]:
        """Pure. The activities in one raw item; () for a kind that this connector does not know."""
        raise self._not_offered("read")

    def poll(self, cursor: str, since_ms: int) -> Page:
        """What is new behind `cursor`. An empty cursor begins at `since_ms`; later calls ignore it.

        Every call repeats a piece of the past (`poll.overlap_seconds` or `poll.overlap_items` in the data
        file), because what is listed late, edited or taken away is found there. The receiver removes what
        it already has.
        """
        raise self._not_offered("poll")

    def preview(self, post: Post) -> Preview:
        """Pure. The post as the network would show and count it."""
        raise self._not_offered("preview")

    def send(self, post: Post, key: str) -> Receipt:
        """Says it, or edits (`replaces`). `key` is the delivery's: the same key names the same act."""
        raise self._not_offered("send")

    def settle(self, handle: str) -> Receipt:
        """Reads only: what became of a pending receipt."""
        raise self._not_offered("settle")

    def find(self, key: str, post: Post) -> Receipt | None:
        """Reads only: did an earlier `send(post, key)` get through? None means: it is not there."""
        raise self._not_offered("find")

    def remove(self, remote_id: str) -> None:
        """Takes one of our own posts away. What is already gone counts as removed."""
        raise self._not_offered("remove")

    def measure(self, refs: tuple[str, ...]) -> tuple[Measured, ...]:
        """Counts of our own posts by remote id, and of the account by its own; what is gone is left out."""
        raise self._not_offered("measure")

    # --- no operations, called by `channels` alone ---------------------------------------------------
    def picture(self, url: str, bytes_max: int) -> bytes:
        """A picture of an activity as it lies at its address, of no more bytes. Its wire carries no grant.

        Nothing in it is to be trusted, its type least of all. Raises Refused and Later.
        """
        return self.wire.get(url, headers={"accept": "image/*"}, bytes_max=bytes_max).content

    def locate(self) -> dict[str, str]:
        """Settings that follow from the others, found out once, before a channel is connected."""
        return {}

    def renew(self) -> Tokens:
        """Exchanges the grant's secrets for tokens, where `connect.session` says that a network has such.

        One renewal at a time for one grant. Raises Reconnect when the grant is dead, and Later when
        nothing is lost and it may be tried again.
        """
        raise self._not_offered("renew")

    # --- whose profile, for members of the card; without any grant ------------------------------------
    def named(self, typed: str) -> Named:
        """Pure. What somebody typed as her profile, understood. Raises Refused, saying what to type."""
        raise self._not_offered("named")

    def home(self, account: str) -> str:
        """The address of the server that keeps an account, by somebody else's word than that server's: of
        the network's directory, or of the domain that its name ends in. Raises Gone for nobody's."""
        raise self._not_offered("home")

    def profile(self, account: str) -> Profile:
        """An account, by name or remote id, as its server shows it to everybody. Raises Gone."""
        raise self._not_offered("profile")

    # --- what anybody may read, for studies; without any grant ----------------------------------------
    def public_posts(self, account: str, window: Window) -> PublicPosts:
        """Public posts of an account, and answers under them, without anybody's name. Raises Gone, Later."""
        raise self._not_offered("public_posts")

    def _not_offered(self, operation: str) -> NotOffered:
        return NotOffered(f"{type(self).__name__} offers no {operation}; ask can({operation!r}) first.")


def implemented(connector: type[Connector]) -> frozenset[str]:
    """The operations that a connector class writes itself."""
    return frozenset(o for o in OPERATIONS if getattr(connector, o) is not getattr(Connector, o))
