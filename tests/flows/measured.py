"""Measures on a desk that runs: `-m tests.flows.measured en ko`.

Three months of an invented bank, a published study that it is in, and for each language somebody who may see
both. Prints JSON: how these people sign in, and the days to look at.
"""

from __future__ import annotations

import json
import sys

import django

PASSWORD = "a quarter of an invented bank"
FACTS = 2_500
DAYS = {"period": "chosen", "first": "2026-09-21", "last": "2026-09-27"}


def main() -> None:
    django.setup()
    from bankside.people import staff as people
    from bankside.record import clock
    from tests.flows import questioned
    from tests.measures import generated
    from tests.measures.test_figures import follow

    emails = {language: f"measures.{language}@hanulbank.example" for language in sys.argv[1:]}
    for language, email in emails.items():
        people.add(email, "Jiho Han", role="compliance", password=PASSWORD, language=language)
    author = people.add("measures.author@hanulbank.example", "Pieter Smit", role="author")
    questioned._published(author, 1, "")
    generated.desk(FACTS)
    follow()
    clock._frozen_ms = None
    sys.stdout.write(json.dumps({"emails": emails, "password": PASSWORD, "days": DAYS}))


if __name__ == "__main__":
    main()
