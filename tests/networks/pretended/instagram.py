"""A FAKE of one Instagram account, in memory, in the forms of the Graph API. Instagram is not here."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bankside.networks.contract import Media, Post
from tests.networks.graph_fake import HOUR_MS, GraphFake, Wrong, not_there, page, shown
from tests.networks.pretended import NOT_REAL

BANK = "17841400008460056"
MINJI = "6660001"
SANNE = "6660002"
NAMES = {BANK: "hanulbank", MINJI: "minji", SANNE: "sanne"}
DESK = "https://desk.hanulbank.example/media"
CAPTION_MAX = 2200


class PretendedInstagram(GraphFake):
    """The account, its posts, what stands under them, and who has written to it."""

    name = "instagram"
    site = "https://graph.instagram.com"
    settings = {"client_id": "5566"}
    secrets = {"access": NOT_REAL, "client_secret": NOT_REAL, "verify_token": NOT_REAL}
    account = {"remote_id": BANK, "handle": "@hanulbank", "url": "https://www.instagram.com/hanulbank/"}

    def __init__(self) -> None:
        super().__init__()
        self.containers: dict[str, dict[str, Any]] = {}
        self.media: dict[str, dict[str, Any]] = {}
        self.comments: dict[str, dict[str, Any]] = {}
        self.exchanges: dict[str, list[dict[str, Any]]] = {}
        self.slow = 0
        self.broken = False

    # --- what people do ------------------------------------------------------------------------------
    def says(self, who: str, words: str, *, under: str, at_ms: int = 0, hidden: bool = False) -> str:
        """A comment under a post, or under a comment."""
        id, at = self.new_id("179"), at_ms or self.now_ms()
        parent = under if under in self.comments else None
        self.comments[id] = {
            "id": id, "text": words, "timestamp": self.moment(at), "at": at, "hidden": hidden,
            "username": NAMES[who], "from": {"id": who, "username": NAMES[who]}, "parent_id": parent,
            "under": under, "like_count": 3, "replies": lambda: self._under(id),
        }  # fmt: skip
        return id

    def shows(self, words: str, pictures: int = 1, at_ms: int = 0) -> str:
        """A post of the bank."""
        id, at = self.new_id("178"), at_ms or self.now_ms()
        children = [{"id": f"{id}{n}"} for n in range(pictures)] if pictures > 1 else []
        self.media[id] = {
            "id": id, "caption": words, "timestamp": self.moment(at), "at": at, "like_count": 9,
            "permalink": f"https://www.instagram.com/p/{id}/", "children": children,
            "comments": lambda: self._under(id), "comments_count": lambda: len(self._under(id)),
        }  # fmt: skip
        return id

    def writes(self, who: str, words: str, *, at_ms: int = 0, by: str = "") -> str:
        """A private message with `who`, from her or from the bank."""
        mid, at, sender = self.new_id("aWdfZAG"), at_ms or self.now_ms(), by or who
        self.exchanges.setdefault(who, []).append({
            "id": mid, "message": words, "created_time": self.moment(at), "at": at, "attachments": None,
            "from": {"id": sender, "username": NAMES[sender]}, "to": {"data": [{"id": who if by else BANK}]},
        })  # fmt: skip
        return mid

    def post(self, number: int) -> Post:
        """By turns a post, an answer under a comment, and a private answer."""
        words = super().post(number)
        if number % 3 == 1:
            asked = next(iter(self.comments), "") or self.says(MINJI, "몇 시에 열어요?", under=self.shows(""))
            return replace(words, in_reply_to=f"comment:{asked}", thread=f"comment:{asked}")
        if number % 3 == 2:
            mid = self.exchanges[SANNE][0]["id"] if SANNE in self.exchanges else self.writes(SANNE, "Hallo?")
            return replace(words, private=True, in_reply_to=mid, thread=f"direct:{SANNE}", to=(SANNE,))
        return replace(words, media=(picture(number),))

    def visible(self) -> list[str]:
        said = [m["message"] for e in self.exchanges.values() for m in e if m["from"]["id"] == BANK]
        ours = [c["text"] for c in self.comments.values() if c["from"]["id"] == BANK]
        return [m["caption"] for m in self.media.values() if m["caption"]] + ours + said

    # --- calls ---------------------------------------------------------------------------------------
    def called(self, method: str, path: str, given: dict[str, Any], token: str) -> Any:
        match method, path.split("/"):
            case "GET", ["me"]:
                me = {"user_id": int(BANK), "username": NAMES[BANK], "name": "한울은행"}
                return shown(me | {"followers_count": 5120}, given["fields"])
            case "GET", [id, "content_publishing_limit"] if id == BANK:
                config = {"quota_total": 100, "quota_duration": self.seconds_of_day}
                return {"data": [{"quota_usage": 2, "config": config}]}
            case "GET", [id, "media"] if id == BANK:
                return page(_newest(self.media), given, given["fields"])
            case "GET", [id, "conversations"] if id == BANK:
                people = [p for p in self.exchanges if p == given.get("user_id", p)]
                return page([self._exchange_with(p) for p in people], given, given["fields"])
            case "GET", [id, "replies" | "comments"]:
                self._there(id)
                return page(self._under(id), given, given["fields"])
            case "GET", [id]:
                return shown(self._looked_at(id), given["fields"])
            case "POST", [id, "media"] if id == BANK:
                return {"id": self._container(given)}
            case "POST", [id, "media_publish"] if id == BANK:
                return {"id": self._published(str(given["creation_id"]))}
            case "POST", [id, "messages"] if id == BANK:
                return self._sent(given)
            case "POST", [id, "replies"]:
                if self._there(id).get("parent_id"):
                    raise Wrong(100, "Only comments of the first level can be answered")
                return {"id": self.says(BANK, given["message"], under=id)}
            case "DELETE", [id]:
                if id in self.media or self._there(id)["from"]["id"] != BANK:
                    raise Wrong(10, "Application does not have permission for this action")
                del self.comments[id]
                return {"success": True}
        raise Wrong(2500, f"Unknown path components: /{path}")

    def _container(self, given: dict[str, Any]) -> str:
        child = given.get("is_carousel_item") is True
        parts = given.get("children", "").split(",") if given.get("media_type") == "CAROUSEL" else []
        if parts and (not 2 <= len(parts) <= 10 or any(not self.containers[p]["child"] for p in parts)):
            raise Wrong(100, "Invalid children")
        if not parts and not given.get("image_url", "").startswith(DESK):
            raise Wrong(9004, "The media could not be fetched from this URI: it is not public", 2207052)
        if len(given.get("caption", "")) > CAPTION_MAX or (child and "caption" in given):
            raise Wrong(36_004, "The caption is too long", 2207010)
        id = self.new_id("180")
        self.containers[id] = {
            "child": child,
            "caption": given.get("caption", ""),
            "pictures": len(parts) or 1,
        }
        self.containers[id] |= {"looks": self.slow, "published": False}
        return id

    def _looked_at(self, id: str) -> dict[str, Any]:
        if id not in self.containers:
            return self._there(id)
        container = self.containers[id]
        container["looks"] -= 1
        state = "ERROR" if self.broken else "IN_PROGRESS" if container["looks"] >= 0 else "FINISHED"
        state = "PUBLISHED" if container["published"] else state
        return {"id": id, "status_code": state, "status": "Error: 2207052" if self.broken else state}

    def _published(self, id: str) -> str:
        container = self.containers[id]
        if container["child"] or container["published"] or container["looks"] > 0:
            raise Wrong(9007, "The media is not ready for publishing, please wait for a moment", 2207027)
        container["published"] = True
        return self.shows(container["caption"], container["pictures"])

    def _sent(self, given: dict[str, Any]) -> dict[str, Any]:
        who, words = given["recipient"]["id"], given["message"]["text"]
        hers = [m["at"] for m in self.exchanges.get(who, []) if m["from"]["id"] == who]
        silent = (self.now_ms() - max(hers, default=0)) / HOUR_MS
        tagged = given["messaging_type"] == "MESSAGE_TAG" and given.get("tag") == "HUMAN_AGENT"
        if silent > (168 if tagged else 24) or len(words.encode()) > 1000:
            raise Wrong(10, "This message is sent outside of allowed window.", 2534022)
        return {"recipient_id": who, "message_id": self.writes(who, words, by=BANK)}

    def _exchange_with(self, who: str) -> dict[str, Any]:
        return {
            "id": f"aWdfZADM{who}", "link": None, "updated_time": self.exchanges[who][-1]["created_time"],
            "participants": {"data": [{"id": p, "username": NAMES[p]} for p in (who, BANK)]},
            "messages": self.exchanges[who][::-1],
        }  # fmt: skip

    def _under(self, id: str) -> list[dict[str, Any]]:
        return _newest({k: c for k, c in self.comments.items() if c["under"] == id})

    def _there(self, id: str) -> dict[str, Any]:
        found = self.media.get(id) or self.comments.get(id)
        if found is None:
            raise not_there(id)
        return found


def picture(number: int, alt: str = "") -> Media:
    """A picture that lies at an address of a public desk."""
    return Media(mime="image/jpeg", alt=alt, data=b"jpeg", name="a.jpg", url=f"{DESK}/{number}")


def told(
    *values: dict[str, Any], messaging: tuple[dict[str, Any], ...] = (), of: str = BANK
) -> dict[str, Any]:
    """What a hook carries."""
    entry: dict[str, Any] = {"id": of, "time": 1_795_859_000}
    entry |= {"changes": [{"field": "comments", "value": v} for v in values]} if values else {}
    entry |= {"messaging": list(messaging)} if messaging else {}
    return {"object": "instagram", "entry": [entry]}


def _newest(things: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(things.values(), key=lambda t: (t["at"], t["id"]), reverse=True)


SERVER = PretendedInstagram
