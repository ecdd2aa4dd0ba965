"""A desk on real files that says much and then forgets it: a process of its own, with a folder of its own.

Prints one line of JSON: where the words of a person were found before and after the erasure.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

MARK, MESSAGES = "zeichen4711", 40


def main(folder: Path) -> None:
    """Founds, speaks, looks, erases by the command, looks again."""
    import django

    django.setup()
    from django.core.management import call_command

    from bankside.record.founding import found

    (folder / "data").mkdir(exist_ok=True)
    call_command("migrate", verbosity=0)
    found()
    subj = speak()
    before = places(folder)
    code = erase(subj)
    sys.stdout.write(
        f"{json.dumps({'before': before, 'after': places(folder), 'code': code} | state(subj))}\n"
    )


def speak() -> str:
    """Forty messages of one person and two of another, followed by every projection."""
    from bankside.record import projection, seal
    from tests.inbox.story import Story, follow

    story, other = Story(thread="dm:fleur"), Story(thread="dm:minji")
    entries = [story.seen(f"{MARK} bericht {n}", f"m:{n}", private=True) for n in range(MESSAGES)]
    for n in range(2):
        other.seen("카드를 잃어버렸어요", f"o:{n}", private=True, who="김민지")
    follow()
    for follower in projection.followers():
        while projection.catch_up(follower, 0):
            pass
    seal.seal_all()
    return entries[0].subj


def erase(subj: str) -> int:
    """As an operator does it."""
    from bankside.commands import main as command
    from bankside.people import staff

    for email, role in (("o@hanulbank.example", "records-officer"), ("c@hanulbank.example", "compliance")):
        staff.add(email, role, role=role, team=None)
    return command([
        "erase", "--subject", subj, "--basis", "GDPR-17", "--by", "o@hanulbank.example",
        "--and", "c@hanulbank.example", "--json",
    ])  # fmt: skip


def state(subj: str) -> dict[str, Any]:
    """What the audit says, and how much is left of others."""
    from bankside.inbox.models import Message
    from bankside.record import audit, seal

    seal.seal_all()
    others = Message.objects.filter(text__contains="카드").count()
    return {"problems": [list(one) for one in audit.audit().problems], "others": others}


def places(folder: Path) -> list[str]:
    """The files in which the mark stands, byte for byte."""
    found = [path for path in folder.rglob("*") if path.is_file() and MARK.encode() in path.read_bytes()]
    return sorted(path.name for path in found)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
