"""A programme in force and a customer who takes part, on a desk that runs: `-m tests.flows.enrolled nl`.

Prints the address at which the bank's own app would let her in. She has agreed to everything and has what a
gift gave her, so that she need not wait for a hold to spend some. With a further word she has a past, too:
a profile, a card, an answer that earned.
"""

from __future__ import annotations

import sys
from datetime import date
from typing import TYPE_CHECKING

import django

if TYPE_CHECKING:
    from bankside.rewards.models import Member

GIFT = 1_240
NAMES = {"zh-hans": "王丽", "nl": "Lotte Bakker", "ko": "박민지", "en": "Minji Park"}


def main() -> None:
    django.setup()
    from bankside.rewards import consent, member, programme, visit
    from tests.rewards import living
    from tests.web.visiting import TEXT, rich

    language, *more = sys.argv[1:]
    if not programme.live():
        living.live(TEXT)
    who = member.enrol(
        customer_ref=f"journey:{language}", born=date(1990, 2, 28), name=NAMES[language], language=language,
        consents=dict.fromkeys(consent.PURPOSES, ""), interests=("coffee",),
    )  # fmt: skip
    rich(who, GIFT)
    if more:
        _lived(who)
    sys.stdout.write(visit.address_of(visit.ticket(who)))


def _lived(who: Member) -> None:
    """With a profile whose proof is taken as given, a card, an answer that earned, and points spent."""
    from django.db import transaction

    from bankside.record import clock
    from bankside.rewards import earning, redemption
    from bankside.rewards.rules.act import Act
    from tests.rewards.joined import linked
    from tests.web.visiting import with_card

    linked(who, f"minji.park.{who.pk}")
    with_card(who)
    act = Act(
        source=f"e:{who.pk}", seq=who.pk, member=who.pk, network="examplenet", kind="reply",
        at=clock.now_ms(), day=0, own_thread=True, text_len=80, quality=70, account_age=400, depth=2,
    )  # fmt: skip
    with transaction.atomic():
        earning.earn([act])
    redemption.redeem(who, "statement", 300, f"k{who.pk}")


if __name__ == "__main__":
    main()
