"""A FAKE of X's API v2, written by this project from X's OpenAPI file and pages. No server of X is here.

It keeps posts, versions, private messages and uploads, answers in the forms of the OpenAPI file (compared by
Prism in test_x_com_contract.py), and has rules that X's pages tell: only who was named or quoted is answered,
unknown fields are refused, what is missing is told with status 200. Posts in the same words are taken,
although X refuses some: what the desk does must not depend on that.
"""

from __future__ import annotations

import base64
import datetime
import html
import re
import time
from dataclasses import dataclass, field
from typing import Any

import httpx

from bankside.networks.x_com.api import ms_of
from tests.networks.pretended import Pretended, asked, said

BANK, HANDLE = "1700000000000000001", "hanulbank"
TOKEN = "made-up-token-of-x"
CLIENT_SECRET = "made-up-client-secret"
FIELDS = frozenset({"text", "reply", "media", "edit_options"})
PROBLEMS = "https://api.twitter.com/2/problems/"
RATE = {"x-rate-limit-limit": "900", "x-rate-limit-remaining": "899"}
NAMES = re.compile(r"(?<!\w)@(\w{1,15})")
ADDRESSES = re.compile(r"https?://[^\s]+")


@dataclass
class Said:
    """A post in all its versions: (id, text, when)."""

    id: str
    author: str
    conversation: str
    versions: list[tuple[str, str, int]]
    answers: str = ""
    quotes: str = ""
    media: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return self.versions[-1][1]


class PretendedX(Pretended):
    """One account of a bank, and whoever writes to it."""

    name = "x_com"
    site = "https://api.x.com"
    settings = {"client_id": "made-up-client", "plan": "self-serve"}
    secrets = {"client_secret": CLIENT_SECRET, "access": TOKEN}
    account = {"remote_id": BANK, "handle": f"@{HANDLE}", "limits": {"premium": 1}}

    def __init__(self) -> None:
        super().__init__()
        self.people = {BANK: HANDLE}
        self.posts: dict[str, Said] = {}
        self.messages: list[dict[str, Any]] = []
        self.uploads: dict[str, dict[str, Any]] = {}
        self.rate: dict[str, dict[str, str]] = {}
        self.page_items = 100
        self._last = 0
        self._links: dict[str, str] = {}

    # --- what people do --------------------------------------------------------------------------------
    def person(self, handle: str) -> str:
        """The number of somebody, who is there from now on."""
        known = {name: id for id, name in self.people.items()}
        id = known.get(handle) or str(1_800_000_000_000_000_000 + len(self.people))
        self.people[id] = handle
        return id

    def says(self, who: str, text: str, *, under: str = "", quoting: str = "", at_ms: int = 0) -> str:
        """Somebody writes a post; its id."""
        return self._keep(self.person(who), text, under, quoting, [], at_ms).id

    def edits(self, id: str, text: str) -> str:
        """Its author changes it; the id of the new version."""
        version = self._id()
        self.posts[id].versions.append((version, text, _now_ms()))
        return version

    def deletes(self, id: str) -> None:
        del self.posts[id]

    def writes(self, who: str, text: str, *, to: str = BANK, at_ms: int = 0, media: bool = False) -> str:
        """A private message; its id."""
        id, sender = self._id(), who if who in self.people else self.person(who)
        other = to if sender == BANK else sender
        self.messages.append(
            {
                "id": id, "event_type": "MessageCreate", "text": text, "sender_id": sender,
                "dm_conversation_id": "-".join(sorted((BANK, other), key=int)), "other": other,
                "at_ms": at_ms or _now_ms(), "media": ["3_1"] if media else [],
            }
        )  # fmt: skip
        return id

    def visible(self) -> list[str]:
        ours = [p.text for p in self.posts.values() if p.author == BANK]
        return ours + [m["text"] for m in self.messages if m["sender_id"] == BANK]

    # --- the API ---------------------------------------------------------------------------------------
    def answer(self, request: httpx.Request) -> httpx.Response:
        answer = self._answer(request)
        place = f"{request.method} {re.sub('/[0-9]{5,}', '/:id', request.url.path)}"
        reset = str(int(time.time()) + 900)
        for name, value in ({"x-rate-limit-reset": reset} | RATE | self.rate.get(place, {})).items():
            answer.headers[name] = value
        return answer

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return _problem(401, "about:blank", "Unauthorized", "Unauthorized")
        path, query, body = request.url.path, dict(request.url.params), asked(request)
        id = next(iter(re.findall(r"/([0-9]{5,})(?=/|$)", path)), "")
        match f"{request.method} {path.replace(id, ':id') if id else path}":
            case "GET /2/users/me":
                me = {
                    "id": BANK,
                    "name": "Hanul Bank 한울은행",
                    "username": HANDLE,
                    "subscription_type": "Premium",
                }
                return said(200, {"data": me})
            case "GET /2/users/:id/tweets":
                return self._listed([p for p in self.posts.values() if p.author == id], query)
            case "GET /2/users/:id/mentions":
                return self._listed(
                    [p for p in self.posts.values() if self.people[id] in self._named(p)], query
                )
            case "GET /2/tweets/search/recent":
                return self._searched(query)
            case "GET /2/tweets":
                return self._looked_up(query)
            case "POST /2/tweets":
                return self._post(body)
            case "DELETE /2/tweets/:id":
                return self._delete(id)
            case "GET /2/dm_events":
                return self._events(self.messages, query)
            case "GET /2/dm_conversations/with/:id/dm_events":
                return self._events([m for m in self.messages if m["other"] == id], query)
            case "POST /2/dm_conversations/with/:id/messages":
                return self._message(id, body)
            case "POST /2/media/metadata":
                return said(200, {"data": {"id": body["id"]}})
        return self._media(path, id, body)

    def _media(self, path: str, id: str, body: dict[str, Any]) -> httpx.Response:
        """`meta` is required by the OpenAPI file and stands in no example of X."""
        if path == "/2/media/upload/initialize":
            new = self._id()
            self.uploads[new] = {**body, "data": b"", "done": False}
            return said(
                200, {"data": {"id": new, "media_key": f"3_{new}", "expires_after_secs": 86_399}, "meta": {}}
            )
        if id not in self.uploads:
            return _problem(404, f"{PROBLEMS}resource-not-found", "Not Found Error", "No such upload.")
        if path.endswith("/append"):
            self.uploads[id]["data"] += base64.b64decode(body["media"])
            return said(200, {"data": {"expires_at": int(time.time()) + 86_399}, "meta": {}})
        if len(self.uploads[id]["data"]) != self.uploads[id]["total_bytes"]:
            return _problem(400, f"{PROBLEMS}invalid-request", "Invalid Request", "Bytes are missing.")
        self.uploads[id]["done"] = True
        return said(200, {"data": {"id": id, "media_key": f"3_{id}", "size": 1}, "meta": {}})

    # --- writing ---------------------------------------------------------------------------------------
    def _post(self, body: dict[str, Any]) -> httpx.Response:
        if unknown := set(body) - FIELDS:
            return _invalid(f"Unknown: {unknown}")
        media = body.get("media", {}).get("media_ids", [])
        if not body.get("text") and not media:
            return _invalid("One of text and media is required.")
        if any(not self.uploads.get(m, {}).get("done") for m in media):
            return _invalid("Your media IDs are invalid.")
        above = body.get("reply", {}).get("in_reply_to_tweet_id", "")
        if above and (refusal := self._refuses(above)):
            return refusal
        if "edit_options" in body:
            return self._edit(body["edit_options"]["previous_post_id"], body["text"])
        made = self._keep(BANK, body.get("text", ""), above, "", media, 0)
        return said(201, {"data": {"id": made.id, "text": self._shown(made, made.text)["text"]}})

    def _refuses(self, above: str) -> httpx.Response | None:
        there = self._by_version(above)
        if there is None:
            return _problem(403, "about:blank", "Forbidden", "This Post is deleted or not visible to you.")
        quoted = self._by_version(there.quotes) if there.quotes else None
        if there.author == BANK or HANDLE in self._named(there) or (quoted and quoted.author == BANK):
            return None
        words = "You may answer only who has mentioned or quoted this account."
        return _problem(403, "about:blank", "Forbidden", words)

    def _edit(self, previous: str, text: str) -> httpx.Response:
        there = self._by_version(previous)
        if there is None or there.versions[-1][0] != previous or len(there.versions) > 5:
            return _problem(403, "about:blank", "Forbidden", "This Post cannot be edited.")
        return said(201, {"data": {"id": self.edits(there.id, text), "text": text or " "}})

    def _delete(self, id: str) -> httpx.Response:
        there = self._by_version(id)
        if there is None:
            return said(200, {"errors": [_missing(id)]})
        if there.author != BANK:
            return _problem(403, "about:blank", "Forbidden", "You are not authorized to delete this Post.")
        self.deletes(there.id)
        return said(200, {"data": {"deleted": True}})

    def _message(self, to: str, body: dict[str, Any]) -> httpx.Response:
        if to not in self.people:
            return _problem(403, "about:blank", "Forbidden", "You cannot send messages to this user.")
        id = self.writes(BANK, body.get("text", ""), to=to, media=bool(body.get("attachments")))
        conversation = "-".join(sorted((BANK, to), key=int))
        return said(201, {"data": {"dm_event_id": id, "dm_conversation_id": conversation}})

    # --- reading ---------------------------------------------------------------------------------------
    def _searched(self, query: dict[str, str]) -> httpx.Response:
        asked_for, found = query["query"], []
        if len(asked_for) > 512:
            return _invalid("The query is too long.")
        for post in self.posts.values():
            above = self._by_version(post.answers) if post.answers else None
            to = f"to:{self.people[above.author]}" if above else "to nobody"
            parts = {to, f"conversation_id:{post.conversation}", f"quotes_of_tweet_id:{post.quotes}"}
            if parts & set(re.split(r"[() ]+", asked_for)) and post.author != BANK:
                found.append(post)
        return self._listed(found, query)

    def _looked_up(self, query: dict[str, str]) -> httpx.Response:
        ids, versions = query["ids"].split(","), "edit_history_tweet_ids" in query["expansions"]
        there = [(id, post) for id in ids if (post := self._by_version(id))]
        errors = [_missing(id) for id in ids if not self._by_version(id)]
        shown = [self._as_post(post, id) for id, post in there]
        beside = [self._as_post(p, v[0]) for _, p in there for v in p.versions] if versions else []
        told = self._beside([post for _, post in there], beside)
        return said(
            200, ({"data": shown, "includes": told} if shown else {}) | ({"errors": errors} if errors else {})
        )

    def _listed(self, posts: list[Said], query: dict[str, str]) -> httpx.Response:
        since = ms_of(query["start_time"]) if "start_time" in query else 0
        found = sorted(
            (p for p in posts if p.versions[-1][2] >= since), key=lambda p: int(p.id), reverse=True
        )
        start = int(query.get("pagination_token") or query.get("next_token") or 0)
        page = found[start : start + min(self.page_items, int(query["max_results"]))]
        meta: dict[str, Any] = {"result_count": len(page)}
        meta |= {"next_token": str(start + len(page))} if start + len(page) < len(found) else {}
        shown = [self._as_post(p, p.versions[-1][0]) for p in page]
        return said(
            200, ({"data": shown, "includes": self._beside(page, [])} if page else {}) | {"meta": meta}
        )

    def _events(self, messages: list[dict[str, Any]], query: dict[str, str]) -> httpx.Response:
        start = int(query.get("pagination_token") or 0)
        newest = list(reversed(messages))
        page = newest[start : start + min(self.page_items, int(query["max_results"]))]
        meta: dict[str, Any] = {"result_count": len(page)}
        rest = start + len(page)
        meta |= {"next_token": f"{rest:016d}"} if rest < len(newest) else {}
        users = [self._user(id) for id in {m["sender_id"] for m in page}]
        told = {"data": [_as_event(m) for m in page], "includes": {"users": users}} if page else {}
        return said(200, told | {"meta": meta})

    # --- as it is shown --------------------------------------------------------------------------------
    def _as_post(self, post: Said, id: str) -> dict[str, Any]:
        text, at_ms = next((text, at) for version, text, at in post.versions if version == id)
        others = [("replied_to", post.answers), ("quoted", post.quotes)]
        refs = [{"type": kind, "id": other} for kind, other in others if other]
        count = 5 if id == post.id else 2
        shown: dict[str, Any] = {
            "id": id, "author_id": post.author, "conversation_id": post.conversation, "lang": "ko",
            "created_at": moment(at_ms), "edit_history_tweet_ids": [v[0] for v in post.versions],
            **self._shown(post, text),
            "public_metrics": {
                "like_count": count, "retweet_count": 1, "bookmark_count": 0, "impression_count": 100,
                "reply_count": sum(1 for p in self.posts.values() if p.answers and p.answers in _ids(post)),
                "quote_count": sum(1 for p in self.posts.values() if p.quotes and p.quotes in _ids(post)),
            },
        }  # fmt: skip
        shown |= {"referenced_tweets": refs} if refs else {}
        above = self._by_version(post.answers) if post.answers else None
        shown |= {"in_reply_to_user_id": above.author} if above else {}
        return shown | ({"attachments": {"media_keys": [f"3_{m}" for m in post.media]}} if post.media else {})

    def _shown(self, post: Said, text: str) -> dict[str, Any]:
        """The text as X gives it: names of those who are answered in front, addresses shortened, escaped."""
        above = self._by_version(post.answers) if post.answers else None
        if (
            above
            and above.author != post.author
            and self.people[above.author] not in NAMES.findall(text.lower())
        ):
            text = f"@{self.people[above.author]} {text}"
        links = []
        for address in ADDRESSES.findall(text):
            short = self._links.setdefault(address, f"https://t.co/{len(self._links):010d}")
            text = text.replace(address, short, 1)
            links.append({"start": 0, "end": 1, "url": short, "expanded_url": address})
        for media in post.media:
            short = self._links.setdefault(media, f"https://t.co/{len(self._links):010d}")
            text = f"{text} {short}"
            picture = f"https://x.com/{HANDLE}/status/{post.id}/photo/1"
            links.append(
                {"start": 0, "end": 1, "url": short, "expanded_url": picture, "media_key": f"3_{media}"}
            )
        known = {name: id for id, name in self.people.items()}
        names = [
            {"start": 0, "end": 1, "username": name} | ({"id": known[name]} if name in known else {})
            for name in NAMES.findall(text)
        ]
        entities = ({"mentions": names} if names else {}) | ({"urls": links} if links else {})
        return {"text": html.escape(text, quote=False)} | ({"entities": entities} if entities else {})

    def _beside(self, posts: list[Said], versions: list[dict[str, Any]]) -> dict[str, Any]:
        quoted = [q for p in posts if p.quotes and (q := self._by_version(p.quotes))]
        tweets = {t["id"]: t for t in [self._as_post(q, q.versions[-1][0]) for q in quoted] + versions}
        users = [self._user(id) for id in {p.author for p in (*posts, *quoted)}]
        files = [
            {"type": "photo", "media_key": f"3_{m}", "url": f"https://pbs.twimg.com/media/{m}.jpg"}
            for p in posts for m in p.media
        ]  # fmt: skip
        told: dict[str, Any] = {"users": users} if users else {}
        return (
            told | ({"tweets": list(tweets.values())} if tweets else {}) | ({"media": files} if files else {})
        )

    def _user(self, id: str) -> dict[str, str]:
        picture = f"https://pbs.twimg.com/profile_images/{id}.jpg"
        return {
            "id": id, "username": self.people[id], "name": self.people[id].title(),
            "profile_image_url": picture,
        }  # fmt: skip

    def _named(self, post: Said) -> set[str]:
        above = self._by_version(post.answers) if post.answers else None
        front = {self.people[above.author]} if above and above.author != post.author else set()
        return {name.lower() for name in NAMES.findall(post.text)} | front

    def _by_version(self, id: str) -> Said | None:
        return next((p for p in self.posts.values() if id in _ids(p)), None)

    def _keep(self, who: str, text: str, above: str, quoting: str, media: list[str], at_ms: int) -> Said:
        id, root = self._id(), self._by_version(above) if above else None
        made = Said(
            id=id, author=who, conversation=root.conversation if root else id, answers=above, quotes=quoting,
            versions=[(id, text, at_ms or _now_ms())], media=media,
        )  # fmt: skip
        self.posts[id] = made
        return made

    def _id(self) -> str:
        """As X makes them: the time first, so that later ones are larger."""
        self._last += 1
        return str(((_now_ms() - 1_288_834_974_657) << 22) + self._last)


def _as_event(message: dict[str, Any]) -> dict[str, Any]:
    media = {"attachments": {"media_keys": message["media"]}} if message["media"] else {}
    kept = {k: v for k, v in message.items() if k not in ("other", "at_ms", "media")}
    return {**kept, "created_at": moment(message["at_ms"]), **media}


def moment(ms: int) -> str:
    at = datetime.datetime.fromtimestamp(ms / 1000, datetime.UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _now_ms() -> int:
    return int(time.time() * 1000)


def _ids(post: Said) -> set[str]:
    return {version for version, _, _ in post.versions}


def _problem(status: int, kind: str, title: str, detail: str) -> httpx.Response:
    told = {"type": kind, "title": title, "detail": detail, "status": status}
    return said(status, told, {"content-type": "application/problem+json"})


def _invalid(detail: str) -> httpx.Response:
    return _problem(400, f"{PROBLEMS}invalid-request", "Invalid Request", detail)


def _missing(id: str) -> dict[str, Any]:
    return {
        "type": f"{PROBLEMS}resource-not-found", "title": "Not Found Error", "resource_type": "tweet",
        "resource_id": id, "value": id, "parameter": "ids", "detail": f"Could not find it: [{id}].",
    }  # fmt: skip


SERVER = PretendedX
