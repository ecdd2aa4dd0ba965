"""FAKES of two blogs, written by this project from the documents: no other server stands here.

`PretendedMicropub` speaks Micropub (W3C Recommendation) with the extensions mp-slug, post-status and lists of
posts; `PretendedMetaWeblog` speaks MetaWeblog over XML-RPC with the numbers of faults that WordPress uses.
"""

from __future__ import annotations

import datetime
import re
import xmlrpc.client
from dataclasses import dataclass, field
from email.parser import BytesParser
from typing import Any

import httpx

from bankside.networks.contract import Post
from bankside.networks.markup import text_of
from tests.networks.pretended import NOT_REAL, Pretended, asked, said

SITE = "https://blog.hanulbank.example"
NOTHING = {"error": "invalid_request", "error_description": "There is no such post."}


@dataclass
class Kept:
    """A post that stands on the blog."""

    number: int
    title: str
    body: str
    slug: str
    properties: dict[str, list[Any]] = field(default_factory=dict)


class Blog(Pretended):
    """What both have: posts by their numbers, and a bank that says something with a title."""

    name = "open_blog"
    site = SITE

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[int, Kept] = {}
        self.uploaded: list[bytes] = []
        self._number = 0

    def visible(self) -> list[str]:
        return [text_of(one.body) for one in self.kept.values()]

    def post(self, number: int) -> Post:
        words = f"Notice {number}: 지점 안내입니다.\n\n网点将于十点开门。 & <b>"
        return Post(title=f"Notice {number} & 안내", text=words, kind="article", lang="ko")

    def number(self) -> int:
        self._number += 1
        return self._number


class PretendedMicropub(Blog):
    """`honours` false: it takes no wanted addresses. `lists` false: it lists no posts."""

    settings = {"protocol": "micropub", "site": SITE, "endpoint": f"{SITE}/micropub"}
    secrets = {"access_token": NOT_REAL}
    account = {"remote_id": SITE, "limits": {"listed": 1}}

    def __init__(self, *, honours: bool = True, lists: bool = True) -> None:
        super().__init__()
        self.honours, self.lists, self.takes_pictures = honours, lists, True

    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/":
            link = '<html><head><link href="/micropub" rel="micropub"></head></html>'
            return said(200, link, {"content-type": "text/html"})
        if request.url.path not in {"/micropub", "/media"}:
            return said(404, "")
        if request.headers.get("authorization") != f"Bearer {NOT_REAL}":
            return said(401, {"error": "unauthorized", "error_description": "The token is not known."})
        if request.url.path == "/media":
            return self._upload(request)
        return self._told(dict(request.url.params)) if request.method == "GET" else self._done(asked(request))

    def _told(self, which: dict[str, str]) -> httpx.Response:
        if which.get("q") == "config":
            return said(200, {"media-endpoint": f"{SITE}/media"} if self.takes_pictures else {})
        if which.get("q") != "source" or ("url" not in which and not self.lists):
            return said(400, {"error": "invalid_request", "error_description": "No such question."})
        if "url" not in which:
            newest = list(self.kept.values())[::-1][: int(which.get("limit", "20"))]
            return said(200, {"items": [_entry(one) for one in newest]})
        there = self._at(which["url"])
        return said(200, _entry(there)) if there else said(400, NOTHING)

    def _done(self, what: dict[str, Any]) -> httpx.Response:
        if not what.get("action"):
            return self._created(what)
        there = self._at(str(what.get("url")))
        if there is None:
            return said(400, NOTHING)
        if what["action"] == "delete":
            del self.kept[there.number]
        elif what["action"] == "update" and isinstance(what.get("replace"), dict):
            assert all(isinstance(values, list) for values in what["replace"].values())
            there.properties |= what["replace"]
            there.body = _html(there.properties)
        else:
            return said(400, {"error": "invalid_request", "error_description": "No such action."})
        return said(204)

    def _created(self, what: dict[str, Any]) -> httpx.Response:
        wanted = what.get("properties", {})
        fine = what.get("type") == ["h-entry"] and all(isinstance(v, list) for v in wanted.values())
        if not fine or not _html(wanted):
            return said(400, {"error": "invalid_request", "error_description": "That is no h-entry."})
        number = self.number()
        slug = wanted["mp-slug"][0] if self.honours else str(number)
        kept = {k: v for k, v in wanted.items() if not k.startswith("mp-")}
        now = datetime.datetime.now(datetime.UTC).isoformat()
        kept |= {"url": [f"{SITE}/2026/{slug}"], "published": [now]}
        title = kept.get("name", [""])[0]
        self.kept[number] = Kept(number, title, _html(kept), slug, kept)
        return said(201, None, {"location": f"/2026/{slug}"})

    def _upload(self, request: httpx.Request) -> httpx.Response:
        head = f"content-type: {request.headers['content-type']}\r\n\r\n".encode()
        [part] = list(BytesParser().parsebytes(head + request.read()).walk())[1:]
        assert part.get_param("name", header="content-disposition") == "file"
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        self.uploaded.append(content)
        return said(201, None, {"location": f"{SITE}/media/{len(self.uploaded)}.png"})

    def _at(self, address: str) -> Kept | None:
        return next((one for one in self.kept.values() if one.properties["url"] == [address]), None)


class PretendedMetaWeblog(Blog):
    """`dates` false: a blog that tells neither addresses of its own wish nor moments, as old ones do."""

    settings = {
        "protocol": "metaweblog", "site": SITE, "endpoint": f"{SITE}/xmlrpc", "user": "desk", "blog": "1",
    }  # fmt: skip
    secrets = {"password": NOT_REAL}
    account = {"remote_id": "1@blog.hanulbank.example"}

    def __init__(self, *, dates: bool = True) -> None:
        super().__init__()
        self.dates = dates

    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.method != "POST" or request.url.path != "/xmlrpc":
            return said(404, "")
        params, method = xmlrpc.client.loads(request.read(), use_builtin_types=True)
        try:
            value = self._called(str(method), list(params))
        except xmlrpc.client.Fault as fault:
            return _xml(xmlrpc.client.dumps(fault))
        return _xml(xmlrpc.client.dumps((value,), methodresponse=True))

    def _called(self, method: str, params: list[Any]) -> Any:
        if method.startswith("blogger."):
            params.pop(0)
        number = "" if method == "blogger.getUsersBlogs" else str(params.pop(0))
        if (params.pop(0), params.pop(0)) != ("desk", NOT_REAL):
            raise xmlrpc.client.Fault(403, "Incorrect username or password.")
        match method:
            case "blogger.getUsersBlogs":
                return [{"blogid": "1", "blogName": "Hanul Bank 블로그", "url": f"{SITE}/"}]
            case "metaWeblog.getRecentPosts":
                return [self._struct(one) for one in list(self.kept.values())[::-1][: int(params[0])]]
            case "metaWeblog.newPost":
                return str(self._kept(self.number(), params[0]).number)
            case "metaWeblog.newMediaObject":
                self.uploaded.append(params[0]["bits"])
                return {"url": f"{SITE}/media/{params[0]['name']}"}
        there = self.kept.get(int(number))
        if there is None:
            raise xmlrpc.client.Fault(404, "Invalid post ID.")
        return self._of_post(method, there, params)

    def _of_post(self, method: str, there: Kept, params: list[Any]) -> Any:
        match method:
            case "metaWeblog.getPost":
                return self._struct(there)
            case "metaWeblog.editPost":
                self._kept(there.number, {"wp_slug": there.slug, **params[0]})
            case "blogger.deletePost":
                del self.kept[there.number]
            case _:
                raise xmlrpc.client.Fault(-32601, f"server error. requested method {method} does not exist.")
        return True

    def _kept(self, number: int, entry: dict[str, Any]) -> Kept:
        if not entry["description"] and not entry["title"]:
            raise xmlrpc.client.Fault(500, "Content, title, and excerpt are empty.")
        self.kept[number] = Kept(number, entry["title"], entry["description"], entry["wp_slug"])
        return self.kept[number]

    def _struct(self, one: Kept) -> dict[str, Any]:
        told = {
            "postid": str(one.number), "title": one.title, "description": one.body,
            "link": f"{SITE}/?p={one.number}",
        }  # fmt: skip
        now = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
        return told | ({"wp_slug": one.slug, "date_created_gmt": now} if self.dates else {})


def _entry(one: Kept) -> dict[str, Any]:
    return {"type": ["h-entry"], "properties": one.properties}


def _html(properties: dict[str, list[Any]]) -> str:
    content = (properties.get("content") or [""])[0]
    return str(content["html"] if isinstance(content, dict) else content)


def _xml(body: str) -> httpx.Response:
    return said(
        200, re.sub(r"^<\?xml[^>]*>\s*", "", body).encode(), {"content-type": "text/xml; charset=utf-8"}
    )


SERVER = PretendedMicropub
