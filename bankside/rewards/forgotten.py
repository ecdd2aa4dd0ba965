"""How the social card forgets a member: all her profiles are one person, and her rows hold names and words.

Points stay as they are: numbers between accounts that name nobody. So do the bank's own opaque references on
money that is to be paid out or was (docs/operate/forgetting.md says which, and why).
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models, transaction
from django.db.models import F, Value
from django.db.models.functions import Concat

from bankside.record.forgetting.covered import Scope
from bankside.record.models import Entry
from bankside.rewards import member, places
from bankside.rewards.models import (
    Appeal,
    Card,
    ExpiryNotice,
    Fingerprint,
    Flag,
    Link,
    Member,
    PartnerCode,
    Redemption,
    Restoration,
)
from bankside.rewards.taking_part import subj_of

GONE = "erased:"
JOINED = "rewards.member-joined"


def same_person(subj: str) -> Iterable[str]:
    """Every subject of the member whose this is: her own, and those of the profiles that she linked."""
    for one in _members(subj):
        yield subj_of(one)
        yield from Link.objects.filter(member=one).values_list("subj", flat=True)


def leave(subj: str, actor: str) -> None:
    """Whoever is to be forgotten takes part no longer; what she has earned stays hers until it ends."""
    for one in _members(subj):
        member.leave(one, reason="erased")


def forget(scope: Scope) -> None:
    """Empties what names a member or holds her words, by any of her subjects."""
    if scope.about:
        return
    for link in Link.objects.filter(subj=scope.subj):
        Link.objects.filter(pk=link.pk).update(
            subject=f"{GONE}{link.obj}", handle="", url="", account_since=0
        )
    people = [one.pk for one in _members(scope.subj)]
    hers = models.Q(member__in=people)
    Card.objects.filter(hers).update(name="", handle="", line="", reason="", token_ref=None)
    Appeal.objects.filter(hers).update(words="", answer="")
    Flag.objects.filter(hers).update(evidence={}, why="")
    Restoration.objects.filter(flag__member__in=people).update(why="")
    Fingerprint.objects.filter(member__in=people).delete()
    ExpiryNotice.objects.filter(hers).delete()
    with transaction.atomic():
        places.forget(people)
    _forget_spent(hers)
    Member.objects.filter(pk__in=people).update(name="", customer_ref=None, interests=[], tenure_since=0)


def _forget_spent(hers: models.Q) -> None:
    """Codes that she was given, and what callers named her wishes by; that she spent so much stays."""
    spent = Redemption.objects.filter(hers)
    PartnerCode.objects.filter(redemption__in=spent.values("obj")).update(sealed=b"")
    spent.update(key=Concat(Value(GONE), F("obj")))


def _members(subj: str) -> list[Member]:
    """Whose subject this is, also when nobody can tell from the subject any more."""
    joined = Entry.objects.filter(subj=subj, fact=JOINED).values("obj")
    hers = models.Q(obj__in=joined) | models.Q(links__subj=subj)
    return list(Member.objects.filter(hers).distinct().order_by("pk"))
