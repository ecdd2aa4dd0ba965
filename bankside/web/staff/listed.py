"""The rows of the inbox as they are drawn, each worked out once: the list is the page that is open all day.

A template that asks for every word and time of fifty rows by itself spends most of a page's time in asking.
So what the rows have in common is looked up once a page, and `inbox/item.html` only writes down.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.utils.translation import gettext
from markupsafe import Markup

from bankside.inbox.models import Conversation
from bankside.inbox.reading import Group, Row
from bankside.people.staff import initials
from bankside.web import pages
from bankside.web.icons import icon
from bankside.web.masks import masked
from bankside.web.moments import Moments, language_name


class Drawn(NamedTuple):
    """A row in the order in which `inbox/item.html` names its parts; "" and 0 for what it does not have.

    `used` is the share of the promise in percent, 0 for a row without a clock; then `moment` is when it last
    moved, and otherwise what is left. `whose` is "" for nobody.
    """

    number: int
    address: str
    mark: Markup
    lang: str
    language: str
    who: str
    used: int
    by: str
    moment: str
    words: Markup
    private: bool
    channel: str
    whose: str
    letters: str
    own: bool


class Heading(NamedTuple):
    """A heading of the list with its rows."""

    name: str
    rows: tuple[Drawn, ...]


def drawn(groups: Iterable[Group], *, view: str, me: str, zone: ZoneInfo) -> list[Heading]:
    """The groups for a reader: `me` is her uid, times are in her `zone`, words in the active language."""
    draw = _drawing(view, me, Moments(zone))
    return [Heading(group.name, tuple(draw(row) for row in group.rows)) for group in groups]


def _drawing(view: str, me: str, moments: Moments) -> Callable[[Row], Drawn]:
    before, _, after = pages.url("conversation", 0, view=view).partition("/0/")
    somebody, you, by = gettext("Somebody"), gettext("You"), gettext("answer by %(time)s")

    def draw(row: Row) -> Drawn:
        clocked = row.due_at > 0 and row.state == Conversation.OPEN
        own = row.assignee == me
        return Drawn(
            row.id, f"{before}/{row.id}/{after}", icon(f"n-{row.network}", "", row.channel_name),
            row.lang, language_name(row.lang), row.name or row.handle or somebody,
            _used(row, moments.now) if clocked else 0,
            by % {"time": moments.when(row.due_at)} if clocked else "",
            moments.until(row.due_at) if clocked else moments.when(row.last_at),
            masked(row.excerpt), row.private, row.channel_name,
            (you if own else row.assignee_name) if row.assignee else "", initials(row.assignee_name), own,
        )  # fmt: skip

    return draw


def _used(row: Row, now: int) -> int:
    """How much of the promise is used, 1 to 100 percent."""
    whole = row.due_at - row.waiting_since
    if now >= row.due_at or whole <= 0 or not row.waiting_since:
        return 100
    return max(1, (now - row.waiting_since) * 100 // whole)
