"""One account's server: its calls, and what it answers."""

from __future__ import annotations

from typing import Any, TypeVar
from urllib.parse import quote

import msgspec

from bankside.networks.contract import Expired, Reconnect, Refused
from bankside.networks.wire import Wire, WireAnswer
from bankside.said import Said

CLIENT = "/_matrix/client/v3"


class Whose(msgspec.Struct):
    user_id: str


class Profile(msgspec.Struct):
    displayname: str | None = None


class LoggedIn(msgspec.Struct):
    access_token: str
    expires_in_ms: int = 0


class Trouble(msgspec.Struct):
    errcode: str = ""
    error: str = ""


class Event(msgspec.Struct):
    """One event of a room. `content` is whatever its sender liked."""

    type: str = ""
    event_id: str = ""
    sender: str = ""
    origin_server_ts: int = 0
    state_key: str | None = None
    redacts: str | None = None
    content: dict[str, Any] = {}
    unsigned: dict[str, Any] = {}


class Events(msgspec.Struct):
    events: list[Event] = []


class Timeline(msgspec.Struct):
    events: list[Event] = []
    limited: bool = False
    prev_batch: str = ""


class Joined(msgspec.Struct):
    timeline: Timeline = msgspec.field(default_factory=Timeline)
    state: Events = msgspec.field(default_factory=Events)


class Invited(msgspec.Struct):
    invite_state: Events = msgspec.field(default_factory=Events)


class Rooms(msgspec.Struct):
    join: dict[str, Joined] = {}
    invite: dict[str, Invited] = {}


class Synced(msgspec.Struct):
    next_batch: str
    rooms: Rooms = msgspec.field(default_factory=Rooms)


class Messages(msgspec.Struct):
    chunk: list[Event] = []
    state: list[Event] = []
    end: str | None = None


class Sent(msgspec.Struct):
    event_id: str


class Room(msgspec.Struct):
    room_id: str


class Uploaded(msgspec.Struct):
    content_uri: str


class Membership(msgspec.Struct):
    membership: str = ""


T = TypeVar("T")


class Server:
    """The calls of one account. `renewable`: a new token can be had when this one is not taken any more."""

    def __init__(self, wire: Wire, address: str, token: str, *, renewable: bool = False) -> None:
        self.wire, self.address = wire, address.rstrip("/")
        self._token, self._renewable = token, renewable

    def ask(self, method: str, path: str, *, also: tuple[int, ...] = (), **how: Any) -> WireAnswer:
        """One call under the account's token; `path` lies below the client interface, or begins /_matrix."""
        headers = {"authorization": f"Bearer {self._token}", **how.pop("headers", {})}
        place = path if path.startswith("/_matrix/") else f"{CLIENT}{path}"
        answer = self.wire.ask(method, f"{self.address}{place}", headers=headers, also=(*also, 401), **how)
        if answer.status == 401:
            if self._renewable:
                raise Expired()
            raise Reconnect(Said("The Matrix server does not accept the access token (401)."))
        return answer

    def get(self, path: str, kind: type[T], **how: Any) -> T:
        """What a read answers."""
        return understood(self.ask("GET", path, **how), kind)

    def there(self, path: str, kind: type[T], **how: Any) -> T | None:
        """What a read answers; None where there is nothing, or nothing that we may see."""
        answer = self.ask("GET", path, also=(403, 404), **how)
        return understood(answer, kind) if answer.status == 200 else None

    def event(self, room: str, event: str) -> Event | None:
        """An event as it stands."""
        return self.there(f"{of_room(room)}/event/{part(event)}", Event)


def understood(answer: WireAnswer, kind: type[T]) -> T:
    """The answer as what it should be. Anything else is doubt after a write, and patience after a read."""
    try:
        return msgspec.convert(answer.json(), kind)
    except msgspec.ValidationError as strange:
        raise answer.nonsense(
            Said("The Matrix server answered something unknown: %(strange)s.", strange=str(strange))
        ) from None


def trouble(answer: WireAnswer) -> Trouble:
    """What the server has against it; nothing when it does not say."""
    try:
        return msgspec.json.decode(answer.content, type=Trouble)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return Trouble()


def part(name: str) -> str:
    """A name as one part of a path."""
    return quote(name, safe="")


def of_room(room: str) -> str:
    """The path of a room."""
    return f"/rooms/{part(room)}"


def remote_id_of(room: str, event: str) -> str:
    """Rooms and events have names of their own; both are needed to speak of an event."""
    return f"{room}/{event}"


def parts_of(remote_id: str) -> tuple[str, str]:
    """(room, event). Raises Refused for what is no name of an event."""
    room, slash, event = remote_id.partition("/$")
    if not room.startswith("!") or not slash or not event:
        raise Refused(Said("'%(remote_id)s' is nothing that Matrix has.", remote_id=remote_id))
    return room, f"${event}"
