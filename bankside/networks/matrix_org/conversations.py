"""Which conversation is with whom, and the one that the desk opens with somebody."""

from __future__ import annotations

import hashlib
from typing import Any

from bankside.networks.contract import Later
from bankside.networks.matrix_org.server import Membership, Room, Server, of_room, part, trouble, understood
from bankside.said import Said

DIRECT_ROOMS_MAX = 10
IN_TOUCH = frozenset({"join", "invite"})


class Conversations:
    """The direct conversations of one account. There is never a second one with the same person by us."""

    def __init__(self, server: Server, me: str) -> None:
        self._server, self._me = server, me

    def direct(self, person: str) -> str:
        """A conversation with this person alone, that both have not left; empty when there is none."""
        known = self._directs().get(person, [])
        rooms = [r for r in known if isinstance(r, str)] if isinstance(known, list) else []
        return next((r for r in rooms[-DIRECT_ROOMS_MAX:] if self._is_in_touch(r, person)), "")

    def opened(self, person: str) -> str:
        """The conversation that the desk opens: opened again after a lost answer, it is the same one."""
        room = self.by_alias(person)
        if room and not self._is_in_touch(room, person):
            self._server.ask("POST", f"{of_room(room)}/invite", json={"user_id": person})
        room = room or self._created(person)
        self.remember(person, room)
        return room

    def _created(self, person: str) -> str:
        wanted = {
            "preset": "private_chat", "is_direct": True, "invite": [person],
            "room_alias_name": self._alias(person)[1:].partition(":")[0],
        }  # fmt: skip
        answer = self._server.ask("POST", "/createRoom", json=wanted, also=(400,))
        if answer.status == 400 and trouble(answer).errcode == "M_ROOM_IN_USE":
            raise Later(5, Said("The conversation is being opened."))
        self._server.wire.raise_for(answer)
        return understood(answer, Room).room_id

    def by_alias(self, person: str) -> str:
        """The one that the desk has opened with this person, whoever is in it; empty when there is none."""
        found = self._server.there(f"/directory/room/{part(self._alias(person))}", Room)
        return found.room_id if found else ""

    def _alias(self, person: str) -> str:
        """The one name of the conversation that the desk opens with somebody."""
        digest = hashlib.sha256(f"{self._me}\n{person}".encode()).hexdigest()[:32]
        return f"#bankside-{digest}:{self._me.partition(':')[2]}"

    def _is_in_touch(self, room: str, person: str) -> bool:
        place = f"{of_room(room)}/state/m.room.member/{part(person)}"
        there = self._server.there(place, Membership)
        return there is not None and there.membership in IN_TOUCH

    def _directs(self) -> dict[str, Any]:
        """Which conversations are with whom, as the account's own clients keep it too."""
        return self._server.there(self._directs_place, dict[str, Any]) or {}

    def remember(self, person: str, room: str) -> None:
        """Notes with whom a conversation is."""
        known = self._directs()
        rooms = known.get(person)
        rooms = rooms if isinstance(rooms, list) else []
        if room not in rooms:
            self._server.ask("PUT", self._directs_place, json={**known, person: [*rooms, room]})

    @property
    def _directs_place(self) -> str:
        return f"/user/{part(self._me)}/account_data/m.direct"
