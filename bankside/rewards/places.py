"""Where members paid: kept with the consent `spend` alone, and emptied when that ends.

The digest of a batch of payments leaves places out (`payment.py`), so that the record still vouches for what
was paid when nobody knows any more where. What was matched stays matched: a refund needs no place.
"""

from __future__ import annotations

from collections.abc import Iterable

from bankside.rewards.ledger import locks
from bankside.rewards.models import Payment


def forget(members: Iterable[int]) -> None:
    """Empties where these members (by number) paid, and for what. Twice is once.

    In the caller's transaction: whoever takes payments of theirs at this moment is waited for.
    """
    theirs = Payment.objects.filter(member__in=locks.lock(members), for_offers=True)
    theirs.update(mcc=0, merchant="", merchant_id="")
