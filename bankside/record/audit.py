"""Checks the whole record, rows and files against each other, and names every place that does not agree.

Rows must be gapless, say what their leaf says, and hash to what was published; words must be those that
the leaf commits to. It only reads, and takes no lock: entries that arrive meanwhile are left for next time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec
from django.conf import settings
from django.db import models, transaction

from bankside.record import announced, clock, day_ties, left, published, seal, subjects
from bankside.record import fact as facts
from bankside.record.append import append
from bankside.record.facts.record import RecordVerified
from bankside.record.forgetting import gone
from bankside.record.ids import new_id
from bankside.record.keys import KeyMissing
from bankside.record.log.leaf import LeafWrong, leaf_hash, parse
from bankside.record.log.merkle import TILE_WIDTH, Tree
from bankside.record.log.tiles import CHECKPOINT, BundleWrong, head_text, tile_path, unpack
from bankside.record.log.verify import TRUST, Report, verify_folder
from bankside.record.models import Checkpoint, Entry, Head, Payload
from bankside.record.payload import decrypt
from bankside.record.shards import SHARD, Log, is_again, opened_again, origin_of
from bankside.record.signer_asking import SignerAway

MISSING_ROWS_MAX = 1000
_further: dict[str, Callable[[Report], None]] = {}


def contribute(name: str, check: Callable[[Report], None]) -> None:
    """A room whose tables the record vouches for adds its own check of them, once, when the desk starts."""
    _further[name] = check


def audit() -> Report:
    """Checks rows, payloads, heads and files; reads only. `entries` counts the rows."""
    report, found = Report(believed="given"), _logs()
    ended: dict[str, tuple[int, str]] = {}
    for log in found:
        _Rows(log, report, ended).run()
    _other_payloads(report)
    for head in Checkpoint.objects.all():
        if not Entry.objects.filter(lane=head.lane, year=head.year).exists():
            report.add(f"head of log {head.lane}/{head.year}", "is of no log of the record")
    if any(settings.LOG_FOLDER.rglob(CHECKPOINT)):
        _files(report)
    day_ties.check(report)
    left.check(report)
    announced.bring()
    for check in _further.values():
        check(report)
    return report


def tell(report: Report, actor: str) -> None:
    """Records that the whole record was checked, by whom and with what outcome."""
    fact = RecordVerified(entries=report.entries, problems=len(report.problems))
    with transaction.atomic():
        append(fact, f"record.verified:{new_id()}", actor=actor, obj=new_id())


def _logs() -> list[Log]:
    """Every log of which there is a row or a head, with the entries it should have.

    That is what the head of the lane says; for an older year, what was published; or as many as there are
    rows. A size far beyond the rows is not believed.
    """
    should = {(c.lane, c.year): c.size for c in Checkpoint.objects.all()}
    again = opened_again()
    should |= {(head.lane, head.year): head.size for head in Head.objects.filter(size__gt=0)}
    rows = Entry.objects.values_list("lane", "year").order_by().annotate(models.Count("n"))
    counted = {(lane, year): count for lane, year, count in rows}
    found = []
    for lane, year in sorted(should.keys() | counted.keys()):
        there = counted.get((lane, year), 0)
        if year < again.get(lane, 0):  # what was never signed is there as well
            should[lane, year] = max(should.get((lane, year), 0), there)
        found.append(Log(lane, year, min(should.get((lane, year), there), there + MISSING_ROWS_MAX)))
    return found


def _files(report: Report) -> None:
    """The published files by themselves, with the desk's own keys."""
    try:
        trust = published.log_trust()
    except (KeyMissing, SignerAway) as missing:
        report.add("the key of the logs", str(missing))
        return
    found = verify_folder(settings.LOG_FOLDER, trust)
    report.problems += found.problems
    report.lost += found.lost
    if published.folder().read(TRUST) != published.text_of(trust):
        report.add(TRUST, "does not name the keys of this desk's logs")


def _other_payloads(report: Report) -> None:
    """Payloads that belong to no row: somebody moved or added them."""
    owners = Entry.objects.filter(n=models.OuterRef("n"))
    for n in Payload.objects.filter(~models.Exists(owners)).values_list("n", flat=True)[:1000]:
        report.add(f"payload {n}", "belongs to no entry")


@dataclass
class _Rows:
    """The check of the rows of one log; `ended` collects each log's size and root for the next year's tie."""

    log: Log
    report: Report
    ended: dict[str, tuple[int, str]]
    tree: Tree = field(default_factory=Tree)

    def run(self) -> None:
        head = Checkpoint.objects.filter(lane=self.log.lane, year=self.log.year, size__gt=0).first()
        erased = gone.Gone(self.log.lane)
        for first in range(0, self.log.size, TILE_WIDTH):
            self._bundle(first, head, erased)
        self.report.entries += self.tree.size
        self.ended[origin_of(self.log.lane, self.log.year)] = (self.tree.size, self.tree.root().hex())
        self._end(head)

    def _bundle(self, first: int, head: Checkpoint | None, erased: gone.Gone) -> None:
        """256 rows: each by itself, then against the published bundle and the head."""
        stop = min(first + TILE_WIDTH, self.log.size)
        rows = list(self._rows(seq__gte=first, seq__lt=stop).order_by("seq"))
        payloads = Payload.objects.in_bulk([row.n for row in rows])
        leaves = {row.seq: _bytes(row.leaf) for row in rows}
        for seq in sorted(set(range(first, stop)) - leaves.keys()):
            self._add(seq, "is missing")
        hashes = [leaf_hash(leaves.get(seq, b"")) for seq in range(first, stop)]
        if head is not None and first <= head.size < stop:
            self.tree.extend(hashes[: head.size - first])
            self._head(head)
            hashes = hashes[head.size - first :]
        self.tree.extend(hashes)
        for row in rows:
            for what in _wrong_in(row, payloads.get(row.n), self.ended, erased):
                self._add(row.seq, what)
        if head is not None:
            self._published(first, min(head.size, stop), leaves)

    def _published(self, first: int, stop: int, leaves: dict[int, bytes]) -> None:
        """Rows against the bundle that others have; what is wrong with the file itself is said elsewhere."""
        if stop <= first:
            return
        path = tile_path(-1, first // TILE_WIDTH, stop - first)
        try:
            published = unpack(seal.folder_of(self.log.lane, self.log.year).read(path) or b"", stop - first)
        except BundleWrong:
            return
        for seq, leaf in enumerate(published, first):
            if leaves.get(seq, leaf) != leaf:
                self._add(seq, f"is not the entry that was published in {path}")

    def _end(self, head: Checkpoint | None) -> None:
        lane = Head.objects.filter(lane=self.log.lane, year__gte=self.log.year).order_by("-year").first()
        known = lane.size if lane and lane.year == self.log.year else self.log.size
        if lane is None:
            self.report.add(f"log {self.log.lane}/{self.log.year}", "has rows, but its lane has no such log")
        for seq in self._rows(seq__gte=known).values_list("seq", flat=True)[:MISSING_ROWS_MAX]:
            self._add(seq, "is there, but its log does not know it")
        if head is None:
            return
        if head.size == self.log.size:
            self._head(head)
        if head.size > self.log.size:
            self._add_head(f"promises {head.size} entries; the record has {self.log.size}")
        text = head_text(origin_of(head.lane, head.year), head.size, _hex(head.root))
        if not head.note.startswith(f"{text}\n"):
            self._add_head("was not signed as it is")
        if seal.folder_of(head.lane, head.year).read(CHECKPOINT) != head.note.encode():
            self._add_head("is not what the file `checkpoint` says")

    def _head(self, head: Checkpoint) -> None:
        if self.tree.root().hex() != head.root:
            self._add_head("promises another root than the rows give")

    def _rows(self, **which: Any) -> models.QuerySet[Entry]:
        return Entry.objects.filter(lane=self.log.lane, year=self.log.year, **which)

    def _add(self, seq: int, what: str) -> None:
        self.report.add(f"log {self.log.lane}/{self.log.year} row {seq}", what)

    def _add_head(self, what: str) -> None:
        self.report.add(f"head of log {self.log.lane}/{self.log.year}", what)


def _wrong_in(
    row: Entry, payload: Payload | None, ended: dict[str, tuple[int, str]], erased: gone.Gone
) -> Iterator[str]:
    """What does not agree in one row with its payload."""
    leaf = _bytes(row.leaf)
    if leaf_hash(leaf) != _bytes(row.hash):
        yield "its leaf is not what was hashed"
    try:
        said = parse(leaf)
    except LeafWrong as wrong:
        yield str(wrong)
        return
    for column, value in _columns(row).items():
        if said.get(column, "") != value:
            yield f"its column {column} is not what its leaf says"
    if row.fact == SHARD:
        yield from _wrong_tie(row, said, ended)
    elif facts.leaf_of(row.fact) != said["type"]:
        yield f"its fact {row.fact} has another type than its leaf"
    if "ct" in said:
        yield from _wrong_words(row, said, payload, erased)


def _columns(row: Entry) -> dict[str, Any]:
    return {
        "seq": row.seq, "id": row.rid, "obj": row.obj, "subj": row.subj, "type": row.type,
        "actor": row.actor, "t": clock.iso(row.t),
    }  # fmt: skip


def _wrong_tie(row: Entry, said: dict[str, Any], ended: dict[str, tuple[int, str]]) -> Iterator[str]:
    """Where entries are lost, the log goes on from more than there is; its files tell of that."""
    if is_again(row.year) and _is_promised(said):
        return
    if ended.get(said["log"], (said["size"], said["root"])) != (said["size"], said["root"]):
        yield f"it does not go on from the end of {said['log']}"


def _is_promised(said: dict[str, Any]) -> bool:
    """Whether a first leaf names what is published of that log, or more than that."""
    rows = Checkpoint.objects.filter(size__lte=said["size"])
    found = [row for row in rows if origin_of(row.lane, row.year) == said["log"]]
    return any(row.size < said["size"] or row.root == said["root"] for row in found)


def _wrong_words(
    row: Entry, said: dict[str, Any], payload: Payload | None, erased: gone.Gone
) -> Iterator[str]:
    if payload is None:
        if not erased.tells_of(row):
            yield "its words are missing, and no erasure says why"
        return
    body = _bytes(payload.body)
    if hashlib.sha256(body).hexdigest() != said["ct"]:
        yield "its words are not those that its leaf names"
        return
    try:
        plain = decrypt(subjects.key_of(row.subj), row.rid, _bytes(payload.salt), body, said["cm"])
    except subjects.Forgotten:
        return
    except ValueError as wrong:
        yield f"its words cannot be opened: {wrong}"
        return
    if msgspec.json.decode(plain).get("fact") != row.fact:
        yield "its words tell of another fact"


def _bytes(value: Any) -> bytes:
    """A binary column, also when somebody put text there."""
    return value.encode() if isinstance(value, str) else bytes(value)


def _hex(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""
