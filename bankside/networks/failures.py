"""The five ways in which a call of a network fails: Later, Refused, Reconnect, Uncertain, Forged.

Expired is a kind of Later; Gone and NotAllowed are kinds of Refused. NotOffered is a mistake of ours.
"""

from __future__ import annotations

from bankside.said import Said, joined


class Later(Exception):
    """Nothing happened on the network; the same call may be made again after `after_seconds`."""

    def __init__(self, after_seconds: float, reason: str = "") -> None:
        self.reason = reason or Said("The network asks to wait.")
        again = Said("Try again in %(seconds)s s.", seconds=f"{after_seconds:g}")
        super().__init__(joined((self.reason, again)))
        self.after_seconds = float(after_seconds)


class Expired(Later):
    """The access token has ended. `channels` gets a new one, and the call is made again."""

    def __init__(self, reason: str = "", after_seconds: float = 5) -> None:
        super().__init__(after_seconds, reason or Said("The access token has ended."))


class Refused(Exception):
    """The network, or its rules, say no. Repeating will not help; a person decides.

    `fallback` is an address where a person can do the same by hand, or empty.
    """

    def __init__(self, reason: str, fallback: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.fallback = fallback


class Gone(Refused):
    """What was to be answered, edited or removed is not there any more."""


class NotAllowed(Refused):
    """The account may not do this: a right is missing, a window has closed, comments are off."""


class Reconnect(Exception):
    """The grant is no longer good: everything on this channel waits until a person connects it again."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Uncertain(Exception):
    """The call may have been carried out. It must never be repeated blindly: `find` first."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Forged(Exception):
    """A hook without a good signature."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotOffered(TypeError):
    """A mistake of ours: this network has no such operation. Ask `connector.can(operation)` first."""
