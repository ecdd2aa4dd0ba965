"""A programme in force, as the room makes one: written by one, agreed to by two others."""

from __future__ import annotations

from pathlib import Path

from bankside.people import staff
from bankside.people.models import Staff
from bankside.rewards import programme
from bankside.rewards.models import Programme
from bankside.rewards.rules import programme as rules

SAMPLE = (Path(rules.__file__).parent / "sample.toml").read_text()
# Small and quick to reason about: what the tests of earning are written against.
SMALL = """
[programme]
id = "social"
unit = "pt"
tz = "Asia/Seoul"
currency = "KRW"
worth = {points = 1, minor = 1}
hold = "72h"
life = "60M"
notice = "6M"

[[earn]]
id = "useful-reply"
class = "A"
on = "reply"
in = "own_thread"
when = "text_len >= 20 && quality >= 60"
points = "min(20, 5 + 2 * depth)"
cap = {points = 40, times = 5, per = "day"}

[[earn]]
id = "feedback"
class = "A"
on = "feedback"
points = "30"
cap = {points = 60, times = 2, per = "month"}

[[earn]]
id = "first-link"
class = "A"
on = "link"
when = "first"
points = "100"
cap = {points = 100, times = 1, per = "month"}

[[earn]]
id = "festival-post"
class = "B"
on = "post"
campaign = "festival-26"
points = "30"
cap = {points = 60, times = 2, per = "day"}
fund = 2_000
disclose = {en = "Ad", ko = "광고", zh = "广告", nl = "Advertentie", within = 20}
"""


def person(role: str, name: str) -> Staff:
    """Somebody of the staff, desk-wide; made at first call."""
    email = f"{name.lower().replace(' ', '.')}@hanulbank.example"
    return Staff.objects.filter(email=email).first() or staff.add(email, name, role=role)


def author() -> Staff:
    return person("author", "Pieter Writes")


def approvers() -> tuple[Staff, Staff]:
    return person("approver", "Hyejin Agrees"), person("compliance", "Wang Agrees")


def submitted(text: str = SMALL, name: str = "social") -> Programme:
    """A version that waits for two people."""
    row = programme.draft(author(), name=name, text=text)
    return programme.submit(author(), row.obj)


def live(text: str = SMALL, name: str = "social") -> Programme:
    """A version in force from now on; it takes the place of the one before it."""
    row = submitted(text, name)
    for one in approvers():
        row = programme.approve(one, row.obj, sha256=row.sha256)
    return row
