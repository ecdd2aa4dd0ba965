"""Voices: the same bytes draw the same coast, others another one, and nothing of where they came from."""

from __future__ import annotations

import hmac
import itertools
import math
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankside.rewards.art import voices
from bankside.rewards.art.sheet import BLEED, CHIP, RESERVES
from tests.rewards import pictured

SEEDS = st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=6, unique=True)


def paths(seeds: tuple[bytes, ...]) -> list[str]:
    return [band.path for band in voices.coast(seeds).bands]


@settings(max_examples=15, deadline=None)
@given(SEEDS)
def test_the_order_of_linking_leaves_no_trace(seeds: list[bytes]) -> None:
    assert voices.coast(tuple(seeds)) == voices.coast(tuple(reversed(seeds)))


@settings(max_examples=200, deadline=None)
@given(SEEDS)
def test_centres_have_room_and_stay_off_the_chip_and_the_marks(seeds: list[bytes]) -> None:
    centres = voices.centres_of(tuple(seeds)).tolist()
    assert len(centres) == len(seeds)
    for one, other in itertools.combinations(centres, 2):
        assert math.dist(one, other) > 6
    for x, y in centres:
        for box in (CHIP, *RESERVES.values()):
            assert not (box.x < x < box.right and box.y < y < box.bottom)
        assert 40 < x < 82
        assert 8 < y < 48


@settings(max_examples=8, deadline=None)
@given(SEEDS)
def test_lines_reach_into_the_bleed_on_every_side(seeds: list[bytes]) -> None:
    starts = [
        (int(x) / voices.UNITS_PER_MM, int(y) / voices.UNITS_PER_MM)
        for path in paths(tuple(seeds))
        for x, y in re.findall(r"M(-?\d+) (-?\d+)", path)
    ]
    assert min(x for x, _ in starts) < BLEED.x or min(y for _, y in starts) < BLEED.y
    assert max(x for x, _ in starts) > BLEED.right or max(y for _, y in starts) > BLEED.bottom


def test_a_coast_is_drawn_with_few_points() -> None:
    """Sixty thousand letters at most, or pages and print files grow heavy."""
    assert max(sum(map(len, paths(pictured.voices("heavy", count)))) for count in (1, 3, 6)) < 60_000


def test_one_bit_makes_another_coast() -> None:
    seed = pictured.voices("minji", 1)[0]
    other = bytes([seed[0] ^ 1]) + seed[1:]
    assert paths((seed,)) != paths((other,))


def test_a_thousand_members_have_a_thousand_coasts() -> None:
    found = {voices.centres_of(pictured.voices(f"member {n}", 1 + n % 6)).tobytes() for n in range(1000)}
    assert len(found) == 1000


def test_nobody_can_tell_the_network_from_the_place() -> None:
    """Centres of four networks, each linked by 400 members, lie about the same middle."""
    middles = []
    for network in ("one", "two", "three", "four"):
        seeds = [hmac.digest(b"key", f"{network} {n}".encode(), "sha256") for n in range(400)]
        xs, ys = zip(*(voices.centres_of((seed,))[0] for seed in seeds), strict=True)
        middles.append((sum(xs) / len(xs), sum(ys) / len(ys)))
    assert max(math.dist(a, b) for a, b in itertools.combinations(middles, 2)) < 1.5


def test_the_drawing_of_a_known_seed_is_the_one_that_was_printed() -> None:
    """A card that is printed again in years must look the same; a change of the drawing needs a new name."""
    centres = voices.centres_of((bytes(32), bytes([1]) * 32))
    assert centres.round(2).tolist() == PRINTED


@pytest.mark.parametrize("seeds", [(), (b"short",), tuple(bytes([n]) * 32 for n in range(7))])
def test_wrong_voices_are_refused(seeds: tuple[bytes, ...]) -> None:
    with pytest.raises(ValueError, match="1 to 6 voices of 32 bytes"):
        voices.coast(seeds)


PRINTED = [[58.58, 17.77], [79.0, 30.55]]
