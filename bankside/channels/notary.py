"""Takes heads of the logs to time-stamp authorities, and evidence to places where nobody can take it back.

Each is a standing job. Whoever is away holds up nothing: the log grows, and when they are back they get the
newest head; how long they were away is a fact. Witnesses are asked by `record/cosigning.py`.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

from django.db import transaction

from bankside.channels import copies, timestamps
from bankside.channels.models import Notarised
from bankside.channels.timestamps import Authority, NotStamped, Stamp
from bankside.networks.failures import Later, Reconnect, Refused, Uncertain
from bankside.record import clock, evidence, jobs
from bankside.record.append import append
from bankside.record.evidence import Differs
from bankside.record.facts.evidence import EvidenceMissed
from bankside.record.log.note import NoteWrong, parse_note
from bankside.record.log.tiles import HeadWrong
from bankside.record.models import Checkpoint, Job
from bankside.record.subjects import desk
from bankside.said import Said

ACTOR = "s:notary"
STAMP_JOB, COPY_JOB = "channels.stamp", "channels.copy"
STAMP_SECONDS = 3_300
"""A little less than the hour after which a time-stamp is too old (facts/record.md, target 5)."""
COPY_SECONDS = 300
AGAIN_SECONDS = 300
LEASE_SECONDS = 600
LOGS_PER_CALL_MAX = 64
FILES_PER_CALL_MAX = 500
CALL_SECONDS_MAX = 300
TROUBLE_MAX = 300
GAP_MS = 3_600_000
"""Whoever was away for longer than an hour has missed something; shorter is not told as a fact."""
WIRE_TROUBLES = (Later, Refused, Reconnect, Uncertain)

log = logging.getLogger(__name__)


class Wanted(NamedTuple):
    """The head of a log that is to be stamped."""

    lane: int
    year: int
    size: int
    note: str


class Stamped(NamedTuple):
    """What came of it: a time-stamp, or trouble. `away`: the others were not asked any more."""

    wanted: Wanted
    stamp: Stamp | None = None
    trouble: str = ""


class Copied(NamedTuple):
    """What came of a file: copied, or trouble."""

    path: str
    trouble: str = ""


def plan() -> int:
    """Puts the standing jobs on the table, as far as they are not there; how many. Cheap to repeat."""
    count = 0
    for kind, name in (*_of(STAMP_JOB), *_of(COPY_JOB)):
        key, now = f"{kind}:{name}", clock.now_ms()
        if jobs.enqueue(kind, key, due_ms=now, data={"name": name}):
            count += 1
        elif Job.objects.filter(key=key).exclude(state=Job.WAITING).exists():
            count += jobs.again(key, now)
    return count


def names(kind: str) -> list[str]:
    """The names of all that do this (`stamp` or `copy`); none when the settings are wrong."""
    return [name for _, name in _of(STAMP_JOB if kind == Notarised.STAMP else COPY_JOB)]


@jobs.handler(STAMP_JOB)
def stamp(job: Job) -> int | jobs.Errand[Any] | None:
    """Hourly; an authority that is not in the settings any more has no job any more."""
    found = [one for one in timestamps.authorities() if one.name == job.data["name"]]
    if not found:
        return None
    wanted = unstamped(found[0].name)
    if not wanted:
        return clock.now_ms() + STAMP_SECONDS * 1000
    return jobs.Errand(
        work=partial(stamp_all, found[0], wanted), after=partial(_after_stamps, found[0]),
        lease_seconds=LEASE_SECONDS,
    )  # fmt: skip


@jobs.handler(COPY_JOB)
def copy(job: Job) -> int | jobs.Errand[Any] | None:
    """Every 5 minutes: the newest heads, and all that was kept since."""
    name = str(job.data["name"])
    if name not in evidence.copy_names():
        return None
    keep_heads()
    return jobs.Errand(
        work=partial(copy_all, name), after=partial(_after_copies, name), lease_seconds=LEASE_SECONDS
    )


def do_now() -> list[Notarised]:
    """Everything at once, one after the other, for the command line; how each stands."""
    for authority in timestamps.authorities():
        keep_stamps(authority, stamp_all(authority, unstamped(authority.name)))
    keep_heads()
    for name in evidence.copy_names():
        keep_copies(name, copy_all(name))
    return list(Notarised.objects.order_by("kind", "name", "lane", "year"))


# --- in a thread, without a database ---------------------------------------------------------------------
def stamp_all(authority: Authority, wanted: Sequence[Wanted]) -> list[Stamped]:
    """One after the other; one that cannot be reached is not asked again for the others."""
    found: list[Stamped] = []
    for one in wanted:
        try:
            text = parse_note(one.note.encode()).text
            found.append(Stamped(one, timestamps.ask(authority, text)))
        except NotStamped as wrong:
            found.append(Stamped(one, trouble=str(wrong)))
        except (*WIRE_TROUBLES, OSError, ValueError) as trouble:
            said = _said(trouble)
            return [*found, *(Stamped(left, trouble=said) for left in wanted[len(found) :])]
    return found


def copy_all(name: str) -> list[Copied]:
    """The files that are not there yet, oldest first; a place that cannot be reached is left for later."""
    evidence.mark_all(name)
    found: list[Copied] = []
    end = clock.now_ms() + CALL_SECONDS_MAX * 1000
    for path in evidence.to_copy(name, FILES_PER_CALL_MAX):
        data = evidence.read(path)
        if data is None or clock.now_ms() > end:  # marked just now, and not there yet
            continue
        try:
            copies.place_of(name).put(path, data)
            found.append(Copied(path))
        except (Differs, copies.NotLocked) as wrong:
            found.append(Copied(path, str(wrong)))
        except (*WIRE_TROUBLES, OSError, ValueError, KeyError) as trouble:
            return [*found, Copied(path, _said(trouble))]
    return found


# --- in the worker's own thread --------------------------------------------------------------------------
def unstamped(name: str) -> list[Wanted]:
    """The heads that grew since this authority stamped them, those that wait longest first."""
    known = {(row.lane, row.year): row for row in Notarised.objects.filter(kind=Notarised.STAMP, name=name)}
    found = []
    for head in Checkpoint.objects.filter(size__gt=0).exclude(note=""):
        row = known.get((head.lane, head.year))
        if row is None or row.size < head.size:
            found.append((row.at if row else 0, Wanted(head.lane, head.year, head.size, head.note)))
    return [wanted for _, wanted in sorted(found)[:LOGS_PER_CALL_MAX]]


def keep_heads() -> None:
    """Keeps the newest head of each log, so that it is copied; another one of its size is an alarm."""
    for head in Checkpoint.objects.filter(size__gt=0).exclude(note=""):
        try:
            evidence.keep_head(head.lane, head.year, head.note)
        except (Differs, NoteWrong, HeadWrong) as wrong:
            log.error("the head of log %s/%s is not the one that was kept: %s", head.lane, head.year, wrong)


def keep_stamps(authority: Authority, answers: Sequence[Stamped]) -> None:
    """Each time-stamp into its file, then how the authority stands."""
    for one in answers:
        lane, year, size, note = one.wanted
        trouble = one.trouble
        if one.stamp is not None:
            try:
                evidence.keep_stamp(lane, year, note, one.stamp.der, authority.name)
            except Differs as differs:
                trouble = str(differs)
        at = one.stamp.at if one.stamp else 0
        _stand(Notarised.STAMP, authority.name, (lane, year), size, at, trouble)


def keep_copies(name: str, answers: Sequence[Copied]) -> None:
    """Takes marks away, and writes down how the place stands to each log."""
    newest: dict[tuple[int, int], int] = {}
    troubles: dict[tuple[int, int], str] = {}
    for one in answers:
        lane, year, size = evidence.place_in(one.path)
        if one.trouble:
            troubles.setdefault((lane, year), one.trouble)
            continue
        evidence.copied(name, one.path)
        newest[lane, year] = max(newest.get((lane, year), 0), size)
    for log_, trouble in troubles.items():
        _stand(Notarised.COPY, name, log_, newest.pop(log_, 0), clock.now_ms(), trouble)
    for log_, size in newest.items():
        _stand(Notarised.COPY, name, log_, size, clock.now_ms(), "")


def _after_stamps(authority: Authority, answer: list[Stamped] | Exception) -> int:
    if isinstance(answer, Exception):
        log.warning("authority %s was not asked: %s", authority.name, type(answer).__name__)
        return clock.now_ms() + AGAIN_SECONDS * 1000
    keep_stamps(authority, answer)
    well = not any(one.trouble for one in answer)
    if well and len(answer) == LOGS_PER_CALL_MAX:
        return clock.now_ms()
    return clock.now_ms() + (STAMP_SECONDS if well else AGAIN_SECONDS) * 1000


def _after_copies(name: str, answer: list[Copied] | Exception) -> int:
    if isinstance(answer, Exception):
        log.warning("nothing was copied to %s: %s", name, type(answer).__name__)
        return clock.now_ms() + AGAIN_SECONDS * 1000
    keep_copies(name, answer)
    more = len(answer) == FILES_PER_CALL_MAX and not any(one.trouble for one in answer)
    return clock.now_ms() + (0 if more else COPY_SECONDS * 1000)


def _stand(kind: str, name: str, log_: tuple[int, int], size: int, at: int, trouble: str) -> None:
    """How somebody outside stands to a log after an answer; a long absence becomes a fact when it ends."""
    now = clock.now_ms()
    with transaction.atomic():
        row, _ = Notarised.objects.get_or_create(kind=kind, name=name, lane=log_[0], year=log_[1])
        before, since = row.size, row.since
        if trouble:
            row.trouble, row.since = trouble[:TROUBLE_MAX], since or now
        else:
            row.size, row.at, row.since, row.trouble = max(row.size, size), at, 0, ""
        row.save()
        if not trouble and since and now - since >= GAP_MS:
            _missed(row, before, since, now)


def _missed(row: Notarised, before: int, since: int, now: int) -> None:
    fact = EvidenceMissed(
        kind=row.kind, name=row.name, lane=row.lane, year=row.year, size_before=before, size=row.size,
        from_ms=since, until_ms=now,
    )  # fmt: skip
    key = f"record.evidence-missed:{row.kind}:{row.name}:{row.lane}/{row.year}:{since}"
    append(fact, key, actor=ACTOR, obj=desk())


def _of(kind: str) -> list[tuple[str, str]]:
    """The jobs of a kind that the settings ask for. Wrong settings are said, and ask for none."""
    try:
        if kind == COPY_JOB:
            return [(kind, name) for name in evidence.copy_names()]
        return [(kind, one.name) for one in timestamps.authorities()]
    except (OSError, ValueError) as wrong:
        log.error("%s", wrong)
        return []


def _said(trouble: Exception) -> str:
    reason = getattr(trouble, "reason", "")
    return str(reason) or Said("It cannot be reached (%(error)s).", error=type(trouble).__name__)
