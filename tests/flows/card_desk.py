"""The room Card on a desk that runs: `-m tests.flows.card_desk en`.

One of everything of the card: programmes in each state, members, cards, flags, an appeal; with somebody who
writes, approves and sends. Prints JSON: where things are.
"""

from __future__ import annotations

import json
import sys
from types import SimpleNamespace
from typing import Any

import django

PASSWORD = "one of everything of the card"
WRITES, APPROVES = "card.author@hanulbank.example", "card.compliance@hanulbank.example"
SENDS = "card.administrator@hanulbank.example"


def main() -> None:
    django.setup()
    from django.db import transaction

    from bankside.people import staff
    from bankside.record.clock import now_ms
    from tests.web import carded

    people = (
        (WRITES, "Pieter Smit", "author"), (APPROVES, "Hyejin Oh", "compliance"),
        (SENDS, "Sanne Vos", "administrator"),
    )  # fmt: skip
    for email, name, role in people:
        staff.add(email, name, role=role, password=PASSWORD, language=sys.argv[1])
    desk: Any = SimpleNamespace(moment=now_ms())
    with transaction.atomic():
        on = carded.on_desk(desk)
    sys.stdout.write(json.dumps(on))


if __name__ == "__main__":
    main()
