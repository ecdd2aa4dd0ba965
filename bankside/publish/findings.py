"""What keeps words from being put before a second person. Every finding says what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bankside.channels import preview, way
from bankside.channels.models import Channel
from bankside.record.facts.channels import Words
from bankside.record.identifiers import DOTS, NEVER_SAID, mask
from bankside.said import Said, joined

NO_CHANNEL = Said("Choose at least one network.")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to put right; `channel` is the channel's obj, or "" for the whole post."""

    channel: str
    text: str


class CannotSubmit(ValueError):
    """Something has to be put right first; `findings` says what."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        self.findings = findings
        super().__init__(joined(finding.text for finding in findings))


def of_post(words: dict[Channel, Words]) -> tuple[Finding, ...]:
    """Everything that keeps these words, channel by channel, from being submitted."""
    if not words:
        return (Finding("", NO_CHANNEL),)
    return tuple(
        Finding(channel.obj, text) for channel, said in words.items() for text in _all(channel, said)
    )


def _all(channel: Channel, words: Words) -> Iterable[str]:
    """What this desk asks for; then what the network would refuse: length, pictures, titles it has not."""
    yield from _of_state(channel)
    if empty := _of_emptiness(words):
        yield empty
        return
    yield from _of_pictures(words)
    if words.kind not in (kinds := preview.kinds(channel)):
        yield Said("This network has no %(kind)s; it has %(there)s.", kind=words.kind, there=", ".join(kinds))
    said = "\n".join((words.title, words.text, *(one.alt for one in words.media)))
    if DOTS in said or mask(said, NEVER_SAID).red:  # a draft has dots where such a number was
        yield Said(
            "The words hold a card or registration number. Take it out; such numbers are never published."
        )
    yield from preview.preview(channel, words).findings


def _of_state(channel: Channel) -> Iterable[str]:
    match channel.state:
        case Channel.REMOVED:
            yield Said("%(name)s is not on the desk any more. Leave it out.", name=channel.name)
        case Channel.PAUSED:
            yield Said("%(name)s is paused. Leave it out, or ask for it to be resumed.", name=channel.name)
        case Channel.STOPPED:
            yield Said(
                "%(name)s has to be connected again. Leave it out, or ask for it to be connected.",
                name=channel.name,
            )
    if way.of(channel) == "closed":
        yield Said("%(name)s is on a network that has closed. Leave it out.", name=channel.name)
    if not preview.speaks(channel):
        yield Said("%(name)s is only listened to. Leave it out.", name=channel.name)


def _of_emptiness(words: Words) -> str:
    said = words.text.strip() or words.title.strip() or words.media
    return "" if said else Said("There are no words yet.")


def _of_pictures(words: Words) -> Iterable[str]:
    for one in words.media:
        if not one.alt.strip():
            yield (
                Said("Say in words what the film %(name)s shows, for those who cannot see it.", name=one.name)
                if one.mime.startswith("video/")
                else Said(
                    "Say in words what the picture %(name)s shows, for those who cannot see it.",
                    name=one.name,
                )
            )
