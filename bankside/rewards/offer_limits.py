"""How often an offer may be used, and how much it may give: limits that the database keeps.

Each is a row of the cap table, counted up only while there is room. Who touches funds has locked the members
first, then takes the funds in the order of their names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from django.db import connection

from bankside.rewards import holdout
from bankside.rewards import programme as programmes
from bankside.rewards.ledger import funds
from bankside.rewards.ledger.candidate import Terms
from bankside.rewards.ledger.days import Calendar
from bankside.rewards.models import Cap, OfferUse
from bankside.rewards.programme import Live
from bankside.rewards.rules.terms import Offer

SCOPE: Final = "offer"
SUBJECTS_PER_QUERY_MAX: Final = 500
_KEEP = """
    insert into rewards_cap (scope, subject, "window", used, times, "limit") values (%s, %s, %s, %s, %s, %s)
    on conflict (scope, subject, "window") do update
    set used = excluded.used, times = excluded.times, "limit" = excluded."limit" """


class Versions:
    """All versions that were ever in force, read once for a batch."""

    def __init__(self) -> None:
        self._by_pk = {one.row.pk: one for one in programmes.ever_live()}
        self._offers = {
            (pk, offer.id): offer for pk, live in self._by_pk.items() for offer in live.programme.offers
        }

    def offer(self, use: OfferUse) -> Offer:
        """The terms that hold for a use: those of the version under which it was added."""
        return self._offers[use.programme, use.offer]

    def live(self, use: OfferUse) -> Live:
        """The version under which it was added."""
        return self._by_pk[use.programme]

    def held_out(self, use: OfferUse, member_obj: str) -> bool:
        """Whether she is held out of it, by its terms or by those of the newest version in force that has
        it."""
        now = [
            self._offers[pk, use.offer] for pk, live in self._by_pk.items() if self._runs(live, pk, use.offer)
        ]
        share = max(offer.holdout for offer in (self.offer(use), *now))
        return holdout.held_out(member_obj, use.offer, share)

    def _runs(self, live: Live, pk: int, offer: str) -> bool:
        return not live.row.ended_at and (pk, offer) in self._offers

    def holds(self, use: OfferUse, at_ms: int) -> bool:
        """Whether some version that was in force at that moment has the offer."""
        return any(
            (pk, use.offer) in self._offers and programmes.was_in_force(live.row, at_ms)
            for pk, live in self._by_pk.items()
        )


# --- frequency -----------------------------------------------------------------------------------------
def window_of(offer: Offer, calendar: Calendar, at_ms: int) -> int:
    """The day, week (from Monday) or month in which a use counts."""
    match offer.per:
        case "day":
            return calendar.day(at_ms)
        case "week":
            return (calendar.day(at_ms) + 3) // 7
        case "month":
            return calendar.month(at_ms)


def used_of(member: int, windows: Mapping[str, int]) -> dict[str, int]:
    """How often offers were used in these windows, by one statement; those never used are absent."""
    subjects = {_subject(member, offer): offer for offer in windows}
    rows = Cap.objects.filter(scope=SCOPE, subject__in=subjects).values_list("subject", "window", "used")
    return {subjects[name]: used for name, window, used in rows if windows[subjects[name]] == window}


class Times:
    """How often members of a batch used their offers. Each counts for one member alone, who is locked: what
    is counted here and kept at the end cannot be passed by anybody, and the database refuses more than the
    limit."""

    def __init__(self, uses: Iterable[OfferUse]) -> None:
        subjects = sorted({_subject(use.member_id, use.offer) for use in uses})
        rows: list[tuple[str, int, int]] = []
        for start in range(0, len(subjects), SUBJECTS_PER_QUERY_MAX):
            some = Cap.objects.filter(
                scope=SCOPE, subject__in=subjects[start : start + SUBJECTS_PER_QUERY_MAX]
            )
            rows += some.values_list("subject", "window", "used")
        self._used = {(subject, window): used for subject, window, used in rows}
        self._limits: dict[tuple[str, int], int] = {}

    def take(self, use: OfferUse, offer: Offer) -> bool:
        """Counts one more use in its window; False when there is no more room."""
        key = (_subject(use.member_id, offer.id), use.window)
        if self._used.get(key, 0) >= offer.freq_times:
            return False
        self._used[key] = self._used.get(key, 0) + 1
        self._limits[key] = offer.freq_times
        return True

    def give_back(self, use: OfferUse, offer: Offer) -> None:
        """Counts a use as not having been."""
        key = (_subject(use.member_id, offer.id), use.window)
        self._used[key] = max(0, self._used.get(key, 0) - 1)
        self._limits[key] = max(offer.freq_times, self._used[key])

    def save(self) -> None:
        """Keeps what changed."""
        rows = [
            (SCOPE, subject, window, self._used[subject, window], self._used[subject, window], limit)
            for (subject, window), limit in sorted(self._limits.items())
        ]
        if rows:
            with connection.cursor() as cursor:
                cursor.executemany(_KEEP, rows)


def _subject(member: int, offer_id: str) -> str:
    return f"{member}:{offer_id}"


# --- funds ---------------------------------------------------------------------------------------------
class Funds:
    """What is left in the funds of some offers, each locked until the transaction ends.

    The newest version in force says how large a fund is; below what was given it cannot go.
    """

    def __init__(self, versions: Versions, uses: Iterable[OfferUse]) -> None:
        offers = {use.offer: versions.offer(use) for use in uses}
        newest = {offer.id: offer for one in programmes.live() for offer in one.programme.offers}
        sizes = {name: newest.get(name, offer).fund for name, offer in offers.items()}
        self._used = funds.load([Terms(programme=0, rule=name, fund=fund) for name, fund in sizes.items()])
        self._now = dict(self._used)
        self._sizes = sizes

    def left(self, offer_id: str) -> int:
        """What nobody was given and nothing is held of."""
        return max(0, self._sizes[offer_id] - self._now[offer_id])

    def hold(self, use: OfferUse, amount: int) -> None:
        """Takes from the fund what more is held for a use, or gives back what is not."""
        self._now[use.offer] += amount - use.held
        use.held = amount

    def save(self) -> None:
        """Keeps what changed; the database refuses more than the fund."""
        funds.save({name: used for name, used in self._now.items() if used != self._used[name]})


def given_of(offers: Iterable[str]) -> dict[str, int]:
    """What offers have given or hold of their funds, by one statement; those that gave nothing are absent."""
    rows = Cap.objects.filter(scope=funds.SCOPE, subject__in=list(offers), window=0)
    return dict(rows.values_list("subject", "used"))
