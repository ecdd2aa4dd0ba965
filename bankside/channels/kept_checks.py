"""Whether a kept file still says what it said when it came: its signatures, its time, and of which head."""

from __future__ import annotations

from typing import NamedTuple

from bankside.channels import timestamps
from bankside.record import evidence, published
from bankside.record.evidence import Kept
from bankside.record.log.note import NoteWrong, check, parse_note
from bankside.record.log.tiles import HeadWrong
from bankside.record.log.verify import Report

YES, UNKNOWN = "yes", "unknown"
LAST_CHECKED = 24
"""Of each log the time-stamps of so many heads are checked with the whole record: each was when it came."""


class Found(NamedTuple):
    """Whether it holds: `yes`, `no: ...` or `unknown` (no key or root is known); the time in it (ms) or 0."""

    holds: str
    at: int = 0


def of(one: Kept) -> Found:
    """Checks one file with the keys and roots of the settings."""
    try:
        if one.kind == evidence.STAMP:
            return _stamp(one)
        evidence.head_in(one)
        return _signed(one) if one.kind != evidence.TEXT else Found(YES)
    except (HeadWrong, NoteWrong, timestamps.NotStamped, OSError, ValueError) as wrong:
        return Found(f"no: {wrong}")


def check_stamps(report: Report) -> None:
    """Names each of the newest time-stamps that does not hold; for `verify`."""
    for lane, year in evidence.logs():
        for one in evidence.kept(lane, year, last=LAST_CHECKED):
            if one.kind == evidence.STAMP and (found := of(one)).holds.startswith("no"):
                report.add(f"evidence/{one.path}", found.holds.removeprefix("no: "))


def _stamp(one: Kept) -> Found:
    text = evidence.read(one.path.rpartition("/")[0] + "/text")
    roots = {evidence.name_of(known.name): known.roots for known in timestamps.authorities()}
    if text is None:
        return Found("no: the text that was stamped is missing")
    if one.name not in roots:
        return Found(UNKNOWN)
    return Found(YES, timestamps.checked(evidence.read(one.path) or b"", text.decode(), roots[one.name]))


def _signed(one: Kept) -> Found:
    """At least one line of a key that is known, of a witness for a cosigned head; none that is wrong."""
    trust = published.log_trust()
    keys = [*trust.logs, *trust.witnesses.values()]
    lines = check(parse_note(evidence.read(one.path) or b""), keys)
    wanted = [line for line in lines if one.kind == evidence.HEAD or line.time]
    at = max((line.time for line in wanted), default=0) * 1000
    return Found(YES, at) if wanted else Found(UNKNOWN)
