"""Words, posts and deliveries, as the API shows and takes them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field, StringConstraints

from bankside.web.api.shapes import (
    CHANNELS_MAX,
    PICTURES_MAX,
    Hex32,
    Hex64,
    Line,
    Moment,
    PictureIn,
    Taken,
    Text,
)

# ISO 3166-1 alpha-2, or empty for no one in particular.
Country = Annotated[str, StringConstraints(pattern=r"^([A-Z]{2})?$")]


class WordsIn(Taken):
    """The words for one channel; what is left out comes from the post."""

    text: Text | None = None
    title: Annotated[str, StringConstraints(max_length=500)] | None = None
    lang: Annotated[str, StringConstraints(max_length=35)] | None = None
    kind: Annotated[str, StringConstraints(max_length=20)] | None = None
    slug: Annotated[str, StringConstraints(max_length=200)] | None = None
    media: Annotated[list[PictureIn], Field(max_length=PICTURES_MAX)] | None = None


class SheetOut(Schema):
    """Words that a person posts by hand. `link`: where; `pictures`: addresses that last for an hour.

    `halted`: why they must not be posted now; empty when they may.
    """

    words: dict[str, Any]
    link: str
    steps: list[str]
    asks_for_address: bool
    halted: str
    pictures: list[str]


class EvidenceIn(Taken):
    """Where the words stand now, and as what: `seen` is compared with what was approved.

    `sure`: other words stand there, and she says so. `picture`: one that shows them, by its obj.
    """

    seen: Text
    url: Line = ""
    sure: bool = False
    picture: Hex32 | None = None


class MediaOut(Schema):
    """A picture or a film as it is kept. `address` lasts for an hour; `seconds` is 0 for a picture."""

    obj: str
    sha256: str
    mime: str
    name: str
    size: int
    width: int
    height: int
    seconds: int
    address: str


class PartIn(Taken):
    """The digest of the exact words that she saw, for one channel."""

    channel: Hex32
    digest: Hex64


class PartWordsOut(Schema):
    """The exact words for one channel, and their digest."""

    channel: str
    digest: str
    words: dict[str, Any]


class CountOut(Schema):
    """One length as the network counts it; limit 0: there is none."""

    used: int
    limit: int
    unit: str
    ok: bool
    note: str


class CostOut(Schema):
    """What sending costs on a network that charges for it: a decimal in a string, and the currency."""

    amount: str
    currency: str


class PreviewOut(Schema):
    """How words would look and count on a channel; with any finding they cannot be sent.

    `warnings` keep nobody from it: for example that the network is blocked in the post's market.
    """

    channel: str
    channel_name: str
    network: str
    title: str
    text: str
    counts: list[CountOut]
    findings: list[str]
    warnings: list[str]
    cost: CostOut | None


class PostOut(Schema):
    """A post. `words` is the draft by channel obj; `edition` counts the writings; `market` is a country."""

    id: str
    obj: str
    title: str
    team: str | None
    author: str
    editor: str
    state: str
    base: str
    market: str
    words: dict[str, dict[str, Any]]
    edition: int
    due_at: str | None
    created_at: str | None
    edited_at: str | None


class PostRow(Schema):
    """A post in a list. `standing` is its state, or what became of it after it was scheduled."""

    id: str
    obj: str
    title: str
    state: str
    standing: str
    author: str
    excerpt: str
    channels: list[str]
    edition: int
    due_at: str | None
    edited_at: str | None


class Posts(Schema):
    """A page of posts, last written first."""

    items: list[PostRow]
    next: str | None


class PostIn(Taken):
    """A new draft, with words if there are any yet."""

    title: Annotated[str, StringConstraints(max_length=500)] = ""
    team: Annotated[str, StringConstraints(max_length=80)] | None = None
    base: Text | None = None
    market: Country = ""
    words: Annotated[dict[Hex32, WordsIn], Field(max_length=CHANNELS_MAX)] | None = None


class DraftIn(Taken):
    """What is written into a post; `edition` is the one that was seen. What is left out stays."""

    edition: Annotated[int, Field(ge=1, le=2_000_000_000)]
    title: Annotated[str, StringConstraints(max_length=500)] | None = None
    base: Text | None = None
    market: Country | None = None
    words: Annotated[dict[Hex32, WordsIn], Field(max_length=CHANNELS_MAX)] | None = None


class EditionIn(Taken):
    """The edition that was seen."""

    edition: Annotated[int, Field(ge=1, le=2_000_000_000)]


class VersionOut(Schema):
    """Words as they were submitted, never changed."""

    obj: str
    number: int
    title: str
    submitted_by: str
    submitted_at: str | None
    words: list[PartWordsOut]


class Versions(Schema):
    """All versions of a post, newest first."""

    items: list[VersionOut]


class Previews(Schema):
    """The draft as each channel would show it; `findings` are of the post as a whole and of each channel."""

    items: list[PreviewOut]
    findings: list[dict[str, str]]


class ReviewPart(Schema):
    """Words before an approver; `before` is the number of the version they are compared with, 0 for none."""

    channel: str
    channel_name: str
    network: str
    digest: str
    words: dict[str, Any]
    findings: list[str]
    before: int
    changes: list[tuple[str, str]]


class ReviewOut(Schema):
    """What a second person decides about. Approving sends back channel and digest of every part."""

    version: str
    number: int
    title: str
    author_name: str
    editor_name: str
    submitted_at: str | None
    due_at: str | None
    parts: list[ReviewPart]


class ApprovalIn(Taken):
    """The digests of all the words that she saw and agrees to."""

    words: Annotated[list[PartIn], Field(min_length=1, max_length=CHANNELS_MAX)]


class ScheduleIn(Taken):
    """When it goes out: a time with its zone; null or left out: at once."""

    due_at: Moment | None = None


class OutcomeOut(Schema):
    """How a post fares on one channel."""

    delivery: str
    version: str
    channel: str
    channel_name: str
    network: str
    state: str
    due_at: str | None
    at: str | None
    remote_id: str
    url: str
    note: str
    fallback: str


class Outcomes(Schema):
    """How a post fares."""

    items: list[OutcomeOut]


class AttemptOut(Schema):
    """One call of the network for a delivery."""

    number: int
    act: str
    started_at: str | None
    ended_at: str | None
    outcome: str
    detail: str


class DeliveryOut(Schema):
    """Words on their way out of one channel, with the evidence of every attempt."""

    id: str
    obj: str
    channel: str
    purpose: str
    about: str
    version: str
    digest: str
    state: str
    due_at: str | None
    tries: int
    remote_id: str
    url: str
    note: str
    attempts: list[AttemptOut]


class DecisionIn(Taken):
    """What a person saw on the network (`evidence`), and what follows from it."""

    decision: Literal["there", "again", "dropped"]
    evidence: Line
    url: Annotated[str, StringConstraints(max_length=1_000)] = ""
