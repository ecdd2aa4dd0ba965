"""WordPress: posts and pages with images on a blog of one's own, and the comments under them.

Remote ids are `post:7`, `page:8` and `comment:12`. A thread is named for its root comment. The address of
a post (its slug) is made from the delivery key, and a comment carries it in its user-agent field: by
these marks `find` tells whether a doubtful send got through. Tried against WordPress 6.1.9.
"""

from __future__ import annotations

import datetime
import hashlib
import html
import re
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec

from bankside.networks.catalogue import NetworkData, network
from bankside.networks.contract import (
    Activity,
    Actor,
    Connector,
    Count,
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
    Self,
    Uncertain,
)
from bankside.networks.fit import fitted, kind_for
from bankside.networks.markup import escaped, paragraphs, text_of, web_address
from bankside.networks.public import PublicPosts, Window
from bankside.networks.wire import WireAnswer
from bankside.networks.wordpress_public import public_posts
from bankside.said import Said, joined

COMMENT_BYTES_MAX = 65_525
"""wp_get_comment_fields_max_lengths() of WordPress 6.1."""
PAGE_COMMENTS = 100
PAGE_STEP = 90
"""Pages overlap by ten: what is deleted while we turn the page moves the rest up."""
THREAD_DEPTH_MAX = 20
LOST_PARENTS_MAX = 20
LOST_MAX = 20
SLUG_WORDS_LENGTH_MAX = 60
UPLOAD_SECONDS = 60.0
RIGHTS = ("publish_posts", "upload_files", "moderate_comments", "edit_others_posts")
GONE = frozenset({"trash", "spam", "post-trashed"})
COMMENT_FIELDS = "id,post,parent,author,author_name,author_email,author_url,date_gmt,link,status,_links.up"
ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "image/webp": "webp"}


class WordPress(Connector):
    """One user of one blog, through its own interface and an application password."""

    # --- who we are ----------------------------------------------------------------------------------
    def whoami(self) -> Self:
        try:
            answer = self._get("users/me", {"context": "edit", "_fields": "id,slug,name,capabilities"})
        except Gone:
            raise Refused(
                Said("There is no WordPress interface at %(site)s/wp-json/.", site=self._site)
            ) from None
        me = _understood(answer, _User)
        if absent := [right for right in RIGHTS if not me.capabilities.get(right)]:
            wanted = ", ".join(absent)
            raise NotAllowed(
                Said(
                    "The WordPress user may not do enough; give it the role Editor (%(wanted)s).",
                    wanted=wanted,
                )
            )
        name = text_of(me.name)
        account = self._account(me.id, "")
        return Self(remote_id=account, handle=me.slug, name=name, url=self._site, limits={})

    def public_posts(self, account: str, window: Window) -> PublicPosts:
        return public_posts(self.wire, self._site, window)

    # --- what comes in -------------------------------------------------------------------------------
    def poll(self, cursor: str, since_ms: int) -> Page:
        """The newest comments by number, whatever their date; and those of the last time that are gone."""
        place = _Place.of(cursor) if cursor else _Place(floor=self._newest_before(since_ms))
        listed = self._comments("all", fields=f"{COMMENT_FIELDS},content", offset=place.offset)
        found = [c for c in listed if c.id > place.floor]
        roots = self._roots(found)
        lost = [] if place.offset else place.lost([c.id for c in listed])
        gone = [item for id in lost[:LOST_MAX] if (item := self._gone(id, place.seen[id]))]
        seen = place.seen if place.offset else {**roots, **{id: place.seen[id] for id in lost[LOST_MAX:]}}
        after = place.after([c.id for c in listed], seen)
        items = (*gone, *(_item(c, roots[c.id]) for c in reversed(found)))
        return Page(items=items, cursor=str(after), more=after.offset > 0)

    def read(self, raw: dict[str, Any]) -> tuple[Activity, ...]:
        try:
            if "comment" in raw:
                return (self._activity(msgspec.convert(raw["comment"], _RawComment)),)
            if "gone" in raw:
                return (self._removal(msgspec.convert(raw["gone"], _RawGone)),)
        except (msgspec.ValidationError, ValueError) as broken:
            raise Refused(Said("The comment cannot be read: %(broken)s.", broken=str(broken))) from broken
        return ()

    def _activity(self, comment: _RawComment) -> Activity:
        account = self._account(comment.author, comment.visitor)
        above = f"comment:{comment.parent}" if comment.parent else f"{comment.post_type}:{comment.post}"
        name, address = text_of(comment.author_name), web_address(comment.author_url)
        return Activity(
            remote_id=f"comment:{comment.id}",
            version=_version(comment),
            actor=Actor(remote_id=account, name=name, url=address),
            text=text_of(comment.content),
            thread=f"comment:{comment.root}",
            in_reply_to=above,
            url=web_address(comment.link),
            own=account == self._me,
            held=comment.status == "hold",
            published_ms=_ms(comment.date_gmt),
        )

    def _removal(self, gone: _RawGone) -> Activity:
        account = self._account(gone.author, gone.visitor)
        return Activity(
            remote_id=f"comment:{gone.id}",
            version="gone",
            verb="Delete",
            actor=Actor(remote_id=account),
            thread=f"comment:{gone.root}",
            own=bool(account) and account == self._me,
            published_ms=0,
        )

    def _account(self, author: int, visitor: str) -> str:
        """Numbers of users begin anew on every blog, so the blog is a part of the name."""
        local = f"user:{author}" if author else f"visitor:{visitor}" if visitor else ""
        return f"{local}@{self._site.partition('://')[2]}" if local else ""

    def _newest_before(self, since_ms: int) -> int:
        if since_ms < 1000:  # WordPress takes the first second of 1970 for no date at all
            return 0
        moment = datetime.datetime.fromtimestamp(since_ms / 1000, datetime.UTC)
        before = self._comments("all", before=moment.strftime("%Y-%m-%dT%H:%M:%SZ"), per_page=1)
        return before[0].id if before else 0

    def _comments(
        self, status: str, *, fields: str = COMMENT_FIELDS, per_page: int = PAGE_COMMENTS, **which: Any
    ) -> list[_Comment]:
        order = {"context": "edit", "orderby": "id", "order": "desc", "status": status, "_fields": fields}
        return _understood(self._get("comments", {"per_page": per_page, **order, **which}), list[_Comment])

    def _roots(self, comments: list[_Comment]) -> dict[int, int]:
        """The root comment of each; ancestors that are not among them are asked for, level by level."""
        parents = {c.id: c.parent for c in comments}
        for _ in range(THREAD_DEPTH_MAX):
            missing = sorted({p for p in parents.values() if p} - parents.keys())
            if not missing:
                break
            parents.update(self._parents(missing))
        return {c.id: _root(c.id, parents) for c in comments}

    def _parents(self, wanted: list[int]) -> dict[int, int]:
        found: dict[int, int] = {}
        for start in range(0, len(wanted), PAGE_COMMENTS):
            ids = ",".join(map(str, wanted[start : start + PAGE_COMMENTS]))
            listed = self._comments("all", fields="id,parent", include=ids)
            found.update({c.id: c.parent for c in listed})
        # What is in the trash is not listed, but can be asked for by its number.
        for lost in [w for w in wanted if w not in found][:LOST_PARENTS_MAX]:
            answer = self._get(
                f"comments/{lost}", {"context": "edit", "_fields": "id,parent"}, also=(403, 404, 410)
            )
            found[lost] = _understood(answer, _Comment).parent if answer.status == 200 else 0
        return {w: found.get(w, 0) for w in wanted}

    def _gone(self, id: int, root: int) -> Item | None:
        """A comment that was listed and is not any more: in the trash, taken for spam, or deleted."""
        answer = self._get(f"comments/{id}", {"context": "edit", "_fields": COMMENT_FIELDS}, also=(404, 410))
        last = _understood(answer, _Comment) if answer.status == 200 else _Comment(id=id, status="trash")
        return _gone_item(last, root) if last.status in GONE else None

    # --- what goes out -------------------------------------------------------------------------------
    def preview(self, post: Post) -> Preview:
        shown = fitted(_data(), post, self.grant.account)
        return _with_comment_rules(shown, post) if post.in_reply_to else shown

    def send(self, post: Post, key: str) -> Receipt:
        if findings := self.preview(post).findings:
            raise Refused(joined(findings))
        if post.replaces:
            return self._edit(post, key)
        return self._answer(post, key) if post.in_reply_to else self._publish(post, key)

    def find(self, key: str, post: Post) -> Receipt | None:
        if post.replaces:
            there = self._existing(post.replaces)
            return _receipt(there, post.replaces) if there and _same_words(there, post) else None
        if post.in_reply_to:
            return self._find_answer(post, key)
        return self._find_post(post, key)

    def remove(self, remote_id: str) -> None:
        place = _path(remote_id)
        there = self._existing(remote_id)
        if there is None:
            return
        if self._account(there.author, "") != self._me:
            raise NotAllowed(
                Said("Somebody else wrote this; only our own can be removed."), fallback=there.link
            )
        answer = self._delete(place, also=(404, 410, 501))
        if answer.status == 501:  # a blog without a trash
            self._delete(f"{place}?force=true", also=(404, 410))

    # --- posts and pages -----------------------------------------------------------------------------
    def _publish(self, post: Post, key: str) -> Receipt:
        if earlier := self._find_post(post, key):
            return earlier
        slug, kind = slug_of(post, key), kind_for(_data(), post)
        pictures = self._upload(post.media, slug)
        wanted = {"status": "publish", "slug": slug, **_body(post, pictures)}
        answer = self._post(f"{kind_plural(kind)}", wanted)
        made = _understood(answer, _Thing)
        if made.slug == slug:
            return _receipt(made, _id(kind, made.id))
        return self._give_way(post, key, made)

    def _give_way(self, post: Post, key: str, made: _Thing) -> Receipt:
        """The address was taken meanwhile: an earlier try of this delivery came through late. One stays."""
        kind = kind_for(_data(), post)
        earlier = self._find_post(post, key)
        if earlier is None or earlier.remote_id == _id(kind, made.id):
            return _receipt(made, _id(kind, made.id))
        self._delete(f"{kind_plural(kind)}/{made.id}?force=true", also=(404, 410))
        return earlier

    def _find_post(self, post: Post, key: str) -> Receipt | None:
        kind = kind_for(_data(), post)
        which = {"slug": slug_of(post, key), "context": "edit", "status": "any", "_fields": THING_FIELDS}
        found = _understood(self._get(kind_plural(kind), which), list[_Thing])
        return _receipt(found[0], _id(kind, found[0].id)) if found else None

    def _upload(self, media: tuple[Media, ...], slug: str) -> list[_Picture]:
        """Every picture once: one that an earlier try has uploaded is known by its address."""
        try:
            return [
                self._picture(f"{slug}-{n}") or self._new_picture(m, f"{slug}-{n}")
                for n, m in enumerate(media, start=1)
            ]
        except Uncertain as doubt:
            # Nothing is said yet, and a picture that did get through is found at the next try.
            raise Later(
                30, Said("A picture was not uploaded to the end. %(reason)s", reason=doubt.reason)
            ) from doubt

    def _picture(self, slug: str) -> _Picture | None:
        which = {"slug": slug, "context": "edit", "_fields": "id,source_url,alt_text"}
        found = _understood(self._get("media", which), list[_Picture])
        return found[0] if found else None

    def _new_picture(self, media: Media, slug: str) -> _Picture:
        name = f'attachment; filename="{slug}.{ENDINGS[media.mime]}"'
        answer = self.wire.post(
            f"{self._base}/media",
            auth=self._auth,
            content=media.data,
            headers={"content-type": media.mime, "content-disposition": name},
            deadline_seconds=UPLOAD_SECONDS,
            also=(500,),
        )
        if answer.status == 500:
            raise _upload_refused(answer, media)
        made = _understood(answer, _Picture)
        return _understood(self._post(f"media/{made.id}", {"alt_text": media.alt}), _Picture)

    def _edit(self, post: Post, key: str) -> Receipt:
        there = self._existing(post.replaces)
        if there is None:
            raise Gone(Said("What was to be changed is not there any more."))
        if post.replaces.startswith("comment:"):
            changed = {"content": comment_html(post.text)}
        else:
            changed = _body(post, self._upload(post.media, slug_of(post, key)))
        return _receipt(_understood(self._post(_path(post.replaces), changed), _Thing), post.replaces)

    def _existing(self, remote_id: str) -> _Thing | None:
        """What is there under this id; None when it is gone or in the trash."""
        fields = f"{THING_FIELDS},author,title,content"
        answer = self._get(_path(remote_id), {"context": "edit", "_fields": fields}, also=(404, 410))
        there = _understood(answer, _Thing) if answer.status == 200 else None
        return None if there is None or there.status in GONE else there

    # --- answers: comments under comments ------------------------------------------------------------
    def _answer(self, post: Post, key: str) -> Receipt:
        under, parent = self._under(post)
        wanted = {
            "post": under,
            "parent": parent,
            "content": comment_html(post.text),
            "author_user_agent": marker_of(key),
        }
        answer = self._post("comments", wanted, also=(409,))
        if answer.status != 409:
            made = _understood(answer, _Thing)
            return _receipt(made, f"comment:{made.id}")
        if earlier := self._find_answer(post, key):
            return earlier
        raise Refused(Said("WordPress has the same words under this comment already."))

    def _find_answer(self, post: Post, key: str) -> Receipt | None:
        try:
            under, parent = self._under(post)
        except Gone:
            return None
        fields = f"{THING_FIELDS},author,author_user_agent"
        which = {"post": under, "parent": parent, "status": "all", "context": "edit", "order": "desc"}
        listed = self._get("comments", {"per_page": PAGE_COMMENTS, "_fields": fields, **which})
        mine = (c for c in _understood(listed, list[_Thing]) if c.author_user_agent == marker_of(key))
        there = next(mine, None)
        return _receipt(there, f"comment:{there.id}") if there else None

    def _under(self, post: Post) -> tuple[int, int]:
        """(number of the post, number of the parent comment or 0). WordPress itself takes any parent."""
        there = self._existing(post.in_reply_to)
        if there is None:
            raise Gone(Said("What was to be answered is not there any more."))
        return (there.post, there.id) if post.in_reply_to.startswith("comment:") else (there.id, 0)

    # --- counts --------------------------------------------------------------------------------------
    def measure(self, refs: tuple[str, ...]) -> tuple[Measured, ...]:
        return tuple(m for ref in refs if (m := self._measured(ref)))

    def _measured(self, ref: str) -> Measured | None:
        if self._existing(ref) is None:
            return None
        kind, number = _parts(ref)
        which = {"parent": number} if kind == "comment" else {"post": number}
        listed = self._get("comments", {"per_page": 1, "_fields": "id", **which})
        total = listed.headers.get("x-wp-total", "0")
        return Measured(remote_id=ref, counts={"comments": int(total) if total.isdigit() else 0})

    # --- calls ---------------------------------------------------------------------------------------
    @property
    def _site(self) -> str:
        return self.grant.settings["site"].rstrip("/")

    @property
    def _base(self) -> str:
        return f"{self._site}/wp-json/wp/v2"

    @property
    def _auth(self) -> tuple[str, str]:
        return self.grant.settings["user"], self.grant.secrets["app_password"]

    @property
    def _me(self) -> str:
        return str(self.grant.account.get("remote_id", ""))

    def _get(self, path: str, params: dict[str, Any], *, also: tuple[int, ...] = ()) -> WireAnswer:
        answer = self.wire.get(f"{self._base}/{path}", auth=self._auth, params=params, also=(*also, 400))
        if answer.status == 400:
            raise _hidden_refusal(answer) or Refused(
                Said("WordPress does not understand the question (400).")
            )
        return answer

    def _post(self, path: str, body: dict[str, Any], *, also: tuple[int, ...] = ()) -> WireAnswer:
        return self.wire.post(f"{self._base}/{path}", auth=self._auth, json=body, also=also)

    def _delete(self, path: str, *, also: tuple[int, ...]) -> WireAnswer:
        return self.wire.delete(f"{self._base}/{path}", auth=self._auth, also=also)


CONNECTOR = WordPress


def _data() -> NetworkData:
    return network("wordpress")


# --- what WordPress answers --------------------------------------------------------------------------
THING_FIELDS = "id,slug,link,status,date_gmt,post"


class _Text(msgspec.Struct):
    raw: str = ""


class _User(msgspec.Struct):
    id: int
    slug: str
    name: str
    capabilities: dict[str, bool | str] = {}


class _Thing(msgspec.Struct):
    """A post, a page or one of our comments: what all of them have."""

    id: int
    link: str = ""
    slug: str = ""
    status: str = ""
    date_gmt: str = ""
    post: int = 0
    author: int = 0
    author_user_agent: str = ""
    title: _Text = msgspec.field(default_factory=_Text)
    content: _Text = msgspec.field(default_factory=_Text)


class _Status(msgspec.Struct):
    status: int = 0


class _Detail(msgspec.Struct):
    data: _Status = msgspec.field(default_factory=_Status)


class _Details(msgspec.Struct):
    details: dict[str, _Detail] = {}


class _Invalid(msgspec.Struct):
    data: _Details


class _Picture(msgspec.Struct):
    id: int
    source_url: str
    alt_text: str = ""


class _Up(msgspec.Struct):
    post_type: str = "post"


class _Links(msgspec.Struct):
    up: list[_Up] = []


class _Comment(msgspec.Struct):
    id: int
    post: int = 0
    parent: int = 0
    author: int = 0
    author_name: str = ""
    author_email: str = ""
    author_url: str = ""
    date_gmt: str = ""
    link: str = ""
    status: str = ""
    content: _Text = msgspec.field(default_factory=_Text)
    links: _Links = msgspec.field(default_factory=_Links, name="_links")


T = TypeVar("T")


def _understood(answer: WireAnswer, kind: type[T]) -> T:
    """The answer as what it should be. Anything else is doubt after a write, and patience after a read."""
    try:
        return msgspec.convert(answer.json(), kind)
    except msgspec.ValidationError as strange:
        raise answer.nonsense(
            Said("WordPress answered something unknown: %(strange)s.", strange=str(strange))
        ) from None


# --- comments as items -------------------------------------------------------------------------------
class _RawComment(msgspec.Struct, kw_only=True):
    """What is kept of a comment: neither the e-mail nor the IP address of its author."""

    id: int
    post: int
    post_type: str
    parent: int
    root: int
    author: int
    visitor: str
    author_name: str
    author_url: str
    date_gmt: str
    link: str
    status: str
    content: str


class _RawGone(msgspec.Struct, kw_only=True):
    """A comment that was taken away. Author and visitor are empty when the blog does not tell any more."""

    id: int
    root: int
    author: int
    visitor: str


def _item(comment: _Comment, root: int) -> Item:
    up = comment.links.up
    kept = _RawComment(
        id=comment.id,
        post=comment.post,
        post_type=up[0].post_type if up else "post",
        parent=comment.parent,
        root=root,
        author=comment.author,
        visitor="" if comment.author else _visitor(comment),
        author_name=comment.author_name,
        author_url=comment.author_url,
        date_gmt=comment.date_gmt,
        link=comment.link,
        status=comment.status,
        content=comment.content.raw,
    )
    raw = {"comment": msgspec.to_builtins(kept)}
    return Item(remote_id=f"comment:{comment.id}", version=_version(kept), raw=raw)


def _gone_item(comment: _Comment, root: int) -> Item:
    known = bool(comment.author_email or comment.author_name) and not comment.author
    visitor = _visitor(comment) if known else ""
    kept = _RawGone(id=comment.id, root=root, author=comment.author, visitor=visitor)
    return Item(remote_id=f"comment:{comment.id}", version="gone", raw={"gone": msgspec.to_builtins(kept)})


def _visitor(comment: _Comment) -> str:
    """A visitor has no account: the same e-mail address, or name where there is none, is the same person."""
    known = comment.author_email.strip().lower() or comment.author_name
    return hashlib.sha256(known.encode("utf-8", "surrogatepass")).hexdigest()[:20]


def _version(comment: _RawComment) -> str:
    """WordPress dates no change: a digest of what can change. Its letter says that it is no number."""
    seen = "\0".join((comment.status, comment.author_name, comment.content))
    return "h" + hashlib.sha256(seen.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _root(id: int, parents: dict[int, int]) -> int:
    for _ in range(THREAD_DEPTH_MAX):
        if not parents.get(id):
            break
        id = parents[id]
    return id


@dataclass(frozen=True, slots=True)
class _Place:
    """Where reading stands: all up to `done` is read, nothing up to `floor` concerns us.

    In the middle of a long answer, `top` is what will be done when it is read, and `offset` where to go on.
    `seen`: comments of the last first page with their roots. One that is not listed any more was taken away.
    """

    floor: int = 0
    done: int = 0
    top: int = 0
    offset: int = 0
    seen: dict[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, cursor: str) -> _Place:
        *numbers, seen = cursor.split(".")
        pairs = [part.split(":") for part in seen.split(",") if part]
        floor, done, top, offset = map(int, numbers)
        return cls(floor, done, top, offset, {int(pair[0]): int(pair[-1]) for pair in pairs})

    def __str__(self) -> str:
        seen = ",".join(f"{id}" if id == root else f"{id}:{root}" for id, root in self.seen.items())
        return f"{self.floor}.{self.done}.{self.top}.{self.offset}.{seen}"

    def lost(self, ids: list[int]) -> list[int]:
        """What was seen and should be among these, the newest comments that there are."""
        oldest = min(ids) if len(ids) == PAGE_COMMENTS else 0
        return sorted(id for id in self.seen.keys() - set(ids) if id >= oldest)

    def after(self, ids: list[int], seen: dict[int, int]) -> _Place:
        """The next place, when one page held these comments."""
        top = max((self.top, self.done, *ids))
        reached = len(ids) < PAGE_COMMENTS or min(ids) <= max(self.done, self.floor)
        if reached:
            return _Place(self.floor, done=top, seen=seen)
        return _Place(self.floor, self.done, top, self.offset + PAGE_STEP, seen)


# --- what goes out, as WordPress wants it ------------------------------------------------------------
def slug_of(post: Post, key: str) -> str:
    """The last part of the address: the words that were wanted, and a mark that only this key makes."""
    words = "-".join(re.findall(r"[a-z0-9]+", (post.slug or post.title).lower()))
    words = words[:SLUG_WORDS_LENGTH_MAX].strip("-")
    return f"{words or 'post'}-{hashlib.sha256(key.encode()).hexdigest()[:12]}"


def marker_of(key: str) -> str:
    """Stands in the user-agent field of a comment, which nobody but the blog's own people can read."""
    return f"Bankside/{hashlib.sha256(key.encode()).hexdigest()[:32]}"


def comment_html(text: str) -> str:
    """WordPress makes paragraphs and links of a comment by itself."""
    return html.escape(text.strip(), quote=False)


def _body(post: Post, pictures: list[_Picture]) -> dict[str, Any]:
    """Title and content in blocks, so that WordPress adds nothing of its own; the first image is on top."""
    blocks = [f"<!-- wp:paragraph -->\n<p>{p}</p>\n<!-- /wp:paragraph -->" for p in paragraphs(post.text)]
    blocks += [_picture_block(p, m.alt) for p, m in zip(pictures[1:], post.media[1:], strict=True)]
    body: dict[str, Any] = {"title": escaped(post.title), "content": "\n\n".join(blocks)}
    return body | ({"featured_media": pictures[0].id} if pictures else {})


def _picture_block(picture: _Picture, alt: str) -> str:
    address = escaped(web_address(picture.source_url))
    image = f'<img src="{address}" alt="{escaped(alt)}" class="wp-image-{picture.id}"/>'
    figure = f'<figure class="wp-block-image">{image}</figure>'
    return f'<!-- wp:image {{"id":{picture.id}}} -->\n{figure}\n<!-- /wp:image -->'


def _same_words(there: _Thing, post: Post) -> bool:
    titles = text_of(there.title.raw).split() == post.title.split()
    return titles and text_of(there.content.raw).split() == text_of(_words_html(post)).split()


def _words_html(post: Post) -> str:
    return "\n\n".join(f"<p>{p}</p>" for p in paragraphs(post.text))


def _upload_refused(answer: WireAnswer, media: Media) -> Exception:
    """WordPress answers 500 also to a file that it does not want; its code tells which it is."""
    said = answer.json()
    code, words = (str(said.get(k, "")) for k in ("code", "message")) if isinstance(said, dict) else ("", "")
    if code.startswith("rest_upload"):
        return Refused(
            Said("WordPress does not take %(name)s: %(words)s", name=media.name, words=text_of(words))
        )
    return answer.nonsense(Said("WordPress failed over a picture (500)."))


def _hidden_refusal(answer: WireAnswer) -> Exception | None:
    """WordPress answers 400 for a filter that needs a log-in; what it means stands in its details."""
    try:
        details = msgspec.convert(answer.json(), _Invalid).data.details.values()
    except msgspec.ValidationError:
        return None
    for detail in details:
        if detail.data.status == 401:
            return Reconnect(Said("WordPress does not accept the user or the application password (401)."))
        if detail.data.status == 403:
            return NotAllowed(Said("The WordPress user may not do this; give it the role Editor (403)."))
    return None


def _with_comment_rules(shown: Preview, post: Post) -> Preview:
    used = len(comment_html(post.text).encode("utf-8", "surrogatepass"))
    length = Count(used=used, limit=COMMENT_BYTES_MAX, unit="bytes", ok=used <= COMMENT_BYTES_MAX)
    wrong = (
        (
            not length.ok,
            Said(
                "Too long: %(used)s bytes, and %(limit)s are allowed in a comment.",
                used=used,
                limit=COMMENT_BYTES_MAX,
            ),
        ),
        (bool(post.media), Said("A comment carries no pictures.")),
        (bool(post.title), Said("A comment has no title.")),
    )
    findings = shown.findings + tuple(finding for is_wrong, finding in wrong if is_wrong)
    return Preview(text=shown.text, title=shown.title, counts=(*shown.counts, length), findings=findings)


# --- names -------------------------------------------------------------------------------------------
_PLURALS = {"post": "posts", "page": "pages", "comment": "comments"}


def kind_plural(kind: str) -> str:
    """Where the interface keeps things of a kind: an article of ours is a post there."""
    return "pages" if kind == "page" else "posts"


def _id(kind: str, number: int) -> str:
    return f"{'page' if kind == 'page' else 'post'}:{number}"


def _parts(remote_id: str) -> tuple[str, int]:
    kind, _, number = remote_id.partition(":")
    if kind not in _PLURALS or not number.isascii() or not number.isdigit():
        raise Refused(Said("'%(remote_id)s' is nothing that WordPress has.", remote_id=remote_id))
    return kind, int(number)


def _path(remote_id: str) -> str:
    kind, number = _parts(remote_id)
    return f"{_PLURALS[kind]}/{number}"


def _receipt(thing: _Thing, remote_id: str) -> Receipt:
    return Receipt(remote_id=remote_id, url=web_address(thing.link), published_ms=_ms(thing.date_gmt))


def _ms(date_gmt: str) -> int:
    """UTC milliseconds of WordPress's own time in UTC, which names no zone; 0 when it names no time."""
    try:
        moment = datetime.datetime.fromisoformat(date_gmt).replace(tzinfo=datetime.UTC)
    except ValueError:  # also 0000-00-00, of what was never published
        return 0
    return int(moment.timestamp() * 1000)
