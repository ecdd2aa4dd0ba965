"""You and your peers as strips of rings, from what the room knows of the latest published study.

Peers are rings without names: which of them is which stands in the study, for those who may see it.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import get_language, gettext, to_locale

from bankside.measures import peers as standings
from bankside.measures.charts import dots
from bankside.measures.charts.chart import Chart, NothingToDraw
from bankside.measures.charts.figure import legend
from bankside.people.models import Staff
from bankside.web.moments import number
from bankside.web.spoken import spoken


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """One thing that was asked or counted, and where you stand in it."""

    title: str
    note: str
    chart: Chart
    value: str
    rank: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Peers:
    """`count` peers; `title` and `at` (UTC ms) of the study, `obj` its own; `legend` is HTML."""

    count: int
    title: str
    at: int
    obj: str
    legend: str
    strips: tuple[Strip, ...]


def of(staff: Staff) -> Peers | None:
    """Where the institution stands, if she may see studies and there is one."""
    found = standings.latest(staff, _language())
    if found is None:
        return None
    said = dots.Words(
        you=found.us, peer=gettext("a peer"), middle=gettext("middle peer"),
        institution=gettext("Institution"), value=gettext("Value"),
    )  # fmt: skip
    strips = tuple(drawn for one in found.strips if (drawn := _strip(one, said)) is not None)
    if not strips:
        return None
    return Peers(
        count=found.institutions - 1, title=found.title, at=found.published_at, obj=found.study,
        legend=legend(strips[0].chart), strips=strips,
    )  # fmt: skip


def _strip(one: standings.Strip, said: dots.Words) -> Strip | None:
    rank, value = spoken(one.said), number(one.ours)
    label = gettext("%(question)s: %(value)s, %(rank)s") % {
        "question": one.title, "value": value, "rank": rank,
    }  # fmt: skip
    nameless = tuple((said.peer, theirs) for _, theirs in one.peers)
    strip = dots.Strip(one.ours, nameless, quick_right=one.quick_right)
    try:
        chart = dots.draw(strip, label=label, words=said, number=number)
    except NothingToDraw:
        return None
    return Strip(title=one.title, note=spoken(one.sub), chart=chart, value=value, rank=rank)


def _language() -> str:
    locale = to_locale(get_language() or "en")
    return locale.replace("_", "-")
