"""The design "voices": every linked network is a ripple, and ripples meet in one coastline.

A voice is 32 bytes that the caller made with an HMAC, so that a card is its member's alone and nobody can
read a network or an account out of it. The order in which networks were linked leaves no trace either:
voices are sorted. Lines are level lines of a smooth field, at even distances, put exactly onto the field
before they are drawn. Everything is in millimetres on the trimmed card.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from bankside.late import contourpy
from bankside.late import numpy as np
from bankside.rewards.art.sheet import BLEED

if TYPE_CHECKING:
    from numpy.typing import NDArray

Floats: TypeAlias = "NDArray[np.float64]"

VOICES_MAX: Final = 6
VOICE_BYTES: Final = 32
UNITS_PER_MM: Final = 100  # paths are whole numbers of hundredths of a millimetre
SPACING_MM: Final = 1.16
FIRST_MM: Final = 1.3
LEVELS_MAX: Final = 80
_GRID_MM: Final = 0.9
_STEP_MM, _FAR_STEP_MM, _FAR_LEVEL = 1.15, 1.75, 9
_POINTS_MIN: Final = 10
_CORRECTIONS: Final = 2
_TOUCH_MM: Final = 0.02
_MOVE_MM_MAX: Final = 0.3
_MERGE_MM: Final = 2.3  # how far from a ridge two ripples begin to flow into one
_APART_MM: Final = 13.5
_MOVES_MAX: Final = 60
# Where centres may lie: right of the chip and the words, off the edge, clear of the mark.
_FIELD_X: Final = (47.0, 79.0)
_FIELD_Y: Final = (11.5, 45.0)
_CORNERS_X, _CORNERS_Y = 62.5, (15.2, 37.5)
_MIDDLE: Final = (64.0, 28.0)
# Lines nearer to a centre than this many levels are strong, then middle, then fine: width in mm, opacity.
_BANDS: Final = ((7, 0.34, 1.0), (16, 0.30, 0.92), (28, 0.25, 0.8), (LEVELS_MAX, 0.21, 0.66))


@dataclass(frozen=True)
class Band:
    """Lines of one strength: a path in hundredths of a millimetre, its width in mm, its opacity 0-1."""

    path: str
    width_mm: float
    opacity: float


@dataclass(frozen=True)
class Coast:
    """What the voices of one member look like: centres in mm, and bands of lines from strong to fine."""

    centres: tuple[tuple[float, float], ...]
    bands: tuple[Band, ...]


def coast(voices: tuple[bytes, ...]) -> Coast:
    """The drawing of 1 to 6 voices of 32 bytes each; ValueError for anything else. Equal in, equal out."""
    if not 1 <= len(voices) <= VOICES_MAX or {len(voice) for voice in voices} != {VOICE_BYTES}:
        raise ValueError(f"a card has 1 to {VOICES_MAX} voices of {VOICE_BYTES} bytes")
    sea = _Sea(sorted(voices))
    lines = [_thinned(level, line) for level in sea.levels() for line in _raw(sea, level)]
    return Coast(tuple((float(x), float(y)) for x, y in sea.centres), _banded(_settled(sea, lines)))


def centres_of(voices: tuple[bytes, ...]) -> Floats:
    """Where the ripples of these voices begin, (n, 2) in mm, in the order of the sorted voices."""
    ordered = sorted(voices)
    return _placed(np.array([_fractions(voice) for voice in ordered]), _fractions(b"".join(ordered)))


class _Sea:
    """The field: the distance to the nearest centre, made smooth where two are equally near."""

    def __init__(self, voices: list[bytes]) -> None:
        draws = np.array([_fractions(voice) for voice in voices])
        whole = _fractions(b"".join(voices))
        self.centres = centres_of(tuple(voices))
        self.loud = 0.9 + 0.28 * draws[:, 2]
        self.three = draws[:, 3] >= 0.5
        self.swing = 0.035 + 0.05 * draws[:, 4]
        self.turn = draws[:, 5] * math.tau
        self.waves = [
            (math.tau / (26 + 22 * whole[k]), whole[k + 1] * math.tau, whole[k + 2] * math.tau)
            for k in (2, 5)
        ]
        self.x = np.arange(BLEED.x - 1, BLEED.right + 1 + _GRID_MM, _GRID_MM)
        self.y = np.arange(BLEED.y - 1, BLEED.bottom + 1 + _GRID_MM, _GRID_MM)
        gx, gy = np.meshgrid(self.x, self.y)
        self.grid = self.height(np.stack([gx, gy], -1).reshape(-1, 2)).reshape(gx.shape)
        self.generator = contourpy.contour_generator(
            self.x, self.y, self.grid, line_type=contourpy.LineType.Separate
        )

    def height(self, points: Floats) -> Floats:
        """The field at points (n, 2): a distance in mm that grows away from the centres."""
        x, y = np.ascontiguousarray(points.T)
        across, down = x - self.centres[:, :1], y - self.centres[:, 1:]
        far = np.sqrt(across * across + down * down)
        # The swing grows with the distance, so that a ripple is round at its centre and alive further out.
        reach = np.minimum(far / 9.0, 1) ** 2
        lobed = self._lobed(across, down, np.maximum(far, 1e-9))
        bent = far / self.loud[:, None] * (1 + self.swing[:, None] * reach * lobed)
        least = bent.min(axis=0)
        merged = least - _MERGE_MM * np.log(np.exp((least - bent) / _MERGE_MM).sum(axis=0))
        swell = np.zeros(len(points))
        for number, heading, phase in self.waves:
            swell += 0.75 * np.sin(number * (x * math.cos(heading) + y * math.sin(heading)) + phase)
        high: Floats = merged + swell * np.minimum(np.maximum(least / 10.0 - 0.15, 0), 1)
        return high

    def _lobed(self, across: Floats, down: Floats, far: Floats) -> Floats:
        """The sine of two or three times the angle, and a turn, without asking for an angle."""
        c, s = across / far, down / far
        lobed = np.empty_like(far)
        for voice, (thrice, turn) in enumerate(zip(self.three, self.turn, strict=True)):
            one, other = c[voice], s[voice]
            if thrice:
                sine, cosine = other * (3 - 4 * other * other), one * (4 * one * one - 3)
            else:
                sine, cosine = 2 * one * other, one * one - other * other
            lobed[voice] = sine * math.cos(turn) + cosine * math.sin(turn)
        return lobed

    def levels(self) -> list[int]:
        """Numbers of the levels that cross the card; level k is at `FIRST_MM + k * SPACING_MM`."""
        highest = int((float(self.grid.max()) - FIRST_MM) / SPACING_MM)
        lowest = math.ceil((float(self.grid.min()) - FIRST_MM) / SPACING_MM)
        return list(range(lowest, min(highest, LEVELS_MAX + lowest) + 1))


def _fractions(seed: bytes) -> Floats:
    """Sixteen numbers from 0 to 1, of a hash of the seed: what is drawn gives the seed away even less."""
    data = hashlib.sha512(b"bankside card voices 1" + seed).digest()
    return np.frombuffer(data, dtype=">u4").astype(np.float64) / 2**32


def _placed(draws: Floats, whole: Floats) -> Floats:
    """Centres on a loose ring, pushed apart until each has room, kept inside the field."""
    count = len(draws)
    turn = whole[0] * math.tau
    angles = turn + math.tau * (np.arange(count) + 0.55 * (draws[:, 0] - 0.5)) / count
    ring = 0.0 if count == 1 else 0.78 + 0.4 * (draws[:, 1] - 0.5)
    centres = np.array(_MIDDLE) + np.stack(
        [np.cos(angles) * 16.5 * ring, np.sin(angles) * 15.5 * ring], axis=1
    )
    if count == 1:
        centres = centres + (draws[:, :2] - 0.5) * np.array([16.0, 12.0])
    places = _inside(centres[:, 0] + 1j * centres[:, 1])
    alone = np.eye(count) * 1e3
    for _ in range(_MOVES_MAX):
        offset = places[:, None] - places
        far = np.abs(offset) + alone
        push = np.maximum(_APART_MM - far, 0) / far * 0.3
        if not push.any():
            break
        places = _inside(places + (offset * push).sum(axis=1))
    return np.stack([places.real, places.imag], axis=1)


def _inside(places: NDArray[np.complex128]) -> NDArray[np.complex128]:
    """Centres, x + iy, in the field, and out of the corners on the right, where the scheme's mark may go."""
    x = np.minimum(np.maximum(places.real, _FIELD_X[0]), _FIELD_X[1])
    low = np.where(x > _CORNERS_X, _CORNERS_Y[0], _FIELD_Y[0])
    high = np.where(x > _CORNERS_X, _CORNERS_Y[1], _FIELD_Y[1])
    inside: NDArray[np.complex128] = x + 1j * np.minimum(np.maximum(places.imag, low), high)
    return inside


def _raw(sea: _Sea, level: int) -> list[Floats]:
    lines = sea.generator.lines(FIRST_MM + level * SPACING_MM)
    return [np.asarray(line, dtype=np.float64) for line in lines if len(line) > 3]


@dataclass(frozen=True)
class _Line:
    """Points of one line at even steps; closed when its end is its beginning."""

    level: int
    points: Floats
    closed: bool


def _thinned(level: int, line: Floats) -> _Line:
    """The same line with few points at even steps."""
    closed = bool(abs(line[0] - line[-1]).max() < 1e-9)
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    step = _STEP_MM if level < _FAR_LEVEL else _FAR_STEP_MM
    count = max(_POINTS_MIN, int(along[-1] / step)) + 1
    at = np.linspace(0, along[-1], count)
    points = np.stack([np.interp(at, along, line[:, 0]), np.interp(at, along, line[:, 1])], axis=1)
    return _Line(level, points[:-1] if closed else points, closed)


def _settled(sea: _Sea, lines: list[_Line]) -> list[_Line]:
    """Every point moved onto its level by Newton's method, all lines at once: the grid leaves no trace."""
    points = np.concatenate([line.points for line in lines])
    levels = np.concatenate([np.full(len(line.points), line.level, dtype=np.float64) for line in lines])
    wanted = FIRST_MM + levels * SPACING_MM
    here = sea.height(points)
    beside, under = (sea.height(points + touch) for touch in np.eye(2) * _TOUCH_MM)
    slope = np.stack([beside - here, under - here], axis=1) / _TOUCH_MM
    slope /= np.maximum((slope**2).sum(axis=1), 0.05)[:, None]
    for correction in range(_CORRECTIONS):
        here = sea.height(points) if correction else here
        points = points + np.clip((wanted - here)[:, None] * slope, -_MOVE_MM_MAX, _MOVE_MM_MAX)
    ends = np.cumsum([len(line.points) for line in lines])[:-1]
    moved = zip(lines, np.split(points, ends), strict=True)
    return [_Line(line.level, its, line.closed) for line, its in moved]


def _banded(lines: list[_Line]) -> tuple[Band, ...]:
    bands, low = [], -LEVELS_MAX
    for high, width, opacity in _BANDS:
        path = "".join(_path(line) for line in lines if low <= line.level < high)
        bands += [Band(path, width, opacity)] if path else []
        low = high
    return tuple(bands)


def _path(line: _Line) -> str:
    """A smooth curve through the points: Catmull-Rom as cubic curves, each first control point mirrored."""
    points = line.points
    if line.closed:
        points = np.concatenate([points, points[:1]])
        around = np.concatenate([points[-2:-1], points, points[1:2]])
    else:
        around = np.concatenate([points[:1], points, points[-1:]])
    tangents = (around[2:] - around[:-2]) / 6
    places = np.rint(points * UNITS_PER_MM).astype(np.int64)
    controls = np.rint((points - tangents) * UNITS_PER_MM).astype(np.int64)
    x, y = (np.rint((points[0] + tangents[0]) * UNITS_PER_MM).astype(np.int64) - places[0]).tolist()
    steps = np.concatenate([controls[1:] - places[:-1], places[1:] - places[:-1]], axis=1)
    first, rest = steps[0].tolist(), " ".join(map(str, steps[1:].ravel().tolist()))
    begin = f"M{places[0, 0]} {places[0, 1]}c{x} {y} {' '.join(map(str, first))}"
    return f"{begin}s{rest}{'z' if line.closed else ''}"
