"""Our painter draws our pages as a general reader of SVG does."""

from __future__ import annotations

import io

import numpy as np
import pytest
import resvg_py
from PIL import Image

from bankside.rewards.art import cairo, draw
from bankside.rewards.art.sheet import TRIM
from tests.rewards import pictured

pytestmark = pictured.drawn

WIDTH = 700


@pytest.mark.parametrize("side", draw.SIDES)
@pytest.mark.parametrize("theme", ["ink", "paper"])
def test_a_page_looks_as_another_reader_draws_it(side: str, theme: str) -> None:
    """resvg was made by others. Edges differ by a shade; a lost line or a wrong colour would be far more."""
    art = draw.checked(pictured.sample("judge", 4, theme=theme))
    page = draw.page(art, side, TRIM, width_px=WIDTH)
    ours = cairo.pixels(page)[..., 2::-1].astype(int)
    judged = bytes(resvg_py.svg_to_bytes(svg_string=page, dpi=96, skip_system_fonts=True))
    theirs = np.asarray(Image.open(io.BytesIO(judged)).convert("RGB")).astype(int)
    apart = np.abs(ours - theirs).max(axis=2)
    assert apart.mean() < 4
    assert (apart > 60).mean() < 0.003


@pytest.mark.parametrize("kind", ["wallet", "raster"])
def test_what_is_drawn_cheaply_looks_as_what_is_drawn_exactly(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stretched gradients and fewer greys at the edges of lines: on average less than one shade of 255."""
    page = draw._PAGES[kind](draw.checked(pictured.sample("cheap", 4)), "front", "png")
    cheap = cairo.pixels(page).astype(int)
    monkeypatch.setattr(cairo, "_SMALL_PIXELS_PER_MM_MIN", 1_000)
    monkeypatch.setattr(cairo, "_STRETCHED", 1)
    exact = cairo.pixels(page).astype(int)
    apart = np.abs(cheap - exact)
    assert 0 < apart.mean() < 1
    assert (apart.max(axis=2) > 12).mean() < 0.06


CURVES = (
    "M20 80c10 -60 40 -60 50 0s20 60 60 10 30 -50 50 -70",
    "M20 160c0 -40 30 -60 60 -20s-30 70 -60 20z",
    "M110 110q40 -50 70 0q10 60 -70 60z",
    "M30 30l40 0 0 -20 50 5z",
)


@pytest.mark.parametrize("path", CURVES)
def test_every_command_of_a_path_is_drawn_as_another_reader_draws_it(path: str) -> None:
    """Large and alone, so that one wrong control point is seen."""
    look = 'fill="none" stroke="#000000" stroke-width="3"'
    shape = f'<path transform="translate(2 3) scale(.98)" {look} d="{path}"/>'
    ground = '<rect x="0" y="0" width="200" height="200" fill="#ffffff"/>'
    head = '<svg xmlns="http://www.w3.org/2000/svg" width="400" height="400" viewBox="0 0 200 200">'
    page = f"{head}{ground}{shape}</svg>"
    ours = cairo.pixels(page)[..., 2::-1].astype(int)
    judged = bytes(resvg_py.svg_to_bytes(svg_string=page, dpi=96, skip_system_fonts=True))
    theirs = np.asarray(Image.open(io.BytesIO(judged)).convert("RGB")).astype(int)
    assert (ours < 128).mean() > 0.005
    assert (np.abs(ours - theirs) > 100).mean() < 0.0005


def test_what_is_not_ours_is_refused() -> None:
    page = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9" viewBox="0 0 9 9"><text>x</text></svg>'
    )
    with pytest.raises(ValueError, match="holds no text"):
        cairo.pixels(page)
