"""Facts about channels: what came in, what went out, and how each channel is.

`channel` is the channel's obj, `delivery` a delivery's. Times are UTC milliseconds, 0 when not known.
"""

from __future__ import annotations

from dataclasses import dataclass

from bankside.record.fact import fact


# --- the channel itself ------------------------------------------------------------------------------
@fact("channels.channel-connected", leaf="config")
@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelConnected:
    """One of the bank's accounts is on the desk (again). Secrets are never in a fact."""

    channel: str
    network: str
    name: str
    handle: str
    team: str


@fact("channels.channel-stopped", leaf="config")
@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelStopped:
    """The network refuses the grant: everything on the channel waits until a person connects it again."""

    channel: str
    reason: str


@fact("channels.channel-paused", leaf="config")
@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelPaused:
    """A person stopped the channel."""

    channel: str
    reason: str


@fact("channels.channel-resumed", leaf="config")
@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelResumed:
    """The channel runs again."""

    channel: str


@fact("channels.channel-removed", leaf="config")
@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelRemoved:
    """The channel is off the desk and its secrets are destroyed; what was said stays in the record."""

    channel: str


@fact("channels.desk-frozen", leaf="config")
@dataclass(frozen=True, slots=True, kw_only=True)
class DeskFrozen:
    """Nothing goes out from now on, on any channel."""

    reason: str


@fact("channels.desk-unfrozen", leaf="config")
@dataclass(frozen=True, slots=True, kw_only=True)
class DeskUnfrozen:
    """What waits may go out again."""

    reason: str


# --- what came in ------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True, kw_only=True)
class ActorSeen:
    """Who did it, in the network's own words."""

    remote_id: str
    handle: str = ""
    name: str = ""
    url: str = ""
    avatar_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentSeen:
    """A file at the network's own address; what became of a picture is a fact of its own."""

    kind: str
    url: str
    alt: str = ""
    mime: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One thing that somebody did on a network, after masking. Field by field the connector's Activity."""

    remote_id: str
    version: str
    verb: str
    kind: str
    actor: ActorSeen
    text: str
    title: str = ""
    lang: str = ""
    thread: str = ""
    in_reply_to: str = ""
    url: str = ""
    private: bool = False
    own: bool = False
    held: bool = False
    reply_allowed: bool = True
    published_ms: int = 0
    attachments: tuple[AttachmentSeen, ...] = ()
    mentions: tuple[str, ...] = ()


@fact("channels.activity-received", leaf="post.in")
@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityReceived:
    """Something was seen for the first time. The entry's obj is the conversation's. `via` is hook or poll."""

    channel: str
    network: str
    seen: Seen
    via: str


@fact("channels.activity-changed", leaf="edit")
@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityChanged:
    """A new version of something that was seen before; the entry's `prev` is the version before it."""

    channel: str
    network: str
    seen: Seen
    via: str


@fact("channels.older-version-found", leaf="edit")
@dataclass(frozen=True, slots=True, kw_only=True)
class OlderVersionFound:
    """A version that came after a newer one, or after the removal. What stands there now does not change."""

    channel: str
    network: str
    seen: Seen
    via: str


@fact("channels.activity-removed", leaf="delete")
@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityRemoved:
    """It is not there any more; what it said stays in the record."""

    channel: str
    network: str
    remote_id: str
    via: str


@fact("channels.gap-repaired", leaf="gap")
@dataclass(frozen=True, slots=True, kw_only=True)
class GapRepaired:
    """Polling found what no hook had brought."""

    channel: str
    items: int


@fact("channels.picture-kept")
@dataclass(frozen=True, slots=True, kw_only=True)
class PictureKept:
    """A picture of something seen was fetched, drawn again and kept. The entry's `att` names the file.

    `remote_id` and `url` say which picture it is, `sha256` what is shown. The key of the file hangs on the
    subject's key and on `salt` (hex): erased words take the picture with them.
    """

    channel: str
    remote_id: str
    url: str
    picture: str
    file: str
    salt: str
    sha256: str
    mime: str
    size: int
    width: int
    height: int


@fact("channels.picture-missed")
@dataclass(frozen=True, slots=True, kw_only=True)
class PictureMissed:
    """A picture of something seen is not kept; `reason` says why, and its link stays."""

    channel: str
    remote_id: str
    url: str
    picture: str
    reason: str


# --- what went out -----------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True, kw_only=True)
class MediaSaid:
    """A file that goes with the words: `media` is its obj, `sha256` that of the exact bytes that are sent."""

    media: str
    sha256: str
    mime: str
    alt: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The exact words for one channel: what is approved is what is sent. See `channels.words.digest`."""

    text: str
    title: str = ""
    lang: str = ""
    kind: str = "note"
    slug: str = ""
    in_reply_to: str = ""
    thread: str = ""
    to: tuple[str, ...] = ()
    private: bool = False
    replaces: str = ""
    media: tuple[MediaSaid, ...] = ()


@fact("channels.delivery-requested")
@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRequested:
    """These words are to go out. The entry's obj is the post's or the conversation's (`about`).

    `purpose` is post or reply; `version` is the version of the post, or the reply.
    """

    delivery: str
    channel: str
    purpose: str
    about: str
    version: str
    digest: str
    consent: str
    due_ms: int
    words: Words


@fact("channels.attempt-started")
@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptStarted:
    """Written before the network is called, so that a lost answer is known to be one."""

    delivery: str
    channel: str
    purpose: str
    about: str
    version: str
    number: int


@fact("channels.post-published", leaf="post.out")
@dataclass(frozen=True, slots=True, kw_only=True)
class PostPublished:
    """The network confirmed it. `found` is how we know: sent, settled, found (looked up) or person."""

    delivery: str
    channel: str
    purpose: str
    about: str
    version: str
    remote_id: str
    url: str
    found: str
    published_ms: int
    words: Words


@fact("channels.handed-over")
@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOver:
    """The desk cannot post these words on their network: they wait for a person to post them by hand."""

    delivery: str
    channel: str
    purpose: str
    about: str
    version: str


@fact("channels.posted-by-hand")
@dataclass(frozen=True, slots=True, kw_only=True)
class PostedByHand:
    """A person posted the words on the network and showed where they stand; that they are out follows it.

    `seen`: the words as she found them there, masked; `same`: they are the approved ones but for spaces and
    line ends; if not, she confirmed that they are hers. `picture` is the obj of a picture of it, or empty,
    `sha256` that of its bytes.
    """

    delivery: str
    channel: str
    purpose: str
    about: str
    version: str
    url: str
    seen: str
    same: bool
    picture: str
    sha256: str


@fact("channels.delivery-delayed")
@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryDelayed:
    """Nothing happened on the network; it is tried again, or waits for the channel. `held`: for a person."""

    delivery: str
    channel: str
    purpose: str
    about: str
    version: str
    reason: str
    due_ms: int
    held: bool


@fact("channels.delivery-refused")
@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRefused:
    """The network or the desk says no; a person decides what next. `fallback` is an address or empty."""

    delivery: str
    channel: str
    purpose: str
    about: str
    version: str
    reason: str
    fallback: str


@fact("channels.delivery-uncertain")
@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryUncertain:
    """It may have gone out. `looking` says that the desk will look it up; if not, a person decides."""

    delivery: str
    channel: str
    purpose: str
    about: str
    version: str
    reason: str
    looking: bool


@fact("channels.delivery-withdrawn")
@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryWithdrawn:
    """It will not go out: taken back by a person, or its consent is gone."""

    delivery: str
    channel: str
    purpose: str
    about: str
    version: str
    reason: str


@fact("channels.doubt-decided")
@dataclass(frozen=True, slots=True, kw_only=True)
class DoubtDecided:
    """A person looked and decided what an uncertain delivery was: `decision` is there, again or dropped."""

    delivery: str
    channel: str
    purpose: str
    about: str
    version: str
    decision: str
    evidence: str


@fact("channels.counts-read")
@dataclass(frozen=True, slots=True, kw_only=True)
class CountsRead:
    """What the network counts on something of ours, as alternating names and numbers."""

    channel: str
    remote_id: str
    names: tuple[str, ...]
    values: tuple[int, ...]
