"""What a card bureau gets: the print files of many cards and a manifest, in one archive.

Custom runs begin at about 2,500 cards and take 8 to 10 weeks; the manifest says so and a smaller batch is
made all the same, for proofs. Not done: PDF/X-4, CMYK and spot colours; the manifest says that too.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import IO, Any, Final

from bankside import __version__
from bankside.rewards.art import names
from bankside.rewards.art.artwork import Artwork
from bankside.rewards.art.cairo import POINTS_PER_MM
from bankside.rewards.art.draw import SIDES, Side, draw
from bankside.rewards.art.sheet import BLEED, TRIM

CARDS_MAX: Final = 10_000
RUN_CARDS_MIN: Final = 2_500
RUN_WEEKS: Final = (8, 10)
FORMAT: Final = "bankside-cards-1"
NOT_DONE: Final = ("PDF/X-4 output intent", "CMYK", "spot colours")
# Zip has no time before it; all files have this one, so that equal cards make equal archives.
_ZIP_TIME: Final = (1980, 1, 1, 0, 0, 0)
_HEX_ID: Final = re.compile(r"[0-9a-f]{32}")


class NoCards(ValueError):
    """A batch without cards, or with more than one archive holds."""


def printed(art: Artwork, side: Side) -> bytes:
    """One side as a bureau prints it (PDF). Raises what `draw` does."""
    return draw(art, side=side, kind="print")


def batch(cards: Iterable[tuple[str, Artwork]], *, made_at_ms: int, design: str) -> bytes:
    """The archive of `write` in memory, about 0.2 MB a card; UTC milliseconds."""
    out = io.BytesIO()
    write(out, cards, made_at_ms=made_at_ms, design=design)
    return out.getvalue()


def write(
    out: IO[bytes],
    cards: Iterable[tuple[str, Artwork]],
    *,
    made_at_ms: int,
    design: str,
    side_of: Callable[[Artwork, Side], bytes] = printed,
) -> int:
    """A zip of `card-00001-front.pdf`, `...-back.pdf` and so on and `manifest.json`; how many cards it has.

    Each card comes with the id by which the desk knows it; the manifest holds `reference_of` it. At most
    10,000. `side_of` gives the print file of a side, where it was drawn before.
    """
    listed = list[dict[str, Any]]()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for number, (card, art) in enumerate(cards, start=1):
            if number > CARDS_MAX:
                raise NoCards(f"one archive holds at most {CARDS_MAX} cards; make several")
            files = [_file(archive, f"card-{number:05}-{side}.pdf", side_of(art, side)) for side in SIDES]
            listed.append({"reference": reference_of(card), "theme": art.theme, "files": files})
        if not listed:
            raise NoCards("there are no cards in this batch")
        _put(archive, "manifest.json", canonical(manifest(listed, made_at_ms=made_at_ms, design=design)))
    return len(listed)


def reference_of(card: str) -> str:
    """An id as it stands in a manifest: 32 hex digits as 26 letters and digits (base32), others as they are.

    Hex can hold twelve digits in a row by chance, which a scanner for card numbers would stop.
    """
    if _HEX_ID.fullmatch(card):
        return base64.b32encode(bytes.fromhex(card)).decode().rstrip("=").lower()
    names.no_number(card)
    return card


def card_of(reference: str) -> str:
    """The id that a reference was made of."""
    if not re.fullmatch(r"[a-z2-7]{26}", reference):
        return reference
    return base64.b32decode(reference.upper() + "======").hex()


def manifest(listed: list[dict[str, Any]], *, made_at_ms: int, design: str) -> dict[str, Any]:
    """What is in an archive, with boxes in millimetres and points, and what a run asks for."""
    names.no_number(design)
    return {
        "format": FORMAT,
        "design": design,
        "made_at": datetime.fromtimestamp(made_at_ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "tool": {"name": "bankside", "version": __version__},
        "cards": listed,
        "count": len(listed),
        "boxes": {
            "bleed": _box(BLEED.width, BLEED.height, 0),
            "trim": _box(TRIM.width, TRIM.height, -BLEED.x),
        },
        "colour": "sRGB",
        "not_done": list(NOT_DONE),
        "run": {
            "cards_min": RUN_CARDS_MIN,
            "weeks": list(RUN_WEEKS),
            "enough": len(listed) >= RUN_CARDS_MIN,
        },
    }


def canonical(data: dict[str, Any]) -> bytes:
    """JSON with sorted keys and two spaces, the same bytes for the same data."""
    return (json.dumps(data, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()


def digest_of(data: bytes) -> str:
    """SHA-256 as `sha256-` and base64, as browsers write it: hex could look like the number of a card."""
    return f"sha256-{base64.b64encode(hashlib.sha256(data).digest()).decode()}"


def _file(archive: zipfile.ZipFile, name: str, data: bytes) -> dict[str, Any]:
    _put(archive, name, data)
    return {"name": name, "bytes": len(data), "sha256": digest_of(data)}


def _put(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    entry = zipfile.ZipInfo(name, date_time=_ZIP_TIME)
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, data)


def _box(width: float, height: float, inset: float) -> dict[str, Any]:
    points = [round(n * POINTS_PER_MM, 3) for n in (inset, inset, inset + width, inset + height)]
    return {"mm": [round(width, 2), round(height, 2)], "points": points}
