"""Facts about the key that wraps all other keys; nothing of the key itself."""

from __future__ import annotations

from dataclasses import dataclass

from bankside.record.fact import fact


@fact("record.wrapping-key-changed", leaf="key")
@dataclass(frozen=True, slots=True, kw_only=True)
class WrappingKeyChanged:
    """The wrapping key is changed: a generation is `begun`, those before it `destroyed`; or it is `moved` to
    another provider, and `left` the one before.

    `provider` and `holder` name who wraps it now. `wrapped` counts keys that were wrapped anew. It takes two
    people: `second` is the other one, as an actor.
    """

    step: str
    generation: int
    provider: str
    holder: str
    wrapped: int
    second: str
