"""The invented bank's social card: a programme in force, members in three languages, what they did.

Their profiles are on the practice network and were proved by nobody: the record says `invented` of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bankside.channels.profiles import Profile
from bankside.people.models import Staff
from bankside.record import clock
from bankside.rewards import card, consent, link, member, partner_codes, programme, reported
from bankside.rewards.models import Member

PROGRAMME = "social"
DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Invented:
    """One member. `acts`: kind and length of what the bank's own systems saw."""

    ref: str
    name: str
    language: str
    handle: str
    theme: str
    interests: tuple[str, ...]
    acts: tuple[tuple[str, int], ...]


MEMBERS = (
    Invented(
        ref="hanul:00000017", name="PARK MINJI", language="ko", handle="@minji.park", theme="ink",
        interests=("coffee", "books"), acts=(("feedback", 140), ("event", 0), ("quiz", 0), ("report", 0)),
    ),
    Invented(
        ref="hanul:00000018", name="林晓雨", language="zh-hans", handle="@xiaoyu", theme="paper",
        interests=("travel",), acts=(("feedback", 90), ("poll", 0)),
    ),
    Invented(
        ref="hanul:00000019", name="NOOR DE WIT", language="nl", handle="@noordewit", theme="forest",
        interests=("coffee",), acts=(("quiz", 0),),
    ),
)  # fmt: skip

CODES = (("coffee", "CAFE"), ("cinema", "FILM"))
"""Choices of the list that partners pay, and what their invented codes are called."""


def card_programme(people: dict[str, Staff]) -> None:
    """Makes what is missing of it; a second start changes nothing."""
    if not programme.live():
        _begin(people)
    for choice, partner in CODES:
        codes = [f"INVENTED-{partner}-{number:02}" for number in range(1, 21)]
        partner_codes.import_codes(None, choice, codes)
    for one in MEMBERS:
        _member(one, people)


def _begin(people: dict[str, Staff]) -> None:
    author = people["author"]
    waiting = [row for row in programme.visible_to(author) if row.name == PROGRAMME]
    row = waiting[0] if waiting else programme.draft(author, name=PROGRAMME, text=programme.sample())
    row = programme.submit(author, row.obj)
    for role in ("approver", "compliance"):
        row = programme.approve(people[role], row.obj, sha256=row.sha256)


def _member(one: Invented, people: dict[str, Staff]) -> None:
    row = member.enrol(
        customer_ref=one.ref, born=date(1990, 4, 1), consents=dict.fromkeys(consent.PURPOSES, ""),
        name=one.name, language=one.language, interests=one.interests,
        tenure_since=date.fromisoformat(clock.iso(clock.now_ms() - 900 * DAY_MS)[:10]),
    )  # fmt: skip
    if not link.of(row):
        _linked(row, one)
    if not card.of(row):
        asked = card.ask(row, theme=one.theme)
        if one.theme == "ink":
            card.decide(people["compliance"], asked.obj, True)
    items = [
        reported.Item(ref=f"{one.ref}:{kind}", member=row.obj, kind=kind, values={"text_len": length})
        for kind, length in one.acts
    ]
    reported.take("s:card", items)


def _linked(row: Member, one: Invented) -> None:
    account = one.handle.removeprefix("@")
    profile = Profile(
        network="practice",
        subject=account,
        handle=one.handle,
        url=f"https://practice.example/{one.handle}",
        account_since_ms=clock.now_ms() - 800 * DAY_MS,
    )
    link.invented(row, profile)
