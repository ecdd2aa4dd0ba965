"""Offers of a member: which she is shown, which are on her card, and how often they may still be used.

Chosen by what she agreed to: with `personal` those that fit her, without it everybody's. Who is held out of
an offer is not shown it and cannot add it, and is told what everybody is told of an offer that is not there.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from django.db import transaction

from bankside.record import clock, jobs
from bankside.record.append import append
from bankside.record.facts.rewards import OfferAdded, OfferMoved
from bankside.record.models import Job
from bankside.rewards import consent, holdout, matching, traits
from bankside.rewards import programme as programmes
from bankside.rewards.ledger import locks
from bankside.rewards.ledger.days import DAY_MS, Calendar
from bankside.rewards.models import Member, OfferUse
from bankside.rewards.offer_figures import Figures, standing
from bankside.rewards.offer_limits import given_of, used_of, window_of
from bankside.rewards.payments.money import decimal
from bankside.rewards.programme import Live
from bankside.rewards.rules.standing import Standing
from bankside.rewards.rules.terms import Offer, Programme
from bankside.rewards.taking_part import actor_of, refuse_unless_active, subj_of
from bankside.rewards.targeting import Targets
from bankside.said import Said

__all__ = [
    "Figures", "FundEmpty", "NoSuchOffer", "OnShow", "Shown", "add", "lapse_due", "offers_for", "standing",
    "take_off", "uses_of",
]  # fmt: skip

LAPSE: Final = "rewards.offers"
LAPSE_DAYS: Final = 30
"""After so many days an authorisation that did not clear holds nothing any more."""
LAPSE_ROWS_MAX: Final = 1_000
USES_MAX: Final = 500


class NoSuchOffer(LookupError):
    """There is no such offer for her: none in force, not one that fits her, or one that she is held out
    of."""


class FundEmpty(ValueError):
    """Everything that the offer could give was given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnShow:
    """An offer on her page. `use`: as it is on her card, else her last use of it, or None. `left`: how often
    it may still be used in this day, week or month; `until_ms`: when it ends (UTC ms), 0 for no end."""

    offer: Offer
    programme: Programme
    use: OfferUse | None
    left: int
    until_ms: int
    language: str

    @property
    def title(self) -> str:
        """In her language, as far as the programme has it."""
        return title_of(self.offer, self.language)

    @property
    def back(self) -> str:
        """What it gives: `5%`, `2000 KRW`, `500 pt`."""
        if self.offer.kind == "points":
            return f"{self.offer.max} {self.programme.unit}"
        if self.offer.fixed:
            return f"{decimal(self.offer.fixed, self.programme.currency)} {self.programme.currency}"
        return f"{self.offer.back / 100:g}%"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What her page shows; `personal`: chosen for her, else everybody's."""

    personal: bool
    offers: tuple[OnShow, ...]


def offers_for(member: Member, now_ms: int | None = None) -> Shown:
    """Offers in force that she may use, those on her card among them, in the order of the programmes."""
    now = clock.now_ms() if now_ms is None else now_ms
    personal = consent.has(member, consent.PERSONAL)
    uses = _latest(member)
    found = [
        (live.programme, offer)
        for live in programmes.live()
        for offer in _fitting(member, live.programme, uses, personal=personal, now_ms=now)
    ]
    given = given_of(offer.id for _, offer in found)
    windows = {o.id: window_of(o, Calendar(terms.zone), now) for terms, o in found}
    used = used_of(member.pk, windows)
    shown = (
        OnShow(
            offer=offer, programme=terms, use=uses.get(offer.id), until_ms=offer.to_ms,
            left=max(0, offer.freq_times - used.get(offer.id, 0)), language=member.language,
        )
        for terms, offer in found
        if given.get(offer.id, 0) < offer.fund or _on_card(uses, offer)
    )  # fmt: skip
    return Shown(personal=personal, offers=tuple(shown))


def add(member: Member, offer_id: str) -> OfferUse:
    """Puts an offer on her card until she takes it off; twice is once. Its terms are those in force now.

    Raises NoSuchOffer, FundEmpty, ConsentMissing (payments may not be used for offers), NotTakingPart.
    """
    now = clock.now_ms()
    with transaction.atomic():
        locks.lock([member.pk])
        row = Member.objects.get(pk=member.pk)
        refuse_unless_active(row)
        live, offer = _open_to(row, offer_id, now)
        consent.require(row, consent.SPEND)
        use = OfferUse.objects.filter(member=row, offer=offer_id, state=OfferUse.ADDED).first()
        if use is None and given_of([offer_id]).get(offer_id, 0) >= offer.fund:
            raise FundEmpty(Said("Everything that this offer could give was given."))
        if use is None:
            use = OfferUse(offer=offer_id, member=row, added_at=now)
        if use.programme != live.row.pk:
            use.programme = live.row.pk
            use.save()
            jobs.enqueue(LAPSE, LAPSE, due_ms=now + DAY_MS, data={})
            _tell_added(row, use, live)
    return use


def take_off(member: Member, offer_id: str) -> bool:
    """Takes it off her card; what was paid with it stays as it is. False when it is not there."""
    with transaction.atomic():
        locks.lock([member.pk])
        use = OfferUse.objects.filter(member=member, offer=offer_id, state=OfferUse.ADDED).first()
        if use is None:
            return False
        use.state, use.changed_at = OfferUse.OFF, clock.now_ms()
        use.save(update_fields=["state", "changed_at"])
        said = OfferMoved(use=use.obj, member=member.obj, offer=offer_id, state=use.state, ref="", amount=0)
        append(
            said, f"rewards.offer-moved:{use.obj}:off", actor=actor_of(member), obj=use.obj,
            subj=subj_of(member),
        )  # fmt: skip
    return True


def uses_of(member: Member, limit: int = 50) -> list[OfferUse]:
    """Offers on her card and what became of those she used, newest first."""
    return list(OfferUse.objects.filter(member=member).order_by("-pk")[: min(limit, USES_MAX)])


def lapse_due(now_ms: int, limit: int = LAPSE_ROWS_MAX) -> int:
    """Authorisations that never cleared give back what was held for them, and their use; how many."""
    before = now_ms - LAPSE_DAYS * DAY_MS
    waiting = OfferUse.objects.filter(state=OfferUse.MATCHED, changed_at__lt=before).order_by(
        "changed_at", "pk"
    )
    done = 0
    for use in waiting[:limit]:
        with transaction.atomic():
            locks.lock([use.member_id])
            done += matching.lapse(use, now_ms)
    return done


@jobs.handler(LAPSE, standing=True)
def _lapse(job: Job) -> int:
    """Done again the next day, or at once when there was more than it may do."""
    now = clock.now_ms()
    return now + (DAY_MS if lapse_due(now) < LAPSE_ROWS_MAX else 0)


def title_of(offer: Offer, language: str) -> str:
    """The title in a language such as `zh-hans`; in English, or whatever there is, without it."""
    titles = offer.title
    return (
        titles.get(language)
        or titles.get(language.partition("-")[0])
        or titles.get("en")
        or next(iter(titles.values()), offer.id)
    )


# --- which are for her ------------------------------------------------------------------------------------
def _fitting(
    member: Member, terms: Programme, uses: dict[str, OfferUse], *, personal: bool, now_ms: int
) -> list[Offer]:
    """Offers of a programme that she may see now."""
    running = [
        offer
        for offer in terms.offers
        if offer.from_ms <= now_ms and (not offer.to_ms or now_ms < offer.to_ms)
        and not holdout.held_out(member.obj, offer.id, offer.holdout)
    ]  # fmt: skip
    if not running:
        return []
    fits = _eligible(member, terms, now_ms) if personal else frozenset[str]()
    return [offer for offer in running if not offer.personal or offer.id in fits or _on_card(uses, offer)]


def _eligible(member: Member, terms: Programme, now_ms: int) -> frozenset[str]:
    seen = traits.standing_of(member.pk, terms, now_ms)
    return eligible(terms, seen) if seen else frozenset()


def eligible(terms: Programme, seen: Standing) -> frozenset[str]:
    """The ids of the offers of a programme that fit somebody, all asked by one function."""
    fits = _targets(terms).one(seen)
    return frozenset(offer.id for offer, fit in zip(terms.offers, fits, strict=True) if fit)


@lru_cache(maxsize=16)
def _targets(terms: Programme) -> Targets:
    return Targets([offer.when for offer in terms.offers])


def _open_to(member: Member, offer_id: str, now_ms: int) -> tuple[Live, Offer]:
    """The offer and its programme, when she may add it. Raises NoSuchOffer."""
    uses, personal = _latest(member), consent.has(member, consent.PERSONAL)
    for live in programmes.live():
        if not any(offer.id == offer_id for offer in live.programme.offers):
            continue
        for offer in _fitting(member, live.programme, uses, personal=personal, now_ms=now_ms):
            if offer.id == offer_id:
                return live, offer
    raise NoSuchOffer(Said("There is no such offer for you now."))


def _on_card(uses: dict[str, OfferUse], offer: Offer) -> bool:
    use = uses.get(offer.id)
    return use is not None and use.state == OfferUse.ADDED


def _latest(member: Member) -> dict[str, OfferUse]:
    """For each offer the row that says it is on her card, or else the newest use."""
    found: dict[str, OfferUse] = {}
    for use in OfferUse.objects.filter(member=member).exclude(state=OfferUse.OFF).order_by("pk")[:USES_MAX]:
        if use.offer not in found or found[use.offer].state != OfferUse.ADDED:
            found[use.offer] = use
    return found


def _tell_added(member: Member, use: OfferUse, live: Live) -> None:
    said = OfferAdded(use=use.obj, member=member.obj, offer=use.offer, programme=live.row.obj)
    append(
        said, f"rewards.offer-added:{use.obj}:{live.row.pk}", actor=actor_of(member), obj=use.obj,
        subj=subj_of(member),
    )  # fmt: skip
