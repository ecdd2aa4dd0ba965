"""Invariants 1 to 11 of the card sheet, against a naive ledger, bucket by bucket."""

from __future__ import annotations

import random
from itertools import count

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bankside.rewards.models import Member
from tests.rewards.ledger_play import Play, steps_of

pytestmark = pytest.mark.django_db
STEPS = st.lists(
    st.tuples(st.sampled_from(Play.KINDS), st.integers(0, 59), st.integers(0, 29), st.integers(0, 59)),
    min_size=20,
    max_size=60,
)
_made = count(1)


class Undone(Exception):
    """Ends a play: everything it wrote is undone."""


def members(how_many: int = 3) -> tuple[int, ...]:
    return tuple(
        Member.objects.create(customer_ref=f"ledger-{next(_made)}", joined_at=0).pk for _ in range(how_many)
    )


def play(steps: list[tuple[str, int, int, int]], batch: int) -> None:
    try:
        with transaction.atomic():
            Play(members=members(), batch=batch).run(steps)
            raise Undone
    except Undone:
        pass


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS, batch=st.integers(1, 9))
def test_the_ledger_does_what_the_naive_one_does(steps: list[tuple[str, int, int, int]], batch: int) -> None:
    play(steps, batch)


@pytest.mark.parametrize("seed", range(6))
def test_long_lives(seed: int) -> None:
    draw = random.Random(seed)
    play(list(steps_of(draw, 120)), 1 + seed * 3)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(600))
def test_600_lives_of_60_steps(seed: int) -> None:
    draw = random.Random(10_000 + seed)
    play(list(steps_of(draw, 60)), 1 + seed % 11)
