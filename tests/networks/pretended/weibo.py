"""A FAKE of Weibo's API, from the documents: posts, comments and private answers of one account in memory.

It asks for what the documents require (a token, `rip`, an address on the safe domain, no topic, a form),
shows addresses shortened, and answers errors with Weibo's own numbers. `minds_repeats`: the same words again
are refused with 20019, as Weibo does at times.
"""

from __future__ import annotations

import datetime
import re
import time
from email import message_from_bytes
from email.policy import HTTP
from typing import Any
from zlib import crc32

import httpx

from bankside.networks.contract import Post
from tests.networks.pretended import NOT_REAL, Pretended, asked, said

ME = 2489518277
SAFE = "www.hanulbank.example"
LINK = f"https://{SAFE}/notices"
FIELDS = {
    "/2/statuses/share.json": {"status", "rip", "pic"},
    "/2/comments/create.json": {"id", "comment"},
    "/2/comments/reply.json": {"id", "cid", "comment"},
    "/2/statuses/destroy.json": {"id"},
    "/2/comments/destroy.json": {"cid"},
    "/2/messages/reply.json": {"type", "data", "receiver_id", "save_sender_box"},
}
REQUIRED = FIELDS | {"/2/statuses/share.json": {"status", "rip"}}


class PretendedWeibo(Pretended):
    """One verified account and one app with a safe domain."""

    name = "weibo"
    site = "https://api.weibo.com"
    settings = {"client_id": "1402345678", "safe_domain": "hanulbank.example", "rip": "203.0.113.7"}
    secrets = {"client_secret": NOT_REAL, "access_token": NOT_REAL}
    account = {"remote_id": str(ME)}

    def __init__(self) -> None:
        super().__init__()
        self.posts: list[dict[str, Any]] = []
        self.comments: list[dict[str, Any]] = []
        self.mentions: list[dict[str, Any]] = []
        self.told: list[dict[str, str]] = []
        self.minds_repeats = False
        self._said: list[str] = []
        self._next = 3504803600502730

    # --- what the tests do on the other side ---------------------------------------------------------------
    def somebody(self, number: int = 1404376560, name: str = "王小明") -> dict[str, Any]:
        return {
            "id": number, "screen_name": name, "name": name,
            "profile_image_url": f"http://tvax1.sinaimg.cn/crop/{number}.jpg",
        }  # fmt: skip

    def mention(self, text: str, **more: Any) -> dict[str, Any]:
        self.mentions.append(self._made(text, self.somebody()) | more)
        return self.mentions[-1]

    def comment(self, post: dict[str, Any], text: str, under: dict[str, Any] | None = None) -> dict[str, Any]:
        made = self._made(text, self.somebody()) | {"status": post, "mid": "202110601896455629"}
        self.comments.append(made | ({"reply_comment": under} if under else {}))
        return self.comments[-1]

    # --- what it answers -----------------------------------------------------------------------------------
    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.headers.get("authorization") != f"OAuth2 {NOT_REAL}":
            return trouble(401, 21332, "invalid_access_token", request)
        path = request.url.path
        if request.method == "GET":
            return self._read(path, dict(request.url.params), request)
        form = form_of(request)
        if set(form) - FIELDS.get(path, set()) or REQUIRED.get(path, {"?"}) - set(form):
            return trouble(400, 10008, "param error, see doc for more info.", request)
        return self._write(path, form, request)

    def _read(self, path: str, which: dict[str, str], request: httpx.Request) -> httpx.Response:
        match path:
            case "/2/account/get_uid.json":
                return said(200, {"uid": ME})
            case "/2/users/show.json":
                return said(200, self.somebody(int(which["uid"]), "韩华银行") | {"followers_count": 5120})
            case "/2/statuses/mentions.json":
                return said(200, {"statuses": paged(self.mentions, which), "total_number": 1})
            case "/2/statuses/user_timeline.json":
                return said(200, {"statuses": paged(self.posts, which), "total_number": 1})
            case "/2/comments/to_me.json":
                foreign = [c for c in self.comments if c["user"]["id"] != ME]
                return said(200, {"comments": paged(foreign, which), "total_number": 1})
            case "/2/comments/mentions.json":
                return said(200, {"comments": [], "total_number": 0})
            case "/2/comments/by_me.json":
                own = [c for c in self.comments if c["user"]["id"] == ME]
                return said(200, {"comments": paged(own, which), "total_number": 1})
            case "/2/comments/show_batch.json":
                return said(200, [c for c in self.comments if str(c["id"]) in which["cids"].split(",")])
            case "/2/statuses/show.json":
                there = [p for p in self.posts + self.mentions if str(p["id"]) == which["id"]]
                return (
                    said(200, there[0])
                    if there
                    else trouble(400, 20101, "target weibo does not exist!", request)
                )
            case "/2/statuses/count.json":
                counted = [p for p in self.posts if str(p["id"]) in which["ids"].split(",")]
                return said(
                    200, [{"id": p["id"], "comments": 2, "reposts": 1, "attitudes": 3} for p in counted]
                )
        return trouble(404, 10020, "request api not found", request)

    def _write(self, path: str, form: dict[str, Any], request: httpx.Request) -> httpx.Response:
        match path:
            case "/2/statuses/share.json":
                return self._share(form, request)
            case "/2/comments/create.json" | "/2/comments/reply.json":
                return self._answer(form, request)
            case "/2/messages/reply.json":
                self.told.append(form)
                return said(200, {"result": True, "receiver_id": int(form["receiver_id"]), "sender_id": ME})
        gone = [o for o in self.posts + self.comments if str(o["id"]) in {form.get("id"), form.get("cid")}]
        if not gone:
            return trouble(400, 20101, "target weibo does not exist!", request)
        self.posts = [p for p in self.posts if p not in gone]
        self.comments = [c for c in self.comments if c not in gone]
        return said(200, gone[0])

    def _share(self, form: dict[str, Any], request: httpx.Request) -> httpx.Response:
        text = form["status"]
        if f"https://{SAFE}" not in text or "#" in text:
            return trouble(400, 10017, "parameter (status)'s value invalid", request)
        if self.minds_repeats and text in self._said:
            return trouble(400, 20019, "repeat content!", request)
        self._said.append(text)
        short = re.sub(r"https?://[!-~]+", lambda m: f"http://t.cn/R{crc32(m[0].encode()):08x}", text)
        made = self._made(short, self.somebody(ME, "韩华银行"))
        if "pic" in form:
            thumb = {"thumbnail_pic": "http://ww2.sinaimg.cn/thumbnail/71666d49jw1.jpg"}
            made |= {"pic_urls": [thumb], "original_pic": "http://ww2.sinaimg.cn/large/71666d49jw1.jpg"}
        self.posts.append(made)
        return said(200, made)

    def _answer(self, form: dict[str, Any], request: httpx.Request) -> httpx.Response:
        posts = {str(p["id"]): p for p in self.posts + self.mentions}
        above = [c for c in self.comments if str(c["id"]) == form.get("cid")]
        if form["id"] not in posts or ("cid" in form and not above):
            return trouble(400, 20201, "target weibo comment does not exist!", request)
        text = f"回复@{above[0]['user']['screen_name']}:{form['comment']}" if above else form["comment"]
        made = self._made(text, self.somebody(ME, "韩华银行")) | {"status": posts[form["id"]]}
        self.comments.append(made | ({"reply_comment": above[0]} if above else {}))
        return said(200, self.comments[-1])

    def visible(self) -> list[str]:
        return self._said

    def post(self, number: int) -> Post:
        return Post(text=f"公告 {number}：支行十点开门。{LINK}", lang="zh")

    def _made(self, text: str, who: dict[str, Any]) -> dict[str, Any]:
        self._next += 7
        return {
            "id": self._next, "mid": str(self._next), "idstr": str(self._next), "text": text, "user": who,
            "created_at": weibo_time(time.time()), "source": "新浪微博",
        }  # fmt: skip


def weibo_time(seconds: float) -> str:
    """As Weibo writes a moment, in China's time."""
    china = datetime.timezone(datetime.timedelta(hours=8))
    return datetime.datetime.fromtimestamp(seconds, china).strftime("%a %b %d %H:%M:%S +0800 %Y")


def paged(entries: list[dict[str, Any]], which: dict[str, str]) -> list[dict[str, Any]]:
    """Newest first, `count` of them, none newer than `max_id`."""
    below = int(which.get("max_id", 0)) or 10**20
    listed = [e for e in reversed(entries) if e["id"] <= below]
    return listed[: int(which.get("count", 50))]


def form_of(request: httpx.Request) -> dict[str, Any]:
    """The fields of a form, with or without a file."""
    kind = request.headers.get("content-type", "")
    if not kind.startswith("multipart/form-data"):
        return asked(request)
    parsed = message_from_bytes(f"content-type: {kind}\r\n\r\n".encode() + request.read(), policy=HTTP)
    found: dict[str, Any] = {}
    for part in parsed.iter_parts():
        name, content = part.get_param("name", header="content-disposition"), part.get_payload(decode=True)
        assert isinstance(name, str) and isinstance(content, bytes)
        found[name] = content if part.get_filename() else content.decode()
    return found


def trouble(status: int, code: int, words: str, request: httpx.Request) -> httpx.Response:
    return said(status, {"error": words, "error_code": code, "request": request.url.path})


SERVER = PretendedWeibo
