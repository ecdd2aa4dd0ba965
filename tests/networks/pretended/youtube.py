"""A FAKE of the YouTube Data API v3, written by this project from Google's discovery file and pages.

No server of Google stands here. It keeps threads, answers and films, counts units, and answers in the forms
of the discovery file (compared in test_youtube_discovery.py).
"""

from __future__ import annotations

import datetime
import time
from dataclasses import dataclass, field
from typing import Any

import httpx

from bankside.networks.contract import Media, Post
from tests.networks.pretended import Pretended, asked, said

BANK = "UC0000000000000000hanul1"
VIDEO = "hanulVideo1"
TOKEN = "made-up-token-of-google"
UPLOADS = "UU0000000000000000hanul1"
FILM = Media(mime="video/mp4", alt="지점이 열리는 모습", data=b"made-up film", name="film.mp4")
COSTS = {"GET": 1, "POST": 50, "PUT": 50, "DELETE": 50}


@dataclass
class Film:
    """A video of the bank, or one whose bytes have not come; `size` is what was announced."""

    id: str
    snippet: dict[str, str]
    privacy: str
    size: int
    at_ms: int = 0


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
        self.films: list[Film] = []
        self.begun: dict[str, Film] = {}
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
        said = [(c.at_ms, c.text) for c in ours] + [(f.at_ms, f.snippet["description"]) for f in self.films]
        return [text for _, text in sorted(said)]

    def post(self, number: int) -> Post:
        """A film, or an answer."""
        text = super().post(number).text
        if number % 3:
            return Post(text=text, title=f"새 지점 {number}", media=(FILM,))
        if not self.threads:
            self.says("UCminji", "언제 열어요?")
        return Post(text=text, in_reply_to=self.threads[0].id)

    # --- the API ---------------------------------------------------------------------------------------
    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return problem(401, "authError", "Invalid Credentials")
        self.units += COSTS[request.method]
        query, body = dict(request.url.params), asked(request)
        if request.url.host == "www.googleapis.com":
            return self._upload(request, query, body)
        match f"{request.method} {request.url.path.removeprefix('/youtube/v3/')}":
            case "GET channels":
                snippet = {"title": "Hanul Bank 한울은행", "customUrl": "@hanulbank"}
                lists = {"relatedPlaylists": {"uploads": UPLOADS}}
                followed = {"subscriberCount": "5120", "hiddenSubscriberCount": False}
                parts = {"snippet": snippet, "contentDetails": lists, "statistics": followed}
                wanted = {part: parts[part] for part in query["part"].split(",")}
                return listed("channel", [{"kind": "youtube#channel", "id": BANK, **wanted}])
            case "GET playlistItems":
                return self._uploads(query)
            case "DELETE videos":
                there = [f for f in self.films if f.id == query["id"]]
                self.films = [f for f in self.films if f not in there]
                return said(204) if there else problem(404, "videoNotFound", "The video could not be found.")
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
                ids = [VIDEO, *(f.id for f in self.films)]
                found = [i for i in query["id"].split(",") if i in ids]
                return listed(
                    "video", [{"kind": "youtube#video", "id": i, "statistics": counts} for i in found]
                )
        return problem(404, "notFound", "Not Found")

    def _upload(self, request: httpx.Request, query: dict[str, str], body: dict[str, Any]) -> httpx.Response:
        """A film's place, and its bytes there."""
        if request.method == "POST" and query == {"uploadType": "resumable", "part": "snippet,status"}:
            told, status = body["snippet"], body["status"]["privacyStatus"]
            size = int(request.headers["x-upload-content-length"])
            if not told["title"] or len(told["title"]) > 100 or set("<>") & {*told["title"]}:
                return problem(400, "invalidTitle", "The title is not valid.")
            if len(told["description"].encode()) > 5000 or set("<>") & {*told["description"]}:
                return problem(400, "invalidDescription", "The description is not valid.")
            if status not in ("public", "unlisted", "private"):
                return problem(400, "invalidVideoMetadata", "The privacy status is not valid.")
            self._last += 1
            place = f"{query['part']}{self._last}"
            self.begun[place] = Film(f"hanulF{self._last:05d}", told, status, size)
            there = f"https://www.googleapis.com{request.url.path}?uploadType=resumable&upload_id={place}"
            return said(200, "", {"location": there})
        film = self.begun.get(query.get("upload_id", ""))
        if request.method != "PUT" or film is None:
            return problem(404, "notFound", "Not Found")
        if len(request.content) < film.size:
            return said(308, "", {"range": f"bytes=0-{len(request.content) - 1}"})
        del self.begun[query["upload_id"]]
        self._last += 1
        film.at_ms = _now_ms() + self._last
        self.films.append(film)
        told = {**film.snippet, "publishedAt": moment(film.at_ms), "channelId": BANK}
        made = {"kind": "youtube#video", "etag": "e", "id": film.id, "snippet": told}
        return said(200, {**made, "status": {"privacyStatus": film.privacy, "uploadStatus": "uploaded"}})

    def _uploads(self, query: dict[str, str]) -> httpx.Response:
        if query["playlistId"] != UPLOADS or not self.films:
            return problem(404, "playlistNotFound", "The playlist could not be found.")
        items = [
            {"kind": "youtube#playlistItem", "id": f"UU{f.id}", "snippet": {
                **f.snippet, "publishedAt": moment(f.at_ms), "resourceId": {"videoId": f.id},
            }} for f in reversed(self.films)
        ]  # fmt: skip
        return self._page("playlistItem", items, query)

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
