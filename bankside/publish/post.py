"""A post, from the first draft to consent: written, submitted, approved or sent back, discarded.

A post of a team speaks on that team's channels alone, so that whoever agrees to it may do so for all of
them; a post of the whole desk speaks on any.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import models, transaction

from bankside.approvals import consent, requests
from bankside.approvals.models import Request
from bankside.channels import channel as channels
from bankside.channels import markets, wordless
from bankside.channels import words as exact
from bankside.channels.models import Channel
from bankside.people import policy
from bankside.people.models import Staff, Team
from bankside.publish import drafts, schedule
from bankside.publish import findings as rules
from bankside.publish.findings import CannotSubmit as CannotSubmit
from bankside.publish.findings import Finding as Finding
from bankside.publish.models import Post, Version
from bankside.publish.schedule import AlreadyOut as AlreadyOut
from bankside.publish.schedule import NotNow as NotNow
from bankside.record import clock
from bankside.record.append import append, lock
from bankside.record.facts.channels import Words
from bankside.record.facts.publish import ChannelWords, PostDiscarded, PostEdited, PostSubmitted
from bankside.said import Said

TITLE_CHARACTERS_MAX = 200
CHANNELS_MAX = 100

Draft = Mapping[str, Mapping[str, Any]]


class NoPost(LookupError):
    """There is no such post, or it is not one of hers to see."""


class Changed(ValueError):
    """Somebody else wrote meanwhile; what she saw is not what is there."""


class ChooseTeam(ValueError):
    """She writes for several teams; it must be said for which this post is."""


class NotThatChannel(ValueError):
    """The post cannot speak on a channel of another team."""


def visible_to(staff: Staff) -> models.QuerySet[Post]:
    """The posts that she may see, last written first."""
    rows = Post.objects.filter(policy.teams_with(staff, "post.see").where())
    return rows.select_related("team", "author", "editor").order_by("-edited_at", "-pk")


def get_visible(staff: Staff, number: int | str) -> Post:
    """One of them, by number or by obj; raises NoPost."""
    text = str(number)
    wanted = {"pk": int(text)} if text.isascii() and text.isdigit() and len(text) < 19 else {"obj": text}
    found = visible_to(staff).filter(**wanted).first()
    if found is None:
        raise NoPost(Said("There is no such post among those that you see."))
    return found


def start(staff: Staff, *, title: str = "", team: Team | None = None) -> Post:
    """An empty draft, for a team, or (None) for the whole desk or her only team.

    Raises NotYours, ChooseTeam.
    """
    team = team or _own_team(staff)
    policy.require(staff, "post.write", team)
    now = clock.now_ms()
    return Post.objects.create(
        title=_title(title), team=team, author=staff, editor=staff, created_at=now, edited_at=now
    )


def start_with(
    staff: Staff, *, title: str, team: Team | None, base: str | None, words: Draft | None, market: str = ""
) -> Post:
    """A draft that has its words from the start: all of it or nothing. Raises what `start` and `write` do."""
    with transaction.atomic():
        row = start(staff, title=title, team=team)
        return write(staff, row, edition=row.edition, base=base, words=words, market=market)


def write(
    staff: Staff,
    post: Post,
    *,
    edition: int,
    title: str | None = None,
    base: str | None = None,
    words: Draft | None = None,
    market: str | None = None,
) -> Post:
    """Writes what is given and leaves the rest; she is the last editor. `words` chooses all the channels.

    Words that were submitted, approved or scheduled lose their consent, and what is planned does not go out.
    `market` is the country that it is for, "" for no one in particular.
    Raises NotYours, Changed (the edition is not the one she saw), AlreadyOut, NotThatChannel, BadWords,
    NoMarket.
    """
    with transaction.atomic():
        row = _writable(staff, post, edition)
        changes = _changes(staff, row, title, base, words, market)
        if not changes:
            return row
        lanes: set[int] = set()
        if row.state in schedule.SETTLED:
            told = PostEdited(post=row.obj, version=schedule.latest(row).obj)
            lanes = schedule.take_back(staff, row, "The words were changed.", told=told)
        for name, value in changes.items():
            setattr(row, name, value)
        row.state, row.editor, row.edited_at = Post.DRAFT, staff, clock.now_ms()
        row.edition += 1
        row.save()
        schedule.see(lanes)
    return row


def submit(staff: Staff, post: Post, *, edition: int) -> Version:
    """Freezes the words as a version and puts it before a second person.

    Raises NotYours, Changed, NotNow, CannotSubmit with what has to be put right.
    """
    with transaction.atomic():
        row = schedule.locked(post)
        policy.require(staff, "post.submit", row.team)
        _refuse_other(row, edition)
        if row.state not in {Post.DRAFT, Post.SENT_BACK}:
            raise NotNow(_not_a_draft(row))
        _refuse_erased(row)
        if found := findings(row):
            raise CannotSubmit(found)
        version = _freeze(staff, row)
        _ask(row, version)
        row.state = Post.WAITING
        row.save(update_fields=["state"])
        schedule.see(())
    return version


def approve(staff: Staff, post: Post, *, words: Sequence[tuple[str, str]]) -> Post:
    """She agrees to the words of these digests, as (channel obj, digest); with a time set, it is scheduled.

    Raises what `approvals.consent.give` raises: NotYours, OwnWords, Changed, Expired, AlreadyDecided.
    """
    with transaction.atomic():
        row = schedule.locked(post)
        consent.give(staff, _request(row), words=words)
        lanes: set[int] = set()
        if row.state == Post.WAITING:
            row.state = Post.APPROVED
            lanes = _go_out_as_wished(staff, row)
            row.save(update_fields=["state", "due_at"])
        schedule.see(lanes)
    return row


def send_back(staff: Staff, post: Post, *, reason: str) -> Post:
    """She does not agree and says why; the author writes on. Raises what `consent.send_back` raises."""
    with transaction.atomic():
        row = schedule.locked(post)
        consent.send_back(staff, _request(row), reason=reason)
        if row.state == Post.WAITING:
            row.state = Post.SENT_BACK
            row.save(update_fields=["state"])
        schedule.see(())
    return row


def discard(staff: Staff, post: Post) -> Post:
    """Throws the post away; what was submitted stays in the record. Raises NotYours, AlreadyOut."""
    with transaction.atomic():
        row = schedule.locked(post)
        policy.require(staff, "post.write", row.team)
        if row.state == Post.DISCARDED:
            return row
        told = PostDiscarded(post=row.obj)
        lanes = schedule.take_back(staff, row, "The post was discarded.", told=told)
        row.state = Post.DISCARDED
        row.save(update_fields=["state"])
        schedule.see(lanes)
    return row


def words_of(post: Post) -> dict[str, Words]:
    """What would be said on each channel, by its obj; the base words where a channel has none of its own."""
    return {channel.obj: said for channel, said in _filled(post).items()}


def findings(post: Post) -> tuple[Finding, ...]:
    """What keeps the post from being submitted as it is."""
    return rules.of_post(_filled(post))


# --- writing -------------------------------------------------------------------------------------------
def _writable(staff: Staff, post: Post, edition: int) -> Post:
    row = schedule.locked(post)
    policy.require(staff, "post.write", row.team)
    if row.state == Post.DISCARDED:
        raise NotNow(Said("This post was discarded. Start a new one."))
    _refuse_other(row, edition)
    return row


def _refuse_erased(row: Post) -> None:
    """Words that were there when two people decided are not told again before they are emptied."""
    lock([0])
    if row.edited_at <= wordless.erased_at(row.obj):
        raise NotNow(Said("These words were erased. They cannot be sent."))


def _not_a_draft(row: Post) -> Said:
    if row.state == Post.DISCARDED:
        return Said("This post was discarded. Start a new one.")
    return Said("This post was submitted already.")


def _refuse_other(row: Post, edition: int) -> None:
    if row.edition != edition:
        raise Changed(
            Said(
                "%(name)s wrote here meanwhile. Open the post again and compare your words.",
                name=row.editor.name,
            )
        )


def _changes(
    staff: Staff, row: Post, title: str | None, base: str | None, words: Draft | None, market: str | None
) -> dict[str, Any]:
    """The columns that would be different. Raises for words that cannot be."""
    given: dict[str, Any] = {}
    if title is not None:
        given["title"] = _title(title)
    if base is not None:
        given["base"] = drafts.without_numbers(exact.from_dict({"text": base}).text)
    if words is not None:
        _refuse_foreign(staff, row, words)
        given["words"] = {obj: drafts.kept(said) for obj, said in words.items()}
    if market is not None:
        given["market"] = markets.refuse_unknown(market)
    return {name: value for name, value in given.items() if getattr(row, name) != value}


def _refuse_foreign(staff: Staff, row: Post, words: Draft) -> None:
    """She chooses among the channels that she may write for; those that were chosen before may stay."""
    if len(words) > CHANNELS_MAX:
        raise NotThatChannel(Said("A post speaks on %(number)s networks at most.", number=CHANNELS_MAX))
    new = set(words) - set(row.words)
    found = list(channels.visible_to(staff, "post.write").filter(obj__in=new))
    if len(found) < len(new):
        raise channels.NoSuchChannel(Said("There is no such network among those that you may write for."))
    for channel in found:
        if row.team_id and channel.team_id != row.team_id:
            raise NotThatChannel(
                Said("%(name)s belongs to another team; start a post there.", name=channel.name)
            )


def _own_team(staff: Staff) -> Team | None:
    where = policy.teams_with(staff, "post.write")
    if where.all or not where.ids:
        return None
    if len(where.ids) > 1:
        raise ChooseTeam(Said("Choose the team for which you write this post."))
    return Team.objects.get(pk__in=where.ids)


def _title(title: str) -> str:
    clean = drafts.without_numbers(" ".join(title.split()))
    if len(clean) > TITLE_CHARACTERS_MAX:
        raise exact.BadWords(Said("A title has %(number)s characters at most.", number=TITLE_CHARACTERS_MAX))
    return clean


# --- submitting ----------------------------------------------------------------------------------------
def _freeze(staff: Staff, row: Post) -> Version:
    said = [
        ChannelWords(channel=obj, digest=exact.digest(obj, words), words=words)
        for obj, words in words_of(row).items()
    ]
    parts = [
        {"channel": one.channel, "digest": one.digest, "words": exact.to_dict(one.words)} for one in said
    ]
    number = row.versions.count() + 1
    version = Version.objects.create(
        post=row, number=number, title=row.title, words=parts, submitted_by=staff,
        submitted_at=clock.now_ms(),
    )  # fmt: skip
    fact = PostSubmitted(
        post=row.obj, version=version.obj, number=number, title=row.title, author=row.author.uid,
        editor=row.editor.uid,
        words=tuple(said),
    )  # fmt: skip
    append(fact, f"publish.post-submitted:{version.obj}", actor=staff.actor, obj=row.obj)
    return version


def _ask(row: Post, version: Version) -> None:
    request = requests.ask(
        kind="post", thing=row.obj, version=version.obj, author=row.author, editor=row.editor,
        words=[(part["channel"], part["digest"]) for part in version.words], title=row.title,
        team=row.team, due_ms=row.due_at,
    )  # fmt: skip
    version.request = request.obj
    version.save(update_fields=["request"])


def _request(row: Post) -> Request:
    return Request.objects.get(obj=schedule.latest(row).request)


def _go_out_as_wished(staff: Staff, row: Post) -> set[int]:
    """Scheduled by itself when a time was chosen before; what stands in the way leaves it approved."""
    if not row.due_at:
        return set()
    try:
        return schedule.go_out(staff, row, row.due_at)
    except NotNow:
        return set()


def _filled(post: Post) -> dict[Channel, Words]:
    """The words for each channel, by the channel's name."""
    rows = Channel.objects.filter(obj__in=post.words).order_by("name", "pk")
    return {channel: drafts.filled(post, channel) for channel in rows}
