"""Telegram: the bank's channel, the comments in its discussion group, and private messages to its bot.

A message is named `chat:number`, an album `chat:number+number…`. A comment belongs to the thread of the copy
of the post that Telegram puts into the group, a private message to the chat with its author. News come by
asking (getUpdates) or by hook, never by both: a bot with a webhook is not answered. The token stands in the
address of every call, so no address is ever told. Written from the Bot API 10.1 (core.telegram.org/bots/api,
read 2026-11-28).
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec

from bankside.networks import signatures
from bankside.networks.answers import WAIT_SECONDS_MAX
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
    Media,
    MediaKind,
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
from bankside.networks.wire import WAIT_SECONDS, WireAnswer
from bankside.said import Said, joined

API = "https://api.telegram.org"
CAPTION_MAX = 1024
UPLOAD_SECONDS = 60.0
UPDATES_MAX = 100
QUIET_SECONDS_MAX = 6 * 86_400
"""After a week without news the numbers of updates begin anew, anywhere (Update.update_id)."""
NEWS = {"message": False, "edited_message": True, "channel_post": False, "edited_channel_post": True}
"""The kinds of updates that carry a message, and whether it was edited."""
ANSWERED = (400, 401, 403, 404, 409, 413, 429)
ENDINGS = {"image/jpeg": "jpg", "image/png": "png"}

MESSAGE = re.compile(r"(-?[0-9]{1,19}):([0-9]{1,19}(?:\+[0-9]{1,19}){0,9})")
CHAT = re.compile(r"-?[0-9]{1,19}")
PERSON = re.compile(r"[0-9]{1,19}")

T = TypeVar("T")


class Telegram(Connector):
    """One channel with its discussion group, by one bot."""

    def can(self, operation: str) -> bool:
        """With a webhook Telegram refuses to be asked (getUpdates), and without one there are no hooks."""
        by_hook = bool(self.grant.secrets.get("hook_secret"))
        if operation in {"poll", "verify"}:
            return by_hook == (operation == "verify")
        return super().can(operation)

    # --- who we are ------------------------------------------------------------------------------------
    def whoami(self) -> Self:
        bot = self._get("getMe", _User)
        there = self._get("getChat", _Chat, chat_id=self.grant.settings["channel"])
        if there.type != "channel":
            raise Refused(Said("%(name)s is not a channel on Telegram.", name=there.title or there.username))
        rights = self._get("getChatMember", _Member, chat_id=there.id, user_id=bot.id)
        if rights.status != "creator" and not rights.can_post_messages:
            raise NotAllowed(
                Said("The bot %(bot)s may not post: make it an administrator of the channel.", bot=bot.handle)
            )
        handle = there.handle or there.title
        return Self(remote_id=str(there.id), handle=handle, name=there.title, url=there.url, limits={})

    def locate(self) -> dict[str, str]:
        """The discussion group of the channel, where it has one."""
        if self.grant.settings.get("discussion"):
            return {}
        try:
            there = self._get("getChat", _Chat, chat_id=self.grant.settings["channel"])
        except (Refused, Later, Reconnect):
            return {}
        return {"discussion": str(there.linked_chat_id)} if there.linked_chat_id else {}

    # --- what comes in ---------------------------------------------------------------------------------
    def verify(self, request: Request) -> Accepted | Answer:
        if not self.can("verify"):
            raise self._not_offered("verify")
        signatures.check(_data().signature, request, self.grant.secrets["hook_secret"])
        try:
            update = msgspec.json.decode(request.body, type=_Update)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as broken:
            raise Refused(
                Said("The body of the hook cannot be read: %(broken)s.", broken=str(broken))
            ) from None
        return Accepted(items=tuple(_items(update)))

    def poll(self, cursor: str, since_ms: int) -> Page:
        """The newest updates are left unconfirmed, so that the next call gives them again."""
        if not self.can("poll"):
            raise self._not_offered("poll")
        place, now_ms = _Place.of(cursor), int(time.time() * 1000)
        asked = {"offset": place.offset} if place.is_fresh(now_ms) else {}
        updates = self._get("getUpdates", list[_Update], limit=UPDATES_MAX, allowed_updates=_ALLOWED, **asked)
        items = [item for update in updates for item in _items(update, 0 if cursor else since_ms)]
        after = place.after([update.update_id for update in updates], now_ms)
        return Page(items=tuple(items), cursor=str(after), more=len(updates) == UPDATES_MAX)

    def read(self, raw: dict[str, Any]) -> tuple[Activity, ...]:
        if "message" not in raw:
            return ()
        try:
            message = msgspec.convert(raw["message"], _Message)
        except (msgspec.ValidationError, UnicodeError) as broken:
            raise Refused(Said("The item cannot be read: %(broken)s.", broken=str(broken))) from broken
        return self._told(message, edited=bool(raw.get("edited")))

    def _told(self, message: _Message, *, edited: bool) -> tuple[Activity, ...]:
        """() for a line about the chat itself (somebody came in), and for groups that are none of ours."""
        chat, ours = message.chat, self._ours
        if chat.type != "private" and str(chat.id) not in ours:
            return ()
        if not message.words and not message.files:
            return ()
        started = chat.type == "private" and message.words.split(" ")[0] == "/start"
        if started:  # the first thing that a bot hears of everybody, and no question
            return (replace(_activity(message, edited=edited, own=False), verb="Follow", text=""),)
        own = str(message.author.remote_id) in {*ours, self._bot} - {""}
        return (_activity(message, edited=edited, own=own),)

    # --- what goes out ---------------------------------------------------------------------------------
    def preview(self, post: Post) -> Preview:
        """With pictures the text is a caption, which is shorter."""
        caption = {"limits": {"limit": CAPTION_MAX}}
        shown = fitted(_data(), post, caption if post.media else self.grant.account)
        return replace(shown, findings=(*shown.findings, *_of_place(post)))

    def send(self, post: Post, key: str) -> Receipt:
        """Telegram knows no key: a lost answer is Uncertain, and a person looks."""
        if findings := self.preview(post).findings:
            raise Refused(joined(findings))
        if post.replaces:
            return self._edit(post)
        chat, answered = _place_of(post)
        where: dict[str, Any] = {"chat_id": int(chat) if chat else self._channel}
        where |= {"reply_parameters": {"message_id": answered}} if answered else {}
        match len(post.media):
            case 0:
                return _receipt(self._post("sendMessage", _Message, {**where, "text": post.text}))
            case 1:
                wanted = {**where, "photo": "attach://picture-1", **_caption(post.text)}
                return _receipt(self._post("sendPhoto", _Message, wanted, post.media))
            case number:
                photos = [{"type": "photo", "media": f"attach://picture-{n}"} for n in range(1, number + 1)]
                photos[0] |= _caption(post.text)
                album = self._post("sendMediaGroup", list[_Message], {**where, "media": photos}, post.media)
                return _receipt(*album)

    def _edit(self, post: Post) -> Receipt:
        """New words, or a new picture with its words. Pictures that are not named stay."""
        chat, numbers = _parts(post.replaces)
        what: dict[str, Any] = {"chat_id": chat, "message_id": numbers[0]}
        if post.media:
            photo = {"type": "photo", "media": "attach://picture-1", **_caption(post.text)}
            answer = self._ask("editMessageMedia", {**what, "media": photo}, post.media)
        else:
            answer = self._ask("editMessageText", {**what, "text": post.text})
            if answer.status == 400 and "no text in the message" in _trouble(answer).lower_words:
                answer = self._caption_edited(what, post.text)
        if answer.status == 400 and "message is not modified" in _trouble(answer).lower_words:
            return Receipt(remote_id=post.replaces)  # it stands there as it should
        edited = _receipt(self._understood(answer, _Message))
        return replace(edited, remote_id=post.replaces)

    def _caption_edited(self, what: dict[str, Any], text: str) -> WireAnswer:
        if len(text.encode("utf-16-le", "surrogatepass")) // 2 > CAPTION_MAX:
            raise Refused(
                Said(
                    "What stands there has pictures, and its text at most %(most)s characters.",
                    most=CAPTION_MAX,
                )
            )
        return self._ask("editMessageCaption", {**what, "caption": text})

    def remove(self, remote_id: str) -> None:
        chat, numbers = _parts(remote_id)
        if len(numbers) > 1:  # what is not there of an album is skipped
            self._understood(self._ask("deleteMessages", {"chat_id": chat, "message_ids": numbers}), bool)
            return
        answer = self._ask("deleteMessage", {"chat_id": chat, "message_id": numbers[0]})
        words = _trouble(answer).lower_words if answer.status == 400 else ""
        if "message to delete not found" in words:
            return
        if "can't be deleted" in words:
            raise NotAllowed(
                Said("Telegram removes a message for 48 hours only, and only with the right to delete."),
                fallback=_url_of(_Chat(id=chat, type=""), numbers[0]),
            )
        self._understood(answer, bool)

    # --- one call --------------------------------------------------------------------------------------
    def _get(self, method: str, kind: type[T], **params: str | int) -> T:
        return self._understood(self.wire.get(self._address(method), params=params, also=ANSWERED), kind)

    def _post(self, method: str, kind: type[T], wanted: dict[str, Any], files: tuple[Media, ...] = ()) -> T:
        return self._understood(self._ask(method, wanted, files), kind)

    def _ask(self, method: str, wanted: dict[str, Any], files: tuple[Media, ...] = ()) -> WireAnswer:
        if not files:
            return self.wire.post(self._address(method), json=wanted, also=ANSWERED)
        content_type, body = form(wanted, files)
        return self.wire.post(
            self._address(method), content=body, headers={"content-type": content_type}, also=ANSWERED,
            deadline_seconds=UPLOAD_SECONDS,
        )  # fmt: skip

    def _address(self, method: str) -> str:
        return f"{API}/bot{quote(self.grant.secrets.get('token', ''), safe=':')}/{method}"

    def _understood(self, answer: WireAnswer, kind: type[T]) -> T:
        """What was asked for. Anything unknown is doubt after a write, and patience after a read."""
        if answer.status != 200:
            raise self._refusal(answer)
        try:
            return msgspec.convert(msgspec.convert(answer.json(), _Done).result, kind)
        except msgspec.ValidationError as strange:
            raise answer.nonsense(
                Said("Telegram answered something unknown: %(strange)s.", strange=str(strange))
            ) from None

    def _refusal(self, answer: WireAnswer) -> Exception:
        """Nothing was done: all of these are said before Telegram begins."""
        trouble = _trouble(answer)
        words = self.wire.redacted(trouble.words) or Said(
            "Telegram answered %(status)s.", status=str(answer.status)
        )
        match answer.status:
            case 401 | 404:
                return Reconnect(Said("Telegram does not accept the bot's token."))
            case 403:
                return NotAllowed(words)
            case 409 if "webhook" in trouble.lower_words:
                return NotAllowed(Said(
                    "A webhook is set for this bot, and then Telegram gives no news when it is asked. "
                    "Fill in the secret token of the webhook, or have the webhook removed."
                ))  # fmt: skip
            case 409:  # another program asks with the same token at this moment
                return Later(WAIT_SECONDS, words)
            case 429:
                told = trouble.parameters.retry_after
                return Later(min(told, WAIT_SECONDS_MAX) if told > 0 else WAIT_SECONDS, words)
        if "message" in trouble.lower_words and "not found" in trouble.lower_words:
            return Gone(words)
        if any(part in trouble.lower_words for part in NO_RIGHT):
            return NotAllowed(words)
        return Refused(words)

    # --- whose, and where ------------------------------------------------------------------------------
    @property
    def _channel(self) -> int | str:
        known = str(self.grant.account.get("remote_id", ""))
        return int(known) if CHAT.fullmatch(known) else self.grant.settings["channel"]

    @property
    def _bot(self) -> str:
        """A token begins with the number of its bot."""
        number = self.grant.secrets.get("token", "").partition(":")[0]
        return number if PERSON.fullmatch(number) else ""

    @property
    def _ours(self) -> set[str]:
        """The channel and its discussion group. Who speaks there as one of them, speaks as the bank."""
        return {str(self.grant.account.get("remote_id", "")), self.grant.settings.get("discussion", "")} - {
            ""
        }


CONNECTOR = Telegram
NO_RIGHT = ("not enough rights", "have no rights", "need administrator rights", "can't be edited")


def _data() -> NetworkData:
    return network("telegram")


# --- what Telegram answers, and what is kept of it -------------------------------------------------------
class _User(msgspec.Struct, omit_defaults=True):
    id: int
    first_name: str = ""
    last_name: str = ""
    username: str = ""
    is_bot: bool = False

    @property
    def handle(self) -> str:
        return f"@{self.username}" if self.username else ""


class _Chat(msgspec.Struct, omit_defaults=True):
    id: int
    type: str
    title: str = ""
    username: str = ""
    linked_chat_id: int = 0

    @property
    def handle(self) -> str:
        return f"@{self.username}" if self.username else ""

    @property
    def url(self) -> str:
        return f"https://t.me/{self.username}" if NAME.fullmatch(self.username) else ""


class _Member(msgspec.Struct):
    status: str
    can_post_messages: bool = False


class _Ref(msgspec.Struct, omit_defaults=True):
    message_id: int
    chat: _Chat


class _File(msgspec.Struct, omit_defaults=True):
    file_name: str = ""
    mime_type: str = ""


class _Sticker(msgspec.Struct, omit_defaults=True):
    emoji: str = ""


class _Spot(msgspec.Struct, omit_defaults=True):
    latitude: float
    longitude: float


class _Message(msgspec.Struct, omit_defaults=True, rename={"sender": "from"}):
    """Of a message what the desk needs: no telephone numbers, passports or payments that it may hold too."""

    message_id: int
    date: int
    chat: _Chat
    sender: _User | None = None
    sender_chat: _Chat | None = None
    message_thread_id: int = 0
    reply_to_message: _Ref | None = None
    edit_date: int = 0
    text: str = ""
    caption: str = ""
    photo: list[_File] = []
    video: _File | None = None
    animation: _File | None = None
    audio: _File | None = None
    voice: _File | None = None
    document: _File | None = None
    sticker: _Sticker | None = None
    location: _Spot | None = None

    @property
    def words(self) -> str:
        if self.text or self.caption:
            return self.text or self.caption
        if self.sticker:
            return self.sticker.emoji
        return f"{self.location.latitude:g}, {self.location.longitude:g}" if self.location else ""

    @property
    def files(self) -> tuple[Attachment, ...]:
        """A file opens with the bot's token alone: it has no address that could be told."""
        found: list[tuple[MediaKind, _File | None]] = [
            ("image", self.photo[-1] if self.photo else None), ("video", self.video or self.animation),
            ("audio", self.audio or self.voice), ("document", None if self.animation else self.document),
        ]  # fmt: skip
        return tuple(
            Attachment(kind=kind, url="", alt=file.file_name, mime=file.mime_type)
            for kind, file in found
            if file
        )

    @property
    def author(self) -> Actor:
        if self.sender_chat or not self.sender:
            chat = self.sender_chat or self.chat
            return Actor(remote_id=str(chat.id), handle=chat.handle, name=chat.title, url=chat.url)
        who, name = self.sender, f"{self.sender.first_name} {self.sender.last_name}".strip()
        url = f"https://t.me/{who.username}" if NAME.fullmatch(who.username) else ""
        return Actor(remote_id=str(who.id), handle=who.handle, name=name, url=url)


NAME = re.compile(r"[A-Za-z0-9_]{1,64}")


class _Update(msgspec.Struct):
    """One piece of news. At most one of its fields is there; other kinds than these are not asked for.

    The message is looked at later: one that cannot be read must not keep back those that come after it.
    """

    update_id: int
    message: Any = None
    edited_message: Any = None
    channel_post: Any = None
    edited_channel_post: Any = None


class _Wait(msgspec.Struct):
    retry_after: int = 0


class _Trouble(msgspec.Struct):
    description: str = ""
    parameters: _Wait = msgspec.field(default_factory=_Wait)

    @property
    def words(self) -> str:
        return " ".join(self.description.split())[:300]

    @property
    def lower_words(self) -> str:
        return self.words.lower()


class _Done(msgspec.Struct):
    ok: bool
    result: Any


_ALLOWED = msgspec.json.encode(list(NEWS)).decode()


def _trouble(answer: WireAnswer) -> _Trouble:
    """What Telegram says against it; empty when it says nothing that is known."""
    try:
        return msgspec.json.decode(answer.content, type=_Trouble)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _Trouble()


def _items(update: _Update, since_ms: int = 0) -> Iterator[Item]:
    """Named by the message, not by the update: what was asked for and what was delivered is the same item."""
    for kind, edited in NEWS.items():
        found: Any = getattr(update, kind)
        if found is None:
            continue
        flag = {"edited": True} if edited else {}
        try:
            message = msgspec.convert(found, _Message)
        except (msgspec.ValidationError, UnicodeError):  # kept as it is, until the desk has learnt to read it
            yield Item(remote_id=f"update:{update.update_id}", version="", raw={"message": found, **flag})
            continue
        moment = message.edit_date or message.date
        if moment * 1000 >= since_ms:
            name = f"{message.chat.id}:{message.message_id}"
            kept = {"message": msgspec.to_builtins(message), **flag}
            yield Item(remote_id=name, version=str(moment) if edited else "", raw=kept)


def _activity(message: _Message, *, edited: bool, own: bool) -> Activity:
    chat, above = message.chat, message.reply_to_message
    private = chat.type == "private"
    root = message.message_thread_id or message.message_id
    return Activity(
        remote_id=f"{chat.id}:{message.message_id}", verb="Update" if edited else "Create",
        version=str(message.edit_date or message.date) if edited else "", actor=message.author,
        text=message.words, thread=str(chat.id) if private else f"{chat.id}:{root}",
        in_reply_to=f"{above.chat.id}:{above.message_id}" if above else "",
        url=_url_of(chat, message.message_id), private=private, own=own,
        published_ms=message.date * 1000, attachments=message.files,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Place:
    """Up to where updates are confirmed, the newest that was seen, and when it came (ms)."""

    offset: int = 0
    top: int = 0
    seen_ms: int = 0

    @classmethod
    def of(cls, cursor: str) -> _Place:
        return cls(*map(int, cursor.split("."))) if cursor else cls()

    def __str__(self) -> str:
        return f"{self.offset}.{self.top}.{self.seen_ms}"

    def is_fresh(self, now_ms: int) -> bool:
        return bool(self.offset) and now_ms - self.seen_ms < QUIET_SECONDS_MAX * 1000

    def after(self, numbers: list[int], now_ms: int) -> _Place:
        """Behind all but the newest of these."""
        newest = sorted(numbers)[-_data().poll.overlap_items :]
        if not newest:
            return self
        return _Place(newest[0], newest[-1], self.seen_ms if newest[-1] == self.top else now_ms)


# --- what goes out, as Telegram wants it -----------------------------------------------------------------
def form(fields: dict[str, Any], files: tuple[Media, ...]) -> tuple[str, bytes]:
    """(content type, body) of a form with pictures (RFC 7578). What is no text goes as JSON."""
    mark = hashlib.sha256(msgspec.json.encode(fields) + b"".join(f.data for f in files)).hexdigest()[:32]
    parts = [
        _part(
            mark, f'name="{name}"', value.encode() if isinstance(value, str) else msgspec.json.encode(value)
        )
        for name, value in fields.items()
    ]
    for number, file in enumerate(files, start=1):
        named = f'name="picture-{number}"; filename="picture-{number}.{ENDINGS[file.mime]}"'
        parts.append(_part(mark, f"{named}\r\nContent-Type: {file.mime}", file.data))
    return f"multipart/form-data; boundary={mark}", b"".join([*parts, f"--{mark}--\r\n".encode()])


def _part(mark: str, head: str, content: bytes) -> bytes:
    return f"--{mark}\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + content + b"\r\n"


def _caption(text: str) -> dict[str, str]:
    return {"caption": text} if text.strip() else {}


def _receipt(*messages: _Message) -> Receipt:
    """Of one message, or of all of an album."""
    first = messages[0]
    numbers = "+".join(str(m.message_id) for m in messages)
    url = _url_of(first.chat, first.message_id)
    return Receipt(remote_id=f"{first.chat.id}:{numbers}", url=url, published_ms=first.date * 1000)


def _url_of(chat: _Chat, number: int) -> str:
    """Where everybody reads it, or those who are in a private channel; a private chat has no address."""
    if chat.type == "private":
        return ""
    if chat.url:
        return f"{chat.url}/{number}"
    inside = str(chat.id).removeprefix("-100")
    return f"https://t.me/c/{inside}/{number}" if inside.isdigit() and inside != str(chat.id) else ""


def _parts(remote_id: str) -> tuple[int, list[int]]:
    found = MESSAGE.fullmatch(remote_id)
    if found is None:
        raise Refused(Said("'%(remote_id)s' is nothing that Telegram has.", remote_id=remote_id))
    return int(found[1]), [int(number) for number in found[2].split("+")]


def _place_of(post: Post) -> tuple[str, int]:
    """The chat, and which message there is answered (0 for none). An empty chat is the bank's channel.

    A private message goes to the person, whatever it answers: never into a group.
    """
    named = MESSAGE.fullmatch(post.in_reply_to)
    chat = named[1] if named else post.in_reply_to
    answered = int(named[2].split("+")[0]) if named else 0
    if not post.private:
        return chat, answered
    person = next((id for id in (*post.to, chat, post.thread) if PERSON.fullmatch(id)), "")
    return person, answered if chat == person else 0


def _of_place(post: Post) -> Iterator[str]:
    chat, _ = _place_of(post)
    if post.private and not chat:
        yield Said("Telegram knows people by a number, and a bot can answer only those who wrote to it.")
    if len(set(post.to)) > 1:
        yield Said("A private message on Telegram goes to one person.")
    if not post.private and chat and not CHAT.fullmatch(chat):
        yield Said("'%(remote_id)s' is nothing that Telegram has.", remote_id=post.in_reply_to)
    if post.replaces and len(post.media) > 1:
        yield Said(
            "Several pictures cannot be changed at once on Telegram. Leave them out: they stay as they are."
        )
