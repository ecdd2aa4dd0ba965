"""The door: every kind in its size and form, the same twice, inert whatever a person writes."""

from __future__ import annotations

import builtins
import io
import re
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pikepdf
import pytest
from PIL import Image

from bankside.rewards.art import cairo, draw, names, sheet
from bankside.rewards.art.themes import THEMES
from tests.rewards import pictured
from tests.rewards.pictured import sample

pytestmark = pictured.drawn

SVG_ELEMENTS = {
    "svg", "defs", "linearGradient", "radialGradient", "stop", "clipPath", "g", "path", "circle", "rect",
}  # fmt: skip
KINDS = [(kind, form) for kind, forms in draw.FORMS.items() for form in forms]


def elements(data: bytes) -> set[str]:
    return {element.tag.rpartition("}")[2] for element in ElementTree.fromstring(data).iter()}


@pytest.mark.parametrize("side", draw.SIDES)
@pytest.mark.parametrize(("kind", "form"), KINDS)
def test_the_same_card_is_the_same_file(kind: Any, form: Any, side: Any) -> None:
    first = draw.draw(sample(), side=side, kind=kind, form=form)
    assert draw.draw(sample(), side=side, kind=kind, form=form) == first
    assert draw.draw(sample("another"), side=side, kind=kind, form=form) != first


@pytest.mark.parametrize("side", draw.SIDES)
def test_print_has_its_boxes_and_nothing_else(side: Any) -> None:
    with pikepdf.open(io.BytesIO(draw.draw(sample(), side=side, kind="print"))) as file:
        (page,) = file.pages
        whole, trim = [float(n) for n in page.mediabox], [float(n) for n in page.trimbox]
        assert [n / cairo.POINTS_PER_MM for n in whole] == pytest.approx([0, 0, 91.6, 59.98], abs=0.002)
        assert [n / cairo.POINTS_PER_MM for n in trim] == pytest.approx([3, 3, 88.6, 56.98], abs=0.002)
        assert page.bleedbox == page.mediabox
        kinds = {str(thing.get("/Subtype")) for thing in file.objects if isinstance(thing, pikepdf.Stream)}
        fonts = [
            thing
            for thing in file.objects
            if isinstance(thing, pikepdf.Dictionary) and "/FontDescriptor" in thing
        ]
        assert fonts == []
        assert "/Image" not in kinds
        assert "/Info" not in file.trailer


def test_the_id_of_a_file_is_written_in_letters() -> None:
    """It is a hash: in hex it would hold the number of a card once in some hundred files."""
    data = draw.draw(sample(), side="front", kind="print")
    (found,) = re.findall(rb"/ID \[<([0-9a-f]+)><([0-9a-f]+)>\]", data)
    assert not re.search(rb"[0-9]", found[0] + found[1])
    with pikepdf.open(io.BytesIO(data)) as file:
        assert len(bytes(file.trailer["/ID"][0])) == 16


def test_a_wallet_image_is_flat_square_and_says_nothing_of_a_person() -> None:
    image = Image.open(io.BytesIO(draw.draw(sample(), side="front", kind="wallet")))
    assert (image.size, image.mode) == ((1536, 969), "RGB")
    outlines = draw.draw(sample(), side="front", kind="wallet", form="svg")
    assert b'fill="#0a101c"' in outlines  # no gradient on the ground
    assert not re.search(rb'fill="url\(#[a-z]+-g\)"', outlines)
    other = replace(sample(), name="Another Name", handle="@another", address="elsewhere.example/@another")
    assert draw.draw(other, side="front", kind="wallet") == draw.draw(sample(), side="front", kind="wallet")


def test_the_place_of_the_mark_is_quiet() -> None:
    """Lines are let down under the scheme's mark, in the corner that was chosen and on the wallet image."""
    for reserve, box in sheet.RESERVES.items():
        art = sample("marks", 2, mark_reserve=reserve, product="")
        image = pictured.picture(art, "front", 300).convert("L")
        scale = 300 / sheet.MM_PER_INCH
        edges = [(box.x + 3 + 1, box.y + 3 + 1), (box.right + 3 - 1, box.bottom + 3 - 1)]
        (left, top), (right, bottom) = [(round(x * scale), round(y * scale)) for x, y in edges]
        low, high = image.crop((left, top, right, bottom)).getextrema()
        assert isinstance(high, int)
        assert isinstance(low, int)
        assert high - low < 80


def test_a_bureau_raster_has_its_resolution() -> None:
    image = Image.open(io.BytesIO(draw.draw(sample(), side="back", kind="raster")))
    assert image.size == (2100, 1344)
    assert image.info["dpi"] == pytest.approx((600, 600), abs=0.1)
    assert (sheet.RASTER.width, sheet.RASTER.height) == pytest.approx((88.9, 56.896))


def test_a_preview_has_round_corners_and_a_chip_and_print_has_none() -> None:
    image = Image.open(io.BytesIO(draw.draw(sample(), side="front", kind="screen", form="png")))
    assert image.mode == "RGBA"
    assert [image.getpixel(corner)[3] for corner in ((0, 0), (1279, 0), (640, 400))] == [0, 0, 255]  # type: ignore[index]
    x, y = sheet.CHIP.x + 1.2, sheet.CHIP.y + 1.2
    gold = image.getpixel((round(x * 1280 / 85.6), round(y * 1280 / 85.6)))
    printed = pictured.picture(sample(), "front", 300)
    bare = printed.getpixel((round((x + 3) * 300 / 25.4), round((y + 3) * 300 / 25.4)))
    assert isinstance(gold, tuple)
    assert isinstance(bare, tuple)
    assert min(gold[:2]) > 150 > max(bare[:2])


def test_a_proof_shows_and_names_every_box() -> None:
    def strokes(side: Any, kind: Any) -> int:
        return draw.draw(sample(), side=side, kind=kind, form="svg").count(b'fill="none" stroke="#')

    assert strokes("front", "proof") - strokes("front", "svg") == 6
    assert strokes("back", "proof") - strokes("back", "svg") == 4


@pytest.mark.parametrize("tongue", pictured.TONGUES)
@pytest.mark.parametrize("theme", THEMES)
def test_four_languages_three_themes_one_to_six_voices(tongue: str, theme: str) -> None:
    for count in (1, 6):
        for side in ("front", "back"):
            data = draw.draw(sample(theme, count, tongue, theme=theme), side=side, kind="svg")  # type: ignore[arg-type]
            assert elements(data) <= SVG_ELEMENTS


def test_no_word_of_a_person_stands_in_a_file() -> None:
    art = sample(handle="@quokka", address="quokka.example/@quokka", name="Quokka Zebra")
    for kind, form in KINDS:
        for side in draw.SIDES:
            said = pictured.plain_bytes(draw.draw(art, side=side, kind=kind, form=form))  # type: ignore[arg-type]
            assert not re.search(rb"quokka|zebra|hanul", said, re.I)


@pytest.mark.parametrize(
    "hostile", ["<script>alert(1)</script>", '"><svg onload=x>', "a&amp;b", "@\u202eijnim", "&#60;"]
)
def test_hostile_words_are_refused_or_drawn(hostile: str) -> None:
    """As a handle and a name they are refused; where the bank writes, they become outlines and no markup."""
    for field in ("handle", "address", "name"):
        with pytest.raises(names.Unprintable):
            draw.draw(sample(**{field: hostile}), side="front", kind="svg")
    for field in ("bank", "motto", "caption", "product"):
        try:
            data = draw.draw(sample(**{field: hostile}), side="back", kind="svg")
        except names.CannotBeRead:
            continue
        assert elements(data) <= SVG_ELEMENTS
        assert not re.search(rb"script|onload|&", data)


def test_a_long_address_leaves_the_handle_alone() -> None:
    long = sample(address="social.example/@" + "m" * 30)
    assert draw.draw(long, side="front", kind="svg") == draw.draw(
        sample(address=""), side="front", kind="svg"
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"theme": "gold"},
        {"voices": ()},
        {"voices": (b"x",)},
        {"mark_reserve": "middle"},
        {"small_print": ("a", "b", "c")},
    ],
)
def test_a_wrong_card_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"theme|voices|mark|small print"):
        draw.draw(sample(**wrong), side="front", kind="svg")


@pytest.mark.parametrize(
    ("kind", "form", "side"), [("wallet", "pdf", "front"), ("stamp", "", "front"), ("svg", "", "edge")]
)
def test_an_unknown_kind_is_refused(kind: Any, form: Any, side: Any) -> None:
    with pytest.raises(ValueError, match="there is no"):
        draw.draw(sample(), side=side, kind=kind, form=form)


def test_without_cairo_the_outlines_are_still_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def gone(name: str, *rest: Any) -> Any:
        if name == "cairocffi":
            raise OSError("no library called cairo")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", gone)
    with pytest.raises(cairo.CairoMissing, match="libcairo2"):
        draw.draw(sample(), side="front", kind="print")
    assert draw.draw(sample(), side="front", kind="svg").startswith(b"<svg")
