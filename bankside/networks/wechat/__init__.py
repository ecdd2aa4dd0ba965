"""WeChat Official Account: articles by draft and publication, comments under them, messages of people.

Remote ids: `article:…`, `comment:mid:index:number`, `reply:…` for our one answer to that comment, `message:…`
and `sent:…`; people are their openid, which is another one in every account. A comment is a thread of its
own, a private exchange is named for the other side (`direct:openid`). Written from developers.weixin.qq.com
(read 2026-11-28); nothing here was tried against WeChat itself.
"""

from __future__ import annotations

import hashlib
import re
import time
from dataclasses import replace
from functools import cached_property
from typing import Any

import msgspec

from bankside.networks import signatures
from bankside.networks.catalogue import NetworkData, network
from bankside.networks.contract import (
    Accepted,
    Activity,
    Answer,
    Connector,
    Expired,
    Forged,
    Gone,
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
    Tokens,
    Uncertain,
)
from bankside.networks.fit import fitted
from bankside.networks.markup import text_of
from bankside.networks.wechat import account as calls
from bankside.networks.wechat.account import BY_HAND, Account, Told
from bankside.networks.wechat.callback import fields_of, key_of, opened
from bankside.networks.wechat.listening import (
    Look,
    Place,
    RawComment,
    comment_read,
    comments_of,
    https,
    message_item,
    message_read,
    place_in,
)
from bankside.networks.wechat.words import content, is_private, of_answer, of_article, receiver
from bankside.said import Said, joined

TOKEN_URL = f"{calls.API}/stable_token"
PAGE_ENTRIES = 20
FIND_HOURS = 24
FIND_PAGES_MAX = 5
COMMENTS_PAGES_MAX = 20
ALREADY_ANSWERED = 88005


class WeChat(Connector):
    """One official account, by its app id and secret."""

    # --- who we are ----------------------------------------------------------------------------------
    def whoami(self) -> Self:
        if key := self.grant.secrets.get("message_key", ""):
            key_of(key)
        self._account.get("draft/count", calls.Counted)
        name = self.grant.settings.get("name") or self._me
        return Self(remote_id=self._me, handle=self._me, name=name, url="", limits={})

    def renew(self) -> Tokens:
        """A token for two hours. Where the one that we hold is given again although WeChat would not take it
        any more, a new one is forced, which ends the old: within its last five minutes another one is given
        (getstableaccesstoken, read 2026-11-28), so that the same one is not on its last legs."""
        held = self.grant.secrets.get("access", "")
        try:
            given = self._fetched(force=False)
            if held and given.access_token == held:
                given = self._fetched(force=True)
        except Uncertain as lost:
            raise Later(10, lost.reason) from lost
        except Expired as wrong:  # 40001 means here that the secret is wrong
            raise Reconnect(wrong.reason) from wrong
        until = int(time.time() * 1000) + given.expires_in * 1000
        return Tokens(secrets={"access": given.access_token}, fresh_until_ms=until)

    def _fetched(self, *, force: bool) -> calls.Token:
        asked = {
            "grant_type": "client_credential", "appid": self._me,
            "secret": self.grant.secrets.get("app_secret", ""), "force_refresh": force,
        }  # fmt: skip
        return calls.understood(self.wire, self.wire.post(TOKEN_URL, json=asked), calls.Token)

    # --- what comes in -------------------------------------------------------------------------------
    def verify(self, request: Request) -> Accepted | Answer:
        """With a message key only what is encrypted is genuine: in the plain form no word is signed."""
        rule, token = _data().signature, self.grant.secrets.get("token", "")
        if request.method == "GET" and "msg_signature" in request.query:
            return Answer(body=self._opened(request, request.query.get("echostr", "")))
        if shaken := signatures.handshake(rule, request, token):
            return shaken
        if self.grant.secrets.get("message_key"):
            fields = fields_of(self._opened(request, fields_of(request.body).get("Encrypt", "")))
        else:
            signatures.check(rule, request, token)
            fields = fields_of(request.body)
        if not fields.get("FromUserName") or not fields.get("MsgType"):
            raise Refused(Said("The body is not a message of WeChat."))
        return Accepted(items=(message_item(fields),))

    def poll(self, cursor: str, since_ms: int) -> Page:
        now_ms = int(time.time() * 1000)
        return Look(self._account, Place.of(cursor, since_ms), now_ms).page()

    def read(self, raw: dict[str, Any]) -> tuple[Activity, ...]:
        try:
            if "comment" in raw:
                return comment_read(msgspec.convert(raw["comment"], RawComment), self._me)
            if "message" in raw:
                return message_read(msgspec.convert(raw["message"], dict[str, str]))
        except msgspec.ValidationError as broken:
            raise Refused(Said("The item cannot be read: %(broken)s.", broken=str(broken))) from broken
        return ()

    def _opened(self, request: Request, encrypted: str) -> bytes:
        rule = msgspec.structs.replace(_data().signature, query="msg_signature")
        key = self.grant.secrets.get("message_key", "")
        if not key or not encrypted:
            raise Forged(Said("Only encrypted messages are taken here, and this is none."))
        signatures.check(rule, request, self.grant.secrets.get("token", ""), also=(encrypted,))
        return opened(encrypted, key, self._me)

    # --- what goes out -------------------------------------------------------------------------------
    def preview(self, post: Post) -> Preview:
        answers = is_private(post) or bool(post.in_reply_to)
        shown = fitted(_data(), post, {"limits": {"limit": 0}} if answers else {})
        more = of_answer(post) if answers else of_article(post, self._author)
        return replace(shown, findings=(*shown.findings, *more))

    def send(self, post: Post, key: str) -> Receipt:
        if findings := self.preview(post).findings:
            raise Refused(joined(findings))
        if is_private(post):
            return self._write_to(post, key)
        return self._answer(post) if post.in_reply_to else self._publish(post, key)

    def settle(self, handle: str) -> Receipt:
        """What became of a publication: WeChat needs a moment, and may still refuse it."""
        task = self._account.look("freepublish/get", {"publish_id": handle}, calls.Published)
        match task.publish_status:
            case 0:
                url = https(task.article_detail.item[0].article_url) if task.article_detail.item else ""
                return _receipt(task.article_id, url)
            case 1:
                return Receipt(remote_id="", pending=True, handle=handle)
            case 2:
                reason = Said("WeChat did not accept that the words are original, and published nothing.")
            case 4:
                reason = Said("WeChat's review did not let the article through.")
            case 5 | 6:
                reason = Said("The article was published and taken away again, by somebody or by WeChat.")
            case _:
                reason = Said("WeChat could not publish the article.")
        raise Refused(reason, fallback=BY_HAND)

    def find(self, key: str, post: Post) -> Receipt | None:
        if is_private(post):
            raise Refused(Said("WeChat keeps no list of private messages in which it could be looked up."))
        if post.in_reply_to:
            return self._find_answer(post)
        cover = self._cover(key)
        if there := self._find_published(cover, post):
            return there
        if cover and not self._draft_with(cover):
            # It left the box, so it is being published, or a person has taken it: never a second one.
            raise Later(60, Said("The draft is not in the box any more, and the article is not out yet."))
        return None

    def remove(self, remote_id: str) -> None:
        kind, _, rest = remote_id.partition(":")
        try:
            if kind == "article":
                self._account.ask("freepublish/delete", {"article_id": rest, "index": 0}, calls.Trouble)
            elif kind == "reply":
                self._account.ask("comment/reply/delete", _numbers(remote_id), calls.Trouble)
            elif kind == "comment":
                raise NotAllowed(Said("Somebody else wrote this; only our own can be removed."), BY_HAND)
            else:
                raise NotAllowed(Said("WeChat lets nobody take back a private message from a desk."))
        except Gone:
            return

    def measure(self, refs: tuple[str, ...]) -> tuple[Measured, ...]:
        found: list[Measured] = []
        for ref in refs:
            place = self._place_of(ref)
            if place:
                total = comments_of(self._account, *place, count=1).total
                found.append(Measured(remote_id=ref, counts={"comments": total}))
        return tuple(found)

    # --- articles ------------------------------------------------------------------------------------
    def _publish(self, post: Post, key: str) -> Receipt:
        """Cover, draft, publication. Those of an earlier try are used again: a draft goes out once."""
        cover = self._cover(key) or self._new_cover(post.media[0], key)
        draft = self._draft_with(cover) or self._new_draft(post, cover)
        made = self._account.ask("freepublish/submit", {"media_id": draft}, calls.Submitted)
        return Receipt(remote_id="", pending=True, handle=str(made.publish_id))

    def _cover(self, key: str) -> str:
        """The number of the cover that this delivery has uploaded; empty for none."""
        asked = {"type": "image", "offset": 0, "count": PAGE_ENTRIES}
        there = self._account.look("material/batchget_material", asked, calls.Materials).item
        return next((m.media_id for m in there if mark_of(key) in m.name), "")

    def _new_cover(self, media: Media, key: str) -> str:
        name = mark_of(key)
        return self._account.upload(
            "material/add_material", name, media, calls.Uploaded, type="image"
        ).media_id

    def _draft_with(self, cover: str) -> str:
        asked = {"offset": 0, "count": PAGE_ENTRIES, "no_content": 1}
        for draft in self._account.look("draft/batchget", asked, calls.Entries).item:
            if any(news.thumb_media_id == cover for news in draft.content.news_item):
                return draft.media_id
        return ""

    def _new_draft(self, post: Post, cover: str) -> str:
        """Nobody sees a draft: when the answer is lost, the next try finds it by its cover."""
        shown = [
            self._account.upload("media/uploadimg", f"picture-{n}", media, calls.Shown).url
            for n, media in enumerate(post.media[1:], start=1)
        ]
        comments = self.grant.settings.get("comments") != "no"
        article = {
            "article_type": "news", "title": post.title, "author": self._author, "thumb_media_id": cover,
            "content": content(post, shown), "need_open_comment": int(comments), "only_fans_can_comment": 0,
        }  # fmt: skip
        return self._account.look("draft/add", {"articles": [article]}, calls.Uploaded).media_id

    def _find_published(self, cover: str, post: Post) -> Receipt | None:
        """By its cover, or by its title and words among those of the last day."""
        earliest = time.time() - FIND_HOURS * 3600
        for page in range(FIND_PAGES_MAX):
            asked = {"offset": page * PAGE_ENTRIES, "count": PAGE_ENTRIES, "no_content": 1}
            entries = self._account.look("freepublish/batchget", asked, calls.Entries).item
            for entry in (e for e in entries if e.update_time >= earliest):
                for news in entry.content.news_item:
                    if (cover and news.thumb_media_id == cover) or self._same(entry.article_id, news, post):
                        return _receipt(entry.article_id, https(news.url), entry.update_time * 1000)
            if len(entries) < PAGE_ENTRIES or entries[-1].update_time < earliest:
                return None
        raise Later(60, Said("There are more posts of the last day than can be looked through."))

    def _same(self, article_id: str, news: calls.News, post: Post) -> bool:
        if news.title.split() != post.title.split():
            return False
        try:
            there = self._account.look("freepublish/getarticle", {"article_id": article_id}, calls.Articles)
        except Gone:
            return False
        wanted = text_of(content(post, [])).split()
        return any(n.title == news.title and text_of(n.content).split() == wanted for n in there.news_item)

    def _place_of(self, ref: str) -> tuple[int, int] | None:
        """(mid, index) of an article of ours; None when it is gone."""
        kind, _, article_id = ref.partition(":")
        if kind != "article":
            return None
        try:
            there = self._account.look("freepublish/getarticle", {"article_id": article_id}, calls.Articles)
        except Gone:
            return None
        return place_in(there.news_item[0].url) if there.news_item else None

    # --- answers -------------------------------------------------------------------------------------
    def _answer(self, post: Post) -> Receipt:
        asked = _numbers(post.in_reply_to) | {"content": post.text}
        try:
            self._account.ask("comment/reply/add", asked, calls.Trouble, also=(ALREADY_ANSWERED,))
        except Told as refused:
            if there := self._find_answer(post):
                return there
            raise NotAllowed(
                Said("This comment has been answered already; WeChat takes one answer."), BY_HAND
            ) from refused
        return _replied(post, int(time.time() * 1000))

    def _find_answer(self, post: Post) -> Receipt | None:
        place = _numbers(post.in_reply_to)
        begin = 0
        for _ in range(COMMENTS_PAGES_MAX):
            page = comments_of(self._account, place["msg_data_id"], place["index"], begin=begin)
            for one in page.comment:
                if one.user_comment_id == place["user_comment_id"]:
                    same = one.reply is not None and one.reply.content.split() == post.text.split()
                    return _replied(post, one.reply.create_time * 1000) if one.reply and same else None
            begin += len(page.comment)
            if not page.comment or begin >= page.total:
                return None
        raise Later(60, Said("There are more comments than can be looked through."))

    def _write_to(self, post: Post, key: str) -> Receipt:
        """A message to somebody who wrote within two days. WeChat gives it no number."""
        asked: dict[str, Any] = {"touser": receiver(post), "msgtype": "text", "text": {"content": post.text}}
        if post.media:
            name, media = "picture", post.media[0]
            shown = self._account.upload("media/upload", name, media, calls.Uploaded, type="image")
            asked = {"touser": asked["touser"], "msgtype": "image", "image": {"media_id": shown.media_id}}
        self._account.ask("message/custom/send", asked, calls.Trouble)
        return Receipt(remote_id=f"sent:{mark_of(key)}", published_ms=int(time.time() * 1000))

    @cached_property
    def _account(self) -> Account:
        return Account(self.wire, self.grant.secrets.get("access", ""))

    @property
    def _author(self) -> str:
        return self.grant.settings.get("author", "").strip()

    @property
    def _me(self) -> str:
        return self.grant.settings.get("app_id", "")


def _data() -> NetworkData:
    return network("wechat")


def mark_of(key: str) -> str:
    """What only this delivery has in its name."""
    return f"bankside-{hashlib.sha256(key.encode()).hexdigest()[:24]}"


def _receipt(article_id: str, url: str, published_ms: int = 0) -> Receipt:
    return Receipt(
        remote_id=f"article:{article_id}", url=url, published_ms=published_ms or int(time.time() * 1000)
    )


def _replied(post: Post, published_ms: int) -> Receipt:
    place = post.in_reply_to.partition(":")[2]
    return Receipt(remote_id=f"reply:{place}", published_ms=published_ms)


def _numbers(remote_id: str) -> dict[str, Any]:
    """What names a comment in a call. Raises Gone for what WeChat never has."""
    if not (found := _PLACE.fullmatch(remote_id)):
        raise Gone(Said("'%(remote_id)s' is nothing that WeChat has.", remote_id=remote_id))
    mid, index, number = (int(part) for part in found.groups())
    return {"msg_data_id": mid, "index": index, "user_comment_id": number}


_PLACE = re.compile(r"(?:comment|reply):([0-9]{1,14}):([0-9]{1,3}):([0-9]{1,14})")

CONNECTOR = WeChat
