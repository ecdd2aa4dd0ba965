"""KakaoTalk Channel: answers to people who write to the bank's channel, by way of a dealer of consult talk.

Two senders call the hook address: the dealer with messages (its secret word stands in the address), and Kakao
Developers with who added the channel (its admin key stands in a header). A chat is named for its person.
Which parts are official, secondary or unverified is said in the data file; dealers differ, so what differs is
a setting, and what a dealer sends is read with tolerance: what is not understood is kept and says nothing.
"""

from __future__ import annotations

import datetime
import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

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
    Item,
    Later,
    Post,
    Preview,
    Receipt,
    Refused,
    Request,
    Self,
    Uncertain,
)
from bankside.networks.declared import Signature
from bankside.networks.fit import fitted
from bankside.networks.signatures import MS_MIN
from bankside.networks.wire import WireAnswer
from bankside.said import Said, joined

PROFILE = "https://pf.kakao.com/"
AGAIN_SECONDS = 30
SERIAL_LENGTH = 30
"""String (30): mbi-developer-center.happytalk.io, counseling/send_chat (secondary)."""
USER_KEY = re.compile(r"[A-Za-z0-9_-]{1,40}")
HEADER = re.compile(r"[A-Za-z0-9-]{1,60}")
DONE = frozenset({"0", "200"})
"""Codes for done: 0 at one dealer, 200 at another (secondary)."""
APART = frozenset({"user_key", "serial_number", "msgid"})
"""What names a message and its author, kept beside it."""
BY_DEALER = Signature(scheme="equal", query="word", key="dealer_word")
"""What dealers' hooks are judged by: the word at the end of the address that they were given."""
WORDS = ("message", "content")
"""Where dealers' documents have the words of a message (unverified for what is received)."""


class KakaoTalkChannel(Connector):
    """One channel, by one dealer's interface."""

    # --- who we are ------------------------------------------------------------------------------------
    def whoami(self) -> Self:
        """As the settings say: no call is known by which a dealer would tell it. Nothing is asked."""
        channel = self.grant.settings["channel"]
        self._headers()
        return Self(remote_id=channel, handle=channel, name=channel, url=f"{PROFILE}{channel}", limits={})

    # --- what comes in ---------------------------------------------------------------------------------
    def verify(self, request: Request) -> Accepted | Answer:
        if request.headers.get("authorization", "").startswith("KakaoAK "):
            signatures.check(_data().signature, request, self.grant.secrets.get("admin_key", ""))
            return Accepted(items=(_relation(request),))
        signatures.check(BY_DEALER, request, self.grant.secrets.get("dealer_word", ""))
        return Accepted(items=(_message(request),))

    def read(self, raw: dict[str, Any]) -> tuple[Activity, ...]:
        try:
            kept = msgspec.convert(raw, _Kept)
            if "relation" in raw:
                return self._added(kept, msgspec.convert(raw["relation"], _Relation))
            if "message" in raw:
                return self._written(kept, msgspec.convert(raw["message"], _Message))
        except (msgspec.ValidationError, UnicodeError) as broken:
            raise Refused(Said("The item cannot be read: %(broken)s.", broken=str(broken))) from broken
        return ()

    def _added(self, kept: _Kept, relation: _Relation) -> tuple[Activity, ...]:
        """One app may serve several channels. Who blocks the channel does nothing that has a name here.

        The number is another than in a chat: the two are never put together.
        """
        if relation.channel_public_id != self.grant.settings["channel"] or relation.event != "added":
            return ()
        who = f"{relation.id_type}:{kept.who}"
        added = Activity(
            remote_id=kept.id, verb="Follow", actor=Actor(remote_id=who, name=who), thread=who,
            private=True, published_ms=_ms_of(relation.updated_at),
        )  # fmt: skip
        return (added,)

    def _written(self, kept: _Kept, message: _Message) -> tuple[Activity, ...]:
        text, files, who = message.words, message.files, kept.who
        ours = message.sender_key in {"", self.grant.settings["sender_key"]}
        if not ours or not who or not (text or files):
            return ()
        written = Activity(
            remote_id=kept.id, actor=Actor(remote_id=who, name=who), text=text, thread=who, private=True,
            published_ms=message.moment_ms, attachments=files,
            reply_allowed=bool(USER_KEY.fullmatch(who)),
        )  # fmt: skip
        return (written,)

    # --- what goes out ---------------------------------------------------------------------------------
    def preview(self, post: Post) -> Preview:
        shown = fitted(_data(), post, self.grant.account)
        return replace(shown, findings=(*shown.findings, *_of_chat(post)))

    def send(self, post: Post, key: str) -> Receipt:
        """A lost answer is Later where the code for a used serial number is known, else Uncertain."""
        if findings := self.preview(post).findings:
            raise Refused(joined(findings))
        serial = hashlib.sha256(key.encode()).hexdigest()[:SERIAL_LENGTH]
        wanted = {
            "user_key": _receiver(post), "sender_key": self.grant.settings["sender_key"],
            "serial_number": serial, "message_type": "TX", "message": post.text,
        }  # fmt: skip
        address = f"{self.grant.settings['address'].rstrip('/')}/chat/write"
        try:
            answer = self.wire.post(address, json=wanted, headers=self._headers(), also=(400, 409))
            self._refuse(answer)
        except Uncertain as doubt:
            if not self._duplicate_code:
                raise
            # The same serial number makes one message of two tries, and the dealer says so by this code.
            why = Said(
                "The dealer gave no answer. %(reason)s The next try has the same number.", reason=doubt.reason
            )
            raise Later(AGAIN_SECONDS, why) from doubt
        return Receipt(remote_id=serial)

    def _refuse(self, answer: WireAnswer) -> None:
        """Nothing when it is done, now or before. What nobody understands is doubt."""
        try:
            said = msgspec.json.decode(answer.content, type=_Answer)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            self.wire.raise_for(answer)
            raise answer.nonsense(Said("The dealer answered something unknown.")) from None
        code = str(said.code)
        done = answer.status == 200 and code in DONE
        if not done and code != self._duplicate_code:
            words = self.wire.redacted(" ".join(said.message.split()))[:300]
            raise Refused(Said("The dealer says no (%(code)s). %(words)s", code=code[:40], words=words))

    # --- the contract with the dealer --------------------------------------------------------------------
    @property
    def _duplicate_code(self) -> str:
        return self.grant.settings.get("duplicate_code", "").strip()

    def _headers(self) -> dict[str, str]:
        """The two keys, under the names that the dealer gives them."""
        settings, secret = self.grant.settings, self.grant.secrets.get("client_secret", "")
        given = {
            settings.get("client_id_header") or "HT-Client-Id": settings["client_id"],
            settings.get("client_secret_header") or "HT-Client-Secret": secret,
        }
        for name, value in given.items():
            if not HEADER.fullmatch(name) or not value.isascii() or not value.isprintable():
                raise Refused(
                    Said("'%(name)s' is no header, or its key holds other signs than it may.", name=name)
                )
        return given


CONNECTOR = KakaoTalkChannel


def _data() -> NetworkData:
    return network("kakaotalk")


# --- what goes out -----------------------------------------------------------------------------------------
def _receiver(post: Post) -> str:
    """The person of the chat; empty when it is not known."""
    known = next(iter(post.to), "") or post.thread
    return known if USER_KEY.fullmatch(known) else ""


def _of_chat(post: Post) -> Iterator[str]:
    if not post.private:
        yield Said(
            "KakaoTalk takes answers in a chat only. Post to everybody in the Channel's own admin pages."
        )
    elif not _receiver(post):
        yield Said(
            "KakaoTalk knows people by a key, and only those who wrote to the channel can be answered."
        )
    if len(set(post.to)) > 1:
        yield Said("A private message on KakaoTalk goes to one person.")


# --- what comes in, as it is kept --------------------------------------------------------------------------
class _Answer(msgspec.Struct):
    code: int | str
    message: str = ""


class _Kept(msgspec.Struct):
    """What names an item, and who did it: kept apart, so that no number in it is taken for a card's."""

    id: str = ""
    who: str = ""


class _Relation(msgspec.Struct, kw_only=True):
    """Somebody added or blocked the channel (developers.kakao.com, KakaoTalk Channel webhook)."""

    event: str
    id_type: str
    channel_public_id: str
    updated_at: str = ""


class _Message(msgspec.Struct):
    """What a dealer delivers. `sender_key` and `time` are named so by a dealer (secondary)."""

    sender_key: str = ""
    time: int | float | str = 0
    message: Any = ""
    content: Any = ""
    image_url: str = ""
    file_url: str = ""
    file_name: str = ""

    @property
    def words(self) -> str:
        found = (getattr(self, name) for name in WORDS)
        return next((text for text in found if isinstance(text, str) and text), "")

    @property
    def files(self) -> tuple[Attachment, ...]:
        named = (("image", self.image_url, ""), ("document", self.file_url, self.file_name))
        return tuple(
            Attachment(kind="image" if kind == "image" else "document", url=_safe(url), alt=name)
            for kind, url, name in named
            if url
        )

    @property
    def moment_ms(self) -> int:
        """The dealer's time, in seconds or in milliseconds since 1970; 0 when it tells none."""
        try:
            told = float(self.time)
        except (ValueError, OverflowError):
            return 0
        if not 0 < told < MS_MIN * 100:
            return 0
        return int(told if told >= MS_MIN else told * 1000)


def _relation(request: Request) -> Item:
    """Named by the webhook's own number, which it keeps when it is delivered again."""
    body, resource = _body(request), request.headers.get("x-kakao-resource-id", "")
    if not resource:
        raise Refused(Said("The body of the hook cannot be read: %(broken)s.", broken="X-Kakao-Resource-ID"))
    kept = {name: body[name] for name in _Relation.__struct_fields__ if name in body}
    return Item(remote_id=resource, version="", raw=_raw(resource, body.get("id"), relation=kept), ids=IDS)


def _message(request: Request) -> Item:
    """Named by the dealer's number, or by what it says where it has none: twice the same is once."""
    body = _body(request)
    number = next((body[name] for name in ("serial_number", "msgid") if _is_name(body.get(name))), "")
    digest = hashlib.sha256(msgspec.json.encode(body, order="sorted")).hexdigest()[:32]
    name = str(number) or digest
    rest = {field: value for field, value in body.items() if field not in APART}
    raw = _raw(name, body.get("user_key"), message=rest)
    return Item(remote_id=name, version="", raw=raw, ids=IDS)


IDS = ("id", "who")


def _raw(id: str, who: object, **kept: Any) -> dict[str, Any]:
    return {"id": id, "who": str(who) if _is_name(who) else "", **kept}


def _is_name(value: object) -> bool:
    return isinstance(value, str | int) and 0 < len(str(value)) <= 100


def _body(request: Request) -> dict[str, Any]:
    try:
        return msgspec.json.decode(request.body, type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as broken:
        raise Refused(Said("The body of the hook cannot be read: %(broken)s.", broken=str(broken))) from None


def _safe(url: str) -> str:
    return url if url.startswith(("https://", "http://")) else ""


def _ms_of(moment: str) -> int:
    """UTC milliseconds of an RFC 3339 moment; 0 when it is none."""
    try:
        found = datetime.datetime.fromisoformat(moment)
    except ValueError:
        return 0
    return int(found.replace(tzinfo=found.tzinfo or datetime.UTC).timestamp() * 1000)
