"""Where things may lie on a card: boxes in millimetres from the upper left corner of the trimmed card."""

from __future__ import annotations

from typing import Final, NamedTuple

MM_PER_INCH: Final = 25.4
RASTER_DPI: Final = 600


class Box(NamedTuple):
    """A rectangle in millimetres."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """The far edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """The lower edge."""
        return self.y + self.height

    def grown(self, by_mm: float) -> Box:
        """Larger by so much on every side; smaller when it is negative."""
        return Box(self.x - by_mm, self.y - by_mm, self.width + 2 * by_mm, self.height + 2 * by_mm)


# ISO/IEC 7810 ID-1: 85.60 x 53.98 mm with corners of 3.18 mm.
TRIM: Final = Box(0, 0, 85.60, 53.98)
CORNER_MM: Final = 3.18
BLEED: Final = TRIM.grown(3)
# Bureaus ask for 2.54 mm from the edge; 3 mm leave room for a cut that is off by half a millimetre.
SAFE: Final = TRIM.grown(-3)
# ISO/IEC 7816-2 puts the eight contacts between 10.25 and 19.87 mm from the left and 19.23 and 28.55 mm from
# the top; the module around them is milled into the card.
CHIP: Final = Box(9.2, 17.9, 12.6, 11.3)
CLEAR_MM: Final = 3.0  # kept free around chip and mark by what must be read
# What schemes take for their mark, inside the safe area.
RESERVES: Final = {
    "lower right": Box(65.1, 40.0, 17.5, 10.98),
    "upper right": Box(65.1, 3.0, 17.5, 10.98),
}
MARGIN_MM: Final = 6.4
PERSONAL: Final = Box(MARGIN_MM, 34.8, 65.1 - CLEAR_MM - MARGIN_MM, 16.0)
# ISO/IEC 7811: the stripe begins at most 5.54 mm under the upper edge and reaches 15.82 mm at least.
STRIPE: Final = Box(0, 4.7, 85.60, 11.5)

# Pixels, and the same in millimetres at 600 DPI: 88.9 x 56.9 mm, a bleed of 1.65 and 1.46 mm.
RASTER_PX: Final = (2100, 1344)
RASTER: Final = Box(
    (TRIM.width - RASTER_PX[0] / RASTER_DPI * MM_PER_INCH) / 2,
    (TRIM.height - RASTER_PX[1] / RASTER_DPI * MM_PER_INCH) / 2,
    RASTER_PX[0] / RASTER_DPI * MM_PER_INCH,
    RASTER_PX[1] / RASTER_DPI * MM_PER_INCH,
)
WALLET_PX: Final = (1536, 969)
