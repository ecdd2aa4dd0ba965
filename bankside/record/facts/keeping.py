"""Facts about what is kept and what is forgotten. Whom they concern stands in the leaf, never who that is.

`subject` is a subject's id, `about` the obj of one thing, or empty for everything of the subject.
"""

from __future__ import annotations

from dataclasses import dataclass

from bankside.record.fact import fact


@fact("record.erasure-asked")
@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureAsked:
    """Somebody asks that words be erased; a second person has to agree. `basis` is a code."""

    request: str
    subject: str
    about: str
    basis: str
    reason: str


@fact("record.erasure-declined")
@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureDeclined:
    """The second person did not agree, or whoever asked took it back."""

    request: str
    reason: str


@fact("record.erasure-waits")
@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureWaits:
    """Two people agreed, but a hold or a duty to keep comes first: the words are restricted until it ends."""

    request: str
    reason: str
    until_ms: int


@fact("record.erased", leaf="erase")
@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """Words are erased. All there is to say stands in the leaf; this entry has no words of its own."""


@fact("record.hold-placed", leaf="hold")
@dataclass(frozen=True, slots=True, kw_only=True)
class HoldPlaced:
    """Nothing of `target` may be erased. `kind` is subject, object or channel."""

    hold: str
    kind: str
    target: str
    reason: str


@fact("record.hold-released", leaf="release")
@dataclass(frozen=True, slots=True, kw_only=True)
class HoldReleased:
    """Another person ended a hold."""

    hold: str
    kind: str
    target: str
    reason: str


@fact("record.words-restricted", leaf="restrict")
@dataclass(frozen=True, slots=True, kw_only=True)
class WordsRestricted:
    """Words are stored and shown to nobody, in no list and in no search. One such fact per lane."""

    subject: str
    about: str
    reason: str


@fact("record.restriction-lifted", leaf="release")
@dataclass(frozen=True, slots=True, kw_only=True)
class RestrictionLifted:
    """Two people agreed that restricted words are shown again. One such fact per lane."""

    subject: str
    about: str
    reason: str
    by: tuple[str, ...]


@fact("record.words-expired")
@dataclass(frozen=True, slots=True, kw_only=True)
class WordsExpired:
    """The words of entries of this lane, kept as class `ret` says, were past their term and are deleted.

    They lie in the log of `year`: the n-th run is from `firsts[n]` to `lasts[n]`, both included.
    """

    ret: str
    year: int
    firsts: tuple[int, ...]
    lasts: tuple[int, ...]


@fact("record.retention-decided", leaf="config")
@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionDecided:
    """The classes of retention in force from here on, and their months (0: for ever). Terms only grow."""

    classes: tuple[str, ...]
    months: tuple[str, ...]
