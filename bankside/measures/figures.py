"""The figures of a period: every measure, in all or by group, beside the same for the days before.

What is not known is left out and never shown as nothing: `one` gives None then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

from bankside.measures import places, rules
from bankside.measures.columns import BEFORE, NOW
from bankside.measures.counting import Counted, Spot, open_then
from bankside.measures.definitions import Measure, Unit, get
from bankside.measures.frames import GROUPS, WHOLE
from bankside.measures.models import Outgoing, Step, Talk
from bankside.measures.period import Period
from bankside.measures.places import Place
from bankside.measures.question import Filters, Question
from bankside.people import policy, teams
from bankside.people.models import Staff
from bankside.record import clock

BANDS: Final = frozenset({"first-answer", "resolution"})
RUNNING: Final = frozenset({"backlog", "waiting"})
DERIVED: Final = frozenset({"cost", "minutes-saved"})
CARD_GROUPS: Final = (WHOLE, "day", "network")
STEPS: Final = {
    "members-joined": "joined", "members-left": "left", "profiles-linked": "linked",
    "cards-activated": "activated", "redemptions": "redeemed", "points-redeemed": "redeemed",
    "points-moved": "posted",
}  # fmt: skip
__all__ = ["GROUPS", "Choices", "Figure", "Figures", "Filters", "choices", "counted", "of", "zone_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure. `key` says of which group: a date, a network, a country, a language, a channel's obj.

    `base`: how many rows it rests on; `part`: how many, or how much, of it. Of a band: whole seconds that
    one in ten, half, and nine in ten are within. Money is in millionths of `currency`.
    """

    measure: str
    key: str
    base: int
    part: int
    low: int | None = None
    middle: int | None = None
    high: int | None = None
    currency: str = ""

    @property
    def value(self) -> int:
        """Seconds: the middle one; a share: tenths of a per cent; per thing: tenths, both half up; else the
        part."""
        unit = get(self.measure).unit
        return self.middle or 0 if unit == "seconds" else VALUES[unit](self.part, self.base) or 0


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be chosen in the filters: networks, (obj, name) of channels, countries."""

    networks: tuple[str, ...]
    channels: tuple[tuple[str, str], ...]
    markets: tuple[str, ...]


def of(staff: Staff, period: Period, filters: Filters | None = None) -> Figures:
    """The figures that she may see, as of now. Raises NotYours."""
    policy.require_somewhere(staff, places.ACT)
    whole_desk = policy.may(staff, places.ACT)
    return counted(period, filters or Filters(), places.visible_to(staff), whole_desk=whole_desk)


def counted(
    period: Period,
    filters: Filters,
    seen: Iterable[Place],
    *,
    whole_desk: bool = True,
    as_of: int | None = None,
) -> Figures:
    """The figures over these channels; those of the card for the whole desk alone, and not for a part."""
    now_ms, there = clock.now_ms() if as_of is None else as_of, tuple(seen)
    asked = Question(period, filters.places(there), filters, now_ms)
    return Figures(asked, with_card=whole_desk and filters == Filters(), seen=there)


def choices(found: Figures) -> Choices:
    """What can be chosen among by whoever may see these figures."""
    seen = found.seen
    return Choices(
        networks=tuple(sorted({place.network for place in seen})),
        channels=tuple((place.obj, place.name) for place in seen),
        markets=tuple(sorted({place.market for place in seen} - {""})),
    )


def zone_of(staff: Staff) -> str:
    """In which zone her days begin: her team's if she has one, else her own."""
    hers = teams.of(staff)
    return hers[0].zone if len(hers) == 1 else staff.zone


class Figures:
    """Figures of one question, each computed when it is first asked for."""

    def __init__(self, asked: Question, *, with_card: bool = True, seen: tuple[Place, ...] = ()) -> None:
        self.asked, self.with_card, self.seen = asked, with_card, seen
        self.rows = Counted(asked)
        self._found: dict[tuple[str, str], Mapping[Spot, Figure]] = {}

    @property
    def period(self) -> Period:
        """The period that they are of."""
        return self.asked.period

    @property
    def filters(self) -> Filters:
        """What was chosen."""
        return self.asked.filters

    def one(self, id: str, *, before: bool = False) -> Figure | None:
        """The figure over everything, of the period or the days before; None when nothing is known of it.
        Raises NoMeasure."""
        return next(iter(self.by(id, WHOLE, before=before)), None)

    def by(self, id: str, group: str, *, before: bool = False) -> tuple[Figure, ...]:
        """The figures by group (one of GROUPS). By day there is one for each day, in order; the others with
        most first. Empty when nothing is known. Raises NoMeasure, and KeyError for another group."""
        measure = get(id)
        if group not in (WHOLE, *GROUPS):
            raise KeyError(group)
        if "steps" in measure.tables and not (self.with_card and group in CARD_GROUPS):
            return ()
        span = BEFORE if before else NOW
        found = {key: figure for (at, key), figure in self._figures(measure, group).items() if at == span}
        if group == "day":
            return self._day_by_day(measure, found, before=before)
        told = [figure for figure in found.values() if _says_something(measure, figure)]
        if group == WHOLE and not told and self._is_nothing(measure):
            return (Figure(measure=id, key="", base=0, part=0),)
        return tuple(sorted(told, key=lambda figure: (-figure.base, figure.key)))

    def course(self, id: str) -> tuple[int | None, ...]:
        """The `value` of each day of the period, without its figure; None for a share or a band that nothing
        is known of. Empty when nothing is known of any day. Raises NoMeasure."""
        measure = get(id)
        if "steps" in measure.tables and not self.with_card:
            return ()
        if id in RUNNING:
            open_by_day = self._open_by_day(id, NOW)
            return tuple(open_by_day) if any(open_by_day) else ()
        if id in BANDS or id in DERIVED:
            return tuple(one.middle if id in BANDS else one.value for one in self.by(id, "day"))
        if measure.unit == "money" and not self._currency(measure, "day", ""):
            return ()
        part, base = self.rows.sums(measure.tables[0], "day").now(id)
        return tuple(map(VALUES[measure.unit], part.tolist(), base.tolist())) if base.any() else ()

    def close(self) -> None:
        """Lets go of what was read; what was computed stays."""
        self.rows.close()

    def _figures(self, measure: Measure, group: str) -> Mapping[Spot, Figure]:
        """Every figure of a measure by span and key."""
        known = (measure.id, group)
        if known not in self._found:
            match measure.id:
                case "cost":
                    self._found[known] = self._costs(group)
                case "minutes-saved":
                    self._found[known] = self._minutes(group)
                case id if id in BANDS:
                    self._found[known] = self._band(measure, group)
                case id if id in RUNNING:
                    self._found[known] = self._running(measure, group)
                case _:
                    self._found[known] = self._counts(measure, group)
        return self._found[known]

    def _counts(self, measure: Measure, group: str) -> dict[Spot, Figure]:
        [table] = measure.tables
        return {
            spot: Figure(
                measure=measure.id, key=spot[1], base=base, part=part,
                currency=self._currency(measure, group, spot[1]),
            )
            for spot, part, base in self.rows.sums(table, group).of(measure.id)
        }  # fmt: skip

    def _band(self, measure: Measure, group: str) -> dict[Spot, Figure]:
        return {
            spot: Figure(
                measure=measure.id, key=spot[1], base=row["base"], part=row["base"],
                low=row["low"], middle=row["middle"], high=row["high"],
            )
            for spot, row in self.rows.bands(measure.id, group).items()
        }  # fmt: skip

    def _running(self, measure: Measure, group: str) -> dict[Spot, Figure]:
        """How many were open when each day, or each span, was over."""
        found = dict[Spot, int]()
        for span, last in ((NOW, len(self.period.days) - 1), (BEFORE, -1)):
            if group == "day":
                by_day = zip(self._days(NOW), self._open_by_day(measure.id, span), strict=True)
                found |= {(span, key): number for key, number in by_day}
            else:
                changes = self.rows.running(measure.id, group).items()
                found |= {(span, key): open_then(days_of, last) for key, days_of in changes}
        return {
            spot: Figure(measure=measure.id, key=spot[1], base=number, part=number)
            for spot, number in found.items()
        }

    def _open_by_day(self, id: str, span: int) -> list[int]:
        """How many were open when each day of a span was over. A day without a change is as the last."""
        changes = self.rows.running(id, WHOLE).get(WHOLE, [])
        length = len(self.period.days)
        first = 0 if span == NOW else -length
        return [open_then(changes, day) for day in range(first, first + length)]

    @cached_property
    def _savings(self) -> tuple[rules.Saving, ...]:
        return rules.savings()

    def _minutes(self, group: str) -> dict[Spot, Figure]:
        """Each assumption counts some of the conversations; their minutes are added, then rounded down."""
        bases, hundredths = dict[Spot, int](), dict[Spot, int]()
        for one in self._savings:
            for spot, figure in self._figures(get(one.counts), group).items():
                bases[spot] = max(bases.get(spot, 0), figure.part)
                saved = figure.part * one.percent * one.minutes
                hundredths[spot] = hundredths.get(spot, 0) + saved
        return {
            spot: Figure(measure="minutes-saved", key=spot[1], base=bases[spot], part=number // 100)
            for spot, number in hundredths.items()
        }

    def _costs(self, group: str) -> dict[Spot, Figure]:
        sent, read = (self._figures(get(id), group) for id in ("cost-sent", "cost-read"))
        found: dict[Spot, Figure] = {}
        for spot in sent.keys() | read.keys():
            there = [figure for figure in (sent.get(spot), read.get(spot)) if figure]
            found[spot] = Figure(
                measure="cost", key=spot[1], base=sum(figure.base for figure in there),
                part=sum(figure.part for figure in there), currency=there[0].currency,
            )  # fmt: skip
        return found

    def _currency(self, measure: Measure, group: str, key: str) -> str:
        """The currency of a sum of money; empty, and the sum left out, where several were added up."""
        if measure.unit != "money":
            return ""
        names = {"network": "network", "market": "market", "channel": "obj"}
        there = {
            place.currency
            for place in self.asked.places
            if place.currency and (group not in names or getattr(place, names[group]) == key)
        }
        return there.pop() if len(there) == 1 else ""

    def _day_by_day(
        self, measure: Measure, found: Mapping[str, Figure], *, before: bool
    ) -> tuple[Figure, ...]:
        """One for each day, as long as there is any. Both spans are filed under the days of the period."""
        if not any(_says_something(measure, figure) for figure in found.values()):
            return ()
        nothing = Figure(measure=measure.id, key="", base=0, part=0)
        days = zip(self._days(NOW), self._days(BEFORE if before else NOW), strict=True)
        there = ((found.get(filed, nothing), day) for filed, day in days)
        return tuple(one if one.key == day else replace(one, key=day) for one, day in there)

    def _days(self, span: int) -> tuple[str, ...]:
        return self._dates[0] if span == NOW else self._dates[1]

    def _is_nothing(self, measure: Measure) -> bool:
        """Whether none is the true count: such things are known here, and there were none in these days."""
        if measure.unit not in {"count", "sum"}:
            return False
        match measure.tables[0]:
            case "talks":
                return Talk.objects.exists()
            case "posts":
                return measure.unit == "count" and Outgoing.objects.exists()
            case "steps":
                return STEPS[measure.id] in self._steps_known
            case _:
                return False

    @cached_property
    def _steps_known(self) -> frozenset[str]:
        return frozenset(Step.objects.values_list("what", flat=True).distinct())

    @cached_property
    def _dates(self) -> tuple[tuple[str, ...], ...]:
        spans = (self.period, self.period.before())
        return tuple(tuple(day.isoformat() for day in span.days) for span in spans)


def _says_something(measure: Measure, figure: Figure) -> bool:
    if measure.unit == "money" and not figure.currency:
        return False
    return figure.base > 0


def _part(part: int, base: int) -> int:
    return part


def _rounded(part: int, base: int) -> int:
    """Part by base, half up."""
    return (part * 2 + base) // (base * 2) if base else 0


def _tenths(part: int, base: int) -> int:
    return _rounded(part * 10, base)


def _permille(part: int, base: int) -> int | None:
    return _rounded(part * 1000, base) if base else None


VALUES: Final[Mapping[Unit, Callable[[int, int], int | None]]] = {
    "share": _permille, "per": _tenths, "count": _part, "sum": _part, "minutes": _part, "money": _part,
}  # fmt: skip
"""What a figure comes to by its part and base, see `Figure.value`; None: nothing is known."""
