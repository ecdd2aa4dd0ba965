"""A FAKE of Ghost's Admin API, as far as the desk uses it: written from what Ghost 6.65.0 answered."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import re
import time
from base64 import urlsafe_b64decode
from typing import Any
from urllib.parse import unquote

import httpx

from bankside.networks.contract import Post
from bankside.networks.markup import text_of
from tests.networks.pretended import Pretended, asked, said

SITE = "https://news.hanulbank.example"
KEY_ID, KEY = "6b0b11914864557294626cdd", "5ec7e7" * 10
BANK, READER = "6b0b11944864557294626ceb", "6b0b11944864557294626cf2"
MAIL = "answers@hanulbank.example"
SECOND = 1_795_860_000


class PretendedGhost(Pretended):
    """One publication with a member of the bank's, a reader, and a comment of hers."""

    name = "ghost_org"
    site = SITE
    settings = {"site": SITE, "member": MAIL}
    secrets = {"admin_key": f"{KEY_ID}:{KEY}", "hook_secret": "the secret of the webhooks"}
    account = {"remote_id": f"member:{BANK}"}

    def __init__(self) -> None:
        super().__init__()
        self._ids = itertools.count(1)
        self.things: dict[str, dict[str, dict[str, Any]]] = {"posts": {}, "pages": {}}
        self.comments: dict[str, dict[str, Any]] = {}
        self.images: list[str] = []
        first = self._thing(
            "posts", {"title": "개점", "html": "<p>내일</p>", "slug": "open", "status": "published"}
        )
        self.asked = self.comment(first["id"], READER, "<p>몇 시에 여나요?</p>")["id"]

    def post(self, number: int) -> Post:
        words = f"Notice {number}: the branch in Mapo opens at ten. 지점 안내 {number}"
        if number % 3 == 2:
            return Post(text=words, in_reply_to=f"comment:{self.asked}")
        return Post(title=f"안내 {number}", text=words, kind="page" if number % 3 else "article")

    def visible(self) -> list[str]:
        there = [t for kind in self.things.values() for t in kind.values() if t["slug"] != "open"]
        ours = [c for c in self.comments.values() if c["member"]["id"] == BANK and c["status"] != "deleted"]
        return [text_of(thing["html"]) for thing in (*there, *ours)]

    def comment(self, post: str, member: str, html: str, **above: str) -> dict[str, Any]:
        """Somebody comments."""
        name = "Hanul Bank" if member == BANK else "김민지"
        made: dict[str, Any] = {
            "id": self._id(), "parent_id": None, "in_reply_to_id": None, "status": "published", "html": html,
            "created_at": self._moment(), "edited_at": None, "member": {"id": member, "name": name}, **above,
            "post": {"id": post, "url": f"{SITE}/{post}/"}, "count": {"likes": 0, "replies": 0},
        }  # fmt: skip
        self.comments[made["id"]] = made
        return made

    # --- answering -----------------------------------------------------------------------------------
    def answer(self, request: httpx.Request) -> httpx.Response:
        place = request.url.path.removeprefix("/ghost/api/admin/").strip("/").split("/")
        if place == ["site"]:
            return said(200, {"site": {"title": "Hanul Bank 소식", "url": f"{SITE}/", "version": "6.65"}})
        if not self._genuine(request):
            return _error(401, "Invalid token: invalid signature")
        match place:
            case ["members"]:
                known = [{"id": BANK, "name": "Hanul Bank"}] * (f"email:'{MAIL}'" in _filter(request))
                return said(200, {"members": known})
            case ["images", "upload"]:
                return self._upload(request)
            case ["comments", *rest]:
                return self._on_comments(request, rest)
            case ["posts" | "pages" as kind, *rest]:
                return self._on_things(request, kind, rest)
        return _error(404, "Resource not found")

    def _genuine(self, request: httpx.Request) -> bool:
        token = request.headers.get("authorization", "").removeprefix("Ghost ")
        try:
            head, claims, signature = token.split(".")
            known = json.loads(urlsafe_b64decode(head + "=="))
            valid = json.loads(urlsafe_b64decode(claims + "=="))
        except ValueError:
            return False
        made = hmac.new(bytes.fromhex(KEY), f"{head}.{claims}".encode(), hashlib.sha256).digest()
        fits = hmac.compare_digest(made, urlsafe_b64decode(signature + "=="))
        good = known == {"alg": "HS256", "typ": "JWT", "kid": KEY_ID} and valid["aud"] == "/admin/"
        return fits and good and valid["iat"] <= time.time() + 5 < valid["exp"] <= valid["iat"] + 300

    def _upload(self, request: httpx.Request) -> httpx.Response:
        found = re.search(rb'name="file"; filename="([^"]+)"\r\nContent-Type: image/', request.read())
        if not found:
            return _error(415, "Please select a valid image.")
        self.images.append(f"{SITE}/content/images/{len(self.images)}/{found[1].decode()}")
        return said(201, {"images": [{"url": self.images[-1], "ref": None}]})

    def _on_things(self, request: httpx.Request, kind: str, rest: list[str]) -> httpx.Response:
        there, body = self.things[kind], asked(request)
        match (request.method, *rest):
            case ("GET",):
                listed = sorted(there.values(), key=lambda t: str(t["updated_at"]), reverse=True)
                return said(200, {kind: listed[: int(request.url.params.get("limit", 15))]})
            case ("GET", "slug", slug):
                found = [t for t in there.values() if t["slug"] == slug]
                return said(200, {kind: found}) if found else _error(404, "Post not found.")
            case ("POST",):
                return said(201, {kind: [self._thing(kind, body[kind][0])]})
            case (_, id) if id not in there:
                return _error(404, "Post not found.")
            case ("GET", id):
                return said(200, {kind: [there[id]]})
            case ("PUT", id):
                return self._change(kind, there[id], body[kind][0])
            case ("DELETE", id):
                del there[id]
                return said(204)
        return _error(404, "Resource not found")

    def _thing(self, kind: str, wanted: dict[str, Any]) -> dict[str, Any]:
        slugs = {t["slug"] for things in self.things.values() for t in things.values()}
        slug, number = wanted["slug"], 1
        while slug in slugs:  # renamed without a word, as the real one does
            number += 1
            slug = f"{wanted['slug']}-{number}"
        made = {"updated_at": self._moment(), "published_at": self._moment(), **wanted, "slug": slug}
        made |= {"id": self._id(), "url": f"{SITE}/{slug}/"}
        self.things[kind][made["id"]] = made
        return made

    def _change(self, kind: str, there: dict[str, Any], wanted: dict[str, Any]) -> httpx.Response:
        if wanted.get("updated_at") != there["updated_at"]:
            return _error(409, "Saving failed! Someone else is editing this post.")
        there.update(wanted, updated_at=self._moment())
        return said(200, {kind: [there]})

    def _on_comments(self, request: httpx.Request, rest: list[str]) -> httpx.Response:
        match (request.method, *rest):
            case ("GET",):
                return self._listed(request)
            case ("POST",):
                wanted = asked(request)["comments"][0]
                parent = self.comments.get(wanted.get("parent_id", ""))
                if parent and parent["parent_id"]:
                    return _error(400, "Can not reply to a reply")
                post = parent["post"]["id"] if parent else wanted["post_id"]
                above = {k: wanted[k] for k in ("parent_id", "in_reply_to_id") if k in wanted}
                made = self.comment(post, wanted["member_id"], wanted["html"], **above)
                return said(201, {"comments": [{k: v for k, v in made.items() if k != "post"}]})
            case (_, id) if id not in self.comments:
                return _error(404, "Comment could not be found")
            case ("PUT", id):
                self.comments[id]["status"] = asked(request)["comments"][0]["status"]
        return said(200, {"comments": [self.comments[rest[0]]]})

    def _listed(self, request: httpx.Request) -> httpx.Response:
        wanted = [c for c in self.comments.values() if c["status"] != "deleted"]
        for name, value in re.findall(r"(\w+):(?:<=)?'([^']*)'", _filter(request)):
            match name:
                case "member_id":
                    wanted = [c for c in wanted if c["member"]["id"] == value]
                case "post_id":
                    wanted = [c for c in wanted if c["post"]["id"] == value]
                case _:
                    until = f"{value.replace(' ', 'T')}.000Z"
                    wanted = [c for c in wanted if c["created_at"] <= until]
        newest = sorted(wanted, key=lambda c: str(c["created_at"]), reverse=True)
        page = newest[: int(request.url.params.get("limit", 15))]
        return said(200, {"comments": page, "meta": {"pagination": {"total": len(wanted)}}})

    def _id(self) -> str:
        return f"{next(self._ids):024x}"

    def _moment(self) -> str:
        """Every act has a second of its own."""
        return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(SECOND + next(self._ids)))


def _filter(request: httpx.Request) -> str:
    return unquote(request.url.params.get("filter", ""))


def _error(status: int, words: str) -> httpx.Response:
    return said(status, {"errors": [{"message": "It was not done.", "context": words}]})


SERVER = PretendedGhost
