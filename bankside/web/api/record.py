"""The record: entries without their words, the words of one, and the published heads of the logs."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import StringConstraints

from bankside.inbox.search import Piece
from bankside.people import policy
from bankside.record import clock, entry_proof, reading
from bankside.record.index import QUERY_CHARACTERS_MAX
from bankside.record.package.expression import CHARACTERS_MAX
from bankside.web import asked
from bankside.web.api.entrance import staff_of
from bankside.web.api.operation import Number, operation
from bankside.web.api.paging import Cursor, Limit
from bankside.web.api.shapes import Moment, moment
from bankside.web.api.shapes.record import Entries, EntryOut, FoundEntries, Logs, WordsOut
from bankside.web.api.shapes.search import PieceOut

router = Router(tags=["record"])

Fact = Annotated[str, StringConstraints(pattern=r"^([a-z]{2,12}\.[a-z-]{0,32})?$")]
Obj = Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{32})?$")]
Actor = Annotated[str, StringConstraints(pattern=r"^([us]:[0-9a-z-]{1,40})?$")]
Time = Moment | None
Words = Annotated[str, StringConstraints(max_length=QUERY_CHARACTERS_MAX)]
Where = Annotated[str, StringConstraints(max_length=CHARACTERS_MAX)]


@operation(router, "GET", "/record/entries", "record.see", says=Entries)
def entry_list(
    request: HttpRequest,
    fact: Fact = "",
    obj: Obj = "",
    actor: Actor = "",
    since: Time = None,
    until: Time = None,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> Any:
    """Entries, newest first. `fact` is a whole name, or a room with a dot for all of its facts."""
    policy.require(staff_of(request), "record.see")
    found = reading.entries(
        fact=fact, obj=obj, actor=actor, since_ms=_ms(since), until_ms=_ms(until),
        before=int(cursor) if cursor.isdigit() else None, limit=limit,
    )  # fmt: skip
    further = str(found[-1].n) if len(found) == limit else None
    return {"items": [_entry(one) for one in found], "next": further}


@operation(router, "GET", "/record/entries/{n}", "record.see", says=EntryOut)
def entry_show(request: HttpRequest, n: Number) -> Any:
    """One entry, without its words."""
    policy.require(staff_of(request), "record.see")
    return _entry(reading.entry(int(n)))


@operation(router, "GET", "/record/entries/{n}/proof", "record.see", says=None)
def entry_proof_file(request: HttpRequest, n: Number) -> Any:
    """The proof that an entry is in its log, as a C2SP tlog-proof file; its leaf is that of the entry.

    404 while no published head reaches the entry: heads are published every second.
    """
    policy.require(staff_of(request), "record.see")
    proved = entry_proof.proved(reading.entry(int(n)))
    answer = HttpResponse(proved.file, content_type="text/plain; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="entry-{n}.tlog-proof"'
    return answer


@operation(router, "GET", "/record/search", "record.see", says=FoundEntries)
def record_search(
    request: HttpRequest, where: Where = "all", q: Words = "", cursor: Cursor = "", limit: Limit = 50
) -> Any:
    """Entries that an expression means, newest first, as for packages: `channel = "x" and type = post.in`.

    With `q`, those of them that hold all the words, in conversations of the active window; this takes the
    right to read words, and is itself recorded.
    """
    staff = staff_of(request)
    policy.require(staff, "record.see")
    before = int(cursor) if cursor.isdigit() else 0
    page = asked.find(staff, where, q, before=before, limit=limit)
    hits = [
        _entry(hit.entry) | {"private": hit.private, "pieces": [_piece(one) for one in hit.pieces]}
        for hit in page.hits
    ]
    plain = [_entry(one) | {"private": None, "pieces": []} for one in page.entries]
    return {"items": hits or plain, "next": str(page.next) if page.next else None}


@operation(router, "POST", "/record/entries/{n}/words", "record.read", says=WordsOut)
def entry_words(request: HttpRequest, n: Number) -> Any:
    """The words of an entry. That she opened them is itself recorded first."""
    staff = staff_of(request)
    policy.require(staff, "record.read")
    opened = reading.words_of(staff.actor, int(n))
    if opened is None:
        return {"fact": None, "v": None, "said": None}
    return {"fact": opened.fact, "v": opened.v, "said": opened.said}


@operation(router, "GET", "/record/checkpoint", "record.see", says=Logs)
def checkpoint(request: HttpRequest) -> Any:
    """Every log with its last published head."""
    policy.require(staff_of(request), "record.see")
    return {"items": [_log(one) for one in reading.checkpoint()]}


def _ms(time: Moment | None) -> int | None:
    return None if time is None else clock.from_iso(time.isoformat())


def _entry(one: reading.Listed) -> dict[str, Any]:
    names = ("lane", "year", "id", "fact", "type", "actor", "obj", "subj", "hash", "leaf")
    return {name: getattr(one, name) for name in names} | {
        "n": str(one.n), "seq": str(one.seq), "t": moment(one.t),
    }  # fmt: skip


def _piece(one: Piece) -> PieceOut:
    return PieceOut(text=one.text, found=one.found)


def _log(one: reading.LogHead) -> dict[str, Any]:
    return {
        "lane": one.lane, "year": one.year, "origin": one.origin, "entries": str(one.entries),
        "size": str(one.size), "root": one.root, "at": moment(one.at), "text": one.text,
    }  # fmt: skip
