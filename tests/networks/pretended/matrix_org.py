"""A FAKE of a Matrix server, as far as the desk uses it: written from what Synapse 1.163.2 answered."""

from __future__ import annotations

import itertools
import json
import re
from typing import Any
from urllib.parse import unquote

import httpx

from bankside.networks.contract import Post
from tests.networks.pretended import NOT_REAL, Pretended, asked, said

SITE = "https://matrix.hanulbank.example"
BANK, READER = "@care:hanulbank.example", "@minji:hanulbank.example"
NOW = 1_795_860_000_000


class PretendedMatrix(Pretended):
    """One account, and the conversations that it has."""

    name = "matrix_org"
    site = SITE
    settings = {"server": SITE, "user": BANK}
    secrets = {"access_token": NOT_REAL}
    account = {"remote_id": BANK}

    def __init__(self) -> None:
        super().__init__()
        self._numbers = itertools.count(1)
        self.rooms: dict[str, list[dict[str, Any]]] = {}
        self.members: dict[str, dict[str, str]] = {}
        self.aliases: dict[str, str] = {}
        self.account_data: dict[str, Any] = {}
        self._sent: dict[tuple[str, str], str] = {}
        self.home = self._open({BANK: "join", READER: "join"})
        self.asked = self._event(
            self.home, READER, "m.room.message", {"msgtype": "m.text", "body": "여보세요?"}
        )

    def post(self, number: int) -> Post:
        words = f"Notice {number}: the branch in Mapo opens at ten. 지점 안내 {number}"
        if number % 2:
            return Post(text=words, private=True, to=(f"@reader{number % 7}:hanulbank.example",))
        return Post(text=words, private=True, in_reply_to=f"{self.home}/{self.asked}")

    def visible(self) -> list[str]:
        events = [e for room in self.rooms.values() for e in room]
        ours = [e["content"]["body"] for e in events if e["sender"] == BANK and "body" in e["content"]]
        people = [person for known in self.members.values() for person in known if person != BANK]
        assert len(people) == len(set(people)), "there are two conversations with the same person"
        return [str(words) for words in ours]

    # --- answering -----------------------------------------------------------------------------------
    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.headers.get("authorization") != f"Bearer {NOT_REAL}":
            return _error(401, "M_UNKNOWN_TOKEN", "Invalid access token passed.")
        path = request.url.raw_path.decode().partition("?")[0].removeprefix("/_matrix/client/v3/")
        match (request.method, *(unquote(part) for part in path.split("/"))):
            case ("GET", "account", "whoami"):
                return said(200, {"user_id": BANK})
            case ("GET", "profile", _):
                return said(200, {"displayname": "한울은행"})
            case ("GET", "directory", "room", alias):
                found = self.aliases.get(alias)
                return said(200, {"room_id": found}) if found else _error(404, "M_NOT_FOUND", "No such alias")
            case (_, "user", _, "account_data", "m.direct"):
                return self._on_directs(request)
            case ("POST", "createRoom"):
                return self._create(asked(request))
            case (_, "rooms", room, *rest) if BANK in self.members.get(room, {}):
                return self._on_room(request, room, rest)
        return _error(403 if "rooms/" in path else 404, "M_FORBIDDEN", "It is not for you.")

    def _on_directs(self, request: httpx.Request) -> httpx.Response:
        if request.method == "PUT":
            self.account_data = asked(request)
            return said(200, {})
        return said(200, self.account_data) if self.account_data else _error(404, "M_NOT_FOUND", "None")

    def _create(self, wanted: dict[str, Any]) -> httpx.Response:
        alias = f"#{wanted['room_alias_name']}:hanulbank.example"
        if alias in self.aliases:
            return _error(400, "M_ROOM_IN_USE", "Room alias already taken")
        assert wanted["is_direct"] is True and wanted["preset"] == "private_chat"
        room = self._open({BANK: "join", **dict.fromkeys(wanted["invite"], "invite")})
        self.aliases[alias] = room
        return said(200, {"room_id": room})

    def _on_room(self, request: httpx.Request, room: str, rest: list[str]) -> httpx.Response:
        match (request.method, *rest):
            case ("GET", "state", "m.room.member", person) if person in self.members[room]:
                return said(200, {"membership": self.members[room][person]})
            case ("GET", "event", event):
                found = [e for e in self.rooms[room] if e["event_id"] == event]
                return said(200, found[0]) if found else _error(404, "M_NOT_FOUND", "Event not found.")
            case ("GET", "messages"):
                return self._past(request, room)
            case ("POST", "invite"):
                self.members[room][asked(request)["user_id"]] = "invite"
                return said(200, {})
            case ("PUT", "send", kind, number):
                return said(200, {"event_id": self._once(room, number, kind, asked(request))})
            case ("PUT", "redact", event, number):
                for there in self.rooms[room]:
                    there["content"] = {} if there["event_id"] == event else there["content"]
                return said(
                    200, {"event_id": self._once(room, number, "m.room.redaction", {"redacts": event})}
                )
        return _error(404, "M_NOT_FOUND", "Not found.")

    def _past(self, request: httpx.Request, room: str) -> httpx.Response:
        """Backwards, a page at a time, as the filter wants it."""
        only = json.loads(request.url.params.get("filter", "{}"))
        start = int(request.url.params.get("from", len(self.rooms[room])))
        wanted = [
            (number, event)
            for number, event in enumerate(self.rooms[room][:start])
            if all(event[name] in only.get(f"{name}s", [event[name]]) for name in ("type", "sender"))
        ][::-1]
        page = wanted[: int(request.url.params.get("limit", 10))]
        end = {"end": str(page[-1][0])} if len(page) < len(wanted) else {}
        return said(200, {"chunk": [e for _, e in page], "state": [], **end})

    def _once(self, room: str, number: str, kind: str, content: dict[str, Any]) -> str:
        """The same transaction id is the same event, whatever it carries."""
        assert re.fullmatch(r"[0-9a-f]{32}", number)
        if (room, number) not in self._sent:
            self._sent[room, number] = self._event(room, BANK, kind, content)
        return self._sent[room, number]

    def _open(self, members: dict[str, str]) -> str:
        room = f"!{next(self._numbers):043d}"
        self.rooms[room], self.members[room] = [], members
        return room

    def _event(self, room: str, sender: str, kind: str, content: dict[str, Any]) -> str:
        number = next(self._numbers)
        made = {
            "event_id": f"${number:043d}", "sender": sender, "type": kind, "content": content,
            "origin_server_ts": NOW + number,
        }  # fmt: skip
        self.rooms[room].append(made)
        return str(made["event_id"])


def _error(status: int, code: str, words: str) -> httpx.Response:
    return said(status, {"errcode": code, "error": words})


SERVER = PretendedMatrix
