"""Decides whether bytes are an MP4 film, and cleans it. Pure: no file, no database.

A film is not encoded anew, as pictures are: what lies within its moving pictures and its sound stays. Around
them nothing stays that is not known to be needed: every other box becomes a `free` box of the same size that
holds zeros, so that everything lies where the tables of the film say. Boxes as in ISO/IEC 14496-12 and -14.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from bankside.said import Said

BYTES_MAX = 100_000_000
SECONDS_MAX = 600
BOXES_MAX = 5_000
BRANDS_BYTES_MAX = 120
BRANDS = frozenset(
    {b"isom", b"iso2", b"iso3", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"MSNV"}
)
STILLS = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis"})
"""Pictures in the same kind of boxes: they are no films."""

INSIDE: dict[bytes, frozenset[bytes]] = {
    b"": frozenset({b"ftyp", b"moov", b"mdat"}),
    b"moov": frozenset({b"mvhd", b"trak"}),
    b"trak": frozenset({b"tkhd", b"mdia", b"edts"}),
    b"edts": frozenset({b"elst"}),
    b"mdia": frozenset({b"mdhd", b"hdlr", b"minf"}),
    b"minf": frozenset({b"vmhd", b"smhd", b"dinf", b"stbl"}),
    b"dinf": frozenset({b"dref"}),
    b"stbl": frozenset(
        {b"stsd", b"stts", b"ctts", b"cslg", b"stsc", b"stsz", b"stz2", b"stco", b"co64", b"stss", b"sdtp",
         b"sgpd", b"sbgp"}
    ),
}  # fmt: skip
"""What a film needs, box by box; whatever else lies in one of these is emptied. Tables hold numbers alone."""

ENTRY_BYTES = {b"vide": 78, b"soun": 28}
"""So much stands in the description of pictures or sound before the boxes of its codec."""
CODECS = frozenset(
    {b"avcC", b"hvcC", b"av1C", b"vpcC", b"esds", b"dOps", b"dac3", b"dec3", b"dfLa", b"colr", b"pasp",
     b"btrt", b"clap"}
)  # fmt: skip
FRAGMENTS = frozenset({b"moof", b"mvex"})
NAME_AT, NAME_BYTES = 42, 32  # of the program that encoded it, in the description of pictures
UNKNOWN_DURATION = frozenset({0, 2**32 - 1, 2**64 - 1})


class NotAFilm(ValueError):
    """The bytes are not a whole MP4 film, or one that the desk cannot clean."""


class TooLarge(ValueError):
    """The film has too many bytes; the message names the limit."""


@dataclass(frozen=True, slots=True)
class Film:
    """A film as it will be sent, of whole seconds."""

    content: bytes
    width: int
    height: int
    seconds: int
    mime: str = "video/mp4"
    suffix: str = ".mp4"


@dataclass(frozen=True, slots=True)
class Box:
    """One box: where it begins, where what it holds begins, and where it ends."""

    kind: bytes
    at: int
    start: int
    end: int


def is_meant(content: bytes) -> bool:
    """Whether the bytes say of themselves that they are a film in boxes."""
    return content[4:8] == b"ftyp" and content[8:12] not in STILLS


def cleaned(content: bytes) -> Film:
    """The film without names, places, times and texts beside its pictures. Raises NotAFilm, TooLarge."""
    if len(content) > BYTES_MAX:
        raise TooLarge(Said("The film is too large; at most %(most)s bytes are possible.", most=BYTES_MAX))
    try:
        return _Cleaning(bytearray(content)).done()
    except (struct.error, IndexError):
        raise _broken() from None


class _Cleaning:
    """One film on its way through; the boxes stay where they are."""

    def __init__(self, film: bytearray) -> None:
        self._film, self._boxes = film, 0
        self._found: dict[bytes, list[Box]] = {}

    def done(self) -> Film:
        self._check_brand()
        self._clean(Box(b"", 0, 0, len(self._film)))
        if len(self._of(b"moov")) != 1 or not self._of(b"mdat") or len(self._of(b"mvhd")) != 1:
            raise _broken()
        seconds = self._seconds(self._of(b"mvhd")[0])
        width, height = self._size()
        for kind in (b"mvhd", b"tkhd", b"mdhd"):
            for box in self._of(kind):
                self._forget_times(box)
        return Film(bytes(self._film), width, height, seconds)

    def _of(self, kind: bytes) -> list[Box]:
        return self._found.get(kind, [])

    # --- boxes -----------------------------------------------------------------------------------------
    def _check_brand(self) -> None:
        first = next(self._in(0, len(self._film)), None)
        if first is None or first.kind != b"ftyp" or not 8 <= first.end - first.start <= BRANDS_BYTES_MAX:
            raise _broken()
        if bytes(self._film[first.start : first.start + 4]) not in BRANDS:
            raise NotAFilm(Said("This film is not an MP4 as the web has it. Save it as MP4 (H.264)."))
        self._zero(first.start + 4, first.start + 8)
        for at in range(first.start + 8, first.end, 4):  # other brands are words of four letters
            if bytes(self._film[at : at + 4]) not in BRANDS:
                self._film[at : at + 4] = b"isom"[: first.end - at]

    def _clean(self, parent: Box) -> None:
        """Goes down where a film goes on, and empties what is not known."""
        for box in self._in(parent.start, parent.end):
            if box.kind in FRAGMENTS:
                raise NotAFilm(Said("This film is cut into fragments. Save it as one plain MP4."))
            if box.kind not in INSIDE[parent.kind]:
                self._empty(box)
                continue
            self._found.setdefault(box.kind, []).append(box)
            if box.kind in INSIDE:
                self._clean(box)
            if box.kind == b"trak":
                self._clean_track(box)

    def _in(self, start: int, end: int) -> Iterator[Box]:
        """The boxes between two places, which they have to fill. Raises NotAFilm."""
        at = start
        while at < end:
            self._boxes += 1
            size, kind = struct.unpack_from(">I4s", self._film, at)
            head = 8
            if size == 1:
                (size,), head = struct.unpack_from(">Q", self._film, at + 8), 16
            if size == 0 and start == 0 and end == len(self._film):  # the last one reaches to the end
                size = end - at
            if size < head or size > end - at or self._boxes > BOXES_MAX:
                raise _broken()
            yield Box(kind, at, at + head, at + size)
            at += size

    def _empty(self, box: Box) -> None:
        self._film[box.at + 4 : box.at + 8] = b"free"
        self._zero(box.start, box.end)

    def _zero(self, start: int, end: int) -> None:
        self._film[start:end] = bytes(max(end - start, 0))

    # --- one track -------------------------------------------------------------------------------------
    def _clean_track(self, track: Box) -> None:
        """Its names, and where it takes its pictures from. Places and texts can be tracks of their own, whose
        words lie among the pictures: a film with such a track is not taken."""
        handler, description = (self._only(kind, track) for kind in (b"hdlr", b"stsd"))
        kind = bytes(self._film[handler.start + 8 : handler.start + 12])
        if kind not in ENTRY_BYTES:
            told = Said(
                "This film has a track that is neither picture nor sound (%(kind)s), and may tell places or "
                "names. Save it without that.",
                kind="".join(chr(c) if 32 < c < 127 else "?" for c in kind),
            )
            raise NotAFilm(told)
        self._zero(handler.start, handler.start + 8)
        self._zero(handler.start + 12, handler.end)
        self._clean_source(self._only(b"dref", track))
        for entry in self._in(description.start + 8, description.end):
            self._clean_entry(entry, kind)

    def _clean_source(self, sources: Box) -> None:
        """A film lies in its own file: nobody is sent elsewhere for it."""
        for source in self._in(sources.start + 8, sources.end):
            if source.kind != b"url " or self._film[source.start + 3] != 1:
                raise NotAFilm(Said("This film takes its pictures or its sound from another file."))
            self._zero(source.start + 4, source.end)

    def _clean_entry(self, entry: Box, kind: bytes) -> None:
        inside = entry.start + ENTRY_BYTES[kind]
        if inside > entry.end or (kind == b"soun" and any(self._film[entry.start + 8 : entry.start + 10])):
            raise _broken()  # sound is described in a later way, of another kind of file
        self._zero(entry.start, entry.start + 6)
        if kind == b"vide":
            self._zero(entry.start + NAME_AT, entry.start + NAME_AT + NAME_BYTES)
        for box in self._in(inside, entry.end):
            if box.kind not in CODECS:
                self._empty(box)

    def _only(self, kind: bytes, track: Box) -> Box:
        """The one box of this kind that a track has."""
        there = [box for box in self._of(kind) if track.start <= box.at < track.end]
        if len(there) != 1:
            raise _broken()
        return there[0]

    # --- what it tells ---------------------------------------------------------------------------------
    def _seconds(self, header: Box) -> int:
        late = self._film[header.start] == 1
        scale, duration = struct.unpack_from(
            ">IQ" if late else ">II", self._film, header.start + (20 if late else 12)
        )
        if not scale or duration in UNKNOWN_DURATION:
            raise NotAFilm(Said("This film does not say how long it is. Save it as one plain MP4."))
        if duration > SECONDS_MAX * scale:
            minutes = SECONDS_MAX // 60
            raise NotAFilm(Said("The film is too long; at most %(most)s minutes are possible.", most=minutes))
        return -(-int(duration) // int(scale))

    def _size(self) -> tuple[int, int]:
        """Of its pictures as they are shown: a telephone writes them lying and says that they stand."""
        for track in self._of(b"trak"):
            handler, header = (self._only(kind, track) for kind in (b"hdlr", b"tkhd"))
            if bytes(self._film[handler.start + 8 : handler.start + 12]) != b"vide":
                continue
            late = self._film[header.start] == 1
            matrix = struct.unpack_from(">9i2I", self._film, header.start + (52 if late else 40))
            width, height = matrix[9] >> 16, matrix[10] >> 16
            if not width or not height:
                raise _broken()
            return (height, width) if not matrix[0] and not matrix[4] else (width, height)
        raise NotAFilm(Said("There are no pictures in this film."))

    def _forget_times(self, header: Box) -> None:
        """When it was made and changed."""
        self._zero(header.start + 4, header.start + (20 if self._film[header.start] == 1 else 12))


def _broken() -> NotAFilm:
    return NotAFilm(Said("This is not a whole MP4 film. Choose another file."))
