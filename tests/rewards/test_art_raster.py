"""Pictures: every pixel as it was drawn, with the quick packer and with the one that is always there."""

from __future__ import annotations

import io
import zlib

import numpy as np
import pytest
from PIL import Image

from bankside.rewards.art import cairo, draw, raster
from bankside.rewards.art.sheet import TRIM
from tests.rewards import pictured

pytestmark = pictured.drawn

WIDTH = 350  # 221 rows, no whole number of bands


@pytest.mark.parametrize("packer", [raster.packer, zlib])
def test_every_pixel_is_in_the_file(packer: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raster, "packer", packer)
    page = draw.page(draw.checked(pictured.sample("pixels", 4)), "back", TRIM, width_px=WIDTH)
    image = Image.open(io.BytesIO(raster.png(page, dpi=300)))
    assert (image.mode, image.size) == ("RGB", (WIDTH, 221))
    assert np.array_equal(np.asarray(image), cairo.pixels(page)[..., 2::-1])


def test_what_is_half_clear_keeps_its_colour() -> None:
    """Cairo keeps colours already multiplied by their opacity, PNG does not."""
    page = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="70" height="40" viewBox="0 0 70 40">'
        '<rect x="0" y="0" width="60" height="40" fill="#c86432" fill-opacity=".5"/></svg>'
    )
    image = Image.open(io.BytesIO(raster.png(page, clear=True)))
    assert image.mode == "RGBA"
    assert image.getpixel((30, 35)) == pytest.approx((200, 100, 50, 128), abs=1)
    assert image.getpixel((65, 35)) == (0, 0, 0, 0)
