"""Facts about posts. Their words stand in PostSubmitted; drafts are not facts."""

from __future__ import annotations

from dataclasses import dataclass

from bankside.record.fact import fact
from bankside.record.facts.channels import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelWords:
    """The exact words for one channel and their digest."""

    channel: str
    digest: str
    words: Words


@fact("publish.post-submitted")
@dataclass(frozen=True, slots=True, kw_only=True)
class PostSubmitted:
    """A version was frozen and put before somebody else."""

    post: str
    version: str
    number: int
    title: str
    author: str
    editor: str
    words: tuple[ChannelWords, ...]


@fact("publish.post-scheduled")
@dataclass(frozen=True, slots=True, kw_only=True)
class PostScheduled:
    """An approved version goes out at this time (UTC ms), or at once when `due_ms` has passed."""

    post: str
    version: str
    due_ms: int


@fact("publish.post-unscheduled")
@dataclass(frozen=True, slots=True, kw_only=True)
class PostUnscheduled:
    """What was planned and has not gone out does not go out."""

    post: str
    version: str
    reason: str


@fact("publish.post-edited")
@dataclass(frozen=True, slots=True, kw_only=True)
class PostEdited:
    """Somebody changed words that were submitted or approved: the consent is gone."""

    post: str
    version: str


@fact("publish.post-discarded")
@dataclass(frozen=True, slots=True, kw_only=True)
class PostDiscarded:
    """A draft was thrown away."""

    post: str
