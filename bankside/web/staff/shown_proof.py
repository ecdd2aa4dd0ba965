"""The proof of an entry as a page shows it: drawn, and its signatures in words."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext

from bankside.record import entry_proof
from bankside.record.entry_proof import NoProof, NotPublishedYet, Proved
from bankside.record.log.note import COSIGNS, Signed
from bankside.record.reading import Listed
from bankside.web import moments, proof_drawn
from bankside.web.spoken import why


def of(row: Listed) -> dict[str, Any]:
    """What the page needs of the proof; `proof` is None with the reason in `no_proof` when there is none."""
    try:
        found = entry_proof.proved(row)
    except (NotPublishedYet, NoProof) as none:
        return {"proof": None, "no_proof": why(none), "path": "", "path_words": "", "signed": []}
    drawing = proof_drawn.drawn(found.proof.index, found.head.size, len(found.proof.path))
    return {
        "proof": found, "no_proof": "", "path": drawing, "path_words": proof_drawn.meaning(),
        "signed": signatures(found),
    }  # fmt: skip


def signatures(found: Proved) -> list[tuple[str, str]]:
    """Who signed the head, a sentence each with its icon; also that nobody outside did."""
    said = [("check", _signed(one)) for one in found.signed]
    other = gettext("Signed by %(name)s, whose key this desk does not know.")
    said += [("circle-alert", other % {"name": name}) for name in found.unknown]
    if all(entry_proof.is_of_log(one.key) for one in found.signed):
        said.append(("clock", gettext("No witness that this desk knows has signed this head yet.")))
    return said


def _signed(one: Signed) -> str:
    if entry_proof.is_of_log(one.key):
        return gettext("Signed by the log itself (Ed25519).")
    values = {
        "name": one.key.name, "at": moments.full(one.time * 1000),
        "how": "Ed25519" if one.key.kind == COSIGNS else "ML-DSA-44",
    }  # fmt: skip
    return gettext("Witnessed by %(name)s, %(at)s (%(how)s).") % values
