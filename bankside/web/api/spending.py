"""What members spent, on its way out of the bank: files, yearly values, and codes of partners."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, StreamingHttpResponse
from ninja import Router

from bankside.rewards import partner_codes, statement, yearly_values
from bankside.rewards.models import MadeFile
from bankside.rewards.statement import Made
from bankside.web.api.entrance import KEY_HEADER, staff_of
from bankside.web.api.operation import Obj, operation
from bankside.web.api.paging import Cursor, Limit
from bankside.web.api.shapes import moment
from bankside.web.api.shapes.spending import (
    CodesIn,
    CodesOut,
    FileIn,
    MadeFileOut,
    MadeFiles,
    SpendingOut,
    TakenAwayIn,
    ValuesIn,
)

router = Router(tags=["spending"])


@operation(router, "GET", "/spending", statement.ACT, says=SpendingOut)
def spending(request: HttpRequest) -> Any:
    """What no file has taken yet, by kind, and the codes of partners that are left."""
    staff = staff_of(request)
    waits = {kind: statement.waiting(staff, kind) for kind in statement.KINDS}
    stock = partner_codes.stock(staff)
    return {
        "waiting": [{"kind": kind, "lines": one.lines, "totals": one.totals} for kind, one in waits.items()],
        "codes": [{"choice": one.choice.id, "left": one.left, "given": one.given} for one in stock],
    }


@operation(router, "GET", "/spending/files", statement.ACT, says=MadeFiles)
def spending_files(request: HttpRequest, cursor: Cursor = "", limit: Limit = 50) -> Any:
    """The files that were made, the newest first."""
    before = int(cursor) if cursor.isdigit() else 0
    rows = statement.files(staff_of(request), limit + 1, before)
    older = str(rows[limit - 1].pk) if len(rows) > limit else None
    return {"items": [_file(row) for row in rows[:limit]], "next": older}


@operation(router, "POST", "/spending/files", statement.ACT, says=MadeFileOut, status=201, keyed=True)
def spending_file_make(request: HttpRequest, said: FileIn) -> Any:
    """Takes what waits into a file. The Idempotency-Key is that of the file, too, for this caller."""
    return _file(statement.make(staff_of(request), said.kind, request.headers[KEY_HEADER]).file)


@operation(router, "POST", "/spending/files/{file}/content", statement.ACT, says=None)
def spending_file_take(request: HttpRequest, file: Obj, said: TakenAwayIn) -> Any:
    """The file as CSV, the very same bytes every time. Who takes it and why is recorded before the first."""
    return _given(statement.taken(staff_of(request), file, said.reason))


@operation(router, "GET", "/spending/values", yearly_values.ACT, says=MadeFiles)
def spending_values_files(request: HttpRequest) -> Any:
    """The files of yearly values that were made, the newest first, at most 100."""
    return {"items": [_file(row) for row in yearly_values.files(staff_of(request))], "next": None}


@operation(router, "POST", "/spending/values", yearly_values.ACT, says=None)
def spending_values_take(request: HttpRequest, said: ValuesIn) -> Any:
    """What a year was worth to each member, by origin, as CSV. The same values are the same file."""
    return _given(yearly_values.taken(staff_of(request), said.year, said.reason))


@operation(router, "POST", "/spending/codes", partner_codes.ACT, says=CodesOut)
def spending_codes(request: HttpRequest, said: CodesIn) -> Any:
    """Brings codes of a partner, all or none; one that is there already is there once."""
    done = partner_codes.import_codes(staff_of(request), said.choice, said.codes)
    return {"new": done.new, "known": list(done.known)}


def _file(row: MadeFile) -> dict[str, Any]:
    names = ("obj", "kind", "rows", "totals", "year", "sha256", "by")
    return {name: getattr(row, name) for name in names} | {"made": moment(row.made_at)}


def _given(made: Made) -> StreamingHttpResponse:
    """Streamed, so that it is never kept with the key of a request: every taking away is recorded anew."""
    answer = StreamingHttpResponse([made.body], content_type="text/csv; charset=utf-8")
    answer["Content-Length"] = str(len(made.body))
    answer["Content-Disposition"] = f'attachment; filename="{made.name}"'
    return answer
