"""Appending and publishing in a small process, at one of whose system calls a fault is put by strace.

A process of its own (`python -m tests.record.appending FOLDER EVERY RARER`, with BANKSIDE_DATA being
FOLDER/data); see straced.py. Whoever looks at what is left asks for everything again, and checks the whole
record.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

from tests.flows.mortal import life
from tests.record.straced import Tell, insist, sweep

KEYS = ("말:1", "话:2", "woord:3")
BASE = 5


def main(folder: Path, every: int, rarer: int) -> None:
    """Every `every`-th call that writes, `rarer`-th of the others; one line of JSON for each try."""
    prepare(folder)
    sweep(folder, append_all, look, every, rarer)


def prepare(folder: Path) -> None:
    """FOLDER/kept is a desk with a short record, published; everything that is needed is imported."""
    import django

    django.setup()
    data, first = folder / "data", folder / "kept"
    data.mkdir()
    life(found)
    shutil.copytree(data, first)
    warm_up()


def warm_up() -> None:
    """Imports everything, so that the calls that are counted are of the record and not of the language."""
    from django.db import connection

    from bankside.record import kek
    from bankside.record.founding import forget

    kek.AGAIN_SECONDS = 0.0  # type: ignore[misc]  # people wait; here nobody does (test_kek.py)
    append_all(lambda *_: None, -1)
    _refused(ValueError())  # what it imports, too
    connection.close()
    forget()


def found() -> None:
    """A founded desk with a record of some entries, published."""
    from django.core.management import call_command

    from bankside.record import seal
    from bankside.record.founding import found as found_desk
    from tests.record.tally import say as append_words

    call_command("migrate", verbosity=0)
    found_desk()
    append_words(*(f"word {number}" for number in range(BASE)))
    seal.seal_all()


# --- the try that meets the fault ----------------------------------------------------------------------
def append_all(tell: Tell, go: int) -> None:
    """Appends each key until it is acknowledged, and publishes after each; waits when nothing helps."""
    from bankside.record import seal

    for key in KEYS:
        seq = insist(key, lambda key=key: kept(key), tell, go, _refused)  # type: ignore[misc]
        tell("kept", key, seq)
        insist("publish", seal.seal_all, tell, go, _refused)
    insist("publish", seal.seal_all, tell, go, _refused)


def _refused(trouble: Exception) -> int:
    """The status that people and programs are told."""
    from django.db import connection

    from bankside.web.problems import problem_of

    problem = problem_of(trouble)
    connection.close_if_unusable_or_obsolete()
    return problem.status if problem else 0


def kept(key: str) -> int:
    """The sequence number of the key's fact, durable."""
    from django.db import transaction

    from bankside.record.append import append
    from tests.record.tally import WordSaid

    with transaction.atomic():
        return append(WordSaid(word=key), key, actor="s:test", obj="ab" * 16).seq


# --- afterwards ----------------------------------------------------------------------------------------
def look(told: list[Any]) -> dict[str, Any]:
    """What is there after the fault, before and after everything is asked for again."""
    from django.conf import settings

    from bankside.record import audit, seal
    from bankside.record.log.verify import verify_folder
    from bankside.record.models import Entry, Head

    there = dict(Entry.objects.filter(key__in=KEYS).values_list("key", "seq"))
    before = [str(problem) for problem in verify_folder(settings.LOG_FOLDER).problems]
    again = {key: kept(key) for key in KEYS}
    seal.seal_all()
    report = verify_folder(settings.LOG_FOLDER)
    return {
        "there": there,
        "again": again,
        "before": before,
        "after": [str(problem) for problem in report.problems + audit.audit().problems],
        "published": report.entries - sum(head.size for head in Head.objects.all()),
        "entries": Entry.objects.count(),
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
