"""Where reading stands: the cursor of a channel, as short text that a later version of us can still read."""

from __future__ import annotations

import msgspec

WATCHED_MAX = 100
WATCHED_PER_LOOK = 25
THREADS_PER_LOOK = 20
THREADS_IN_TURN = 5


class Reach(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How far a list of notifications is read. Everything up to `done_ms` is.

    In the middle of a long list, `page` is where it goes on, and `top_ms` what will be done at its end.
    """

    done_ms: int = 0
    top_ms: int = 0
    page: str = ""


class Place(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`since_ms`: nothing older concerns us. `words` and `acts`: how far the two lists are read.

    `replies`: the account's own latest posts by key, with the number of replies under which their threads
    were read. `watched`: what was reported, as `did/key/end of the CID`, newest first; it is asked for again
    in turns, so that what was changed or taken away is noticed. `turn` counts the looks.
    """

    since_ms: int = 0
    words: Reach = Reach()
    acts: Reach = Reach()
    replies: dict[str, int] = {}
    watched: list[str] = []
    turn: int = 0

    @classmethod
    def of(cls, cursor: str, since_ms: int) -> Place:
        """The place that a cursor names. One that cannot be read begins anew: then much comes twice."""
        try:
            return msgspec.json.decode(cursor, type=cls) if cursor else cls(since_ms=since_ms)
        except msgspec.MsgspecError:
            return cls(since_ms=since_ms)

    def __str__(self) -> str:
        return msgspec.json.encode(self).decode()

    @property
    def goes_on(self) -> bool:
        """Whether a list was left in its middle."""
        return bool(self.words.page or self.acts.page)

    def in_turn(self) -> list[str]:
        """The watched posts that are looked at now."""
        if not self.watched:
            return []
        start = self.turn * WATCHED_PER_LOOK % len(self.watched)
        return (self.watched[start:] + self.watched[:start])[:WATCHED_PER_LOOK]

    def threads_in_turn(self, keys: list[str]) -> list[str]:
        """Some of these threads, so that each has its turn."""
        if not keys:
            return []
        start = self.turn * THREADS_IN_TURN % len(keys)
        return (keys[start:] + keys[:start])[:THREADS_IN_TURN]


def short(uri: str, cid: str) -> str:
    """A post of somebody and its version, as `watched` has it."""
    did, _, key = uri.removeprefix("at://").split("/")
    return f"{did}/{key}/{cid[-8:]}"


def uri_of(watched: str, collection: str) -> str:
    """The post that is meant."""
    did, key, _ = watched.split("/")
    return f"at://{did}/{collection}/{key}"
