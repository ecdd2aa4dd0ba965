"""A FAKE server of the Mastodon API, written by this project from its documentation. No real one is here.

It keeps accounts, posts and notifications in memory, answers in the forms of the OpenAPI document (the tests
compare them), and has two behaviours, because real servers have both: one honours `Idempotency-Key`, the
other ignores it. It proves how the connector behaves, and nothing about real servers: for those there is
BANKSIDE_TEST_MASTODON_URL (tests/networks/test_mastodon_server.py).
"""

from __future__ import annotations

import base64
import datetime
import hashlib
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx

from bankside.networks.counters import graphemes_with_fixed_urls
from tests.servers.mastodon_html import NAMED, rendered

HOME = "social.hanulbank.example"
BANK = "hanulbank"
TOKEN = "token-of-the-bank"
Answer = tuple[int, Any, dict[str, str]]
SERVER: dict[str, Any] = {
    "title": "A fake", "version": "4.7.0", "source_url": "", "description": "",
    "usage": {"users": {"active_month": 1}},
    "icon": [], "languages": ["ko"], "rules": [], "api_versions": {"mastodon": 9},
    "registrations": {"enabled": False, "approval_required": False, "reason_required": False, "message": None,
                      "min_age": None, "url": None},
    "contact": {"email": "", "account": None},
    "configuration": {
        "accounts": {"max_featured_tags": 10, "max_pinned_statuses": 5}, "translation": {"enabled": False},
        "polls": {"max_options": 4, "max_characters_per_option": 50, "min_expiration": 300,
                  "max_expiration": 2_629_746},
        "urls": {"streaming": "", "status": None, "about": None, "privacy_policy": None,
                 "terms_of_service": None},
        "vapid": {"public_key": ""}, "limited_federation": False,
        "timelines_access": {},
    },
}  # fmt: skip
"""What a server says about itself beside its limits."""
RATE = {"x-ratelimit-limit": "300", "x-ratelimit-remaining": "299"}


def moment(ms: int) -> str:
    """As the API writes moments."""
    at = datetime.datetime.fromtimestamp(ms / 1000, datetime.UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass
class FakeMastodon:
    """One server. `honours_keys`: the same Idempotency-Key makes one post. `failing`: what the next call of
    "METHOD /path" answers instead. `slow_media`: how many looks a picture is in the making for."""

    honours_keys: bool = True
    slow_media: int = 0
    batches: bool = True
    tells_sources: bool = True
    newest_api: bool = True
    limit: int = 500
    url: str = f"https://{HOME}"
    home: str = HOME
    failing: dict[str, list[Answer]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    statuses: dict[str, dict[str, Any]] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    notifications: list[dict[str, Any]] = field(default_factory=list)
    media: dict[str, dict[str, Any]] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    apps: dict[str, dict[str, Any]] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=lambda: {TOKEN: BANK})
    people: dict[str, str] = field(default_factory=dict)
    clock_ms: Callable[[], int] = lambda: int(time.time() * 1000)
    _last: int = 100_000

    # --- what people do --------------------------------------------------------------------------------
    def says(
        self, who: str, text: str, *, under: str = "", visibility: str = "public", told: bool = True,
        at_ms: int = 0, media: list[dict[str, Any]] | None = None,
    ) -> str:  # fmt: skip
        """Somebody writes; the bank is told when it is named, unless `told` is False. The post's id."""
        status = self._status(who, text, under=under, visibility=visibility, at_ms=at_ms, media=media)
        if told and who != BANK and BANK in {m["acct"] for m in status["mentions"]}:
            self._tell("mention", who, status, at_ms)
        return str(status["id"])

    def edits(self, id: str, text: str) -> None:
        """Its author changes a post."""
        there = self.statuses[id]
        there |= {"content": rendered(text, self.url), "edited_at": moment(self.clock_ms())}
        self.sources[id] = text

    def deletes(self, id: str) -> None:
        """Its author takes a post away, and with it what was told of it."""
        gone = self.statuses.pop(id)
        if above := self.statuses.get(gone["in_reply_to_id"] or ""):
            above["replies_count"] -= 1
        self.notifications = [n for n in self.notifications if (n.get("status") or {}).get("id") != id]

    def does(self, kind: str, who: str, id: str = "") -> None:
        """favourite, reblog, follow, or a kind that nobody knows."""
        if id and kind in {"favourite", "reblog"}:
            self.statuses[id][{"favourite": "favourites_count", "reblog": "reblogs_count"}[kind]] += 1
        self._tell(kind, who, self.statuses.get(id))

    def words(self) -> list[str]:
        """Everything that the bank has said, as it was typed, oldest first."""
        return [self.sources[id] for id, s in self.statuses.items() if s["account"]["acct"] == BANK]

    def _tell(self, kind: str, who: str, status: dict[str, Any] | None, at_ms: int = 0) -> None:
        told: dict[str, Any] = {
            "id": self._id(), "type": kind, "created_at": moment(at_ms or self.clock_ms()),
            "account": self._account(who), "group_key": f"ungrouped-{self._last}",
        }  # fmt: skip
        self.notifications.append(told | ({"status": status} if status else {}))

    # --- as a transport, and over HTTP -----------------------------------------------------------------
    def __call__(self, request: httpx.Request) -> httpx.Response:
        """For httpx.MockTransport."""
        request.read()
        status, said, headers = self.answer(request)
        if isinstance(said, bytes):
            return httpx.Response(status, content=said, headers=headers)
        return httpx.Response(status, json=said, headers=headers)

    def answer(self, request: httpx.Request) -> Answer:
        """What the server says to one request."""
        path, method = request.url.path, request.method
        self.asked.append(f"{method} {path}")
        if planned := self.failing.get(f"{method} {path}"):
            return planned.pop(0)
        if path in {"/api/v1/apps", "/oauth/token", "/oauth/authorize"} or path.startswith("/.well-known/"):
            return self._signing_in(request)
        if path in {"/api/v2/instance", "/api/v1/instance"}:
            return self._about(path)
        who = self.tokens.get(request.headers.get("authorization", "").removeprefix("Bearer "))
        if who is None:
            return 401, {"error": "The access token is invalid"}, {}
        status, said, headers = self._of_account(request, who)
        return status, said, RATE | headers

    def _of_account(self, request: httpx.Request, who: str) -> Answer:
        path, query = request.url.path.removeprefix("/api/"), parse_qs(request.url.query.decode())
        match request.method, path.split("/")[1:]:
            case "GET", ["accounts", "verify_credentials"]:
                role = {"id": "-99", "name": "", "color": "", "permissions": "0", "highlighted": False}
                source = {
                    "note": "", "fields": [], "privacy": "public", "sensitive": False, "language": None,
                    "follow_requests_count": 0, "discoverable": True, "indexable": True,
                    "hide_collections": None, "attribution_domains": [], "quote_policy": "public",
                }  # fmt: skip
                return 200, {**self._account(who), "source": source, "role": role}, {}
            case "GET", ["accounts", number, "statuses"]:
                own = [s for s in self.statuses.values() if s["account"]["id"] == number]
                return self._listed(path, own, query)
            case "GET", ["notifications"]:
                return self._listed(path, self.notifications, query)
            case "POST", ["media"]:
                return self._upload(request)
            case "GET", ["media", id]:
                return self._media_state(id)
            case method, ["statuses", *rest]:
                return self._of_status(method, rest, request, who, query)
        return 404, {"error": "Record not found"}, {}

    def _of_status(
        self, method: str, rest: list[str], request: httpx.Request, who: str, query: dict[str, list[str]]
    ) -> Answer:
        if not rest:
            if method == "POST":
                return self._post(
                    json.loads(request.content), who, request.headers.get("idempotency-key", "")
                )
            if not self.batches:
                return 404, {"error": "Record not found"}, {}
            return 200, [self.statuses[i] for i in query.get("id[]", []) if i in self.statuses], {}
        there = self.statuses.get(rest[0])
        if there is None:
            return 404, {"error": "Record not found"}, {}
        match method, rest[1:]:
            case "GET", []:
                return 200, there, {}
            case "GET", ["context"]:
                return 200, {"ancestors": self._above(there), "descendants": self._below(there["id"])}, {}
            case "GET", ["source"] if self.tells_sources:
                return 200, {"id": there["id"], "text": self.sources[there["id"]], "spoiler_text": ""}, {}
            case "PUT", []:
                return self._change(there, json.loads(request.content))
            case "DELETE", []:
                self.deletes(there["id"])
                return 200, {**there, "text": self.sources[there["id"]]}, {}
        return 404, {"error": "Record not found"}, {}

    # --- writing ---------------------------------------------------------------------------------------
    def _post(self, body: dict[str, Any], who: str, key: str) -> Answer:
        if key and self.honours_keys and key in self.keys:
            return 200, self.statuses[self.keys[key]], {}
        text, above = body.get("status", ""), body.get("in_reply_to_id", "")
        if above and above not in self.statuses:
            error = "The post you are trying to reply to does not appear to exist."
            return 404, {"error": error}, {}
        if not graphemes_with_fixed_urls(text, limit=self.limit).ok:  # our own counting: it proves nothing
            error = f"Validation failed: Text character limit of {self.limit} exceeded"
            return 422, {"error": error}, {}
        media = [self.media[id] for id in body.get("media_ids", [])]
        if any(m["looks"] for m in media):
            error = "Cannot attach files that have not finished processing. Try again in a moment!"
            return 422, {"error": error}, {}
        made = self._status(
            who, text, under=above, visibility=body.get("visibility", "public"),
            lang=body.get("language", "en"), media=[m["shown"] for m in media],
        )  # fmt: skip
        if key:
            self.keys[key] = made["id"]
        if who != BANK and BANK in {m["acct"] for m in made["mentions"]}:
            self._tell("mention", who, made)
        return 200, made, {}

    def _change(self, there: dict[str, Any], body: dict[str, Any]) -> Answer:
        self.edits(there["id"], body["status"])
        shown: dict[str, Any] = {m["id"]: m for m in there["media_attachments"]}
        shown |= {id: m["shown"] for id, m in self.media.items()}
        there["media_attachments"] = [shown[id] for id in body.get("media_ids", [])]
        return 200, there, {}

    def _upload(self, request: httpx.Request) -> Answer:
        mark = request.headers["content-type"].partition("boundary=")[2].encode()
        parts = request.content.split(b"--" + mark)[1:-1]
        fields = {}
        for part in parts:
            head, _, data = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
            name = re.search(rb'name="([^"]*)"', head)
            assert name and data.endswith(b"\r\n")
            fields[name[1].decode()] = data[:-2]
        id = self._id()
        shown: dict[str, Any] = {
            "id": id, "type": "image", "url": f"{self.url}/files/{id}.png", "meta": {}, "blurhash": None,
            "preview_url": None, "remote_url": None, "description": fields.get("description", b"").decode(),
        }  # fmt: skip
        digest = hashlib.sha256(fields["file"]).hexdigest()
        self.media[id] = {"shown": shown, "looks": self.slow_media, "sha256": digest}
        return (202, {**shown, "url": None}, {}) if self.slow_media else (200, shown, {})

    def _media_state(self, id: str) -> Answer:
        kept = self.media[id]
        if kept["looks"]:
            kept["looks"] -= 1
        return (206, {**kept["shown"], "url": None}, {}) if kept["looks"] else (200, kept["shown"], {})

    # --- signing in --------------------------------------------------------------------------------------
    def _signing_in(self, request: httpx.Request) -> Answer:
        path, given = request.url.path, dict(parse_qs(request.content.decode()))
        form = {name: values[0] for name, values in given.items()}
        match path:
            case "/.well-known/oauth-authorization-server" if self.newest_api:
                at = {
                    "issuer": f"{self.url}/", "authorization_endpoint": f"{self.url}/oauth/authorize",
                    "token_endpoint": f"{self.url}/oauth/token", "response_types_supported": ["code"],
                    "grant_types_supported": ["authorization_code", "client_credentials"],
                    "code_challenge_methods_supported": ["S256"],
                }  # fmt: skip
                return 200, at, {}
            case "/oauth/authorize":
                return 200, b"<form>Sign in</form>", {"content-type": "text/html"}
            case "/api/v1/apps":
                return self._register(form)
            case "/oauth/token":
                return self._grant(form)
        return 404, {"error": "Record not found"}, {}

    def _register(self, form: dict[str, str]) -> Answer:
        id = f"client-{len(self.apps) + 1}"
        self.apps[id] = {"secret": f"secret-of-{id}", **form}
        made = {
            "id": str(len(self.apps)), "name": form["client_name"], "website": form.get("website"),
            "scopes": form["scopes"].split(), "redirect_uri": form["redirect_uris"],
            "redirect_uris": [form["redirect_uris"]], "client_id": id, "vapid_key": "",
            "client_secret": self.apps[id]["secret"], "client_secret_expires_at": 0,
        }  # fmt: skip
        return 200, made, {}

    def agrees(self, address: str, who: str = BANK, *, refuses: bool = False) -> dict[str, str]:
        """Somebody signs in at the page and agrees: what her browser brings back."""
        asked = {n: v[0] for n, v in parse_qs(urlsplit(address).query).items()}
        app = self.apps[asked["client_id"]]
        assert asked["redirect_uri"] == app["redirect_uris"] and asked["response_type"] == "code"
        assert set(asked["scope"].split()) <= set(app["scopes"].split())
        if refuses:
            return {"error": "access_denied", "state": asked["state"]}
        code = f"code-{len(self.codes) + 1}"
        self.codes[code] = {**asked, "who": who}
        return {"code": code, "state": asked["state"]}

    def _grant(self, form: dict[str, str]) -> Answer:
        asked = self.codes.pop(form.get("code", ""), None)
        app = self.apps.get(form.get("client_id", ""))
        if app is None or form.get("client_secret") != app["secret"]:
            return 401, {"error": "invalid_client", "error_description": "Client authentication failed"}, {}
        shown = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if asked is None or asked["code_challenge"] != shown.rstrip(b"=").decode():
            return 400, {"error": "invalid_grant", "error_description": "The grant is invalid"}, {}
        token = f"token-{len(self.tokens) + 1}-of-{asked['who']}"
        self.tokens[token] = asked["who"]
        given = {"access_token": token, "token_type": "Bearer", "scope": asked["scope"]}
        return 200, {**given, "created_at": int(time.time())}, {}

    # --- forms -------------------------------------------------------------------------------------------
    def _id(self) -> str:
        self._last += 1
        return str(self._last)

    def _account(self, who: str) -> dict[str, Any]:
        name, _, place = who.partition("@")
        number = self.people.setdefault(who, str(len(self.people) + 1))
        there = f"https://{place or self.home}/@{name}"
        picture = f"{self.url}/files/{number}.png"
        return {
            "id": number, "username": name, "acct": who, "display_name": name.title(), "url": there,
            "uri": there, "note": "", "avatar": picture, "avatar_static": picture, "header": picture,
            "header_static": picture, "locked": False, "fields": [], "emojis": [], "bot": False,
            "group": False, "discoverable": True, "indexable": True, "noindex": False,
            "created_at": moment(0),
            "last_status_at": None, "statuses_count": 0, "followers_count": 0, "following_count": 0,
            "avatar_description": "", "header_description": "", "roles": [], "hide_collections": False,
        }  # fmt: skip

    def _status(
        self, who: str, text: str, *, under: str = "", visibility: str = "public", lang: str = "en",
        at_ms: int = 0, media: list[dict[str, Any]] | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        id, above = self._id(), self.statuses.get(under)
        named = [self._named(name) for name in dict.fromkeys(NAMED.findall(text))]
        made = {
            "id": id, "uri": f"{self.url}/statuses/{id}", "url": f"{self.url}/@{who}/{id}",
            "created_at": moment(at_ms or self.clock_ms()), "edited_at": None, "account": self._account(who),
            "content": rendered(text, self.url), "visibility": visibility, "sensitive": False,
            "spoiler_text": "", "media_attachments": media or [], "mentions": named, "tags": [], "emojis": [],
            "reblogs_count": 0, "favourites_count": 0, "replies_count": 0, "quotes_count": 0,
            "in_reply_to_id": under or None,
            "in_reply_to_account_id": above["account"]["id"] if above else None,
            "reblog": None, "poll": None, "card": None, "language": lang, "application": None,
        }  # fmt: skip
        if above:
            above["replies_count"] += 1
        self.statuses[id], self.sources[id] = made, text
        return made

    def _named(self, name: str) -> dict[str, Any]:
        there = self._account(name.removesuffix(f"@{self.home}"))
        return {key: there[key] for key in ("id", "username", "url", "acct")}

    def _above(self, status: dict[str, Any]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while above := self.statuses.get(status["in_reply_to_id"] or ""):
            found, status = [above, *found], above
        return found

    def _below(self, id: str) -> list[dict[str, Any]]:
        children = [s for s in self.statuses.values() if s["in_reply_to_id"] == id]
        return [s for child in children for s in (child, *self._below(child["id"]))]

    def _listed(self, path: str, items: list[dict[str, Any]], query: dict[str, list[str]]) -> Answer:
        limit, before = int(query["limit"][0]), query.get("max_id", [""])[0]
        found = [i for i in reversed(items) if not before or int(i["id"]) < int(before)]
        page = found[:limit]
        if not page:
            return 200, [], {}
        older, newer = (urlencode({n: page[k]["id"]}) for n, k in (("max_id", -1), ("min_id", 0)))
        links = [f'<{self.url}/api/{path}?limit={limit}&{older}>; rel="next"'] if len(found) > limit else []
        links += [f'<{self.url}/api/{path}?limit={limit}&{newer}>; rel="prev"']
        return 200, page, {"link": ", ".join(links)}

    def _about(self, path: str) -> Answer:
        named = {
            "statuses": {
                "max_characters": self.limit, "max_media_attachments": 4, "characters_reserved_per_url": 23
            },
            "media_attachments": {
                "supported_mime_types": ["image/jpeg", "image/png", "image/gif"], "description_limit": 1500,
                "image_size_limit": 1_000_000, "image_matrix_limit": 33_177_600,
                "video_size_limit": 103_809_024, "video_frame_rate_limit": 120,
                "video_matrix_limit": 8_294_400,
            },
        }  # fmt: skip
        if not self.newest_api:
            about = {"uri": self.home, "title": "Fake", "configuration": named}
            return (200, about, {}) if path.startswith("/api/v1") else (404, {"error": "Not found"}, {})
        picture = {"url": f"{self.url.replace('://', '://files.')}/thumbnail.png"}
        return 200, {**SERVER, "domain": self.home, "thumbnail": picture,
                     "configuration": {**SERVER["configuration"], **named}}, {}  # fmt: skip
