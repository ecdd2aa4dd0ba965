"""Sina Weibo: short posts that lead to one's own site, comments and mentions, private messages by callback.

Remote ids are `status:7`, `comment:7:12` (the second under the first) and `message:…`, people are
their numbers. A public thread is named for its post, a private exchange for the other side (`direct:number`).
Written from copies of open.weibo.com/wiki (2/statuses/share, 2/comments/to_me, 2/comments/reply,
Send_Customer_Service_Message, 消息推送服务, Error_code; read 2026-11-28). What Weibo grants to whom today is
known from others alone, and nothing here was tried against it.
"""

from __future__ import annotations

import datetime
import hashlib
import html
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from urllib.parse import urlencode

import msgspec

from bankside.networks import signatures
from bankside.networks.catalogue import NetworkData, network
from bankside.networks.contract import (
    Accepted,
    Activity,
    Actor,
    Answer,
    Attachment,
    Connector,
    Gone,
    Item,
    Later,
    Measured,
    Media,
    NotAllowed,
    Page,
    Post,
    Preview,
    Receipt,
    Reconnect,
    Refused,
    Request,
    Self,
)
from bankside.networks.fit import fitted
from bankside.networks.markup import web_address
from bankside.networks.wire import WireAnswer
from bankside.said import Said, joined

API = "https://api.weibo.com/2"
MESSAGES = "https://m.api.weibo.com/2"
LISTS = (("statuses/mentions", "status"), ("comments/to_me", "comment"), ("comments/mentions", "comment"))
PAGE_ITEMS = 50
"""The number that every list gives when it is not told another one."""
FIND_ITEMS = 100
FIND_PAGES_MAX = 5
FIND_HOURS = 24
COUNTS_PER_CALL = 100
PRIVATE_LIMIT = 299
"""open.weibo.com/wiki/Send_Customer_Service_Message: a text holds fewer than 300 汉字."""
UPLOAD_SECONDS = 60.0
LIMIT_WAIT_SECONDS = 900
"""Limits are renewed with the hour."""
DIRECT = "direct:"
ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "image/gif": "gif"}
FORM = "application/x-www-form-urlencoded"

DEAD = frozenset({21301, 21314, 21315, 21316, 21317, 21319, 21327, 21332, 10006, 10013})
"""The token, or the app's own name, is no good any more."""
LIMITS = frozenset({10022, 10023, 10024})
BUSY = frozenset({10002, 10009, 20016})
UNCLEAR = frozenset({10001, 10003, 10010, 10011})
"""Something broke there: what was asked may have been done."""
GONE = frozenset({20101, 20201, 20132})
FORBIDDEN = frozenset({10004, 10005, 10014, 20205, 20206, 20207, 20104, 20112, 21337})
REPEATED = frozenset({20017, 20019})

T = TypeVar("T")


class _Repeated(Refused):
    """The same words are there already, or Weibo takes them for the same."""


class Weibo(Connector):
    """One account, through the bank's own app."""

    # --- who we are ----------------------------------------------------------------------------------
    def whoami(self) -> Self:
        uid = self._get("account/get_uid", _Uid).uid
        me = self._get("users/show", _User, uid=uid)
        return Self(
            remote_id=str(uid), handle=f"@{me.screen_name}", name=me.name or me.screen_name,
            url=f"https://weibo.com/u/{uid}", limits={},
        )  # fmt: skip

    # --- what comes in -------------------------------------------------------------------------------
    def verify(self, request: Request) -> Accepted | Answer:
        rule, secret = _data().signature, self.grant.secrets.get("client_secret", "")
        if shaken := signatures.handshake(rule, request, secret):
            return shaken
        signatures.check(rule, request, secret)
        try:
            message = msgspec.json.decode(request.body, type=_Message)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as broken:
            raise Refused(Said("The body is not a message of the fans service.")) from broken
        item = Item(remote_id=message.named(), version="", raw={"message": msgspec.to_builtins(message)})
        return Accepted(items=(item,))

    def poll(self, cursor: str, since_ms: int) -> Page:
        """A page of each list, newest first. What is newest is read again every time."""
        since, places = _places(cursor, since_ms)
        items: list[Item] = []
        after: list[_Place] = []
        for (path, kind), place in zip(LISTS, places, strict=True):
            if cursor and any(p.below for p in places) and not place.below:
                after.append(place)  # another list is long: this one was read a moment ago
                continue
            listed = self._listed(path, place)
            fresh = [one for one in listed if _ms(one.created_at) >= since]
            items += [item for one in reversed(fresh) if (item := _item(one, kind))]
            after.append(place.after([one.id for one in listed], reached=len(fresh) < len(listed)))
        left = "|".join((str(since), *map(str, after)))
        return Page(items=tuple(items), cursor=left, more=any(p.below for p in after))

    def read(self, raw: dict[str, Any]) -> tuple[Activity, ...]:
        try:
            if "status" in raw:
                return (self._of_status(msgspec.convert(raw["status"], _RawStatus)),)
            if "comment" in raw:
                return (self._of_comment(msgspec.convert(raw["comment"], _RawComment)),)
            if "message" in raw:
                return self._of_message(msgspec.convert(raw["message"], _Message))
        except msgspec.ValidationError as broken:
            raise Refused(Said("The item cannot be read: %(broken)s.", broken=str(broken))) from broken
        return ()

    def _listed(self, path: str, place: _Place) -> list[_Entry]:
        which: dict[str, Any] = {"count": PAGE_ITEMS} | ({"max_id": place.below} if place.below else {})
        page = self._get(path, _Listed, **which)
        return page.statuses or page.comments

    def _of_status(self, raw: _RawStatus) -> Activity:
        name = f"status:{raw.id}"
        if raw.gone:
            return Activity(
                remote_id=name, version="gone", verb="Delete", actor=Actor(remote_id=raw.who.id),
                thread=name, published_ms=0,
            )  # fmt: skip
        return Activity(
            remote_id=name, version=_version(raw.text), actor=_actor(raw.who), text=_plain(raw.text),
            thread=name, in_reply_to=f"status:{raw.shared}" if raw.shared else "",
            url=_address(raw.who.id, raw.id), own=raw.who.id == self._me, published_ms=raw.published_ms,
            attachments=tuple(Attachment(kind="image", url=url) for url in raw.pictures),
        )  # fmt: skip

    def _of_comment(self, raw: _RawComment) -> Activity:
        thread = f"status:{raw.status}"
        return Activity(
            remote_id=f"comment:{raw.status}:{raw.id}", version=_version(raw.text), actor=_actor(raw.who),
            text=_plain(raw.text), thread=thread, url=_address(raw.of, raw.status),
            in_reply_to=f"comment:{raw.status}:{raw.parent}" if raw.parent else thread,
            own=raw.who.id == self._me, published_ms=raw.published_ms,
        )  # fmt: skip

    def _of_message(self, message: _Message) -> tuple[Activity, ...]:
        """What a person wrote, or that she follows; what else happens there is not for the desk."""
        name, actor = message.named(), Actor(remote_id=str(message.sender_id))
        when = _ms(message.created_at)
        if message.type == "event":
            subtype = message.data.get("subtype") if isinstance(message.data, dict) else ""
            if subtype not in {"follow", "subscribe"}:
                return ()
            return (Activity(remote_id=name, verb="Follow", actor=actor, thread=name, published_ms=when),)
        if message.type not in {"text", "image", "voice", "position"}:
            return ()
        said = Activity(
            remote_id=name, actor=actor, text=_plain(message.text), thread=f"{DIRECT}{message.sender_id}",
            private=True, own=str(message.sender_id) == self._me, published_ms=when,
        )  # fmt: skip
        return (said,)

    # --- what goes out -------------------------------------------------------------------------------
    def preview(self, post: Post) -> Preview:
        private = _is_private(post)
        shown = fitted(_data(), post, {"limits": {"limit": PRIVATE_LIMIT}} if private else {})
        more = self._of_answer(post) if private or post.in_reply_to else self._of_share(post)
        return replace(shown, findings=(*shown.findings, *more))

    def send(self, post: Post, key: str) -> Receipt:
        if findings := self.preview(post).findings:
            raise Refused(joined(findings))
        try:
            if _is_private(post):
                return self._write_to(post, key)
            return self._comment(post) if post.in_reply_to else self._share(post)
        except _Repeated as repeated:
            if there := self.find(key, post):
                return there
            raise Refused(repeated.reason) from repeated

    def find(self, key: str, post: Post) -> Receipt | None:
        if _is_private(post):
            raise Refused(Said("Weibo keeps no list of private messages in which it could be looked up."))
        if post.in_reply_to:
            return self._find_comment(post)
        for there in self._own_of_the_day():
            pictured = bool(there.pic_urls or there.original_pic)
            if pictured == bool(post.media) and not there.deleted and bare(there.text) == bare(post.text):
                return self._receipt(there)
        return None

    def remove(self, remote_id: str) -> None:
        kind, status, comment = _parts(remote_id)
        try:
            if kind == "comment":
                found = self._get("comments/show_batch", list[_Entry], cids=comment)
                self._refuse_foreign(found[0] if found else None)
                self._post("comments/destroy", _Entry, cid=comment)
            else:
                self._refuse_foreign(self._get("statuses/show", _Entry, id=status))
                self._post("statuses/destroy", _Entry, id=status)
        except Gone:
            return

    def measure(self, refs: tuple[str, ...]) -> tuple[Measured, ...]:
        wanted = [ref for ref in refs if ref.startswith("status:")]
        found: list[Measured] = []
        for start in range(0, len(wanted), COUNTS_PER_CALL):
            ids = ",".join(str(_parts(ref)[1]) for ref in wanted[start : start + COUNTS_PER_CALL])
            found += [one.measured() for one in self._get("statuses/count", list[_Counts], ids=ids)]
        counted = tuple(one for one in found if one.remote_id in wanted)
        return (*counted, self._followers()) if self._me in refs else counted

    def _followers(self) -> Measured:
        number = self._get("users/show", _User, uid=self._me).followers_count
        return Measured(remote_id=self._me, counts={"followers": max(number, 0)})

    # --- one post ------------------------------------------------------------------------------------
    def _share(self, post: Post) -> Receipt:
        form = {"status": post.text, "rip": self.grant.settings.get("rip", "")}
        kind, body = _form(form, post.media[0]) if post.media else (FORM, urlencode(form).encode())
        answer = self._ask(
            "POST", f"{API}/statuses/share.json", content=body, headers={"content-type": kind},
            deadline_seconds=UPLOAD_SECONDS,
        )  # fmt: skip
        return self._receipt(_understood(answer, _Entry))

    def _comment(self, post: Post) -> Receipt:
        _, status, comment = _parts(post.in_reply_to)
        if comment:
            made = self._post("comments/reply", _Entry, id=status, cid=comment, comment=post.text)
        else:
            made = self._post("comments/create", _Entry, id=status, comment=post.text)
        return self._receipt_under(status, made)

    def _write_to(self, post: Post, key: str) -> Receipt:
        """An answer in a private exchange. Weibo gives it no number: the delivery's own stands for it."""
        data = msgspec.json.encode({"text": post.text}).decode()
        form = {"type": "text", "data": data, "receiver_id": _receiver(post), "save_sender_box": "1"}
        answer = self._ask(
            "POST", f"{MESSAGES}/messages/reply.json", content=urlencode(form).encode(),
            headers={"content-type": FORM},
        )  # fmt: skip
        if not _understood(answer, _Done).result:
            raise NotAllowed(Said("Weibo did not take the private message."))
        mark = hashlib.sha256(key.encode()).hexdigest()[:24]
        return Receipt(remote_id=f"sent:{mark}", published_ms=int(time.time() * 1000))

    def _of_share(self, post: Post) -> Iterator[str]:
        """What Weibo asks of a shared post beside its length (2/statuses/share)."""
        domains = [d for d in re.split(r"[,，;\s]+", self.grant.settings.get("safe_domain", "")) if d]
        hosts = [host.lower() for host in _HOST.findall(post.text)]
        wanted = [d.partition("://")[2] or d for d in (one.lower().strip("/") for one in domains)]
        if not any(host == d or host.endswith(f".{d}") for host in hosts for d in wanted):
            yield Said(
                "The text must hold an address on %(domain)s: Weibo takes no other posts.",
                domain=", ".join(wanted) or "…",
            )
        if _TOPIC.search(post.text):
            yield Said("Weibo takes no topics between two # signs from a desk; take them out.")

    def _of_answer(self, post: Post) -> Iterator[str]:
        if post.media and not _is_private(post):
            yield Said("A comment carries no pictures.")
        elif post.media:
            yield Said("A private message carries no pictures here.")
        if _is_private(post) and not _receiver(post).isdigit():
            yield Said("A private message needs a receiver.")

    # --- looking for what may have been said ------------------------------------------------------------
    def _own_of_the_day(self) -> Iterator[_Entry]:
        """Our own posts of the last day, newest first."""
        earliest, below = int(time.time() * 1000) - FIND_HOURS * 3_600_000, 0
        for _ in range(FIND_PAGES_MAX):
            which = {"uid": self._me, "count": FIND_ITEMS} | ({"max_id": below} if below else {})
            listed = self._get("statuses/user_timeline", _Listed, **which).statuses
            yield from (one for one in listed if _ms(one.created_at) >= earliest)
            if not listed or _ms(listed[-1].created_at) < earliest:
                return
            below = listed[-1].id - 1
        raise Later(60, Said("There are more posts of the last day than can be looked through."))

    def _find_comment(self, post: Post) -> Receipt | None:
        _, status, comment = _parts(post.in_reply_to)
        for there in self._get("comments/by_me", _Listed, count=FIND_ITEMS).comments:
            under = there.status.id if there.status else 0
            above = there.reply_comment.id if there.reply_comment else 0
            if (under, above) == (status, comment) and bare(there.text) == bare(post.text):
                return self._receipt_under(status, there)
        return None

    def _receipt(self, made: _Entry) -> Receipt:
        return Receipt(
            remote_id=f"status:{made.id}", url=_address(self._me, made.id), published_ms=_ms(made.created_at)
        )

    def _receipt_under(self, status: int, made: _Entry) -> Receipt:
        return Receipt(remote_id=f"comment:{status}:{made.id}", published_ms=_ms(made.created_at))

    def _refuse_foreign(self, there: _Entry | None) -> None:
        if there is None or there.deleted:
            raise Gone(Said("It is not there any more."))
        if there.user is None or str(there.user.id) != self._me:
            raise NotAllowed(Said("Somebody else wrote this; only our own can be removed."))

    # --- calls ---------------------------------------------------------------------------------------
    def _get(self, path: str, kind: type[T], **which: Any) -> T:
        return _understood(self._ask("GET", f"{API}/{path}.json", params=which), kind)

    def _post(self, path: str, kind: type[T], **fields: Any) -> T:
        headers, content = {"content-type": FORM}, urlencode(fields).encode()
        return _understood(self._ask("POST", f"{API}/{path}.json", content=content, headers=headers), kind)

    def _ask(self, method: str, url: str, *, headers: dict[str, str] | None = None, **how: Any) -> WireAnswer:
        secrets = self.grant.secrets
        token = secrets.get("access") or secrets.get("access_token", "")
        if not token:
            raise Reconnect(Said("The access token is missing, and nobody has signed in at Weibo."))
        carried = {**(headers or {}), "authorization": f"OAuth2 {token}"}
        answer = self.wire.ask(method, url, headers=carried, also=(400, 401, 403, 404), **how)
        if answer.status < 400:
            return answer
        if said := _trouble(answer):
            raise self._refusal(answer, said)
        self.wire.raise_for(answer)
        return answer

    def _refusal(self, answer: WireAnswer, said: _Trouble) -> Exception:
        """What Weibo has against it, by its own number (open.weibo.com/wiki/Error_code, read 2026-11-28)."""
        plain = " ".join(self.wire.redacted(said.error).split())[:200]
        words = Said("Weibo: %(words)s (%(code)s).", words=plain, code=str(said.error_code))
        match said.error_code:
            case code if code in DEAD or answer.status == 401:
                return Reconnect(words)
            case code if code in LIMITS:
                return Later(LIMIT_WAIT_SECONDS, words)
            case code if code in BUSY:
                return Later(60, words)
            case code if code in UNCLEAR:
                return answer.nonsense(words)
            case code if code in GONE:
                return Gone(words)
            case code if code in FORBIDDEN:
                return NotAllowed(words, fallback="https://weibo.com/")
            case code if code in REPEATED:
                return _Repeated(words)
            case _:
                return Refused(words)

    @property
    def _me(self) -> str:
        return str(self.grant.account.get("remote_id", ""))


def _data() -> NetworkData:
    return network("weibo")


# --- what Weibo answers ------------------------------------------------------------------------------
class _Uid(msgspec.Struct):
    uid: int


class _User(msgspec.Struct):
    id: int
    screen_name: str = ""
    name: str = ""
    profile_image_url: str = ""
    followers_count: int = 0


class _Done(msgspec.Struct):
    result: bool = False


class _Picture(msgspec.Struct):
    thumbnail_pic: str = ""


class _Ref(msgspec.Struct):
    id: int = 0
    user: _User | None = None


class _Entry(msgspec.Struct):
    """A post or a comment. `deleted` stands in posts that were taken away and are listed still."""

    id: int
    created_at: str = ""
    text: str = ""
    user: _User | None = None
    status: _Ref | None = None
    reply_comment: _Ref | None = None
    retweeted_status: _Ref | None = None
    pic_urls: list[_Picture] = []
    original_pic: str = ""
    deleted: Any = None


class _Listed(msgspec.Struct):
    statuses: list[_Entry] = []
    comments: list[_Entry] = []


class _Counts(msgspec.Struct):
    id: int
    comments: int = 0
    reposts: int = 0
    attitudes: int = 0

    def measured(self) -> Measured:
        counts = {"comments": self.comments, "reposts": self.reposts, "likes": self.attitudes}
        return Measured(remote_id=f"status:{self.id}", counts=counts)


class _Trouble(msgspec.Struct):
    error_code: int
    error: str = ""


def _trouble(answer: WireAnswer) -> _Trouble | None:
    try:
        return msgspec.json.decode(answer.content, type=_Trouble)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


class _Message(msgspec.Struct):
    """What the fans service sends. It has no number of its own."""

    type: str
    sender_id: int
    receiver_id: int
    created_at: str = ""
    text: str = ""
    data: Any = None

    def named(self) -> str:
        """The same for the same message, however often it is sent."""
        parts = (self.type, str(self.sender_id), self.created_at, self.text)
        told = "\0".join((*parts, msgspec.json.encode(self.data).decode()))
        return f"message:{hashlib.sha256(told.encode('utf-8', 'surrogatepass')).hexdigest()[:24]}"


# --- what is kept of it ------------------------------------------------------------------------------
class _Who(msgspec.Struct):
    id: str = ""
    name: str = ""
    avatar: str = ""


class _RawStatus(msgspec.Struct):
    id: int
    text: str
    who: _Who
    published_ms: int = 0
    shared: int = 0
    pictures: list[str] = []
    gone: bool = False


class _RawComment(msgspec.Struct):
    """`of`: whose post it stands under."""

    id: int
    text: str
    who: _Who
    status: int
    of: str = ""
    parent: int = 0
    published_ms: int = 0


def _item(one: _Entry, kind: str) -> Item | None:
    """What is listed, as it is kept. None for a comment without its post."""
    if kind == "comment":
        return _comment_item(one)
    pictures = [_https(p.thumbnail_pic).replace("/thumbnail/", "/large/") for p in one.pic_urls]
    raw = _RawStatus(
        id=one.id, text=one.text, who=_who(one.user), published_ms=_ms(one.created_at),
        shared=one.retweeted_status.id if one.retweeted_status else 0, gone=bool(one.deleted),
        pictures=[p for p in pictures if web_address(p)],
    )  # fmt: skip
    version = "gone" if raw.gone else _version(one.text)
    return Item(remote_id=f"status:{one.id}", version=version, raw={"status": msgspec.to_builtins(raw)})


def _comment_item(one: _Entry) -> Item | None:
    if one.status is None:
        return None
    raw = _RawComment(
        id=one.id, text=one.text, who=_who(one.user), status=one.status.id,
        of=str(one.status.user.id) if one.status.user else "",
        parent=one.reply_comment.id if one.reply_comment else 0, published_ms=_ms(one.created_at),
    )  # fmt: skip
    name = f"comment:{raw.status}:{raw.id}"
    return Item(remote_id=name, version=_version(one.text), raw={"comment": msgspec.to_builtins(raw)})


def _who(user: _User | None) -> _Who:
    return _Who(str(user.id), user.screen_name, _https(user.profile_image_url)) if user else _Who()


def _actor(who: _Who) -> Actor:
    url = f"https://weibo.com/u/{who.id}" if who.id else ""
    handle = f"@{who.name}" if who.name else ""
    return Actor(remote_id=who.id, handle=handle, name=who.name, url=url, avatar_url=web_address(who.avatar))


def _version(text: str) -> str:
    """Weibo dates no change: a digest of the words. Its letter says that it is no number."""
    return "h" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where one list stands: all up to `done` is read. In the middle of a long answer, `top` is what will be
    done when it is read, and `below` where to go on."""

    done: int = 0
    top: int = 0
    below: int = 0

    @classmethod
    def of(cls, text: str) -> _Place:
        return cls(*map(int, text.split(".")))

    def __str__(self) -> str:
        return f"{self.done}.{self.top}.{self.below}"

    def after(self, ids: list[int], *, reached: bool) -> _Place:
        top = max((self.top, self.done, *ids))
        if reached or not ids or min(ids) <= self.done:
            return _Place(done=top)
        return _Place(self.done, top, min(ids) - 1)


def _places(cursor: str, since_ms: int) -> tuple[int, list[_Place]]:
    """(since when, the place in each list)."""
    if not cursor:
        return since_ms, [_Place() for _ in LISTS]
    since, *places = cursor.split("|")
    return int(since), [_Place.of(place) for place in places]


# --- words and names ---------------------------------------------------------------------------------
def bare(text: str) -> str:
    """What is compared: without the name that Weibo puts in front of an answer, and with one mark for every
    address, because it shortens them."""
    plain = _ANSWERED.sub("", html.unescape(text))
    return " ".join(_ADDRESS.sub("⟨…⟩", plain).split())


def number_in_address(mid: int) -> str:
    """A post's number as it stands in its address: seven digits at a time, in base 62. The rule is not in the
    documents but well known, and the test holds an example of others."""
    letters, found = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", ""
    while mid:
        mid, rest = divmod(mid, 10_000_000)
        part = ""
        while rest:
            rest, digit = divmod(rest, 62)
            part = letters[digit] + part
        found = (part.rjust(4, "0") if mid else part) + found
    return found


def _plain(text: str) -> str:
    return html.unescape(text.replace("\x00", "")).strip()


def _address(uid: str, mid: int) -> str:
    return f"https://weibo.com/{uid}/{number_in_address(mid)}" if uid and mid else ""


def _https(url: str) -> str:
    """Weibo still writes http:// before its pictures."""
    return f"https://{url[7:]}" if url.startswith("http://") else url


def _parts(remote_id: str) -> tuple[str, int, int]:
    """(kind, number of the post, number of the comment or 0). Raises Gone for what Weibo never has."""
    if found := _REMOTE_ID.fullmatch(remote_id):
        if found["post"]:
            return "status", int(found["post"]), 0
        return "comment", int(found["under"]), int(found["comment"])
    if remote_id.startswith(("sent:", "message:", DIRECT)):
        raise NotAllowed(Said("Weibo lets nobody take back a private message from a desk."))
    raise Gone(Said("'%(remote_id)s' is nothing that Weibo has.", remote_id=remote_id))


def _is_private(post: Post) -> bool:
    return post.private or post.in_reply_to.startswith(DIRECT)


def _receiver(post: Post) -> str:
    """The number of the one who gets a private message; empty for none."""
    exchange = next((t for t in (post.in_reply_to, post.thread) if t.startswith(DIRECT)), "")
    return post.to[0] if post.to else exchange.removeprefix(DIRECT)


def _ms(moment: str) -> int:
    """UTC milliseconds of "Tue May 31 17:46:55 +0800 2011"; 0 for what is no moment."""
    try:
        parsed = datetime.datetime.strptime(moment, "%a %b %d %H:%M:%S %z %Y")
        return max(int(parsed.timestamp() * 1000), 0)
    except (ValueError, OverflowError):
        return 0


def _form(fields: dict[str, str], media: Media) -> tuple[str, bytes]:
    """(content type, body) of a form with a picture (RFC 7578)."""
    boundary = hashlib.sha256(media.data + repr(fields).encode()).hexdigest()[:32]
    line = f"--{boundary}\r\nContent-Disposition: form-data; name="
    head = "".join(f'{line}"{name}"\r\n\r\n{value}\r\n' for name, value in fields.items())
    head += f'{line}"pic"; filename="picture.{ENDINGS[media.mime]}"\r\nContent-Type: {media.mime}\r\n\r\n'
    body = b"".join((head.encode(), media.data, f"\r\n--{boundary}--\r\n".encode()))
    return f"multipart/form-data; boundary={boundary}", body


def _understood(answer: WireAnswer, kind: type[T]) -> T:
    """The answer as what it should be. Anything else is doubt after a write, and patience after a read."""
    try:
        return msgspec.convert(answer.json(), kind)
    except msgspec.ValidationError as strange:
        said = Said("Weibo answered something unknown: %(strange)s.", strange=str(strange))
        raise answer.nonsense(said) from None


_HOST = re.compile(r"https?://([A-Za-z0-9.-]{1,253})", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://[!-~]{1,2000}", re.IGNORECASE)
_TOPIC = re.compile(r"[#＃][^#＃\n]{1,200}[#＃]")
_ANSWERED = re.compile(r"^\s*回复@[^:：\s]{1,60}[:：]\s*")
_REMOTE_ID = re.compile(
    r"(?:status:(?P<post>[0-9]{1,20})|comment:(?P<under>[0-9]{1,20}):(?P<comment>[0-9]{1,20}))"
)

CONNECTOR = Weibo
