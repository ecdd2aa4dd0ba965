"""The rows of the inbox as they are drawn, each worked out once: the list is the page that is open all day.

A template that asks for every word and time of fifty rows by itself spends most of a page's time in asking.
So what rows have in common is worked out once a page, and `inbox/item.html` only writes down.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from markupsafe import Markup, escape

from bankside.inbox.models import Conversation
from bankside.inbox.reading import Group, Listed
from bankside.people.staff import initials
from bankside.web import pages
from bankside.web.icons import icon
from bankside.web.masks import masked
from bankside.web.moments import Moments, language_name

NUMBERS = {
    "BSN": _("citizen service number"), "CNID": _("identity number"), "CVV": _("card code"),
    "PAN": _("card number"), "RRN": _("registration number"),
}  # fmt: skip
"""What `inbox.arriving.ASKS` is called."""


class Drawn(NamedTuple):
    """A row in the order in which `inbox/item.html` names its parts.

    Words are escaped: it writes them as they are. `lang` is "" when it is not known. `used` is the share of
    the promise in percent, 0 for a row without a clock; then `moment` is when it last moved, and otherwise
    what is left. `whose` is "" for nobody. `numbers` says what was hidden in what waits, "" for nothing.
    """

    number: int
    address: Markup
    mark: Markup
    lang: Markup
    language: Markup
    tag: Markup
    who: Markup
    used: int
    by: Markup
    moment: Markup
    words: Markup
    private: bool
    channel: Markup
    whose: Markup
    letters: Markup
    own: bool
    numbers: Markup


class Heading(NamedTuple):
    """A heading of the list with its rows."""

    name: str
    rows: tuple[Drawn, ...]


def drawn(groups: Iterable[Group], *, view: str, me: str, zone: ZoneInfo) -> list[Heading]:
    """The groups for a reader: `me` is her uid, times are in her `zone`, words in the active language."""
    draw = _drawing(view, me, Moments(zone))
    return [Heading(group.name, tuple(map(draw, group.rows))) for group in groups]


def _drawing(view: str, me: str, moments: Moments) -> Callable[[Listed], Drawn]:
    """How a row is drawn on this page. What many rows share is kept by functions that live as long as it."""
    before, _number, after = escape(pages.url("conversation", 0, view=view)).partition("/0/")
    somebody, you, unopened, by = (
        gettext("Somebody"),
        escape(gettext("You")),
        escape(gettext("Private message")),
        str(escape(gettext("answer by %(time)s"))),
    )

    @cache
    def spoken(lang: str) -> tuple[Markup, Markup, Markup]:
        return escape(lang), escape(language_name(lang)), escape(lang[:2].upper())

    @cache
    def seen(network: str, name: str) -> tuple[Markup, Markup]:
        return icon(f"n-{network}", "", name), escape(name)

    @cache
    def held(uid: str, name: str) -> tuple[Markup, Markup]:
        whose = you if uid == me else escape(name)
        return (whose if uid else Markup()), escape(initials(name))

    @cache
    def hidden(classes: str) -> Markup:
        named = ", ".join(str(NUMBERS[name]) for name in classes.split())
        return escape(gettext("Hidden: %(numbers)s") % {"numbers": named})

    def draw(row: Listed) -> Drawn:
        lang, language, tag = spoken(row.lang)
        mark, channel = seen(row.network, row.channel_name)
        whose, letters = held(row.assignee, row.assignee_name)
        clocked = row.due_at > 0 and row.state == Conversation.OPEN
        return Drawn(
            row.id, Markup(f"{before}/{row.id}/{after}"), mark, lang, language, tag,  # noqa: S704 - escaped
            escape(row.name or row.handle or somebody), _used(row, moments.now) if clocked else 0,
            Markup(by % {"time": escape(moments.when(row.due_at))}) if clocked else Markup(),  # noqa: S704
            escape(moments.until(row.due_at) if clocked else moments.when(row.last_at)),
            unopened if row.private else masked(row.excerpt), row.private, channel, whose, letters,
            row.assignee == me, hidden(row.hidden) if row.hidden else Markup(),
        )  # fmt: skip

    return draw


def _used(row: Listed, now: int) -> int:
    """How much of the promise is used, 1 to 100 percent."""
    whole = row.due_at - row.waiting_since
    if now >= row.due_at or whole <= 0 or not row.waiting_since:
        return 100
    return max(1, (now - row.waiting_since) * 100 // whole)
