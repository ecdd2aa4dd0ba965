"""XML of a stranger, entry by entry: no entities, no document type, limits on size and depth, no card
data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, BinaryIO, Final, NamedTuple
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException  # type: ignore[import-untyped]
from defusedxml.ElementTree import iterparse  # type: ignore[import-untyped]

from bankside.rewards.payments.feed_csv import at_ms_of
from bankside.rewards.payments.finding import FeedRefused, NotTaken
from bankside.said import Said

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

BYTES_MAX: Final = 512_000_000
DEPTH_MAX: Final = 64
ENTRY_ELEMENTS_MAX: Final = 50_000
"""Elements of one entry, or of what lies between two."""
VALUE_CHARACTERS_MAX: Final = 500

ENTRIES: Final = frozenset({"Ntry", "AuthstnInitn", "AuthstnRspn", "FinInitn", "RvslInitn"})
"""A camt statement has many `Ntry`; a cain message has one element, with header and body."""

NEVER_READ: Final = frozenset(
    {
        *("PlainCardData", "PrtctdCardData", "PAN", "PmtTkn", "PANFourLastDgts", "XpryDt", "TknXpryDt"),
        *("TrckData", "Trck1", "Trck2", "Trck3", "CardSctyCd", "ICCRltdData", "PrtctdData"),
    }
)


class Entry(NamedTuple):
    """One entry, and the qualified name of the document around it. Empty again when the next one is asked
    for."""

    document: str
    element: Element


class _Limited:
    """A stream that ends with FeedRefused after BYTES_MAX."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self._stream, self._name, self._left = stream, name, BYTES_MAX

    def read(self, size: int = -1) -> bytes:
        got = self._stream.read(size if size >= 0 else self._left + 1)
        self._left -= len(got)
        if self._left < 0:
            raise FeedRefused(Said("%(file)s has more than %(most)s bytes.", file=self._name, most=BYTES_MAX))
        return got


def entries(stream: BinaryIO, name: str, is_known: Callable[[str], bool]) -> Iterator[Entry]:
    """Entry after entry of a document whose qualified name is known.

    Raises FeedRefused, in sentences that repeat nothing of the document.
    """
    try:
        yield from _entries(_Limited(stream, name), name, is_known)
    except FeedRefused:
        raise
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        raise FeedRefused(Said("%(file)s is not XML, or has a document type.", file=name)) from None


def _entries(stream: _Limited, name: str, is_known: Callable[[str], bool]) -> Iterator[Entry]:
    document, depth, elements, inside = "", 0, 0, 0
    for event, element in iterparse(stream, events=("start", "end"), forbid_dtd=True):
        tag = local(element.tag)
        if event == "start":
            document = document or element.tag
            if not is_known(document):
                raise FeedRefused(
                    Said("%(file)s is not a message of ISO 20022 that is read here.", file=name)
                )
            depth, elements = depth + 1, elements + 1
            inside = inside or (depth if tag in ENTRIES else 0)
            if depth > DEPTH_MAX or elements > ENTRY_ELEMENTS_MAX:
                raise FeedRefused(Said("%(file)s is nested too deeply, or an entry is too large.", file=name))
            continue
        if tag in NEVER_READ:
            element.clear()
        if depth == inside:
            yield Entry(document, element)
        if depth == inside or not inside:
            element.clear()
            inside, elements = 0, 0
        depth -= 1


def local(tag: str) -> str:
    """The name of an element without its namespace."""
    return tag.rpartition("}")[2]


def at(element: Element, *path: str) -> Element | None:
    """The first element down a path of local names, whatever their namespace."""
    for name in path:
        found = next((child for child in element if local(child.tag) == name), None)
        if found is None:
            return None
        element = found
    return element


def text(element: Element, *path: str) -> str:
    """What stands at a path, without space around it; "" when there is nothing. Raises NotTaken: too long."""
    found = at(element, *path)
    value = ((found.text if found is not None else None) or "").strip()
    if len(value) > VALUE_CHARACTERS_MAX:
        raise NotTaken(Said("The text is too long."), column=path[-1])
    return value


def first(element: Element, *paths: tuple[str, ...]) -> str:
    """The first of several paths that holds something."""
    return next((found for path in paths if (found := text(element, *path))), "")


def every(element: Element, *path: str) -> Iterator[Element]:
    """All elements down a path of local names."""
    if not path:
        yield element
        return
    for child in element:
        if local(child.tag) == path[0]:
            yield from every(child, *path[1:])


def time_ms(value: str, zone_minutes: int) -> int:
    """UTC milliseconds of an ISO date or time; without an offset it is of the given zone. Raises NotTaken."""
    try:
        when = datetime.fromisoformat(value)
    except ValueError:
        return at_ms_of(value)
    if when.tzinfo is None:
        zone = timezone(timedelta(minutes=zone_minutes)) if zone_minutes else UTC
        return at_ms_of(when.replace(tzinfo=zone).isoformat())
    return at_ms_of(value)
