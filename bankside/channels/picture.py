"""Decides whether bytes are a picture, and draws it again. Pure: no file, no database."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from bankside.said import Said

BYTES_MAX = 8_000_000
PIXELS_MAX = 25_000_000
PIXELS_SHRUNK_MAX = 9_000_000
"""Of what strangers send: a WebP takes 20 bytes of memory a pixel, a PNG 12, and all of it stays below 256 MB
(measured, and kept by a test). A JPEG in the colours of a screen is decoded smaller than it is, and may be as
large as ours."""

FORMATS = ("JPEG", "PNG", "GIF", "WEBP")
JPEG_QUALITY = 90

# A picture whose header promises far more pixels than its bytes can hold is an attack, never a warning.
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)


class NotAPicture(ValueError):
    """The bytes are not a whole JPEG, PNG, GIF or WebP picture."""


class TooLarge(ValueError):
    """The picture has too many bytes or too many pixels; the message names the limit."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture as it will be sent: `mime` is image/jpeg or image/png, `suffix` .jpg or .png."""

    content: bytes
    mime: str
    suffix: str
    width: int
    height: int


def drawn_again(content: bytes, *, side_max: int = 0) -> Drawn:
    """The picture decoded and encoded anew, upright, in sRGB, without anything beside its pixels.

    Photographs become JPEG; drawings and what is see-through become PNG; of a moving picture the first
    frame stays. `side_max`: its longer side has at most so many pixels in the end, and it comes from a
    stranger; 0 leaves it as large as it is.
    Raises NotAPicture, TooLarge.
    """
    if len(content) > BYTES_MAX:
        raise TooLarge(
            Said(
                "The picture has %(number)s bytes; at most %(most)s are possible.",
                number=len(content),
                most=BYTES_MAX,
            )
        )
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as opened:
            small = opened.format == "JPEG" and opened.mode in {"RGB", "L"}
            _refuse_size(opened, PIXELS_MAX if small or not side_max else PIXELS_SHRUNK_MAX)
            _shrink(opened, side_max)
            opened.load()
            return _encoded(_in_srgb(ImageOps.exif_transpose(opened)), flat=opened.format in {"PNG", "GIF"})
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_many(PIXELS_MAX) from None
    except (UnidentifiedImageError, OSError, SyntaxError, EOFError, ValueError) as broken:
        if isinstance(broken, TooLarge):
            raise
        raise NotAPicture(
            Said("This is not a whole JPEG, PNG, GIF or WebP picture. Choose another file.")
        ) from None


def _refuse_size(opened: Image.Image, pixels_max: int) -> None:
    """From the header alone, before one pixel is decoded."""
    if opened.width * opened.height > pixels_max:
        raise _too_many(pixels_max)


def _shrink(opened: Image.Image, side_max: int) -> None:
    """Before anything else is done with the pixels, so that a large picture is held in memory only once."""
    if side_max and max(opened.size) > side_max:
        opened.draft(None, (side_max, side_max))  # a JPEG is decoded smaller to begin with
        opened.thumbnail((side_max, side_max))


def _in_srgb(image: Image.Image) -> Image.Image:
    """Colours as they were meant, without the profile that says so; a broken profile is left out."""
    profile = image.info.get("icc_profile")
    if not profile or image.mode not in {"RGB", "RGBA", "CMYK", "L"}:
        return image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        mode = "RGBA" if image.mode == "RGBA" else "RGB"
        return (
            ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode=mode) or image
        )
    except (ImageCms.PyCMSError, OSError):
        return image


def _encoded(image: Image.Image, *, flat: bool) -> Drawn:
    png = flat or image.has_transparency_data
    bare = _without_extras(image, png)
    out = io.BytesIO()
    if png:
        bare.save(out, "PNG", optimize=False)
    else:
        bare.save(out, "JPEG", quality=JPEG_QUALITY, optimize=True)
    if out.tell() > BYTES_MAX:
        raise TooLarge(
            Said(
                "Drawn again, the picture has %(number)s bytes; at most %(most)s are possible.",
                number=out.tell(),
                most=BYTES_MAX,
            )
        )
    mime, suffix = ("image/png", ".png") if png else ("image/jpeg", ".jpg")
    return Drawn(out.getvalue(), mime, suffix, bare.width, bare.height)


def _without_extras(image: Image.Image, png: bool) -> Image.Image:
    """The pixels in a mode that the format has, and nothing of what came with them."""
    bare = image.convert(_mode_for(image, png))
    bare.info = {}
    return bare


def _mode_for(image: Image.Image, png: bool) -> str:
    if png and image.has_transparency_data:
        return "RGBA"
    return image.mode if image.mode in {"L", "RGB"} else "RGB"


def _too_many(pixels_max: int) -> TooLarge:
    return TooLarge(Said("The picture has too many pixels; at most %(most)s are possible.", most=pixels_max))
