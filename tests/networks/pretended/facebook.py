"""A FAKE of one Facebook page, in memory, in the forms of the Graph API. Facebook is not here."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from bankside.networks.contract import Post
from tests.networks.graph_fake import HOUR_MS, GraphFake, Wrong, not_there, page, shown
from tests.networks.pretended import NOT_REAL

PAGE = "104455667788"
MINJI = "5550001"
SANNE = "5550002"
USER = "a token of a person"
LONG = "a long token of a person"
NAMES = {PAGE: "Hanul Bank", MINJI: "김민지", SANNE: "Sanne de Vries"}
LINK = "https://www.facebook.com/hanulbank"


class PretendedFacebook(GraphFake):
    """The page, what stands on it, and who has written to it."""

    name = "facebook"
    site = "https://graph.facebook.com"
    settings = {"page_id": PAGE, "client_id": "1122334455"}
    secrets = {"access": NOT_REAL, "client_secret": NOT_REAL, "verify_token": NOT_REAL}
    account = {"remote_id": PAGE}

    def __init__(self) -> None:
        super().__init__()
        self.tokens |= {USER, LONG}
        self.things: dict[str, dict[str, Any]] = {}
        self.photos: dict[str, bool] = {}
        self.exchanges: dict[str, list[dict[str, Any]]] = {}

    # --- what people do ------------------------------------------------------------------------------
    def says(self, who: str, words: str, *, under: str = "", at_ms: int = 0, hidden: bool = False) -> str:
        """A comment under a post or a comment; without any, something on the page."""
        above = self.things.get(under, {})
        post = above.get("post") or under
        id = f"{post.split('_')[-1]}_{self.new_id()}" if under else f"{PAGE}_{self.new_id()}"
        root = (above.get("parent") or {}).get("id") or (under if above.get("post") else "")
        self.things[id] = self._thing(id, who, words, at_ms) | {
            "post": post, "parent": {"id": root} if root else None, "is_hidden": hidden, "attachment": None,
            "like_count": 0, "comment_count": 0,
        }  # fmt: skip
        return id

    def writes(self, who: str, words: str, *, at_ms: int = 0, by: str = "") -> str:
        """A private message with `who`, from her or from the page."""
        mid, at = f"m_{self.new_id()}", at_ms or self.now_ms()
        sender, other = by or who, who if by else PAGE
        self.exchanges.setdefault(who, []).append({
            "id": mid, "message": words, "created_time": self.moment(at), "at": at,
            "from": {"id": sender, "name": NAMES.get(sender, "")}, "to": {"data": [{"id": other}]},
            "attachments": None,
        })  # fmt: skip
        return mid

    def edits(self, id: str, words: str) -> None:
        self.things[id]["message"] = words

    def deletes(self, id: str) -> None:
        del self.things[id]

    def post(self, number: int) -> Post:
        """By turns a post, an answer under a comment, and a private answer."""
        words = super().post(number)
        if number % 3 == 1:
            asked = next((id for id, t in self.things.items() if t["from"]["id"] == MINJI), "")
            asked = asked or self.says(MINJI, "몇 시에 열어요?")
            return replace(words, in_reply_to=asked, thread=asked)
        if number % 3 == 2:
            mid = self.exchanges[SANNE][0]["id"] if SANNE in self.exchanges else self.writes(SANNE, "Hallo?")
            return replace(words, private=True, in_reply_to=mid, thread=f"direct:{SANNE}", to=(SANNE,))
        return words

    def visible(self) -> list[str]:
        ours = [t["message"] for t in self.things.values() if t["from"]["id"] == PAGE]
        said = [m["message"] for e in self.exchanges.values() for m in e if m["from"]["id"] == PAGE]
        return ours + said

    # --- calls ---------------------------------------------------------------------------------------
    def called(self, method: str, path: str, given: dict[str, Any], token: str) -> Any:
        match method, path.split("/"):
            case "GET", ["me"]:
                return {"id": PAGE if token == NOT_REAL else "7", "name": "?"}
            case "GET", ["oauth", "access_token"]:
                return self._exchange(given)
            case "GET", [id, edge] if id == PAGE:
                return self._list(edge, given)
            case "GET", [id, "comments"]:
                return page(self._comments(id), given, given["fields"])
            case "GET", [id] if id == PAGE:
                mine = {"id": PAGE, "name": NAMES[PAGE], "username": "hanulbank", "link": LINK}
                return shown(mine | {"access_token": NOT_REAL, "followers_count": 5120}, given["fields"])
            case "GET", [id]:
                return shown(self._there(id), given["fields"])
            case "POST", [id, edge] if id == PAGE:
                return self._posted(edge, given)
            case "POST", [id, "comments"]:
                self._there(id)
                return {"id": self.says(PAGE, given["message"], under=id)}
            case "POST", [id]:
                self._ours(id)["message"] = given["message"]
                return {"success": True}
            case "DELETE", [id]:
                self._ours(id)
                self.deletes(id)
                return {"success": True}
        raise Wrong(2500, f"Unknown path components: /{path}")

    def _posted(self, edge: str, given: dict[str, Any]) -> dict[str, Any]:
        match edge:
            case "feed":
                return {"id": self._published(given)}
            case "photos":
                if given.get("published") != "false" or not given.get("source"):
                    raise Wrong(100, "A photo is published at once, or has no file.")
                id = self.new_id()
                self.photos[id] = False
                return {"id": id}
            case "messages":
                return self._sent(given)
        raise Wrong(2500, f"Unknown path components: /{edge}")

    def _published(self, given: dict[str, Any]) -> str:
        photos = [one["media_fbid"] for one in given.get("attached_media", [])]
        if not (given.get("message") or photos) or any(p not in self.photos for p in photos):
            raise Wrong(100, "Invalid parameter")
        kinds = [{"media_type": "photo"} for _ in photos]
        one = {"media_type": "album", "subattachments": kinds} if len(kinds) > 1 else {
            "media_type": "photo", "subattachments": []
        }  # fmt: skip
        id = f"{PAGE}_{self.new_id()}"
        self.things[id] = self._thing(id, PAGE, given.get("message", ""), 0) | {
            "post": "", "attachments": [one] if photos else []
        }  # fmt: skip
        return id

    def _sent(self, given: dict[str, Any]) -> dict[str, Any]:
        who, words = given["recipient"]["id"], given["message"]["text"]
        hers = [m["at"] for m in self.exchanges.get(who, []) if m["from"]["id"] == who]
        silent = (self.now_ms() - max(hers, default=0)) / HOUR_MS
        tagged = given["messaging_type"] == "MESSAGE_TAG" and given.get("tag") == "HUMAN_AGENT"
        if silent > (168 if tagged else 24):
            raise Wrong(10, "This message is sent outside of allowed window.", 2018278)
        return {"recipient_id": who, "message_id": self.writes(who, words, by=PAGE)}

    def _list(self, edge: str, given: dict[str, Any]) -> dict[str, Any]:
        newest = sorted(self.things.values(), key=lambda t: (t["at"], t["id"]), reverse=True)
        match edge:
            case "feed":
                return page([t for t in newest if not t["post"]], given, given["fields"])
            case "published_posts":
                ours = [t for t in newest if not t["post"] and t["from"]["id"] == PAGE]
                return page(ours, given, given["fields"])
            case "conversations":
                one = given.get("user_id")
                people = [p for p in self.exchanges if p == one or not one]
                return page([self._exchange_with(p) for p in people], given, given["fields"])
        raise Wrong(2500, f"Unknown path components: /{edge}")

    def _exchange_with(self, who: str) -> dict[str, Any]:
        people = [{"id": p, "name": NAMES.get(p, "")} for p in (who, PAGE)]
        return {
            "id": f"t_{who}", "link": f"/hanulbank/inbox/{who}/",
            "updated_time": self.exchanges[who][-1]["created_time"],
            "participants": {"data": people}, "messages": self.exchanges[who][::-1],
        }  # fmt: skip

    def _comments(self, id: str) -> list[dict[str, Any]]:
        self._there(id)
        below = [
            t for t in self.things.values() if t["post"] == id or (t.get("parent") or {}).get("id") == id
        ]
        return sorted(below, key=lambda t: (t["at"], t["id"]), reverse=True)

    def _exchange(self, given: dict[str, Any]) -> dict[str, Any]:
        if given.get("fb_exchange_token") != USER or given.get("client_secret") != NOT_REAL:
            raise Wrong(190, "Error validating access token: the session has expired", 463)
        return {"access_token": LONG, "token_type": "bearer", "expires_in": 5_183_944}

    def _thing(self, id: str, who: str, words: str, at_ms: int) -> dict[str, Any]:
        at = at_ms or self.now_ms()
        return {
            "id": id, "message": words, "from": {"id": who, "name": NAMES.get(who, "")}, "at": at,
            "created_time": self.moment(at), "permalink_url": f"https://www.facebook.com/{id}",
            "full_picture": None, "comments": lambda: self._comments(id), "attachments": [],
            "shares": {"count": 2}, "reactions": [{}, {}, {}],
        }  # fmt: skip

    def _there(self, id: str) -> dict[str, Any]:
        if id not in self.things:
            raise not_there(id)
        return self.things[id]

    def _ours(self, id: str) -> dict[str, Any]:
        if self._there(id)["from"]["id"] != PAGE:
            raise Wrong(200, "Permissions error")
        return self.things[id]


def told(
    *changes: dict[str, Any], messaging: tuple[dict[str, Any], ...] = (), of: str = PAGE
) -> dict[str, Any]:
    """What a hook carries."""
    entry: dict[str, Any] = {"id": of, "time": 1_795_860_000}
    entry |= (
        {"changes": [{"field": "feed", "value": json.loads(json.dumps(c))} for c in changes]}
        if changes
        else {}
    )
    entry |= {"messaging": list(messaging)} if messaging else {}
    return {"object": "page", "entry": [entry]}


SERVER = PretendedFacebook
