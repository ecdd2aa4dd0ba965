"""Asks witnesses to sign the heads as well, so that nobody outside is shown another history than they were.

A witness that is away holds up nothing: the log grows, and the next time it is asked it is proved everything
that it missed. Its lines are added under the head that is published, which carries them until the next one.
"""

from __future__ import annotations

import http.client
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.db import transaction

from bankside.record import clock, evidence, jobs, published, seal, subjects
from bankside.record.append import append
from bankside.record.facts.evidence import EvidenceMissed
from bankside.record.gauges import WITNESS_HOURS_MAX
from bankside.record.log.merkle import consistency_proof
from bankside.record.log.note import Key, NoteWrong, Signature, check, note_bytes, parse_note
from bankside.record.log.proofs import Growth, growth_bytes
from bankside.record.log.proving import Reader
from bankside.record.models import Checkpoint, Job, Witnessed
from bankside.record.shards import logs

ACTOR = "s:notary"
JOB = "record.cosign"
EVERY_SECONDS = 300
ANSWER_SECONDS_MAX = 10
ANSWER_BYTES_MAX = 65_536
TRIES_MAX = 3
TROUBLE_MAX = 200
LOGS_PER_CALL_MAX = 64
SIZE_TYPE = "text/x.tlog.size"
SIZE_DIGITS_MAX = 16
HOUR_MS = 3_600_000
KEY_MAX = 400

log = logging.getLogger(__name__)


class Witness(NamedTuple):
    """A witness at one address, with one key or several."""

    name: str
    url: str
    keys: tuple[Key, ...]


class Wanted(NamedTuple):
    """The head of a log that a witness is to sign, and from which size it goes on."""

    lane: int
    year: int
    size: int
    note: str
    old: int


class Got(NamedTuple):
    """What came of it: lines of the witness, or trouble."""

    wanted: Wanted
    lines: tuple[Signature, ...] = ()
    trouble: str = ""


@dataclass(frozen=True)
class Told:
    """How a witness stands to a log: what it has signed, when it last did (ms), and what is in the way."""

    witness: str
    lane: int
    year: int
    size: int
    at: int
    trouble: str


def witnesses() -> list[Witness]:
    """Those of BANKSIDE_WITNESSES that have an address; keys at one address are one witness."""
    trust = published.witnesses()
    found: dict[str, list[Key]] = {}
    for name, url in trust.urls.items():
        found.setdefault(url.rstrip("/"), []).append(trust.witnesses[name])
    return [Witness(keys[0].name, url, tuple(keys)) for url, keys in found.items()]


def plan() -> int:
    """Puts the standing job of each witness on the table, as far as it is not there; how many."""
    now, count = clock.now_ms(), 0
    for one in witnesses():
        key = f"{JOB}:{one.name}"[:200]
        if jobs.enqueue(JOB, key, due_ms=now, data={"witness": one.name}):
            count += 1
        elif Job.objects.filter(key=key).exclude(state=Job.WAITING).exists():
            count += jobs.again(key, now)
    return count


@jobs.handler(JOB)
def cosign(job: Job) -> jobs.Errand[list[Got]] | int | None:
    """Every 5 minutes; a witness that is not asked any more has no job any more."""
    found = [one for one in witnesses() if one.name == job.data["witness"]]
    if not found:
        return None
    wanted = _wanted(found[0])
    return jobs.Errand(work=partial(_ask_all, found[0], wanted), after=partial(_after, found[0]))


def cosign_all() -> list[Told]:
    """Asks every witness now, one after the other; how each stands."""
    for one in witnesses():
        _keep(one, _ask_all(one, _wanted(one)))
    names = [one.name for one in witnesses()]
    rows = Witnessed.objects.filter(name__in=names).order_by("name", "lane", "year")
    return [Told(row.name, row.lane, row.year, row.size, row.at, row.trouble) for row in rows]


def line(told: dict[str, Any]) -> str:
    """How a witness stands, in words."""
    words = f"{told['witness']} log {told['lane']}/{told['year']}: {told['size']} entries signed"
    when = f", {clock.iso(told['at'])}" if told["at"] else ""
    return f"{words}{when}{'; ' if told['trouble'] else ''}{told['trouble']}"


# --- asking, without a database --------------------------------------------------------------------------
def _ask_all(witness: Witness, wanted: Iterable[Wanted]) -> list[Got]:
    return [_ask(witness, one) for one in wanted]


def _ask(witness: Witness, wanted: Wanted) -> Got:
    """A witness that is elsewhere than was thought says where; then it is asked from there."""
    old, text = wanted.old, parse_note(wanted.note.encode()).text
    for _ in range(TRIES_MAX):
        try:
            status, kind, said = _post(witness.url, _body(wanted, old))
        except (OSError, http.client.HTTPException, ValueError, LookupError) as trouble:
            return Got(wanted, trouble=f"is away: {type(trouble).__name__}")
        if status == 200:
            return _believed(witness, wanted, f"{text}\n{said}".encode())
        signed = said.strip()[:SIZE_DIGITS_MAX]
        if status != 409 or not kind.startswith(SIZE_TYPE) or not signed.isdecimal():
            return Got(wanted, trouble=f"refused ({status}): {_printable(said)}")
        if int(signed) > wanted.size or int(signed) == old:
            return Got(wanted, trouble=f"has signed another history, or a newer one, of {signed} entries")
        old = int(signed)
    return Got(wanted, trouble="does not stay with one answer")


def _body(wanted: Wanted, old: int) -> bytes:
    reader = Reader(seal.folder_of(wanted.lane, wanted.year), wanted.size)
    path = consistency_proof(reader.node, old, wanted.size) if 0 < old < wanted.size else []
    return growth_bytes(Growth(old, tuple(path), wanted.note.encode()))


def _believed(witness: Witness, wanted: Wanted, data: bytes) -> Got:
    """The lines of this witness's keys, which hold; others say nothing."""
    try:
        note = parse_note(data)
        keys = {(one.key.name, one.key.id) for one in check(note, witness.keys)}
    except NoteWrong as wrong:
        return Got(wanted, trouble=f"answered with no signature: {wrong}")
    if len(keys) < len(witness.keys):
        return Got(wanted, trouble="has not signed with each of its keys")
    return Got(wanted, tuple(one for one in note.signatures if (one.name, one.id) in keys))


def _post(url: str, body: bytes) -> tuple[int, str, str]:
    """One request, no redirect followed: status, type and body."""
    place = urlsplit(url)
    kind = http.client.HTTPSConnection if place.scheme == "https" else http.client.HTTPConnection
    asked = kind(place.hostname or "", place.port, timeout=ANSWER_SECONDS_MAX)
    try:
        asked.request("POST", f"{place.path}/add-checkpoint", body)
        answer = asked.getresponse()
        return answer.status, answer.getheader("Content-Type", ""), answer.read(ANSWER_BYTES_MAX).decode()
    finally:
        asked.close()


def _printable(said: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in said[:TROUBLE_MAX]).strip()


# --- what is known and kept ------------------------------------------------------------------------------
def _wanted(witness: Witness) -> list[Wanted]:
    """The heads that lack a line of one of its keys."""
    known = {(row.lane, row.year): row.size for row in Witnessed.objects.filter(name=witness.name)}
    found = []
    left = {(one.lane, one.year) for one in logs() if one.left}
    for head in Checkpoint.objects.filter(size__gt=0).exclude(note="").order_by("lane", "year"):
        if (head.lane, head.year) in left:
            continue  # a witness has seen more of it than there is
        lines = {(one.name, one.id) for one in parse_note(head.note.encode()).signatures}
        if not all((key.name, key.id) in lines for key in witness.keys):
            old = min(known.get((head.lane, head.year), 0), head.size)
            found.append(_together(witness, head, old))
    return found[-LOGS_PER_CALL_MAX:]


def _together(witness: Witness, head: Checkpoint, old: int) -> Wanted:
    """The head that another witness has just signed, if this one has not; else the published one.

    Heads change every second: without this no head would ever carry two witnesses.
    """
    recent = clock.now_ms() - EVERY_SECONDS * 1000
    theirs = Witnessed.objects.filter(
        lane=head.lane, year=head.year, size__gt=old, size__lt=head.size, at__gte=recent
    )
    size = max(theirs.exclude(name=witness.name).values_list("size", flat=True), default=head.size)
    note = evidence.cosigned(head.lane, head.year, size)
    if size == head.size or note is None:
        return Wanted(head.lane, head.year, head.size, head.note, old)
    return Wanted(head.lane, head.year, size, note.decode(), old)


def _after(witness: Witness, answer: list[Got] | Exception) -> int:
    if isinstance(answer, Exception):
        log.warning("witness %s was not asked: %s", witness.name, answer)
    else:
        _keep(witness, answer)
    return clock.now_ms() + EVERY_SECONDS * 1000


def _keep(witness: Witness, answers: Iterable[Got]) -> None:
    for got in answers:
        row, _ = Witnessed.objects.get_or_create(
            name=witness.name, lane=got.wanted.lane, year=got.wanted.year
        )
        if got.lines:
            got = _kept_for_good(witness, got)
        _stand(row, got)
        row.save()
        if got.lines:
            _add(got.wanted, got.lines)


def _kept_for_good(witness: Witness, got: Got) -> Got:
    """Its lines in a file of their own, which stays when the next head comes."""
    one = got.wanted
    try:
        evidence.keep_cosigned(one.lane, one.year, one.note, got.lines, witness.name)
    except evidence.Differs as differs:
        return Got(one, trouble=str(differs))
    return got


def _stand(row: Witnessed, got: Got) -> None:
    """How the witness stands after an answer; a long absence is said when it ends, and is then a fact."""
    now = clock.now_ms()
    if got.trouble:
        row.trouble, row.since = got.trouble[:TROUBLE_MAX], row.since or now
        return
    if row.since and now - row.since >= HOUR_MS:
        _missed(row, got.wanted.size, now)
    hours = (now - row.since) // HOUR_MS if row.since else 0
    if hours >= WITNESS_HOURS_MAX:
        log.warning(
            "witness %s signs log %s/%s again after %s h: no head between %s and %s entries was shown to it",
            row.name, row.lane, row.year, hours, row.size, got.wanted.size,
        )  # fmt: skip
    row.size, row.at, row.since, row.trouble = got.wanted.size, now, 0, ""


def _missed(row: Witnessed, size: int, now: int) -> None:
    fact = EvidenceMissed(
        kind="cosigned", name=row.name, lane=row.lane, year=row.year, size_before=row.size, size=size,
        from_ms=row.since, until_ms=now,
    )  # fmt: skip
    key = f"record.evidence-missed:cosigned:{row.name}:{row.lane}/{row.year}:{row.since}"
    with transaction.atomic():
        append(fact, key[:KEY_MAX], actor=ACTOR, obj=subjects.desk())


def _add(wanted: Wanted, lines: Iterable[Signature]) -> None:
    """Puts the lines under the head, unless a newer one took its place meanwhile."""
    fresh = {(one.name, one.id): one for one in lines}
    with transaction.atomic():
        row = Checkpoint.objects.select_for_update().get(lane=wanted.lane, year=wanted.year)
        if row.size != wanted.size:
            return
        note = parse_note(row.note.encode())
        kept = [one for one in note.signatures if (one.name, one.id) not in fresh]
        row.note = note_bytes(note.text, [*kept, *fresh.values()]).decode()
        row.save(update_fields=["note"])
    seal.show(seal.folder_of(row.lane, row.year), row)
