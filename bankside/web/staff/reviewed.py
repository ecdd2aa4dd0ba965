"""What an approver sees: what waits for her, the words, and what was checked. Only true facts, no opinion."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext

from bankside.approvals import requests
from bankside.approvals.models import Request
from bankside.inbox import reading as inbox
from bankside.inbox.triage import language_of
from bankside.people import policy
from bankside.people.models import Staff
from bankside.publish import reading
from bankside.publish.models import Post
from bankside.record.clock import now_ms
from bankside.record.identifiers import mask
from bankside.web import moments, pages, seal
from bankside.web.staff import exact, told, when
from bankside.web.staff.composer import described, undescribed

SOON_MS = 2 * 3_600_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """One line of what waits for her. `networks`: (network, name of the channel)."""

    key: str
    address: str
    title: str
    by: str
    due_at: int
    networks: list[tuple[str, str]]
    lang: str = ""

    @property
    def soon(self) -> bool:
        """Whether it goes out within two hours, or should have."""
        return bool(self.due_at) and self.due_at - now_ms() < SOON_MS


def queue(staff: Staff) -> list[Waiting]:
    """Posts and answers that she may decide about, soonest first; never words of her own."""
    seen = {obj: (row.network, row.name) for obj, row in told.channels_seen(staff).items()}
    posts = [_post(request, seen) for request in requests.waiting_for(staff) if request.kind == "post"]
    replies = [
        Waiting(
            key=one.reply, address=pages.url("conversation", one.conversation), title=one.text[:120],
            by=gettext("%(name)s, an answer") % {"name": one.author_name}, due_at=0,
            networks=[seen[one.channel]] if one.channel in seen else [],
        )
        for one in inbox.replies_waiting(staff)
    ]  # fmt: skip
    return posts + replies


def review(staff: Staff, row: Post, zone: ZoneInfo, *, words_only: bool = False) -> dict[str, Any]:
    """Everything on the page of an approval. Raises NotNow for a post that was never submitted."""
    version, lines = reading.review(row), reading.story(row)
    parts = exact.parts_of(version, told.channels_seen(staff), row.market)
    changed = any(part.changed and not part.first for part in parts)
    return {
        "post": row, "review": version, "lang_of": language_of, "waiting": queue(staff), "short": seal.short,
        "parts": [replace(part, first=True) for part in parts] if words_only else parts,
        "any_changes": changed, "words_only": words_only,
        "digest": seal.combined(part.digest for part in parts),
        "names": _names(version), "goes_out": goes_out(row, zone), "checked": checked(staff, row, parts),
        "said": told.said_so_far(lines), "may_decide": told.may_decide(staff, row),
        "why_not": _why_not(staff, row), "changed_meanwhile": False, "reason_missing": False,
    }  # fmt: skip


def checked(staff: Staff, row: Post, parts: list[exact.Shown]) -> list[tuple[str, str, str]]:
    """(tone, icon, sentence) for what the desk looked at by itself."""
    wrote = staff.pk in {row.author_id, row.editor_id}
    fits = not any(part.findings for part in parts)
    pictures = [picture for part in parts for picture in part.words.media]
    clean = not any(mask(f"{part.words.title}\n{part.words.text}").red for part in parts)
    lines = [
        _line(not wrote, gettext("You wrote none of these words"), gettext("You wrote some of these words")),
        _line(fits, gettext("Each version fits its network"), gettext("A network would refuse these words")),
        _line(clean, gettext("No card or registration numbers"), gettext("A number must not go out")),
    ]  # fmt: skip
    if pictures:
        all_told = all(picture.alt.strip() for picture in pictures)
        lines.append(_line(all_told, described(pictures), undescribed(pictures)))
    if 0 < row.due_at < now_ms():
        lines.append(("wait", "clock", gettext("Its time has passed: it goes out once approved")))
    return lines


def goes_out(row: Post, zone: ZoneInfo) -> str:
    """When it goes out, as a sentence."""
    if not row.due_at:
        return gettext("No time is chosen yet.")
    if row.due_at <= now_ms():
        return gettext("As soon as it is approved.")
    with timezone.override(zone):
        return gettext("On %(day)s at %(time)s, %(zone)s.") % {
            "day": moments.day(row.due_at),
            "time": moments.clock(row.due_at),
            "zone": when.zone_name(zone),
        }


def digests_of(given: Iterable[str]) -> list[tuple[str, str]]:
    """The digests that she saw, out of the hidden fields `channel:digest`."""
    return [(channel, digest) for channel, _, digest in (one.partition(":") for one in given)]


def _post(request: Request, seen: dict[str, tuple[str, str]]) -> Waiting:
    names = [request.author.name, request.editor.name]
    return Waiting(
        key=request.thing, address=pages.url("post-approval", request.thing),
        title=request.title or gettext("No name"), by=", ".join(dict.fromkeys(names)),
        due_at=request.due_at,
        networks=[seen[obj] for obj, _ in requests.parts_of(request) if obj in seen],
    )  # fmt: skip


def _names(version: reading.Review) -> str:
    return ", ".join(dict.fromkeys((version.author_name, version.editor_name)))


def _line(good: bool, yes: str, no: str) -> tuple[str, str, str]:
    return ("good", "check", yes) if good else ("wait", "triangle-alert", no)


def _why_not(staff: Staff, row: Post) -> tuple[str, str]:
    """Why the buttons are not there: what she must know, and why."""
    if row.state != Post.WAITING:
        return gettext("There is nothing to decide."), gettext("These words do not wait for approval now.")
    if staff.pk in {row.author_id, row.editor_id}:
        return gettext("You wrote these words."), gettext(
            "Words you wrote yourself never appear here. Somebody else approves those."
        )
    if not policy.may(staff, "post.approve", row.team):
        return gettext("This is not yours to decide."), gettext("It takes an approver or compliance.")
    return "", ""
