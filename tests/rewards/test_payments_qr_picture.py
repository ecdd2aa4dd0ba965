"""Pictures of codes: read again as they were made, and marked so that everybody sees it."""

from __future__ import annotations

import io
from xml.etree import ElementTree

import pytest
import resvg_py
import zxingcpp
from PIL import Image

from bankside.rewards.payments import qr_picture
from tests.rewards.test_payments_emv_mpm import PUBLISHED

SVG = "{http://www.w3.org/2000/svg}"


def read(image: Image.Image) -> list[str]:
    return [one.text for one in zxingcpp.read_barcodes(image)]


def drawn(svg: bytes) -> Image.Image:
    """What another program than a browser makes of a drawing."""
    return Image.open(io.BytesIO(bytes(resvg_py.svg_to_bytes(svg_string=svg.decode()))))


@pytest.mark.parametrize("text", PUBLISHED)
def test_published_codes_are_read_from_their_pictures(text: str) -> None:
    assert read(Image.open(io.BytesIO(qr_picture.png(text)))) == [text]
    assert read(drawn(qr_picture.svg(text))) == [text]


def test_a_mark_stands_under_the_code() -> None:
    plain, marked = qr_picture.svg("code"), qr_picture.svg("code", mark="SANDBOX")
    assert b"SANDBOX" not in plain
    [mark] = ElementTree.fromstring(marked).iter(f"{SVG}text")
    assert mark.text == "SANDBOX" and read(drawn(marked)) == ["code"]
    with pytest.raises(ValueError, match="letters"):
        qr_picture.svg("code", mark="<script>")


def test_what_no_code_can_hold_is_refused() -> None:
    with pytest.raises(ValueError, match="too long"):
        qr_picture.png("x" * 3_000)
