"""A FAKE of the YouTube Data API v3, written by this project from Google's discovery file and pages.

No server of Google stands here. It keeps threads, answers and videos, counts units, and answers in the forms
of the discovery file (compared in test_youtube_discovery.py).
"""

from __future__ import annotations

import datetime
import time
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.networks.pretended import Pretended, asked, said

BANK = "UC0000000000000000hanul1"
VIDEO = "hanulVideo1"
TOKEN = "made-up-token-of-google"
COSTS = {"GET": 1, "POST": 50, "PUT": 50, "DELETE": 50}


@dataclass
class Comment:
    """A comment, and what stands under it."""

    id: str
    who: str
    text: str
    at_ms: int
    changed_ms: int
    status: str = "published"
    answerable: bool = True
    replies: list[Comment] = field(default_factory=list)


class PretendedYouTube(Pretended):
    """One channel with one video, and whoever comments on it."""

    name = "youtube"
    site = "https://youtube.googleapis.com"
    settings = {"client_id": "made-up.apps.googleusercontent.com"}
    secrets = {"client_secret": "made-up-client-secret", "access": TOKEN}
    account = {"remote_id": BANK, "handle": "@hanulbank"}

    def __init__(self) -> None:
        super().__init__()
        self.threads: list[Comment] = []
        self.units = 0
        self.page_items = 100
        self._last = 0

    # --- what people do --------------------------------------------------------------------------------
    def says(
        self, who: str, text: str, *, under: str = "", at_ms: int = 0, status: str = "published",
        answerable: bool = True,
    ) -> str:  # fmt: skip
        """Somebody comments, or answers a comment; its id."""
        self._last += 1
        at_ms = at_ms or _now_ms() + self._last
        id = f"{under}.9{self._last:021d}" if under else f"Ug{self._last:020d}AaABAg"
        made = Comment(id, who, text, at_ms, at_ms, status, answerable)
        (self._one(under).replies if under else self.threads).append(made)
        return id

    def edits(self, id: str, text: str) -> None:
        there = self._one(id)
        there.text, there.changed_ms = text, there.changed_ms + 60_000

    def deletes(self, id: str) -> None:
        self.threads = [t for t in self.threads if t.id != id]
        for thread in self.threads:
            thread.replies = [r for r in thread.replies if r.id != id]

    def lets_through(self, id: str) -> None:
        self._one(id).status = "published"

    def visible(self) -> list[str]:
        ours = [c for t in self.threads for c in (t, *t.replies) if c.who == BANK]
        return [c.text for c in sorted(ours, key=lambda c: c.at_ms)]

    def post(self, number: int) -> Any:
        """An answer: nothing else is said there."""
        if not self.threads:
            self.says("UCminji", "언제 열어요?")
        answered = super().post(number)
        return type(answered)(text=answered.text, in_reply_to=self.threads[0].id)

    # --- the API ---------------------------------------------------------------------------------------
    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return problem(401, "authError", "Invalid Credentials")
        self.units += COSTS[request.method]
        query, body = dict(request.url.params), asked(request)
        match f"{request.method} {request.url.path.removeprefix('/youtube/v3/')}":
            case "GET channels":
                snippet = {"title": "Hanul Bank 한울은행", "customUrl": "@hanulbank"}
                return listed("channel", [{"kind": "youtube#channel", "id": BANK, "snippet": snippet}])
            case "GET commentThreads":
                return self._threads(query)
            case "GET comments":
                return self._comments(query)
            case "POST comments":
                return self._insert(body["snippet"])
            case "PUT comments":
                return self._update(body)
            case "DELETE comments":
                return self._delete(query["id"])
            case "GET videos":
                counts = {"viewCount": "1200", "likeCount": "34", "commentCount": "5"}
                there = [{"kind": "youtube#video", "id": VIDEO, "statistics": counts}]
                return listed("video", [v for v in there if v["id"] in query["id"].split(",")])
        return problem(404, "notFound", "Not Found")

    def _threads(self, query: dict[str, str]) -> httpx.Response:
        if "id" in query:
            wanted = query["id"].split(",")
            return listed("commentThread", [self._thread(t) for t in self.threads if t.id in wanted])
        found = [t for t in self.threads if t.status == query.get("moderationStatus", "published")]
        newest = sorted(found, key=lambda t: t.at_ms, reverse=True)
        return self._page("commentThread", [self._thread(t) for t in newest], query)

    def _comments(self, query: dict[str, str]) -> httpx.Response:
        if "id" in query:
            wanted = query["id"].split(",")
            there = [c for t in self.threads for c in (t, *t.replies) if c.id in wanted]
            return listed("comment", [self._comment(c) for c in there])
        try:
            replies = self._one(query["parentId"]).replies
        except LookupError:
            return problem(404, "commentNotFound", "The comment could not be found.")
        return self._page("comment", [self._comment(r) for r in reversed(replies)], query)

    def _insert(self, snippet: dict[str, str]) -> httpx.Response:
        try:
            parent = self._one(snippet["parentId"])
        except LookupError:
            return problem(404, "parentCommentNotFound", "The parent comment could not be found.")
        if not parent.answerable or "." in parent.id:
            return problem(400, "operationNotSupported", "This comment cannot be answered.")
        made = self.says(BANK, snippet["textOriginal"], under=parent.id)
        return said(200, self._comment(self._one(made)))

    def _update(self, body: dict[str, Any]) -> httpx.Response:
        try:
            there = self._one(body["id"])
        except LookupError:
            return problem(404, "commentNotFound", "The comment could not be found.")
        if there.who != BANK:
            return problem(403, "forbidden", "The comment cannot be changed by this account.")
        self.edits(there.id, body["snippet"]["textOriginal"])
        return said(200, self._comment(there))

    def _delete(self, id: str) -> httpx.Response:
        try:
            there = self._one(id)
        except LookupError:
            return problem(404, "commentNotFound", "The comment could not be found.")
        if there.who != BANK:
            return problem(403, "forbidden", "The comment cannot be removed by this account.")
        self.deletes(id)
        return said(204)

    def _page(self, kind: str, items: list[dict[str, Any]], query: dict[str, str]) -> httpx.Response:
        start = int(query.get("pageToken", "0").removeprefix("p"))
        most = min(self.page_items, int(query.get("maxResults", "20")))
        end = start + most
        return listed(kind, items[start:end], f"p{end}" if end < len(items) else "")

    # --- as it is shown --------------------------------------------------------------------------------
    def _thread(self, thread: Comment) -> dict[str, Any]:
        snippet = {
            "channelId": BANK, "videoId": VIDEO, "canReply": thread.answerable, "isPublic": True,
            "totalReplyCount": len(thread.replies), "topLevelComment": self._comment(thread),
        }  # fmt: skip
        return {"kind": "youtube#commentThread", "etag": "e", "id": thread.id, "snippet": snippet}

    def _comment(self, comment: Comment) -> dict[str, Any]:
        parent = comment.id.partition(".")[0] if "." in comment.id else ""
        snippet: dict[str, Any] = {
            "channelId": BANK, "videoId": VIDEO, "textDisplay": comment.text, "likeCount": 3,
            "authorDisplayName": f"@{comment.who.removeprefix('UC')}",
            "authorChannelId": {"value": comment.who},
            "authorChannelUrl": f"http://www.youtube.com/channel/{comment.who}",
            "authorProfileImageUrl": "https://yt3.ggpht.com/a.jpg", "canRate": True, "viewerRating": "none",
            "publishedAt": moment(comment.at_ms), "updatedAt": moment(comment.changed_ms),
        }  # fmt: skip
        snippet |= {"textOriginal": comment.text} if comment.who == BANK else {}
        snippet |= {"parentId": parent} if parent else {}
        return {"kind": "youtube#comment", "etag": "e", "id": comment.id, "snippet": snippet}

    def _one(self, id: str) -> Comment:
        found = [c for t in self.threads for c in (t, *t.replies) if c.id == id]
        if not found:
            raise LookupError(id)
        return found[0]


def listed(kind: str, items: list[dict[str, Any]], page: str = "") -> httpx.Response:
    info = {"totalResults": len(items), "resultsPerPage": len(items)}
    told = {"kind": f"youtube#{kind}ListResponse", "etag": "e", "pageInfo": info, "items": items}
    return said(200, told | ({"nextPageToken": page} if page else {}))


def problem(status: int, reason: str, words: str) -> httpx.Response:
    return said(status, trouble(status, reason, words))


def trouble(status: int, reason: str, words: str) -> dict[str, Any]:
    """As Google says what was wrong."""
    errors = [{"domain": "youtube.comment", "reason": reason, "message": words}]
    return {"error": {"code": status, "message": words, "errors": errors}}


def moment(ms: int) -> str:
    return datetime.datetime.fromtimestamp(ms // 1000, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _now_ms() -> int:
    return int(time.time() * 1000)


SERVER = PretendedYouTube
