"""Calls of X's API v2, its limits and problems, and what it answers (docs.x.com, OpenAPI form 2.159)."""

from __future__ import annotations

import datetime
import re
import time
from collections.abc import Iterable
from typing import Any, TypeVar

import msgspec

from bankside.networks.answers import WAIT_SECONDS_MAX
from bankside.networks.contract import Expired, Gone, Later, NotAllowed, Reconnect, Refused
from bankside.networks.wire import Wire, WireAnswer
from bankside.said import Said

SITE = "https://api.x.com"
NUMBER = re.compile(r"[0-9]{1,19}")
PERIODS = ("x-rate-limit", "x-app-limit-24hour", "x-user-limit-24hour")
"""Before `-remaining` and `-reset`: the window of 15 minutes, and those of a day, which only POSTs have."""
CAPPED_SECONDS = 3600.0
"""How long to wait when the app has read all that it may in a month: nobody says until when."""
POST_FIELDS = (
    "attachments,author_id,conversation_id,created_at,edit_history_tweet_ids,entities,in_reply_to_user_id,lang,"
    "note_tweet,public_metrics,referenced_tweets,text"
)
USER_FIELDS = "name,profile_image_url,username"
MEDIA_FIELDS = "alt_text,preview_image_url,type,url"
WITH_POSTS = {
    "tweet.fields": POST_FIELDS, "user.fields": USER_FIELDS, "media.fields": MEDIA_FIELDS,
    "expansions": "attachments.media_keys,author_id,referenced_tweets.id,referenced_tweets.id.author_id",
}  # fmt: skip
WITH_MESSAGES = {
    "dm_event.fields": "attachments,created_at,dm_conversation_id,entities,event_type,id,sender_id,text",
    "user.fields": USER_FIELDS, "media.fields": MEDIA_FIELDS,
    "expansions": "attachments.media_keys,sender_id", "event_types": "MessageCreate",
}  # fmt: skip

T = TypeVar("T")


class Api:
    """Calls with one account's token. A call that X has said it will not take is not made."""

    def __init__(self, wire: Wire, token: str) -> None:
        self._wire, self._token = wire, token
        self._shut: dict[str, float] = {}

    def ask(self, method: str, path: str, *, also: Iterable[int] = (), **how: Any) -> WireAnswer:
        """One call. Statuses in `also` are given back. Raises Later until a limit is renewed, Expired for a
        token that X takes no more: whether it has ended or was taken back, its renewal finds out."""
        if not self._token:
            raise Reconnect(Said("Nobody has signed in at X for this channel."))
        place, wanted = f"{method} {_ID.sub(':id', path)}", frozenset(also)
        if (wait := self._shut.get(place, 0.0) - time.time()) > 0:
            raise Later(min(wait, WAIT_SECONDS_MAX), Said("X lets in no more calls of this kind for now."))
        headers = {"authorization": f"Bearer {self._token}"}
        answer = self._wire.ask(method, f"{SITE}{path}", headers=headers, also=wanted | {401, 429}, **how)
        self._shut[place] = _shut_until(answer)
        if answer.status == 401 and 401 not in wanted:
            raise Expired(Said("X does not take the access token any more."))
        if answer.status == 429:
            raise self._too_much(answer)
        if answer.status not in wanted:
            self._wire.raise_for(answer)
        return answer

    def get(self, path: str, kind: type[T], params: dict[str, Any] | None = None) -> T:
        """A question, and its answer as what it should be."""
        return understood(self.ask("GET", path, params=params), kind)

    def posts(self, ids: Iterable[str], *, versions: bool = False) -> Posts:
        """Those of these posts that are there, at most 100, in the version that was asked for.

        `versions`: with every earlier and later version of each among `includes`.
        """
        also = {"expansions": f"{WITH_POSTS['expansions']},edit_history_tweet_ids"} if versions else {}
        return self.get("/2/tweets", Posts, {"ids": ",".join(ids), **WITH_POSTS, **also})

    def post(self, remote_id: str, *, versions: bool = False) -> tuple[Tweet, Included]:
        """One post. Raises Gone for one that is not there, and NotAllowed for one that is not for us."""
        found = self.posts([number(remote_id)], versions=versions)
        there = next(
            (post for post in found.data if remote_id in (post.id, *post.edit_history_tweet_ids)), None
        )
        if there is None:
            raise trouble(found.errors)
        return there, found.includes

    def _too_much(self, answer: WireAnswer) -> Later:
        try:
            self._wire.raise_for(answer)
        except Later as later:
            wait = _shut_until(answer) - time.time()
            capped = b"usage-capped" in answer.content
            return Later(CAPPED_SECONDS if capped else max(wait, 1.0) if wait > 0 else later.after_seconds,
                         Said("X lets in no more calls of this kind for now."))  # fmt: skip
        raise AssertionError("429 is always Later")


def number(remote_id: str) -> str:
    """The id, for an address. Raises Gone for what X never gave out."""
    if not NUMBER.fullmatch(remote_id):
        raise Gone(Said("'%(remote_id)s' is nothing that X has.", remote_id=remote_id[:60]))
    return remote_id


def understood(answer: WireAnswer, kind: type[T]) -> T:
    """The answer as what it should be. Anything else is doubt after a write, and patience after a read."""
    try:
        return msgspec.convert(answer.json(), kind)
    except msgspec.ValidationError as strange:
        raise answer.nonsense(Said("X answered something unknown: %(strange)s.", strange=strange)) from None


def trouble(problems: list[Problem]) -> Refused:
    """What an answer without data means: X answers 200 for what is not there, and says so in `errors`."""
    first = problems[0] if problems else Problem()
    kind, words = first.type.rpartition("/")[2], first.detail or first.title
    match kind:
        case "resource-not-found" | "":
            return Gone(words or Said("It is not there any more."))
        case "not-authorized-for-resource" | "resource-unavailable" | "client-forbidden":
            return NotAllowed(words or Said("X does not let this account see it."))
    return Refused(words or Said("X did not do it and does not say why."))


def ms_of(moment: str) -> int:
    """UTC milliseconds; 0 for what is no moment."""
    try:
        parsed = datetime.datetime.fromisoformat(moment)
        return max(int(parsed.replace(tzinfo=parsed.tzinfo or datetime.UTC).timestamp() * 1000), 0)
    except (ValueError, OverflowError):
        return 0


def moment_of(ms: int) -> str:
    """As X writes moments: in whole seconds."""
    return datetime.datetime.fromtimestamp(ms // 1000, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _shut_until(answer: WireAnswer) -> float:
    """When the next call of this kind may be made, in seconds since 1970; 0 for now."""
    resets = [
        answer.headers.get(f"{period}-reset", "")
        for period in PERIODS
        if answer.headers.get(f"{period}-remaining") == "0"
    ]
    return max((float(r) for r in resets if r.isascii() and r.isdigit() and len(r) < 12), default=0.0)


_ID = re.compile(r"(?<=/)[0-9]{5,}(?=/|$)")


# --- what X answers --------------------------------------------------------------------------------------
class Problem(msgspec.Struct):
    """RFC 7807, as X fills it in."""

    type: str = ""
    title: str = ""
    detail: str = ""
    resource_id: str = ""


class User(msgspec.Struct):
    id: str
    username: str = ""
    name: str = ""
    profile_image_url: str = ""
    subscription_type: str = ""


class Ref(msgspec.Struct):
    """Another post: `type` is replied_to, quoted or retweeted."""

    type: str
    id: str


class Mention(msgspec.Struct):
    username: str
    id: str = ""


class Link(msgspec.Struct):
    """An address in a text: shortened there, `expanded_url` is where it leads."""

    url: str
    expanded_url: str = ""
    media_key: str = ""


class Entities(msgspec.Struct):
    mentions: list[Mention] = []
    urls: list[Link] = []


class Attached(msgspec.Struct):
    media_keys: list[str] = []


class LongText(msgspec.Struct):
    """The whole of a text of more than 280 characters."""

    text: str = ""
    entities: Entities = msgspec.field(default_factory=Entities)


class Metrics(msgspec.Struct):
    like_count: int = 0
    retweet_count: int = 0
    reply_count: int = 0
    quote_count: int = 0
    bookmark_count: int = 0
    impression_count: int = 0


class Tweet(msgspec.Struct):
    """A post in one of its versions. `edit_history_tweet_ids`: all of them, the oldest first."""

    id: str
    text: str = ""
    author_id: str = ""
    conversation_id: str = ""
    created_at: str = ""
    lang: str = ""
    in_reply_to_user_id: str = ""
    referenced_tweets: list[Ref] = []
    edit_history_tweet_ids: list[str] = []
    entities: Entities = msgspec.field(default_factory=Entities)
    attachments: Attached = msgspec.field(default_factory=Attached)
    note_tweet: LongText | None = None
    public_metrics: Metrics = msgspec.field(default_factory=Metrics)

    @property
    def root(self) -> str:
        """The id of its first version, which it is known by."""
        return self.edit_history_tweet_ids[0] if self.edit_history_tweet_ids else self.id

    @property
    def newest(self) -> str:
        return self.edit_history_tweet_ids[-1] if self.edit_history_tweet_ids else self.id

    def other(self, kind: str) -> str:
        """The id of the post that it answers, quotes or reposts; empty when it does not."""
        return next((ref.id for ref in self.referenced_tweets if ref.type == kind), "")


class File(msgspec.Struct):
    media_key: str = ""
    type: str = ""
    url: str = ""
    preview_image_url: str = ""
    alt_text: str = ""


class Included(msgspec.Struct):
    users: list[User] = []
    tweets: list[Tweet] = []
    media: list[File] = []


class Meta(msgspec.Struct):
    next_token: str = ""


class Posts(msgspec.Struct):
    data: list[Tweet] = []
    includes: Included = msgspec.field(default_factory=Included)
    errors: list[Problem] = []
    meta: Meta = msgspec.field(default_factory=Meta)


class Event(msgspec.Struct):
    """A private message, or something else in a private exchange."""

    id: str
    event_type: str = ""
    text: str = ""
    sender_id: str = ""
    dm_conversation_id: str = ""
    created_at: str = ""
    urls: list[Link] = []
    attachments: Attached = msgspec.field(default_factory=Attached)


class Events(msgspec.Struct):
    data: list[Event] = []
    includes: Included = msgspec.field(default_factory=Included)
    errors: list[Problem] = []
    meta: Meta = msgspec.field(default_factory=Meta)


class Me(msgspec.Struct):
    data: User | None = None
    errors: list[Problem] = []


class Id(msgspec.Struct):
    id: str


class Made(msgspec.Struct):
    """A new post, or a new upload."""

    data: Id | None = None
    errors: list[Problem] = []


class EventId(msgspec.Struct):
    dm_event_id: str
    dm_conversation_id: str = ""


class MadeEvent(msgspec.Struct):
    data: EventId | None = None
    errors: list[Problem] = []


class Deleted(msgspec.Struct):
    deleted: bool = False


class Removed(msgspec.Struct):
    data: Deleted | None = None
    errors: list[Problem] = []
