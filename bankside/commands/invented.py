"""An invented bank for the first minute and for training, on the practice network, in four languages.

Nothing in it is real and nothing leaves the machine. Every step looks first whether it was done already, so
that a second start, or one after a kill, changes nothing that is there.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from bankside.channels import channel as channels
from bankside.channels import connect
from bankside.channels.models import Channel
from bankside.commands import invented_card
from bankside.networks.practice import PracticeServer
from bankside.people import staff, teams
from bankside.people.models import Staff
from bankside.publish import post as posts
from bankside.publish import schedule
from bankside.publish.models import Post
from bankside.record import clock
from bankside.worker import Worker

SETTLE_SECONDS_MAX = 30
HOUR_MS = 3_600_000
NETWORK = "practice"

PEOPLE = (
    ("author", "Pieter Smit", "en"),
    ("approver", "오혜진", "ko"),
    ("responder", "이다은", "ko"),
    ("reviewer", "王立", "zh-hans"),
    ("compliance", "Priya Nair", "en"),
    ("records-officer", "Tom Whitaker", "en"),
    ("key-custodian", "陈思远", "zh-hans"),
    ("auditor", "Lotte Bakker", "nl"),
    ("administrator", "Sanne Vos", "nl"),
)
ZONES = {"en": "Asia/Seoul", "ko": "Asia/Seoul", "zh-hans": "Asia/Shanghai", "nl": "Europe/Amsterdam"}
# Name, account there, whether its customers write by themselves, and whether what was sent can be looked up.
CHANNELS = (
    ("Hanul Bank", "hanulbank", "yes", "yes"),
    ("한울은행", "hanulbank_kr", "no", "yes"),
    ("韩尔银行", "hanulbank_cn", "no", "yes"),
    ("Hanul Bank Nederland", "hanulbank_nl", "no", "no"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One post: its words by channel, how far it gets, and what the network then does."""

    title: str
    words: dict[str, tuple[str, str]]
    until: str
    fails: str = ""


POSTS = (
    Planned(
        title="New opening hours",
        words={
            "Hanul Bank": ("en", "From Monday our branches are open until 18:00. hanulbank.example/hours"),
            "한울은행": ("ko", "월요일부터 모든 지점이 오후 6시까지 문을 엽니다. hanulbank.example/ko/hours"),
            "韩尔银行": ("zh-Hans", "从星期一起，所有网点营业至18点。hanulbank.example/zh/hours"),
        },
        until="sent",
    ),
    Planned(
        title="Nieuwe kantoortijden",
        words={
            "Hanul Bank Nederland": ("nl", "Vanaf maandag zijn onze kantoren open tot 18.00 uur."),
        },
        until="sent",
        fails="uncertain-after",
    ),
    Planned(
        title="Rate of the day",
        words={"韩尔银行": ("zh-Hans", "今日外汇牌价已更新，详见 hanulbank.example/zh/rates")},
        until="sent",
        fails="refused",
    ),
    Planned(
        title="Annual report 2026 is out",
        words={
            "Hanul Bank": ("en", "Our annual report 2026 is out. Arrears fell to 0.58 per cent, from 0.61."),
            "한울은행": ("ko", "2026 연차보고서를 공개합니다. 연체율은 0.61%에서 0.58%로 낮아졌습니다."),
        },
        until="planned",
    ),
    Planned(
        title="Scam warning: fake unlock texts",
        words={
            "Hanul Bank": ("en", "We never text you a link to unlock an account. Do not open one."),
            "한울은행": ("ko", "계좌 잠금을 푸는 링크를 문자로 보내지 않습니다. 열지 마세요."),
            "Hanul Bank Nederland": (
                "nl", "Hanul Bank stuurt nooit een sms met een link om uw rekening te ontgrendelen.",
            ),
        },
        until="waiting",
    ),
    Planned(
        title="Savings week",
        words={"Hanul Bank": ("en", "Savings week starts on 1 December. Ask us how to begin with 10 euros.")},
        until="draft",
    ),
)  # fmt: skip


def bank() -> list[dict[str, str]]:
    """Makes what is missing of the invented bank; one sign-in per role. Passwords are made once and kept."""
    sign_ins = _sign_ins()
    people = {one["role"]: _person(one) for one in sign_ins}
    there = {row.name: row for row in channels.every()}
    for name, handle, customers, lookup in CHANNELS:
        if name not in there:
            there[name] = _connected(people["administrator"], name, handle, customers, lookup)
    for planned in POSTS:
        _write(people, there, planned)
    invented_card.card_programme(people)
    _let_it_happen()
    return sign_ins


def _sign_ins() -> list[dict[str, str]]:
    """Role, address and password of each person; written once into the key folder, for this desk alone."""
    path = settings.DATA / "keys" / "invented-bank.json"
    if not path.exists():
        made = [
            {"role": role, "name": name, "language": language, "email": f"{role}@hanulbank.example",
             "password": secrets.token_urlsafe(9)}
            for role, name, language in PEOPLE
        ]  # fmt: skip
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(made, file, ensure_ascii=False)
    kept: list[dict[str, str]] = json.loads(path.read_text())
    return kept


def _person(one: dict[str, str]) -> Staff:
    teams.make("Hanul Bank", "Asia/Seoul")
    try:
        return staff.by_email(one["email"])
    except staff.NoSuchStaff:
        return staff.add(
            one["email"], one["name"], role=one["role"], password=one["password"],
            language=one["language"], zone=ZONES[one["language"]],
        )  # fmt: skip


def _connected(administrator: Staff, name: str, handle: str, customers: str, lookup: str) -> Channel:
    chosen = {"folder": _folder(handle), "handle": handle, "customers": customers, "lookup": lookup}
    secret = {"hook_secret": secrets.token_urlsafe(24)}
    return connect.add(administrator, NETWORK, name=name, settings=chosen, secrets=secret)


def _folder(handle: str) -> str:
    return str(settings.DATA / NETWORK / handle)


def _write(people: dict[str, Staff], there: dict[str, Channel], planned: Planned) -> None:
    """Takes one post as far as it is planned to get."""
    author = people["author"]
    if posts.visible_to(author).filter(title=planned.title).exists():
        return
    words = {there[name].obj: {"lang": lang, "text": text} for name, (lang, text) in planned.words.items()}
    row = posts.start(author, title=planned.title)
    row = posts.write(author, row, edition=row.edition, words=words)
    if planned.until == "draft":
        return
    due = clock.now_ms() + 20 * HOUR_MS if planned.until in {"planned", "waiting"} else None
    if due is not None:
        row = schedule.schedule(author, row, due_ms=due)
    version = posts.submit(author, row, edition=row.edition)
    if planned.until != "waiting":
        _agree(people["approver"], row, [(part["channel"], part["digest"]) for part in version.words])
    if planned.until == "sent":
        _send(author, row, planned)


def _agree(approver: Staff, row: Post, words: Sequence[tuple[str, str]]) -> None:
    posts.approve(approver, posts.get_visible(approver, row.pk), words=words)


def _send(author: Staff, row: Post, planned: Planned) -> None:
    if planned.fails:
        name = next(iter(planned.words))
        handle = next(account for channel, account, _, _ in CHANNELS if channel == name)
        PracticeServer(_folder(handle), handle=handle).fail_next("send", planned.fails)
    schedule.schedule(author, posts.get_visible(author, row.pk), due_ms=None)
    _let_it_happen()


def _let_it_happen() -> None:
    worker = Worker()
    worker.run_until_idle(SETTLE_SECONDS_MAX)
    worker.close()
