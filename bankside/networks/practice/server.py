"""The pretended network as seen from its other side: what tests, training and the demo drive."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from bankside.networks.catalogue import network
from bankside.networks.contract import Gone, Request
from bankside.networks.practice import failures as orders
from bankside.networks.practice.customers import (
    Words,
    add_customer,
    add_reply,
    let_time_pass,
    other_party,
    person,
)
from bankside.networks.practice.items import raw_of, signature
from bankside.networks.practice.state import HOME, PICTURES, Failure, Image, State, Thing, change
from bankside.said import Said

HERE = Path(__file__).resolve().parent
NAME_LENGTH = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """One thing that the bank said there, as its public sees it now."""

    id: str
    kind: str
    key: str
    text: str
    thread: str
    in_reply_to: str
    private: bool
    to: tuple[str, ...]
    version: int
    removed: bool
    images: tuple[str, ...]
    url: str


class PracticeServer:
    """The network as seen from the other side: customers speak, failures are ordered, time moves on.

    Any number of processes may hold one on the same folder.
    """

    def __init__(
        self, folder: str | Path, *, handle: str = "hanulbank", hook_secret: str = "", failures: str = ""
    ) -> None:
        self.folder = Path(folder)
        self.handle = handle
        self.hook_secret = hook_secret
        self._always = orders.parsed(failures)

    def customer_says(
        self,
        text: str,
        *,
        by: str = "minji",
        lang: str = "",
        private: bool = False,
        under: str = "",
        name: str = "",
        images: tuple[tuple[str, str], ...] = (),
    ) -> str:
        """Mentions the bank, writes to it privately, or comments `under` one of its posts. Returns the id.

        `images` are (address, description) pairs.
        """
        with self._open() as state:
            who = person(by, name)
            said = Words(who, text, lang or who.lang, state.now_ms)
            if under:
                return add_reply(state, state.things[under], said).id
            shown = tuple(Image(url=u, alt=a, mime="image/jpeg") for u, a in images)
            return add_customer(state, said, private=private, images=shown).id

    def add_picture(self, content: bytes) -> str:
        """Puts any bytes where pictures of this network lie; the address, for `customer_says`."""
        name = hashlib.sha256(content).hexdigest()[:NAME_LENGTH]
        (self.folder / "pictures").mkdir(parents=True, exist_ok=True)
        (self.folder / "pictures" / name).write_bytes(content)
        return f"{PICTURES}{name}"

    def picture(self, url: str) -> bytes:
        """What lies at the address of a picture: one of the script's, or one that was added. Raises Gone."""
        name = url.removeprefix(PICTURES)
        plain = url.startswith(PICTURES) and re.fullmatch(r"[0-9a-f]{16}|[a-z-]{1,40}\.png", name)
        for folder in (HERE, self.folder / "pictures"):
            if plain and (folder / name).is_file():
                return (folder / name).read_bytes()
        raise Gone(Said("The practice network has no such picture."))

    def customer_replies(self, to: str, text: str, *, by: str = "", lang: str = "", name: str = "") -> str:
        """Goes on in the thread of `to`; by the same customer unless `by` names another. Returns the id."""
        with self._open() as state:
            parent = state.things[to]
            who = person(by, name) if by else other_party(state, parent)
            return add_reply(state, parent, Words(who, text, lang or who.lang, state.now_ms)).id

    def customer_edits(self, id: str, text: str) -> None:
        """Changes the words of a customer's own text."""
        with self._open() as state:
            change(state, state.things[id], text=text)

    def customer_deletes(self, id: str) -> None:
        """Takes a customer's own text away."""
        with self._open() as state:
            change(state, state.things[id], text="", deleted=True)

    def posts(self, kind: str = "") -> list[Posted]:
        """All that the bank said and that is public, oldest first: kinds `post`, `reply`, `message`."""
        with self._open() as state:
            own = [t for t in state.things.values() if t.own and t.n]
            return [_said(t) for t in own if kind in ("", t.kind)]

    def fail_next(self, operation: str, kind: str, times: int = 1, *, after_seconds: float = 1.0) -> None:
        """The next `times` calls of an operation fail. `after_seconds` is what a `later` asks for."""
        orders.check(operation, kind)
        with self._open() as state:
            state.failures.append(Failure(operation, kind, times, after_seconds))

    def heal(self) -> None:
        """Takes back every failure that was ordered and has not happened."""
        with self._open() as state:
            state.failures.clear()

    def calls(self, operation: str) -> int:
        """How often the bank's side has called an operation, failures included."""
        with self._open() as state:
            return state.calls.get(operation, 0)

    def advance(self, seconds: float) -> None:
        """Moves this network's clock forward, for every process, for ever."""
        with self._open() as state:
            state.shift_ms += int(seconds * 1000)

    def hook_request(self, *ids: str, path: str = "/hooks/practice", body: bytes | None = None) -> Request:
        """A signed hook with these things (all of the customers' when none is named), or with any `body`."""
        with self._open() as state:
            chosen = ids or tuple(t.id for t in state.things.values() if not t.own)
            raws = [raw_of(state.things[i]) for i in chosen]
        body = msgspec.json.encode({"items": raws}) if body is None else body
        headers = {
            "content-type": "application/json",
            network("practice").signature.header: signature(self.hook_secret, body),
        }
        return Request(method="POST", path=path, query={}, headers=headers, body=body)

    @contextmanager
    def open(self, operation: str) -> Iterator[State]:
        """The state, locked, for one call of the bank's side; raises what was ordered to fail."""
        with self._open() as state:
            state.calls[operation] = state.calls.get(operation, 0) + 1
            state.failing, after = orders.taken(state, operation, self._always)
            orders.raise_ordered(operation, state.failing, after)
            yield state

    @contextmanager
    def _open(self) -> Iterator[State]:
        """Locks, loads, lets due things happen, gives the state, and saves it whatever was raised."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            state = self._load()
            let_time_pass(state)
            try:
                yield state
            finally:
                self._save(state)

    def _load(self) -> State:
        path = self.folder / "network.json"
        return msgspec.json.decode(path.read_bytes(), type=State) if path.exists() else State()

    def _save(self, state: State) -> None:
        # One rename is all or nothing for the other processes. It is not synced to the disk: a pretended
        # network may forget its last second in a power cut.
        handle, name = tempfile.mkstemp(dir=self.folder, prefix=".network-")
        with os.fdopen(handle, "wb") as file:
            file.write(msgspec.json.encode(state))
        Path(name).replace(self.folder / "network.json")


def _said(thing: Thing) -> Posted:
    return Posted(
        id=thing.id,
        kind=thing.kind,
        key=thing.key,
        text=thing.text,
        thread=thing.thread,
        in_reply_to=thing.in_reply_to,
        private=thing.private,
        to=tuple(thing.to),
        version=thing.version,
        removed=thing.deleted,
        images=tuple(i.alt for i in thing.images),
        url=f"{HOME}/{thing.id}",
    )
