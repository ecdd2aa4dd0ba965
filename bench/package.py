"""Making a package of a filled desk and checking it from its files alone, against reading the same words.

Conversations in four languages, as customers and staff wrote them, all in the record. Seconds are the
processor's, of one process; what is promised is in times of work that cannot be left out.
"""

from __future__ import annotations

import hashlib
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.crowd import WORDS
from bench.desk import empty_desk

BATCH = 1_000
MESSAGES_EACH = 4


def measure(size: int) -> dict[str, float]:
    """A package of `size` entries: `package-seconds` and `package-verify-seconds` of the processor.

    `package-ratio` is making it in times of reading every entry, opening its words and writing them as JSON
    lines; `package-verify-ratio` is checking it in times of hashing its files. `package-memory` in MiB is
    what making and checking add to the memory of the process at its height.
    """
    with empty_desk() as folder:
        _fill(size)
        bare = _seconds(lambda: _read_and_write(folder / "bare.jsonl"))
        before = _mib()
        target = folder / "package"
        made = _seconds(lambda: _make(target))
        hashing = _seconds(lambda: _hash(target))
        checked = _seconds(lambda: _check(target, size))
        return {
            "package-seconds": made, "package-ratio": made / bare, "package-verify-seconds": checked,
            "package-verify-ratio": checked / hashing, "package-memory": _mib() - before,
        }  # fmt: skip


def _fill(size: int) -> None:
    """A fourth as many conversations as messages."""
    from django.db import transaction

    from bankside.record import seal, subjects
    from bankside.record.append import Draft, append_many
    from bankside.record.ids import new_id

    objs = [new_id() for _ in range(max(1, size // MESSAGES_EACH))]
    for start in range(0, size, BATCH):
        numbers = range(start, min(size, start + BATCH))
        accounts = [("practice", f"account:{number // MESSAGES_EACH}") for number in numbers]
        with transaction.atomic():
            subjs = subjects.subjects_of(accounts)
            append_many([
                Draft(
                    fact=_fact(number), key=f"bench:{number}", actor="s:intake",
                    obj=objs[number // MESSAGES_EACH % len(objs)], subj=subjs[account],
                )
                for number, account in zip(numbers, accounts, strict=True)
            ])  # fmt: skip
    while seal.seal_all():
        pass


def _fact(number: int) -> Any:
    from bankside.record.facts.channels import ActivityReceived, ActorSeen, Seen

    name, lang, text = WORDS[number % len(WORDS)]
    account = number // MESSAGES_EACH
    actor = ActorSeen(remote_id=f"account:{account}", handle=f"@guest{account}", name=f"{name} {account}")
    seen = Seen(
        remote_id=f"comment:{number}", version="1", verb="Create", kind="Note", actor=actor,
        text=f"{text} {number}", lang=lang, thread=f"comment:{account}", published_ms=number,
    )  # fmt: skip
    return ActivityReceived(channel="0" * 32, network="practice", seen=seen, via="poll")


def _read_and_write(path: Path) -> None:
    """What nobody who exports can leave out."""
    import msgspec

    from bankside.record import subjects
    from bankside.record.package import selecting
    from bankside.record.package.opened import words_of

    chosen = selecting.selection("all", selecting.Outside())
    with path.open("wb") as file:
        for part in selecting.rows(chosen, selecting.newest()):
            subjects.load(row.subj for row in part)
            for row in part:
                words = words_of(row)
                said = {"leaf": row.leaf.decode(), "plaintext": words.plaintext.decode()}
                file.write(msgspec.json.encode(said) + b"\n")


def _make(target: Path) -> None:
    from bankside.record.package import finishing, making, selecting
    from bankside.web.packaged import plans

    chosen, until = selecting.selection("all", plans.OUTSIDE), selecting.newest()
    about = {"id": "0" * 32, "where": "all", "made": making.now(), "until": until}
    scratch = finishing.scratch_of(target)
    for _ in making.make(plans.plan(chosen, until, about, "ko"), scratch):
        pass
    finishing.vouch(scratch, "0" * 32, "s:operator")
    finishing.place(scratch, target)


def _hash(target: Path) -> None:
    for path in target.rglob("*"):
        if path.is_file():
            hashlib.sha256(path.read_bytes()).digest()


def _check(target: Path, size: int) -> None:
    from bankside.record.package.checking import check_package

    report = check_package(target)
    assert report.holds and report.entries == size, report.problems[:3]


def _mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _seconds(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started
