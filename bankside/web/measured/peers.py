"""You and your peers as strips of rings, for the page of measures and for that of a study.

Peers are rings without names: which of them is which stands in the study, for those who may see it.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import get_language, gettext, to_locale

from bankside.measures import peers as standings
from bankside.measures.charts import dots
from bankside.measures.charts.chart import Chart, NothingToDraw
from bankside.measures.charts.figure import legend
from bankside.measures.models import Study
from bankside.people.models import Staff
from bankside.web.moments import number
from bankside.web.spoken import spoken


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """One thing that was asked or counted, and where you stand in it. `among`: the peers, in words."""

    title: str
    note: str
    among: str
    chart: Chart
    value: str
    rank: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Peers:
    """`count` peers; `title` and `at` (UTC ms) of the study, `obj` its own; `legend` is HTML.

    `seen`: it was counted from public pages and posts; else institutions said it themselves.
    """

    count: int
    title: str
    at: int
    obj: str
    us: str
    seen: bool
    legend: str
    strips: tuple[Strip, ...]


def of(staff: Staff) -> Peers | None:
    """Where the institution stands in the latest study, if she may see studies and there is one."""
    return _drawn(standings.latest(staff, _language()))


def in_study(study: Study) -> Peers | None:
    """Where the institution stands in this study, if it is in it."""
    return _drawn(standings.of(study, _language())) if study.us else None


def _drawn(found: standings.Peers | None) -> Peers | None:
    if found is None:
        return None
    said = dots.Words(
        you=found.us, peer=gettext("a peer"), middle=gettext("middle peer"),
        half=gettext("the middle half of peers"), lower=gettext("lower quarter"),
        upper=gettext("upper quarter"), institution=gettext("Institution"), value=gettext("Value"),
    )  # fmt: skip
    strips = [(one, drawn) for one in found.strips if (drawn := _strip(one, said)) is not None]
    if not strips:
        return None
    fullest = next((drawn for one, drawn in strips if one.half), strips[0][1])
    return Peers(
        count=found.institutions - 1, title=found.title, at=found.published_at, obj=found.study,
        us=found.us, seen=found.source == Study.OBSERVATION, legend=legend(fullest.chart),
        strips=tuple(drawn for _, drawn in strips),
    )  # fmt: skip


def _strip(one: standings.Strip, said: dots.Words) -> Strip | None:
    rank, value, among = spoken(one.said), _plain(one.ours), _among(one)
    label = gettext("%(question)s: %(value)s, %(rank)s") % {
        "question": one.title, "value": value, "rank": rank,
    }  # fmt: skip
    nameless = tuple((said.peer, theirs) for theirs in one.peers)
    strip = dots.Strip(one.ours, nameless, quick_right=one.quick_right, half=one.half)
    try:
        chart = dots.draw(strip, label=label, words=said, number=_plain)
    except NothingToDraw:
        return None
    return Strip(title=one.title, note=spoken(one.sub), among=among, chart=chart, value=value, rank=rank)


def _among(one: standings.Strip) -> str:
    """The middle peer, and the middle half where it may be shown."""
    middle = _plain(one.middle)
    if one.half is None:
        return gettext("middle peer %(middle)s") % {"middle": middle}
    low, high = map(_plain, one.half)
    return gettext("middle peer %(middle)s, half of them from %(low)s to %(high)s") % {
        "middle": middle, "low": low, "high": high,
    }  # fmt: skip


def _plain(value: float) -> str:
    return number(int(value)) if value == int(value) else number(value)


def _language() -> str:
    locale = to_locale(get_language() or "en")
    return locale.replace("_", "-")
