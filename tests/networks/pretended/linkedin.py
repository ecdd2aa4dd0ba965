"""A FAKE of one LinkedIn page, in memory, in the forms of LinkedIn's documents. LinkedIn is not here."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import quote, unquote

import httpx

from bankside.networks.contract import Post
from tests.networks.pretended import NOT_REAL, Pretended, asked, said

NUMBER = "5515715"
PAGE = f"urn:li:organization:{NUMBER}"
MINJI, SANNE = "urn:li:person:MiNj1", "urn:li:person:SaNN3"
VERSION = "202607"
NAMED = re.compile(r"urn:li:comment:\((urn:li:\w+:\d+),(\d+)\)")
RESERVED = re.compile(r"(?<!\\)[|{}@\[\]()<>*_~]")
FIELDS = {
    "author", "commentary", "visibility", "distribution", "lifecycleState", "isReshareDisabledByAuthor",
    "content",
}  # fmt: skip


class Wrong(Exception):
    """An answer that says what is wrong."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.said = status, {"status": status, "code": code, "message": message}


class PretendedLinkedIn(Pretended):
    """The page, its posts, and the comments under them. A post is also an activity, of the same number."""

    name = "linkedin"
    site = "https://api.linkedin.com"
    settings = {"organization": NUMBER, "version": VERSION}
    secrets = {"access": NOT_REAL}
    account = {"remote_id": PAGE}

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[tuple[str, str, dict[str, Any], dict[str, str]]] = []
        self.now_ms: Callable[[], int] = lambda: int(time.time() * 1000)
        self.posts: dict[str, dict[str, Any]] = {}
        self.comments: dict[str, dict[str, Any]] = {}
        self.images: dict[str, int] = {}
        self._number = 7_000_000_000_000_000_000

    # --- what people do ------------------------------------------------------------------------------
    def shows(self, commentary: str, *, at_ms: int = 0, content: dict[str, Any] | None = None) -> str:
        """A post of the page, in `little` text."""
        name, at = f"urn:li:share:{self._new()}", at_ms or self.now_ms()
        self.posts[name] = {
            "id": name, "author": PAGE, "commentary": commentary, "createdAt": at, "publishedAt": at,
            "lifecycleState": "PUBLISHED", "visibility": "PUBLIC",
        } | ({"content": content} if content else {})  # fmt: skip
        return name

    def says(self, who: str, words: str, *, under: str, at_ms: int = 0) -> str:
        """A comment under a post or a comment."""
        number, at = self._new(), at_ms or self.now_ms()
        above = NAMED.fullmatch(under)
        activity = above[1] if above else f"urn:li:activity:{under.split(':')[-1]}"
        name = f"urn:li:comment:({activity},{number})"
        self.comments[name] = {
            "id": number, "actor": who, "object": activity, "commentUrn": name, "message": {"text": words},
            "created": {"actor": who, "time": at}, "lastModified": {"actor": who, "time": at},
        } | ({"parentComment": under} if above else {})  # fmt: skip
        return name

    def edits(self, name: str, words: str) -> None:
        self.comments[name]["message"] = {"text": words}
        self.comments[name]["lastModified"]["time"] += 1000

    def post(self, number: int) -> Post:
        """By turns a post and an answer."""
        words = super().post(number)
        if number % 2:
            asked = next((n for n, c in self.comments.items() if c["actor"] == MINJI), "")
            asked = asked or self.says(MINJI, "몇 시에 열어요?", under="urn:li:share:1")
            return replace(words, in_reply_to=asked, thread=asked)
        return words

    def visible(self) -> list[str]:
        ours = [p["commentary"] for p in self.posts.values()]
        return ours + [c["message"]["text"] for c in self.comments.values() if c["actor"] == PAGE]

    # --- calls ---------------------------------------------------------------------------------------
    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.host == "www.linkedin.com" and request.method == "PUT":
            self.images[unquote(request.url.path.split("/")[-1])] = len(request.read())
            return said(201, "")
        headers, given = dict(request.headers), asked(request)
        if headers.get("authorization") != f"Bearer {NOT_REAL}":
            return said(
                401, {"status": 401, "code": "EXPIRED_ACCESS_TOKEN", "message": "The token used has expired"}
            )
        if headers.get("linkedin-version") != VERSION or headers.get("x-restli-protocol-version") != "2.0.0":
            return said(
                426,
                {"status": 426, "code": "NONEXISTENT_VERSION", "message": "Requested version is not active"},
            )
        raw = request.url.raw_path.decode().partition("?")[0].removeprefix("/rest/")
        path = [unquote(part) for part in raw.split("/")]
        query = dict(request.url.params)
        self.calls.append((request.method, "/".join(path), given or query, headers))
        try:
            return self._called(request.method, path, query, given, headers.get("x-restli-method", ""))
        except Wrong as wrong:
            return said(wrong.status, wrong.said)

    def _called(
        self, verb: str, path: list[str], query: dict[str, str], given: dict[str, Any], method: str
    ) -> httpx.Response:
        match verb, path:
            case "GET", ["organizations", number] if number == NUMBER:
                return said(200, {"id": int(NUMBER), "localizedName": "한울은행", "vanityName": "hanul-bank"})
            case "GET", ["posts"] if (
                method == "FINDER" and query["q"] == "author" and query["author"] == PAGE
            ):
                newest = sorted(self.posts.values(), key=lambda p: (p["createdAt"], p["id"]), reverse=True)
                return said(200, _page(newest, query))
            case "GET", ["posts", name]:
                return said(200, self._post_there(name))
            case "GET", ["socialActions"] if method == "BATCH_GET":
                names = query["ids"].removeprefix("List(").removesuffix(")").split(",")
                return said(200, {"results": {quote(n): self._summary(n) for n in names if n in self.posts}})
            case "GET", ["socialActions", above, "comments"]:
                return said(200, _page(self._under(above), query))
            case "GET", ["socialActions", above, "comments", number]:
                return said(200, self._comment_there(above, number))
            case "GET", ["organizationalEntityShareStatistics"] if method == "FINDER":
                names = re.findall(r"urn:li:(?:share|ugcPost):\d+", " ".join(query.values()))
                counts = {"impressionCount": 120, "clickCount": 7, "shareCount": 2, "engagement": 0.1}
                shown = [{"share": n, "totalShareStatistics": counts} for n in names if n in self.posts]
                return said(200, {"elements": shown})
            case "POST", ["images"] if query.get("action") == "initializeUpload":
                name = f"urn:li:image:C4E{self._new()}"
                url = f"https://www.linkedin.com/dms-uploads/{quote(name, safe='')}"
                return said(200, {"value": {"uploadUrlExpiresAt": 1, "uploadUrl": url, "image": name}})
            case "POST", ["posts"]:
                return said(201, "", {"x-restli-id": self._published(given)})
            case "POST", ["posts", name] if method == "PARTIAL_UPDATE":
                self._post_there(name)["commentary"] = _little(given["patch"]["$set"]["commentary"])
                return said(204, "")
            case "POST", ["socialActions", above, "comments"]:
                return self._commented(above, given)
            case "POST", ["socialActions", above, "comments", number] if query.get("actor") == PAGE:
                there = self._comment_there(above, number)
                self.edits(there["commentUrn"], given["patch"]["message"]["$set"]["text"])
                return said(200, there)
            case "DELETE", ["posts", name] if method == "DELETE":
                self._post_there(name)
                del self.posts[name]
                return said(204, "")
            case "DELETE", ["socialActions", above, "comments", number] if query.get("actor") == PAGE:
                del self.comments[self._comment_there(above, number)["commentUrn"]]
                return said(204, "")
        raise Wrong(400, "ILLEGAL_ARGUMENT", f"No such resource: {verb} /{'/'.join(path)}")

    def _published(self, given: dict[str, Any]) -> str:
        content = given.get("content", {})
        media = content.get("multiImage", {}).get("images", [content["media"]] if "media" in content else [])
        if set(given) - FIELDS or given["author"] != PAGE or any(m["id"] not in self.images for m in media):
            raise Wrong(422, "INVALID_PARAMETER", "ERROR :: /author :: field is not as it should be")
        if not given["commentary"] and not media:
            raise Wrong(422, "MISSING_FIELD", "ERROR :: /commentary :: field is required but not found")
        return self.shows(_little(given["commentary"]), content=content or None)

    def _commented(self, above: str, given: dict[str, Any]) -> httpx.Response:
        named = NAMED.fullmatch(above)
        wanted = {"object": named[1], "parentComment": above} if named else {"object": above}
        if given != {"actor": PAGE, "message": given["message"], **wanted}:
            raise Wrong(400, "ILLEGAL_ARGUMENT", "The comment does not fit what it stands under")
        if named and above not in self.comments:
            raise Wrong(404, "NOT_FOUND", "Not Found")
        made = self.comments[self.says(PAGE, given["message"]["text"], under=above)]
        return said(201, made, {"x-restli-id": made["id"]})

    def _under(self, above: str) -> list[dict[str, Any]]:
        if NAMED.fullmatch(above):
            self._comment_there(*NAMED.fullmatch(above).groups())  # type: ignore[union-attr]
            return [c for c in self.comments.values() if c.get("parentComment") == above]
        self._post_there(above)
        activity = f"urn:li:activity:{above.split(':')[-1]}"
        top = [c for c in self.comments.values() if c["object"] == activity and "parentComment" not in c]
        answers = {c["commentUrn"]: len(self._under(c["commentUrn"])) for c in top}
        return [c | {"commentsSummary": {"aggregatedTotalComments": answers[c["commentUrn"]]}} for c in top]

    def _summary(self, name: str) -> dict[str, Any]:
        activity = f"urn:li:activity:{name.split(':')[-1]}"
        number = sum(c["object"] == activity for c in self.comments.values())
        return {"commentsSummary": {"aggregatedTotalComments": number}, "likesSummary": {"totalLikes": 5}}

    def _post_there(self, name: str) -> dict[str, Any]:
        if name not in self.posts:
            raise Wrong(404, "NOT_FOUND", "Could not find entity")
        return self.posts[name]

    def _comment_there(self, above: str, number: str) -> dict[str, Any]:
        activity = f"urn:li:activity:{above.split(':')[-1]}"
        name = f"urn:li:comment:({activity},{number})"
        if name not in self.comments:
            raise Wrong(404, "NOT_FOUND", "Comment not found")
        return self.comments[name]

    def _new(self) -> str:
        self._number += 1
        return str(self._number)


def _page(things: list[dict[str, Any]], query: dict[str, str]) -> dict[str, Any]:
    start, count = int(query["start"]), int(query["count"])
    paging = {"start": start, "count": count, "links": []}
    return {"elements": things[start : start + count], "paging": paging}


def _little(text: str) -> str:
    """Without its escapes; a sign that should have one ends the text, as LinkedIn does without a word."""
    found = RESERVED.search(text)
    return text[: found.start()] if found else text


SERVER = PretendedLinkedIn
