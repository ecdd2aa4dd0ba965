"""The composer: what its form holds, and what its page shows of each version. Nothing is decided here.

The form's fields carry the channel's obj: `text:<obj>`, `title:<obj>`, `lang:<obj>`, `kind:<obj>`,
`media:<obj>` (once per picture) and `alt:<obj>:<picture>`. A version without a `text:` says the base words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext, ngettext

from bankside.channels import media, meter, preview
from bankside.channels import words as exact
from bankside.channels.models import Channel
from bankside.channels.preview import Count, Preview
from bankside.publish import drafts, findings, post
from bankside.publish.models import Post
from bankside.record.facts.channels import MediaSaid, Words
from bankside.record.identifiers import mask
from bankside.web import pages
from bankside.web.moments import language_name
from bankside.web.staff import places

LANGUAGES = ("en", "ko", "zh", "nl")
ROW_CHARACTERS = 62
ROWS_MIN, ROWS_MAX = 3, 14
BYTES_PER_MB = 1_000_000
PICTURE_KINDS = ("image/jpeg", "image/png", "image/gif", "image/webp")
FILM_KINDS = ("video/mp4",)


@dataclass(frozen=True, slots=True)
class Written:
    """What somebody wrote in the form; `words` as `publish.post.write` takes them."""

    edition: int
    title: str
    base: str
    words: dict[str, dict[str, Any]]
    market: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture or a film of a version, at an address that is good for an hour."""

    obj: str
    name: str
    alt: str
    address: str
    width: int
    height: int
    size: int = 0
    seconds: int = 0

    @property
    def film(self) -> bool:
        """Whether it moves: only a film has a length."""
        return self.seconds > 0

    @property
    def length(self) -> str:
        """Of a film, `1:05`."""
        return f"{self.seconds // 60}:{self.seconds % 60:02}"

    @property
    def megabytes(self) -> float:
        """How large the file is, in MB."""
        return max(round(self.size / BYTES_PER_MB, 1), 0.1)


@dataclass(frozen=True)
class Theirs:
    """What somebody else saved meanwhile: who, when, and the base words if they differ from these."""

    name: str
    at: int
    base: str | None
    words: Mapping[str, Words]


@dataclass(frozen=True)
class Version:
    """The words for one channel, as the page shows them; `given` is what its author gave for it alone."""

    channel: Channel
    words: Words
    given: Mapping[str, Any]
    theirs: str | None = None
    theirs_lang: str = ""
    market: str = ""

    @property
    def own(self) -> bool:
        """Whether it has words of its own, and does not say the base words."""
        return self.given.get("text") is not None

    @property
    def own_title(self) -> str:
        """Its own title, or empty when the name of the post is its title."""
        return str(self.given.get("title") or "")

    @cached_property
    def preview(self) -> Preview:
        """As the network will show and count it."""
        return preview.preview(self.channel, self.words)

    @cached_property
    def findings(self) -> tuple[str, ...]:
        """What keeps these words from going out there. Before the first word nothing is said."""
        if not self.words.text.strip() and not self.words.media:
            return ()
        return tuple(found.text for found in findings.of_post({self.channel: self.words}))

    @property
    def counts(self) -> tuple[Count, ...]:
        """Lengths, counted as the network counts them."""
        return self.preview.counts

    @cached_property
    def pictures(self) -> list[Picture]:
        """The pictures that are still on the desk."""
        return pictures_of(self.words.media)

    @cached_property
    def cost(self) -> str:
        """What it costs that the desk sends these words, or empty."""
        cost = meter.cost(self.channel, self.words)
        return cost.printed if cost else ""

    @cached_property
    def cautions(self) -> list[str]:
        """What is worth knowing and keeps nobody from sending."""
        return places.cautions_of(self.channel, self.market)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of post that the network has."""
        return preview.kinds(self.channel)

    @property
    def has_title(self) -> bool:
        """Whether the network has titles."""
        return "title" in preview.offers(self.channel)

    @property
    def has_pictures(self) -> bool:
        """Whether the network takes pictures."""
        return "image" in preview.offers(self.channel)

    @property
    def has_films(self) -> bool:
        """Whether the network takes films."""
        return "video" in preview.offers(self.channel)

    @property
    def file_kinds(self) -> str:
        """What may be chosen to be added, for the field of the form."""
        return ",".join((*PICTURE_KINDS * self.has_pictures, *FILM_KINDS * self.has_films))

    @property
    def network_title(self) -> str:
        """How the network is called."""
        return preview.title_of(self.channel.network)

    @property
    def account_name(self) -> str:
        """The name that people see there."""
        return str(self.channel.account.get("name") or self.channel.name)

    @property
    def initial(self) -> str:
        """One letter for the round picture of the account."""
        return self.account_name.strip()[:1].upper()

    @property
    def open(self) -> bool:
        """Whether the channel runs."""
        return self.channel.state == Channel.OPEN

    @property
    def rows(self) -> int:
        """How high the field is before a browser fits it to the words."""
        return rows_for(self.words.text)


def written(form: QueryDict, offered: Mapping[str, Channel]) -> Written:
    """The form, read. Channels that are not `offered` to her are left out; the room would refuse them."""
    chosen = [obj for obj in dict.fromkeys(form.getlist("channel")) if obj in offered]
    base = form.get("base", "")
    words = {obj: _words_in(form, offered[obj]) for obj in chosen}
    _press(form, words, base)
    edition, market = int(form.get("edition") or 0), form.get("market", "")
    return Written(edition, form.get("title", ""), base, words, market)


def versions(row: Post, channels: Mapping[str, Channel], theirs: Theirs | None = None) -> list[Version]:
    """The versions of a post. With `theirs`, what somebody else saved stands beside each that differs."""
    other = theirs.words if theirs else {}
    return [
        Version(channels[obj], said, row.words[obj], *_beside(said, other.get(obj)), row.market)
        for obj, said in post.words_of(row).items()
        if obj in channels
    ]


def as_written(given: Written, row: Post) -> Post:
    """The post as it would be with what was written; not saved. Raises BadWords, NoSuchMedia."""
    draft = copy(row)
    draft.market = given.market
    draft.title, draft.base = given.title, given.base.replace("\r\n", "\n")
    draft.words = {obj: drafts.kept(said) for obj, said in given.words.items()}
    return draft


def own_of(words: Mapping[str, Mapping[str, Any]]) -> set[str]:
    """The channels that have words of their own."""
    return {obj for obj, said in words.items() if said.get("text") is not None}


def theirs_than(given: Written, row: Post) -> Theirs:
    """What stands in the post, seen beside what was written here."""
    base = row.base if row.base != given.base.replace("\r\n", "\n") else None
    own = own_of(given.words) | own_of(row.words)
    words = {obj: said for obj, said in post.words_of(row).items() if obj in own}
    return Theirs(row.editor.name, row.edited_at, base, words)


def checks(shown: list[Version]) -> list[str]:
    """What was looked at and found in order; only what is true of these words."""
    said = [version for version in shown if version.words.text.strip()]
    if not said:
        return []
    texts = "\n".join(f"{v.words.title}\n{v.words.text}" for v in said)
    pictures = [picture for version in shown for picture in version.words.media]
    found = [
        (all(c.ok for v in said for c in v.counts), gettext("Every version fits its network")),
        (not mask(texts).red, gettext("No card or registration numbers")),
        (bool(pictures) and all(p.alt.strip() for p in pictures), described(pictures)),
    ]  # fmt: skip
    return [words for holds, words in found if holds]


def described(files: Sequence[MediaSaid]) -> str:
    """The sentence for files of which each is described."""
    if any(one.mime in FILM_KINDS for one in files):
        return gettext("Everything that is shown is described")
    return ngettext("The picture is described", "Every picture is described", len(files))


def undescribed(files: Sequence[MediaSaid]) -> str:
    """The sentence for files of which one is not."""
    if any(one.mime in FILM_KINDS and not one.alt.strip() for one in files):
        return gettext("A film has no description")
    return gettext("A picture has no description")


def pictures_of(said: Iterable[MediaSaid]) -> list[Picture]:
    """Pictures with their addresses; those that left the desk are not there."""
    return [picture for one in said if (picture := _picture(one))]


def language_choices() -> list[tuple[str, str]]:
    """The languages of a version, named in the reader's own."""
    return [("", gettext("no language given")), *((code, language_name(code)) for code in LANGUAGES)]


def language_of(staff_language: str) -> str:
    """The language that somebody most likely writes in."""
    code = staff_language.split("-")[0]
    return code if code in LANGUAGES else ""


def rows_for(text: str) -> int:
    """Lines that a text takes in the field, within limits."""
    lines = sum(1 + len(line) // ROW_CHARACTERS for line in text.split("\n"))
    return max(ROWS_MIN, min(lines, ROWS_MAX))


def _words_in(form: QueryDict, channel: Channel) -> dict[str, Any]:
    obj = channel.obj
    said: dict[str, Any] = {
        "lang": form.get(f"lang:{obj}", form.get("lang", "")),
        "kind": form.get(f"kind:{obj}") or preview.kinds(channel)[0],
        "media": [one for m in form.getlist(f"media:{obj}") for one in _said(form, obj, m)],
    }
    if f"text:{obj}" in form:
        said["text"] = form[f"text:{obj}"]
    if title := form.get(f"title:{obj}", "").strip():
        said["title"] = title
    return said


def _said(form: QueryDict, obj: str, picture: str) -> list[dict[str, str]]:
    """The picture of a hidden field, unless the button that takes it away was pressed."""
    if form.get("drop") == f"{obj}:{picture}":
        return []
    try:
        said = media.said(media.get(picture), form.get(f"alt:{obj}:{picture}", "").strip())
    except media.NoSuchMedia:
        return []
    return [dict(exact.to_dict(Words(text="", media=(said,)))["media"][0])]


def _press(form: QueryDict, words: dict[str, dict[str, Any]], base: str) -> None:
    """Words of its own, or the base words again: two buttons of a version."""
    if (obj := form.get("own", "")) in words:
        words[obj].setdefault("text", base)
    if (obj := form.get("same", "")) in words:
        words[obj].pop("text", None)


def _beside(mine: Words, theirs: Words | None) -> tuple[str | None, str]:
    if theirs is None or (theirs.text, theirs.title) == (mine.text, mine.title):
        return None, ""
    return "\n".join(filter(None, (theirs.title, theirs.text))), theirs.lang


def _picture(said: MediaSaid) -> Picture | None:
    try:
        row = media.get(said.media)
    except media.NoSuchMedia:
        return None
    address = pages.url("media", media.token_of(row))
    return Picture(row.obj, row.name, said.alt, address, row.width, row.height, row.size, row.seconds)
