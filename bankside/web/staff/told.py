"""What the pages of a post tell: gathered from the rooms, nothing decided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.utils.translation import gettext

from bankside.channels import channel as channels
from bankside.channels import preview, way
from bankside.channels.models import Channel
from bankside.inbox import acts
from bankside.inbox.triage import language_of
from bankside.people import policy
from bankside.people.models import Staff, Team
from bankside.publish import findings, reading, schedule
from bankside.publish import post as posts
from bankside.publish.models import Post
from bankside.web import seal, sentences
from bankside.web.spoken import spoken
from bankside.web.staff import composer as form
from bankside.web.staff import doubts, exact, hands, places, when

MOVING = frozenset({"planned", "sending", "delayed", "looking"})
TAKEABLE = frozenset({"planned", "delayed", "held", "by-hand", "refused", "withdrawn"})
WAITING = frozenset({"planned", "delayed", "held"})
BY_THE_WAY = frozenset({"attempt-started", "delivery-requested"})
"""Lines of the story that only say what the others say as well."""


@dataclass(frozen=True, slots=True)
class Decided:
    """Somebody approved, or sent back, the version of this number."""

    name: str
    number: int
    at: int
    note: str
    digest: str


@dataclass(frozen=True, slots=True)
class Told:
    """A line of a post's story, in words."""

    actor_name: str
    words: Any
    channel_name: str
    at: int
    note: str


def composer(staff: Staff, row: Post, zone: ZoneInfo, theirs: form.Theirs | None = None) -> dict[str, Any]:
    """Everything that the composer shows of a draft (or of what would be one)."""
    seen = channels_of(staff, row)
    shown = form.versions(row, seen, theirs)
    found = posts.findings(row)
    return {
        **side(staff, row), **chosen_time(staff, row, zone), "versions": shown, "conflict": theirs,
        "channels": places.first_where(seen.values(), row.market), "chosen": set(row.words), "refused": [],
        "places": places.of(seen.values(), row.market), "market_choices": places.choices(),
        "base_rows": form.rows_for(row.base), "base_lang": _base_lang(shown),
        "author_name": row.author.name, "language_choices": form.language_choices(),
        "open_findings": findings_named(staff, found), "checks": form.checks(shown),
        "may_submit": policy.may(staff, "post.submit", row.team),
        "may_discard": row.state in {Post.DRAFT, Post.SENT_BACK},
    }  # fmt: skip


def saved(staff: Staff, row: Post) -> dict[str, Any]:
    """What an autosave changes beside the fields: how the approval stands, and what the checks find."""
    return {
        **side(staff, row), "open_findings": findings_named(staff, posts.findings(row)),
        "checks": form.checks(form.versions(row, channels_of(staff, row))),
    }  # fmt: skip


def side(staff: Staff, row: Post) -> dict[str, Any]:
    """How the approval stands: the last one, or what was said when it was sent back."""
    lines = reading.story(row)
    numbers = _numbers(lines)
    last = _last(lines, {"approval-given", "sent-back"})
    decided = _decided(row, last, numbers) if last else None
    return {
        "post": row, "draft_number": len(numbers) + (row.state in {Post.DRAFT, Post.SENT_BACK}),
        "approved": decided if last and last.what == "approval-given" else None,
        "sent_back": decided if last and last.what == "sent-back" else None, "short": seal.short,
        "lang_of": language_of,
    }  # fmt: skip


def post(staff: Staff, row: Post, zone: ZoneInfo) -> dict[str, Any]:
    """Everything that the page of a submitted post shows."""
    lines, seen = reading.story(row), channels_seen(staff)
    review = reading.review(row) if _numbers(lines) else None
    parts = exact.parts_of(review, seen, row.market) if review else []
    fares = {outcome.channel: outcome for outcome in reading.outcomes(row)}
    states = {fate.state for fate in fares.values()}
    takeable = row.state in schedule.SETTLED and states <= TAKEABLE
    shown = [
        exact.with_outcome(part, fate, doubts.of(staff, fate), hands.of(staff, fate), hands.shown(fate))
        for part, fate in ((part, fares.get(part.channel)) for part in parts)
    ]
    received = {f.channel: acts.about(f.channel, [f.remote_id]).get(f.remote_id) for f in fares.values()}
    return {
        **side(staff, row), **chosen_time(staff, row, zone), "review": review, "parts": shown,
        "received": received,
        "digest": seal.combined(part.digest for part in parts), "standing": _standing(row, fares.values()),
        "story": [_told(line, seen) for line in reversed(lines) if line.what not in BY_THE_WAY],
        "wrote_it": staff.pk in {row.author_id, row.editor_id},
        "moving": bool(states & (MOVING | doubts.FOR_PEOPLE | hands.FOR_HANDS))
        and not any(part.doubt or part.hand for part in shown),
        "open": row.state in schedule.SETTLED and (not states or bool(states & WAITING)),
        "may_edit": takeable and policy.may(staff, "post.write", row.team),
        "may_withdraw": takeable and policy.may(staff, "post.schedule", row.team),
        "may_decide": may_decide(staff, row),
    }  # fmt: skip


def may_decide(staff: Staff, row: Post) -> bool:
    """Whether the page offers to decide; the room decides for itself."""
    wrote = staff.pk in {row.author_id, row.editor_id}
    return row.state == Post.WAITING and not wrote and policy.may(staff, "post.approve", row.team)


def said_so_far(lines: Iterable[reading.Line]) -> list[Decided]:
    """What approvers said about earlier versions, oldest first."""
    lines = list(lines)
    numbers = _numbers(lines)
    said = {"sent-back", "approval-given"}
    return [
        Decided(line.actor_name, numbers.get(line.version, 0), line.at, line.note or _agreed(line), "")
        for line in lines
        if line.what in said
    ]


def new_post(staff: Staff, offered: Mapping[str, Channel], given: QueryDict) -> dict[str, Any]:
    """The empty form of a new post."""
    return {
        "channels": list(offered.values()), "language_choices": form.language_choices(),
        "places": places.of(offered.values(), given.get("market", "")), "market_choices": places.choices(),
        "given": {"base": given.get("base", ""), "title": given.get("title", ""),
                  "market": given.get("market", ""),
                  "lang": form.language_of(staff.language), "channels": set(given.getlist("channel"))},
    }  # fmt: skip


def chosen_time(staff: Staff, row: Post, zone: ZoneInfo) -> dict[str, Any]:
    """When it goes out, and the fields to say so."""
    day, time = when.fields_of(row.due_at, zone)
    return {
        "due_day": day, "due_time": time, "zone_name": when.zone_name(zone),
        "may_schedule": policy.may(staff, "post.schedule", row.team),
    }  # fmt: skip


def channels_seen(staff: Staff) -> dict[str, Channel]:
    """Every channel that she sees, removed ones too, by obj."""
    return {row.obj: row for row in channels.visible_to(staff, with_removed=True)}


def channels_written(staff: Staff) -> dict[str, Channel]:
    """The channels for which she may write, by obj; not those that are only listened to, or closed."""
    written = channels.visible_to(staff, "post.write")
    return {row.obj: row for row in written if preview.speaks(row) and way.of(row) != "closed"}


def channels_of(staff: Staff, row: Post) -> dict[str, Channel]:
    """What a post may speak on, and what it speaks on already, by obj."""
    written = channels_written(staff)
    if row.team_id:
        written = {obj: channel for obj, channel in written.items() if channel.team_id == row.team_id}
    seen = channels_seen(staff)
    return {**written, **{obj: seen[obj] for obj in row.words if obj in seen}}


def team_of(staff: Staff, chosen: Iterable[str], offered: Mapping[str, Channel]) -> Team | None:
    """The one team of the chosen channels; None leaves it to the room."""
    teams = {offered[obj].team for obj in chosen}
    return teams.pop() if len(teams) == 1 else None


def findings_named(staff: Staff, found: Iterable[findings.Finding]) -> list[tuple[str, str, str]]:
    """Findings with the name of their channel: (name, obj, text)."""
    seen = channels_seen(staff)
    return [(seen[f.channel].name if f.channel in seen else "", f.channel, spoken(f.text)) for f in found]


def _numbers(lines: Iterable[reading.Line]) -> dict[str, int]:
    """The number of every version that was submitted, by its obj."""
    submitted = (line.version for line in lines if line.what == "post-submitted")
    return {version: number for number, version in enumerate(submitted, 1)}


def _agreed(line: reading.Line) -> str:
    return gettext("Approved.") if line.what == "approval-given" else ""


def _last(lines: Iterable[reading.Line], what: set[str]) -> reading.Line | None:
    return next((line for line in reversed(list(lines)) if line.what in what), None)


def _decided(row: Post, line: reading.Line, numbers: Mapping[str, int]) -> Decided:
    review = reading.review(row)
    digest = seal.combined(part.digest for part in review.parts) if review.version == line.version else ""
    return Decided(line.actor_name, numbers.get(line.version, 0), line.at, line.note, digest or line.version)


def _standing(row: Post, fares: Iterable[reading.Fate]) -> str:
    """How it stands, as on the board."""
    states = [fate.state for fate in fares]
    moving = sum(state in MOVING for state in states)
    names = ("sent", "refused", "uncertain", "held", "by-hand")
    sent, refused, uncertain, held, by_hand = map(states.count, names)
    return reading.standing_of(
        row.state, sent=sent, refused=refused, uncertain=uncertain, held=held, by_hand=by_hand,
        planned=moving,
    )  # fmt: skip


def _told(line: reading.Line, seen: Mapping[str, Channel]) -> Told:
    name = seen[line.channel].name if line.channel in seen else ""
    who = line.actor_name or gettext("Bankside")
    note = "" if line.what == "post-published" else line.note  # its address stands beside the words
    return Told(who, sentences.of_story(line.what), name, line.at, spoken(note))


def _base_lang(shown: list[form.Version]) -> str:
    """The language of the base words: that of the versions that say them, if they agree."""
    spoken = {version.words.lang for version in shown if not version.own}
    return spoken.pop() if len(spoken) == 1 else ""
