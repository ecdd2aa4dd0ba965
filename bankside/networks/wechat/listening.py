"""What comes in from people: comments by asking, messages by hook; what is kept of it, and as activities."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from urllib.parse import parse_qs, urlsplit

import msgspec

from bankside.networks.contract import Activity, Actor, Attachment, Gone, Item, Page, Refused
from bankside.networks.markup import web_address
from bankside.networks.wechat.account import UNREADABLE, Account, Comment, Comments, Entries, Told
from bankside.said import Said

ARTICLES = 10
"""The newest so many are asked for comments: WeChat counts calls by the day."""
PAGE_COMMENTS = 49
"""comment/list refuses 50 and more."""
CALLS_MAX = 12
OVERLAP_MS = 86_400_000
DIRECT = "direct:"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a round through the articles stands. Comments from before `since` are of no concern; the last
    whole round began at `done`, this one at `began`, and it goes on with the article `at`, behind `begin`
    comments."""

    since: int
    done: int = 0
    began: int = 0
    at: str = ""
    begin: int = 0

    @classmethod
    def of(cls, cursor: str, since_ms: int) -> Place:
        if not cursor:
            return cls(since_ms)
        since, done, began, at, begin = cursor.split("|")
        return cls(int(since), int(done), int(began), at, int(begin))

    def __str__(self) -> str:
        return "|".join(map(str, (self.since, self.done, self.began, self.at, self.begin)))

    @property
    def floor(self) -> int:
        """What was said before this was read in the round before."""
        return max(self.since, self.done - OVERLAP_MS)


class Listed(msgspec.Struct):
    """An article: `mid` and `index` are how comments are asked for, `article` is its id."""

    mid: int
    index: int
    article: str
    url: str

    @property
    def name(self) -> str:
        return f"{self.mid}:{self.index}"


class Look:
    """One round through the comments of the newest articles, a few calls at a time."""

    def __init__(self, account: Account, place: Place, now_ms: int) -> None:
        self._account = account
        self._place = place if place.began else replace(place, began=now_ms)
        self._calls = 1

    def page(self) -> Page:
        items: list[Item] = []
        articles = listed(self._account)
        names = [one.name for one in articles]
        place = self._place if self._place.at in names else replace(self._place, at="", begin=0)
        for article in articles[names.index(place.at) if place.at else 0 :]:
            begin = place.begin if article.name == place.at else 0
            for _ in range(CALLS_MAX):
                if self._calls >= CALLS_MAX:
                    stays = replace(place, at=article.name, begin=begin)
                    return Page(items=tuple(items), cursor=str(stays), more=True)
                found, begin = self._below(article, begin)
                items += found
                if not begin:
                    break
        after = replace(place, done=place.began, began=0, at="", begin=0)
        return Page(items=tuple(items), cursor=str(after), more=False)

    def _below(self, article: Listed, begin: int) -> tuple[list[Item], int]:
        """(comments of one call that are new enough, where the next call begins or 0)."""
        self._calls += 1
        page = comments_of(self._account, article.mid, article.index, begin=begin)
        fresh = [c for c in page.comment if _newest_ms(c) >= self._place.floor]
        begin += len(page.comment)
        return [_item(article, c) for c in fresh], begin if page.comment and begin < page.total else 0


def listed(account: Account) -> list[Listed]:
    """The newest published articles that have an address by which comments can be asked for."""
    asked = {"offset": 0, "count": ARTICLES, "no_content": 1}
    found = []
    for entry in account.look("freepublish/batchget", asked, Entries).item:
        for news in entry.content.news_item:
            if place := place_in(news.url):
                found.append(Listed(*place, entry.article_id, https(news.url)))
    return found


def place_in(url: str) -> tuple[int, int] | None:
    """(mid, index from 0) as they stand in an article's address; None where they do not."""
    asked = parse_qs(urlsplit(url).query)
    mid, idx = (next(iter(asked.get(name, [])), "") for name in ("mid", "idx"))
    if not _NUMBER.fullmatch(mid) or not _NUMBER.fullmatch(idx):
        return None
    return int(mid), max(int(idx) - 1, 0)


def comments_of(
    account: Account, mid: int, index: int, *, begin: int = 0, count: int = PAGE_COMMENTS
) -> Comments:
    """Comments under an article; none where it has gone, or where the account has no right to them."""
    asked = {"msg_data_id": mid, "index": index, "begin": begin, "count": count, "type": 0}
    try:
        return account.look("comment/list", asked, Comments, also=UNREADABLE)
    except (Gone, Told):
        return Comments()


# --- what is kept ------------------------------------------------------------------------------------
class RawComment(msgspec.Struct):
    mid: int
    index: int
    id: int
    article: str
    url: str
    text: str
    who: str
    published_ms: int
    reply: str = ""
    replied_ms: int = 0

    @property
    def place(self) -> str:
        return f"{self.mid}:{self.index}:{self.id}"


def _item(article: Listed, c: Comment) -> Item:
    raw = RawComment(
        mid=article.mid, index=article.index, id=c.user_comment_id, article=article.article, url=article.url,
        text=c.content, who=c.openid, published_ms=c.create_time * 1000,
        reply=c.reply.content if c.reply else "", replied_ms=c.reply.create_time * 1000 if c.reply else 0,
    )  # fmt: skip
    version = "answered" if raw.reply else ""
    return Item(remote_id=f"comment:{raw.place}", version=version, raw={"comment": msgspec.to_builtins(raw)})


def message_item(fields: dict[str, str]) -> Item:
    """A hook's message. Events have no number: WeChat says to tell them by sender and time."""
    number = fields.get("MsgId", "")
    name = f"message:{number}" if number else ":".join(
        ("event", *(fields.get(part, "") for part in ("FromUserName", "CreateTime", "Event")))
    )  # fmt: skip
    return Item(remote_id=name[:200], version="", raw={"message": dict(fields)}, ids=("MsgId",))


# --- as activities -----------------------------------------------------------------------------------
def comment_read(raw: RawComment, me: str) -> tuple[Activity, ...]:
    """A comment, and our answer to it if there is one."""
    name = f"comment:{raw.place}"
    said = Activity(
        remote_id=name, version="answered" if raw.reply else "", text=raw.text, thread=name, url=raw.url,
        actor=Actor(remote_id=raw.who or f"unknown:{raw.place}"), in_reply_to=f"article:{raw.article}",
        reply_allowed=not raw.reply, published_ms=raw.published_ms,
    )  # fmt: skip
    if not raw.reply:
        return (said,)
    ours = Activity(
        remote_id=f"reply:{raw.place}", actor=Actor(remote_id=me), text=raw.reply, thread=name, url=raw.url,
        in_reply_to=name, own=True, published_ms=raw.replied_ms,
    )  # fmt: skip
    return (said, ours)


def message_read(fields: dict[str, str]) -> tuple[Activity, ...]:
    """What a person wrote, or that she follows; () for everything else that WeChat tells."""
    sender, kind = fields.get("FromUserName", ""), fields.get("MsgType", "").lower()
    if not sender:
        raise Refused(Said("The message names nobody who sent it."))
    name, when = message_item(fields).remote_id, _ms(fields.get("CreateTime", ""))
    actor = Actor(remote_id=sender)
    if kind == "event":
        if fields.get("Event", "").lower() != "subscribe":
            return ()
        return (Activity(remote_id=name, verb="Follow", actor=actor, thread=name, published_ms=when),)
    if kind not in _WORDS:
        return ()
    words = "\n".join(filter(None, (fields.get(part, "").strip() for part in _WORDS[kind])))
    picture = https(fields.get("PicUrl", "")) if kind == "image" else ""
    files = (Attachment(kind="image", url=picture),) if web_address(picture) else ()
    said = Activity(
        remote_id=name, actor=actor, text=words, thread=f"{DIRECT}{sender}", private=True,
        attachments=files, published_ms=when,
    )  # fmt: skip
    return (said,)


def https(url: str) -> str:
    """WeChat still writes http:// before its own addresses."""
    return f"https://{url[7:]}" if url.startswith("http://") else url


def _newest_ms(c: Comment) -> int:
    return max(c.create_time, c.reply.create_time if c.reply else 0) * 1000


def _ms(seconds: str) -> int:
    return int(seconds) * 1000 if _NUMBER.fullmatch(seconds) else 0


_NUMBER = re.compile(r"[0-9]{1,14}")
_WORDS = {
    "text": ("Content",),
    "image": (),
    "voice": ("Recognition",),
    "video": (),
    "shortvideo": (),
    "location": ("Label",),
    "link": ("Title", "Description", "Url"),
}
"""Kinds of messages, and the fields in which a person's words stand."""
