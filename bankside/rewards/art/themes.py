"""The looks of a card, as data: ground, tones of the coastline, colours of the words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

Stop = tuple[float, str, float]


@dataclass(frozen=True)
class Theme:
    """Colours in sRGB as #rrggbb.

    `tones` are stops (offset 0-1, colour, opacity) of the lines from lower left to upper right; `ground` are
    the stops of the plane behind everything, the first of which is its plain colour; `centre` is the dot of
    a voice; `ink`, `soft` and `muted` are first, second and third words.
    """

    name: str
    ground: tuple[Stop, ...]
    tones: tuple[Stop, ...]
    centre: str
    ink: str
    soft: str
    muted: str
    veil: float = 0.86


THEMES: Final = {
    theme.name: theme
    for theme in (
        Theme(
            name="ink",
            ground=((0, "#0a101c", 1), (0.55, "#0c1424", 1), (0.8, "#101a33", 1), (1, "#0a0f1d", 1)),
            tones=(
                (0, "#35528f", 0.0), (0.18, "#3f5da3", 0.26), (0.4, "#5a57b4", 0.85), (0.57, "#9a68d6", 1),
                (0.72, "#f0749c", 1), (0.86, "#ee7f80", 0.95), (1, "#dfa68c", 0.6),
            ),
            centre="#f6d7b0", ink="#fbfaf6", soft="#dcdbd6", muted="#a9b0c6",
        ),
        Theme(
            name="paper",
            ground=((0, "#f9f6ee", 1), (0.5, "#f7f2e7", 1), (0.8, "#f3eadb", 1), (1, "#efe6d3", 1)),
            tones=(
                (0, "#8a9fd0", 0.0), (0.16, "#8296cf", 0.35), (0.36, "#7f76cf", 0.8), (0.55, "#7a3fb0", 1),
                (0.7, "#b5307f", 1), (0.86, "#d4375f", 0.95), (1, "#d9775a", 0.6),
            ),
            centre="#df5530", ink="#14161b", soft="#33373f", muted="#565c69",
        ),
        Theme(
            name="forest",
            ground=((0, "#0a1a16", 1), (0.5, "#0c221c", 1), (0.8, "#113029", 1), (1, "#091612", 1)),
            tones=(
                (0, "#1f5a56", 0.0), (0.16, "#24665f", 0.4), (0.36, "#2f8577", 0.85), (0.55, "#49b493", 1),
                (0.72, "#7fdcab", 1), (0.86, "#a3dca6", 0.9), (1, "#c9d79b", 0.55),
            ),
            centre="#f5e6a0", ink="#fbfaf6", soft="#d6ddd6", muted="#9fb5ac",
        ),
    )
}  # fmt: skip
