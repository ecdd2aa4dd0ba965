"""A FAKE of one Threads profile, in memory, in the forms of Meta's Postman collection. Meta is not here."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bankside.networks.contract import Media, Post
from tests.networks.graph_fake import GraphFake, Wrong, not_there, page, shown
from tests.networks.pretended import NOT_REAL

BANK = "24680135791357"
US = "hanulbank"
DESK = "https://desk.hanulbank.example/media"
TEXT_MAX = 500


class PretendedThreads(GraphFake):
    """The profile, what it has posted, and what others have."""

    name = "threads_net"
    site = "https://graph.threads.net"
    base = "/v1.0/"
    settings = {"client_id": "7788"}
    secrets = {"access": NOT_REAL, "client_secret": NOT_REAL, "verify_token": NOT_REAL}
    account = {"remote_id": BANK, "handle": f"@{US}", "url": f"https://www.threads.net/@{US}"}

    def __init__(self) -> None:
        super().__init__()
        self.containers: dict[str, dict[str, Any]] = {}
        self.posts: dict[str, dict[str, Any]] = {}
        self.slow = 0
        self.broken = False

    # --- what people do ------------------------------------------------------------------------------
    def says(
        self,
        who: str,
        words: str,
        *,
        under: str = "",
        at_ms: int = 0,
        pictures: int = 0,
        naming: bool = False,
    ) -> str:
        """A post, or an answer under one; `naming`: it names the bank."""
        id, at = self.new_id("180"), at_ms or self.now_ms()
        above = self.posts.get(under)
        root = (above["root_post"] or {"id": under, "owner_id": BANK, "username": US}) if above else None
        kind = "TEXT_POST" if not pictures else "IMAGE" if pictures == 1 else "CAROUSEL_ALBUM"
        self.posts[id] = {
            "id": id, "text": words, "timestamp": self.moment(at), "at": at, "username": who,
            "naming": naming,
            "permalink": f"https://www.threads.net/@{who}/post/{id}", "media_type": kind,
            "media_url": "https://cdn.example/a.jpg" if pictures == 1 else None,
            "children": [{"id": f"{id}{n}"} for n in range(pictures)] if pictures > 1 else None,
            "has_replies": lambda: bool(self._under(id)), "root_post": root,
            "replied_to": {"id": under} if above else None, "is_reply_owned_by_me": who == US,
        }  # fmt: skip
        return id

    def post(self, number: int) -> Post:
        """By turns a post, an answer, and a post with a picture."""
        words = super().post(number)
        if number % 3 == 1:
            asked = next((id for id, p in self.posts.items() if p["username"] != US), "")
            asked = asked or self.says("minji", "몇 시에 열어요?")
            return replace(words, in_reply_to=asked, thread=asked)
        return replace(words, media=(picture(number),)) if number % 3 == 2 else words

    def visible(self) -> list[str]:
        return [p["text"] for p in self.posts.values() if p["username"] == US]

    # --- calls ---------------------------------------------------------------------------------------
    def called(self, method: str, path: str, given: dict[str, Any], token: str) -> Any:
        newest = sorted(self.posts.values(), key=lambda p: (p["at"], p["id"]), reverse=True)
        match method, path.split("/"):
            case "GET", ["me"]:
                return shown({"id": BANK, "username": US, "name": "한울은행"}, given["fields"])
            case "GET", ["me", "threads_publishing_limit"]:
                day = self.seconds_of_day
                config = {"quota_total": 250, "quota_duration": day}
                return {"data": [{"quota_usage": 2, "config": config,
                                  "reply_config": {"quota_total": 1000, "quota_duration": day}}]}  # fmt: skip
            case "GET", ["me", "threads"]:
                ours = [p for p in newest if p["username"] == US and not p["replied_to"]]
                return page(ours, given, given["fields"])
            case "GET", ["me", "replies"]:
                ours = [p for p in newest if p["username"] == US and p["replied_to"]]
                return page(ours, given, given["fields"])
            case "GET", ["me", "mentions"]:
                return page([p for p in newest if p["naming"]], given, given["fields"])
            case "GET", [id, "conversation"]:
                self._there(id)
                below = self._under(id)
                return page(below if given.get("reverse") != "false" else below[::-1], given, given["fields"])
            case "GET", ["me", "threads_insights"] if given["metric"] == "followers_count":
                return {
                    "data": [{"name": "followers_count", "period": "day", "total_value": {"value": 5120}}]
                }
            case "GET", [id, "insights"]:
                self._there(id)
                names = given["metric"].split(",")
                return {"data": [{"name": n, "period": "lifetime", "values": [{"value": 7}]} for n in names]}
            case "GET", [id]:
                return shown(self._looked_at(id), given["fields"])
            case "POST", ["me", "threads"]:
                return {"id": self._container(given)}
            case "POST", ["me", "threads_publish"]:
                return {"id": self._published(str(given["creation_id"]))}
            case "DELETE", [id]:
                if self._there(id)["username"] != US:
                    raise Wrong(10, "Application does not have permission for this action")
                del self.posts[id]
                return {"success": True, "deleted_id": id}
        raise Wrong(2500, f"Unknown path components: /{path}")

    def _container(self, given: dict[str, Any]) -> str:
        kind, child = given["media_type"], given.get("is_carousel_item") is True
        parts = given.get("children", "").split(",") if kind == "CAROUSEL" else []
        if parts and (not 2 <= len(parts) <= 20 or any(not self.containers[p]["child"] for p in parts)):
            raise Wrong(100, "Invalid children")
        text = given.get("text", "")
        if (kind == "TEXT" and not text) or len(text) > TEXT_MAX:
            raise Wrong(100, "Param text must be at most 500 characters long.")
        if kind == "IMAGE" and not given.get("image_url", "").startswith(DESK):
            raise Wrong(100, "Media download has failed")
        if above := given.get("reply_to_id"):
            self._there(above)
        id = self.new_id("170")
        pictures = len(parts) or (kind == "IMAGE")
        self.containers[id] = {"child": child, "pictures": pictures, "looks": self.slow, "published": False}
        self.containers[id] |= {"text": text, "under": given.get("reply_to_id", "")}
        return id

    def _looked_at(self, id: str) -> dict[str, Any]:
        if id not in self.containers:
            return self._there(id)
        container = self.containers[id]
        container["looks"] -= 1
        state = "ERROR" if self.broken else "IN_PROGRESS" if container["looks"] >= 0 else "FINISHED"
        state = "PUBLISHED" if container["published"] else state
        return {
            "id": id,
            "status": state,
            "error_message": "FAILED_DOWNLOADING_VIDEO" if self.broken else None,
        }

    def _published(self, id: str) -> str:
        container = self.containers[id]
        if container["child"] or container["published"] or container["looks"] > 0:
            raise Wrong(24, "The requested resource does not exist", 4279009)
        container["published"] = True
        return self.says(US, container["text"], under=container["under"], pictures=container["pictures"])

    def _under(self, id: str) -> list[dict[str, Any]]:
        below = [p for p in self.posts.values() if (p["root_post"] or {}).get("id") == id]
        return sorted(below, key=lambda p: (p["at"], p["id"]), reverse=True)

    def _there(self, id: str) -> dict[str, Any]:
        if id not in self.posts:
            raise not_there(id)
        return self.posts[id]


def picture(number: int, alt: str = "") -> Media:
    """A picture that lies at an address of a public desk."""
    return Media(mime="image/jpeg", alt=alt, data=b"jpeg", name="a.jpg", url=f"{DESK}/{number}")


def told(field: str, value: Any) -> dict[str, Any]:
    """What a hook carries, in the form that Threads alone has."""
    return {
        "app_id": "7788", "topic": "moderate", "target_id": "1", "time": 1_795_859_000,
        "subscription_id": "2", "has_uid_field": False, "values": {"value": value, "field": field},
    }  # fmt: skip


SERVER = PretendedThreads
