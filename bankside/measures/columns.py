"""The logical tables: what columns each has, and what the numbers in them stand for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

PURPOSES: Final = ("contact", "relations", "information", "brand")
"""What words of ours are for: `posts.meant` is a place in this list."""
VERBS: Final = ("Create", "Like", "Announce", "Follow")
"""What others do: `acts.verb`."""
STEPS: Final = ("joined", "left", "linked", "unlinked", "activated", "posted", "redeemed", "undone")
"""What happens to the social card: `steps.what`."""
WRITERS: Final = ("", "p", "m", "o")
"""Who wrote the first answer (`talks.answer_by`): nobody, a person, a machine, somebody outside this desk."""
NOW, BEFORE, EARLIER = 0, 1, 2
"""`span`: the period, the days before it, earlier than both."""

# What is true is 1. Times are UTC ms, 0 when it has not happened. `opened_day`, `ended_day` (answered or
# closed) and `closed_day` are counted from the first day of the period; see `frames.py`.
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "talks": (
        "n", "private", "turn", "opened_at", "asked", "due_at", "answered_at", "answer_by", "answer_private",
        "moved", "closed_at", "as_of", "opened_day", "ended_day", "closed_day",
    ),
    "posts": (
        "n", "answers", "meant", "private", "price", "reach", "likes", "shares", "comments", "seen_likes",
        "seen_shares", "seen_comments",
    ),
    "acts": ("n", "verb", "times", "price"),
    "steps": ("n", "what", "amount"),
}  # fmt: skip
WORKED_OUT: Final = frozenset({"as_of", "opened_day", "ended_day", "closed_day"})
"""What hangs on the period that is asked for, and is in no file."""
NAMED: Final[Mapping[str, tuple[str, ...]]] = {
    "meant": PURPOSES, "verb": VERBS, "what": STEPS, "answer_by": WRITERS,
}  # fmt: skip
