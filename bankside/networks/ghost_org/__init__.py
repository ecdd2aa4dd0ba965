"""Ghost: posts and pages with images on a publication of one's own, and its members' comments.

Remote ids are `post:<id>`, `page:<id>` and `comment:<id>` with Ghost's own 24 hexadecimal digits. A thread is
named for its root comment. The address of a post (its slug) is made from the delivery key; a comment carries
the key as white space at its end: by these marks `find` tells whether a doubtful send got through.

Only members comment there, so the desk answers as a member of the bank's own: the Admin API lets an
integration write a comment in a member's name, hide and delete it, but not change its words. Documentation:
docs.ghost.org/admin-api, read 2026-11-28; comments are not in it, and were tried against Ghost 6.65.0.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import msgspec

from bankside.networks import signatures
from bankside.networks.catalogue import NetworkData, network
from bankside.networks.contract import (
    Accepted,
    Activity,
    Answer,
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
    Refused,
    Request,
    Self,
    Uncertain,
)
from bankside.networks.fit import fitted, kind_for
from bankside.networks.ghost_org.listening import (
    PAGE_COMMENTS,
    Place,
    RawComment,
    RawGone,
    RawPost,
    answers,
    comment_item,
    gone_comment,
    hooked,
    post_item,
    published,
    removed,
    said,
)
from bankside.networks.ghost_org.server import (
    TOLD,
    Comment,
    Comments,
    Hook,
    Images,
    Member,
    Members,
    Sites,
    Thing,
    Things,
    one,
    refusal,
    token_of,
    told,
    understood,
)
from bankside.networks.ghost_org.words import (
    body_of,
    comment_html,
    comment_receipt,
    form_of,
    mark_of,
    ms_of,
    parts_of,
    quoted,
    receipt_of,
    same_words,
    slug_of,
)
from bankside.networks.markup import web_address
from bankside.networks.wire import WireAnswer
from bankside.said import Said, joined

PAGE_POSTS = 15
LOST_MAX = 20
EDIT_TRIES = 2
UPLOAD_SECONDS = 60.0
ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "image/webp": "webp"}
POST_FIELDS = "id,slug,title,html,url,status,updated_at,published_at"


class Ghost(Connector):
    """One publication, through a custom integration of its owner."""

    # --- who we are ----------------------------------------------------------------------------------
    def whoami(self) -> Self:
        try:
            site = understood(self._ask("GET", "site/"), Sites).site
        except Gone:
            raise Refused(Said("There is no Ghost at %(site)s/ghost/api/admin/.", site=self._site)) from None
        self._ask("GET", "posts/", {"limit": 1, "fields": "id"})  # the name of a site is told to anybody
        member = self._member()
        account = f"member:{member.id}" if member else f"site:{self._host}"
        name = member.name if member and member.name else site.title
        return Self(remote_id=account, handle=self._host, name=name, url=web_address(site.url), limits={})

    def _member(self) -> Member | None:
        """The bank's own member, by the e-mail address in the settings."""
        mail = self.grant.settings.get("member", "").strip()
        if not mail:
            return None
        wanted: dict[str, str | int] = {"filter": f"email:{quoted(mail)}", "limit": 1, "fields": "id,name"}
        found = understood(self._ask("GET", "members/", wanted), Members).members
        if not found:
            raise Refused(Said("There is no member with the e-mail address %(mail)s in Ghost.", mail=mail))
        return found[0]

    # --- what comes in -------------------------------------------------------------------------------
    def verify(self, request: Request) -> Accepted | Answer:
        signatures.check(_data().signature, request, self.grant.secrets.get("hook_secret", ""))
        try:
            news = msgspec.json.decode(request.body, type=Hook)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as broken:
            raise Refused(Said("The hook cannot be read: %(broken)s.", broken=str(broken))) from None
        item = hooked(news)
        return Accepted(items=(item,) if item else ())

    def poll(self, cursor: str, since_ms: int) -> Page:
        """The newest comments, those of the last time that are gone, and the posts that were changed last."""
        place = Place.of(cursor) if cursor else Place(floor=since_ms)
        listed = self._comments(place.before)
        found = [c for c in listed if ms_of(c.created_at) > place.floor]
        lost = [] if place.before else place.lost(listed)
        gone = [gone_comment(id, place.seen[id][0]) for id in lost[:LOST_MAX] if self._comment(id) is None]
        posts = () if place.before else self._changed(place.floor)
        after = place.after(listed, {id: place.seen[id] for id in lost[LOST_MAX:]})
        items = (*posts, *gone, *(comment_item(c) for c in reversed(found)))
        return Page(items=items, cursor=str(after), more=bool(after.before))

    def read(self, raw: dict[str, Any]) -> tuple[Activity, ...]:
        try:
            if "comment" in raw:
                return (said(msgspec.convert(raw["comment"], RawComment), self._me),)
            if "post" in raw:
                return (published(msgspec.convert(raw["post"], RawPost), self._me),)
            if "gone" in raw:
                return (removed(msgspec.convert(raw["gone"], RawGone), self._me),)
        except (msgspec.ValidationError, ValueError) as broken:
            raise Refused(Said("The item cannot be read: %(broken)s.", broken=str(broken))) from broken
        return ()

    def _comments(self, before: str) -> list[Comment]:
        wanted: dict[str, str | int] = {"limit": PAGE_COMMENTS, "order": "created_at desc"}
        wanted |= {"filter": f"created_at:<='{before}'"} if before else {}
        return understood(self._ask("GET", "comments/", wanted), Comments).comments

    def _changed(self, floor: int) -> tuple[Item, ...]:
        """The posts that were changed last, oldest change first."""
        wanted: dict[str, str | int] = {
            "filter": "status:published", "order": "updated_at desc", "limit": PAGE_POSTS,
            "formats": "html", "fields": POST_FIELDS,
        }  # fmt: skip
        listed = understood(self._ask("GET", "posts/", wanted), Things).all
        return tuple(post_item("post", p) for p in reversed(listed) if ms_of(p.published_at or "") > floor)

    def _comment(self, id: str) -> Comment | None:
        """A comment as it stands; None when it is deleted, with its post or by itself."""
        answer = self._ask("GET", f"comments/{id}/", also=(404,))
        found = understood(answer, Comments).comments if answer.status == 200 else []
        return found[0] if found and found[0].status != "deleted" else None

    # --- what goes out -------------------------------------------------------------------------------
    def preview(self, post: Post) -> Preview:
        shown = fitted(_data(), post, self.grant.account)
        return replace(shown, findings=(*shown.findings, *self._found(post)))

    def _found(self, post: Post) -> Iterator[str]:
        comment = bool(post.in_reply_to)
        if post.replaces.startswith("comment:"):
            yield Said("Ghost lets nobody change a comment by its interface. Remove it and answer again.")
        elif comment and not self._answers:
            yield Said(
                "To answer comments, the channel needs a member of your own: fill in its e-mail address."
            )
        if comment and post.media:
            yield Said("A comment carries no pictures.")
        if comment and post.title:
            yield Said("A comment has no title.")
        if not comment and not post.replaces.startswith("comment:") and not post.title.strip():
            yield Said("A post in Ghost needs a title.")

    def send(self, post: Post, key: str) -> Receipt:
        if findings := self.preview(post).findings:
            raise Refused(joined(findings))
        if post.replaces:
            return self._edit(post, key)
        return self._answer(post, key) if post.in_reply_to else self._publish(post, key)

    def find(self, key: str, post: Post) -> Receipt | None:
        if post.replaces.startswith("comment:"):
            return None
        if post.replaces:
            there = self._existing(post.replaces)
            return receipt_of(there, post.replaces) if there and same_words(there, post) else None
        return self._find_answer(key) if post.in_reply_to else self._find_post(post, key)

    def remove(self, remote_id: str) -> None:
        kind, id = parts_of(remote_id)
        if kind != "comment":
            self._ask("DELETE", f"{kind}s/{id}/", also=(404,))
            return
        there = self._comment(id)
        if there is None:
            return
        if not there.member or f"member:{there.member.id}" != self._me:
            raise NotAllowed(Said("Somebody else wrote this; only our own can be removed."))
        self._ask("PUT", f"comments/{id}/", json={"comments": [{"id": id, "status": "deleted"}]}, also=(404,))

    # --- posts and pages -----------------------------------------------------------------------------
    def _publish(self, post: Post, key: str) -> Receipt:
        if earlier := self._find_post(post, key):
            return earlier
        slug, kind = slug_of(post, key), _kind(post)
        wanted = {"status": "published", "slug": slug, **body_of(post, self._uploaded(post.media, slug))}
        answer = self._ask("POST", f"{kind}s/", {"source": "html"}, json={f"{kind}s": [wanted]})
        made = one(answer)
        if made.slug == slug:
            return receipt_of(made, f"{kind}:{made.id}")
        return self._give_way(post, key, f"{kind}:{made.id}", made)

    def _give_way(self, post: Post, key: str, remote_id: str, made: Thing) -> Receipt:
        """The address was taken meanwhile: an earlier try of this delivery came through late. One stays."""
        earlier = self._find_post(post, key)
        if earlier is None or earlier.remote_id == remote_id:
            return receipt_of(made, remote_id)
        self.remove(remote_id)
        return earlier

    def _find_post(self, post: Post, key: str) -> Receipt | None:
        kind = _kind(post)
        wanted: dict[str, str | int] = {"fields": POST_FIELDS}
        answer = self._ask("GET", f"{kind}s/slug/{slug_of(post, key)}/", wanted, also=(404,))
        if answer.status == 404:
            return None
        there = one(answer)
        return receipt_of(there, f"{kind}:{there.id}")

    def _uploaded(self, media: tuple[Media, ...], slug: str) -> list[str]:
        """Addresses of the pictures. Nothing is said yet: a lost answer leaves a file that nobody sees."""
        try:
            return [self._upload(m, f"{slug}-{n}.{ENDINGS[m.mime]}") for n, m in enumerate(media, start=1)]
        except Uncertain as doubt:
            raise Later(
                30, Said("A picture was not uploaded to the end. %(reason)s", reason=doubt.reason)
            ) from doubt

    def _upload(self, media: Media, name: str) -> str:
        kind, body = form_of(media, name)
        answer = self._ask(
            "POST", "images/upload/", content=body, kind=kind, deadline_seconds=UPLOAD_SECONDS
        )  # fmt: skip
        images = understood(answer, Images).images
        if not images:
            raise answer.nonsense(Said("Ghost does not say where it put a picture."))
        return images[0].url

    def _edit(self, post: Post, key: str) -> Receipt:
        """New words. Ghost wants to be told which state they replace: when that has changed, once more."""
        kind, id = parts_of(post.replaces)
        changed: dict[str, Any] | None = None
        for _ in range(EDIT_TRIES):
            there = self._existing(post.replaces)
            if there is None:
                raise Gone(Said("What was to be changed is not there any more."))
            changed = changed or body_of(post, self._uploaded(post.media, slug_of(post, key)))
            wanted = {f"{kind}s": [{**changed, "updated_at": there.updated_at}]}
            answer = self._ask("PUT", f"{kind}s/{id}/", {"source": "html"}, json=wanted, also=(409,))
            if answer.status != 409:
                return receipt_of(one(answer), post.replaces)
        raise Later(30, Said("Somebody is changing this post in Ghost at the moment."))

    def _existing(self, remote_id: str) -> Thing | None:
        """A post or page under this id; None when it is gone."""
        kind, id = parts_of(remote_id)
        wanted: dict[str, str | int] = {"formats": "html", "fields": POST_FIELDS}
        answer = self._ask("GET", f"{kind}s/{id}/", wanted, also=(404,))
        return one(answer) if answer.status == 200 else None

    # --- answers: comments of a member of our own ----------------------------------------------------
    def _answer(self, post: Post, key: str) -> Receipt:
        if earlier := self._find_answer(key):
            return earlier
        wanted = {
            **self._under(post.in_reply_to),
            "member_id": self._mine,
            "html": comment_html(post.text, key),
        }
        answer = self._ask("POST", "comments/", json={"comments": [wanted]})
        made = understood(answer, Comments).comments
        if not made:
            raise answer.nonsense(Said("Ghost does not say which comment it made."))
        return comment_receipt(made[0])

    def _find_answer(self, key: str) -> Receipt | None:
        """Among the newest comments of our member, by the mark that nobody else makes."""
        wanted: dict[str, str | int] = {
            "limit": PAGE_COMMENTS, "order": "created_at desc", "filter": f"member_id:{quoted(self._mine)}",
        }  # fmt: skip
        listed = understood(self._ask("GET", "comments/", wanted), Comments).comments
        mark = mark_of(key)
        there = next((c for c in listed if mark in (c.html or "")), None)
        return comment_receipt(there) if there else None

    def _under(self, remote_id: str) -> dict[str, str]:
        """Where an answer belongs: under a post, or under a root comment as an answer to one below it."""
        kind, id = parts_of(remote_id)
        if kind != "comment":
            return {"post_id": id}
        there = self._comment(id)
        if there is None:
            raise Gone(Said("What was to be answered is not there any more."))
        return {"parent_id": there.parent_id, "in_reply_to_id": id} if there.parent_id else {"parent_id": id}

    # --- counts --------------------------------------------------------------------------------------
    def measure(self, refs: tuple[str, ...]) -> tuple[Measured, ...]:
        return tuple(m for ref in refs if (m := self._measured(ref)))

    def _measured(self, ref: str) -> Measured | None:
        kind, id = parts_of(ref)
        if kind == "comment":
            there = self._comment(id)
            counts = {"likes": there.count.likes, "replies": there.count.replies} if there else {}
            return Measured(remote_id=ref, counts=counts) if there else None
        if self._existing(ref) is None:
            return None
        wanted: dict[str, str | int] = {"limit": 1, "filter": f"post_id:{quoted(id)}"}
        total = understood(self._ask("GET", "comments/", wanted), Comments).meta.pagination.total
        return Measured(remote_id=ref, counts={"comments": total})

    # --- calls ---------------------------------------------------------------------------------------
    @property
    def _site(self) -> str:
        return self.grant.settings["site"].rstrip("/")

    @property
    def _host(self) -> str:
        return urlsplit(self._site).netloc.rpartition("@")[2]

    @property
    def _me(self) -> str:
        return str(self.grant.account.get("remote_id", "")) or f"site:{self._host}"

    @property
    def _mine(self) -> str:
        """Ghost's number of our own member; empty when there is none."""
        return self._me.removeprefix("member:") if self._answers else ""

    @property
    def _answers(self) -> bool:
        return answers(self._me)

    def _ask(
        self, method: str, path: str, params: dict[str, str | int] | None = None, *,
        json: Any = None, content: bytes | None = None, kind: str = "",
        also: tuple[int, ...] = (), **how: Any,
    ) -> WireAnswer:  # fmt: skip
        """One call. What Ghost refuses is raised with its own words, but for the statuses in `also`."""
        headers = {"authorization": f"Ghost {token_of(self.grant.secrets['admin_key'], time.time())}"}
        headers |= {"accept-version": "v6.0"} | ({"content-type": kind} if kind else {})
        answer = self.wire.ask(
            method, f"{self._site}/ghost/api/admin/{path}", params=params, headers=headers, json=json,
            content=content, also=(*also, *TOLD), **how,
        )  # fmt: skip
        if answer.status in TOLD and answer.status not in also:
            raise refusal(answer, self.wire.redacted(told(answer)))
        return answer


CONNECTOR = Ghost


def _data() -> NetworkData:
    return network("ghost_org")


def _kind(post: Post) -> str:
    """What Ghost calls it: an article of ours is a post there."""
    return "page" if kind_for(_data(), post) == "page" else "post"
