"""Cards for tests of the art: voices of nobody, words in four languages, ways to look at what was drawn."""

from __future__ import annotations

import hashlib
import io
import re
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import pikepdf
import pytest
from PIL import Image, ImageFilter

from bankside.rewards.art import cairo, draw, lettering
from bankside.rewards.art.artwork import Artwork
from bankside.rewards.art.sheet import BLEED, MM_PER_INCH

ENGLISH = {
    "bank": "Hanul Bank", "product": "Social Card", "caption": "SCAN TO SAY HELLO", "lang": "en",
    "motto": "Points thank you for taking part, never for praise.",
    "small_print": ("Hanul Bank · lost card 1588-0000", "If found, drop it in any branch."),
    "valid_label": "GOOD THRU", "code_label": "CODE",
}  # fmt: skip
KOREAN = {
    "bank": "한울은행", "product": "소셜 카드", "caption": "스캔하여 인사하기", "lang": "ko",
    "motto": "포인트는 칭찬이 아니라 참여에 드리는 감사입니다.",
    "small_print": ("한울은행 · 분실 신고 1588-0000 · 양도 불가", "주우신 분은 가까운 지점에 맡겨 주세요."),
    "valid_label": "유효기간", "code_label": "코드",
}  # fmt: skip
CHINESE = {
    "bank": "韩宇银行", "product": "社交卡", "caption": "扫码问好", "lang": "zh-Hans",
    "motto": "积分感谢您的参与，从不为赞美付费。",
    "small_print": ("韩宇银行 · 挂失电话 1588-0000 · 不可转让", "拾到者请交至任一网点。"),
    "valid_label": "有效期至", "code_label": "安全码",
}  # fmt: skip
DUTCH = {
    "bank": "Hanul Bank", "product": "Sociale kaart", "caption": "SCAN EN ZEG HALLO", "lang": "nl",
    "motto": "Punten danken u voor meedoen, nooit voor lof.",
    "small_print": ("Hanul Bank · kaart kwijt 1588-0000", "Gevonden? Geef hem af bij een kantoor."),
    "valid_label": "GELDIG TOT", "code_label": "CODE",
}  # fmt: skip
TONGUES = {"en": ENGLISH, "ko": KOREAN, "zh": CHINESE, "nl": DUTCH}
NAMES = {
    "en": ("@minji.park", "social.example/@minji.park", "Park Minji"),
    "ko": ("@민지", "social.example/@minji", "박민지"),
    "zh": ("@李晓明", "town.example/lixiaoming", "李晓明"),
    "nl": ("@zoë.brûlée", "social.example/@zoe", "Zoë Brûlée-Żółć"),
}
SEARCHED_DIGITS_MIN = 12


def missing() -> str:
    """Why cards cannot be drawn on this machine; empty when they can."""
    if not (lettering.FONTS / "noto-sans-hans-500.otf").exists():
        return "the fonts of cards were not fetched: run bin/front_end.py"
    try:
        cairo._library()
    except cairo.CairoMissing as error:
        return str(error)
    return ""


drawn = pytest.mark.skipif(bool(missing()), reason=missing() or "they can be drawn")


def voices(seed: str, count: int = 3) -> tuple[bytes, ...]:
    """As an HMAC would give them."""
    return tuple(hashlib.sha256(f"{seed} {number}".encode()).digest() for number in range(count))


def sample(seed: str = "minji", count: int = 3, tongue: str = "en", **changed: Any) -> Artwork:
    """A card with everything on it, in one of four languages."""
    handle, address, name = NAMES[tongue]
    words: dict[str, Any] = {
        **TONGUES[tongue], "handle": handle, "address": address, "name": name, "theme": "ink",
        "voices": voices(seed, count), "qr_text": "https://hanul.example/c/7kQ2mXwA",
    }  # fmt: skip
    return Artwork(**{**words, **changed})


def picture(art: Artwork, side: str, dots_per_inch: int) -> Image.Image:
    """One side with its bleed, as a printer with so many dots would see it."""
    width = round(BLEED.width / MM_PER_INCH * dots_per_inch)
    page = draw.page(draw.checked(art), side, BLEED, width_px=width)
    return Image.fromarray(np.ascontiguousarray(cairo.pixels(page)[..., 2::-1]))


def blurred(image: Image.Image, pixels: float) -> Image.Image:
    """With a Gaussian blur of this many pixels (its standard deviation)."""
    return image.filter(ImageFilter.GaussianBlur(pixels))


def plain_bytes(data: bytes) -> bytes:
    """Everything that a file says, packed or not: streams and dictionaries of a PDF, chunks of a PNG."""
    if data.startswith(b"%PDF"):
        return data + b"\n".join(_of_pdf(data))
    if data.startswith(b"\x89PNG"):
        return b"\n".join(name + body for name, body in chunks(data) if name != b"IDAT")
    return data


def _of_pdf(data: bytes) -> Iterator[bytes]:
    with pikepdf.open(io.BytesIO(data)) as file:
        yield repr(file.trailer).encode()
        for thing in file.objects:
            yield repr(thing).encode()
            if isinstance(thing, pikepdf.Stream):
                yield thing.read_bytes()


def chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Names and contents of the chunks of a PNG, whose sums are checked."""
    at = 8
    while at < len(png):
        length = int.from_bytes(png[at : at + 4], "big")
        name, body = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        assert int.from_bytes(png[at + 8 + length : at + 12 + length], "big") == zlib.crc32(name + body)
        yield name, body
        at += 12 + length


def numbers_of_cards(data: bytes) -> list[str]:
    """Runs of twelve or more digits of which a part passes the check of card numbers."""
    runs = re.findall(rb"[0-9]{%d,}" % SEARCHED_DIGITS_MIN, plain_bytes(data))
    return [run.decode() for run in runs if _holds_a_card(run.decode())]


def _holds_a_card(run: str) -> bool:
    spans = (
        (a, b) for a in range(len(run)) for b in range(a + SEARCHED_DIGITS_MIN, min(len(run), a + 19) + 1)
    )
    return any(luhn(run[a:b]) for a, b in spans)


def luhn(digits: str) -> bool:
    """The check digit of card numbers."""
    turned = [int(d) for d in reversed(digits)]
    doubled = [d if place % 2 == 0 else sum(divmod(2 * d, 10)) for place, d in enumerate(turned)]
    return sum(doubled) % 10 == 0
