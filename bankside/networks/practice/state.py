"""What the pretended network remembers, and how a change to it is numbered."""

from __future__ import annotations

import time

import msgspec

HOME = "https://practice.bankside.example"
ACTS = {"like": "Like", "follow": "Follow"}
"""What customers do without words, by kind, and how the contract calls it."""

PICTURES = f"{HOME}/pictures/"


class Person(msgspec.Struct, frozen=True):
    """An account on the pretended network."""

    id: str
    handle: str
    name: str
    lang: str = ""


class Image(msgspec.Struct, frozen=True):
    """A picture, at an address of this network; `server.py` says which of them can be had."""

    url: str
    alt: str
    mime: str


class Thing(msgspec.Struct):
    """Something that was said. `n` is the number of its last change, 0 while nobody can see it yet."""

    id: str
    kind: str
    author: Person
    text: str
    lang: str
    thread: str
    created_ms: int
    visible_ms: int
    in_reply_to: str = ""
    to: list[str] = []
    private: bool = False
    own: bool = False
    key: str = ""
    images: list[Image] = []
    version: int = 1
    changed_ms: int = 0
    n: int = 0
    deleted: bool = False
    edit_keys: list[str] = []


class Failure(msgspec.Struct):
    """An order: the next `times` calls of an operation fail in this way."""

    operation: str
    kind: str
    times: int
    after_seconds: float


class State(msgspec.Struct):
    """Everything. `shift_ms`: how far this network's clock is ahead; `failing`: what this call meets."""

    things: dict[str, Thing] = {}
    failures: list[Failure] = []
    calls: dict[str, int] = {}
    played: list[str] = []
    started_ms: int = 0
    scripted: bool = False
    shift_ms: int = 0
    last_n: int = 0
    last_id: int = 0
    failing: str = ""
    handle: str = "hanulbank"

    @property
    def now_ms(self) -> int:
        """The pretended network's time, UTC milliseconds."""
        return time.time_ns() // 1_000_000 + self.shift_ms

    def by_key(self, key: str) -> Thing | None:
        """What was accepted under a delivery key, visible or not yet."""
        return next((t for t in self.things.values() if key and key in (t.key, *t.edit_keys)), None)

    def new_id(self, letter: str) -> str:
        self.last_id += 1
        return f"{letter}{self.last_id}"


def renumber(state: State, thing: Thing) -> None:
    """Every change takes the next number, so that a cursor is one number."""
    state.last_n += 1
    thing.n, thing.changed_ms = state.last_n, state.now_ms


def change(state: State, thing: Thing, *, text: str, deleted: bool = False) -> None:
    """A new version of something."""
    thing.text, thing.deleted = text, deleted
    thing.version += 1
    renumber(state, thing)


def is_own_post(thing: Thing) -> bool:
    return thing.own and thing.kind == "post"
