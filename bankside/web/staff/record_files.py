"""Files for whoever checks the record without us: proof and leaf of an entry, keys, the examiner's page.

None of them holds a word of anybody, so no reason is asked and nothing is recorded.
"""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from bankside.people import policy
from bankside.record import entry_proof, reading
from bankside.record.examiner import page as examiner
from bankside.web.staff.frame import page, staff_of

PROOF, LEAF, TRUST = "proof", "leaf", "trust"


@page
@require_safe
def record_proof(request: HttpRequest, n: int, name: str) -> HttpResponse:
    """The proof of an entry (`proof`), or its leaf byte for byte (`leaf`)."""
    policy.require(staff_of(request), "record.see")
    if name not in (PROOF, LEAF):
        raise Http404
    found = entry_proof.proved(reading.entry(n))
    if name == PROOF:
        return given(found.file, f"entry-{n}.tlog-proof", "text/plain; charset=utf-8")
    return given(found.leaf, f"entry-{n}.json", "application/json")


@page
@require_safe
def record_tool(request: HttpRequest, name: str) -> HttpResponse:
    """The public keys of the logs (`trust`), or the examiner's page (`verify.html`)."""
    policy.require(staff_of(request), "record.see")
    match name:
        case "trust":
            return given(entry_proof.trust_file(), TRUST, "text/plain; charset=utf-8")
        case examiner.NAME:
            return given(examiner.page(), examiner.NAME, "text/html; charset=utf-8")
        case _:
            raise Http404


def given(data: bytes, name: str, kind: str) -> HttpResponse:
    """A file to keep; it is never shown as a page of the desk."""
    response = HttpResponse(data, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"], response["X-Content-Type-Options"] = "no-store", "nosniff"
    return response
