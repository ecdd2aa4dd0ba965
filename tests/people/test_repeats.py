from __future__ import annotations

import pytest

from bankside.people import repeats
from bankside.people.repeats import Answer
from bankside.record import clock
from tests.people.team import person

pytestmark = pytest.mark.django_db

ANSWER = Answer(201, "application/json", '{"title": "공지"}'.encode())


def test_the_first_is_done_and_the_second_hears_its_answer() -> None:
    staff = person()
    assert repeats.begin(staff, "k", "1" * 64) is None
    with pytest.raises(repeats.StillRunning):
        repeats.begin(staff, "k", "1" * 64)
    repeats.finish(staff, "k", ANSWER)
    assert repeats.begin(staff, "k", "1" * 64) == ANSWER
    with pytest.raises(repeats.OtherRequest):
        repeats.begin(staff, "k", "2" * 64)
    assert repeats.begin(person(), "k", "2" * 64) is None


def test_an_answer_is_not_overwritten_and_not_given_up() -> None:
    staff = person()
    repeats.begin(staff, "k", "1" * 64)
    repeats.finish(staff, "k", ANSWER)
    repeats.finish(staff, "k", Answer(200, "text/plain", b""))
    repeats.give_up(staff, "k")
    assert repeats.begin(staff, "k", "1" * 64) == ANSWER


def test_what_did_nothing_frees_its_key() -> None:
    staff = person()
    repeats.begin(staff, "k", "1" * 64)
    repeats.give_up(staff, "k")
    assert repeats.begin(staff, "k", "2" * 64) is None


def test_a_key_is_kept_for_a_day() -> None:
    staff = person()
    with clock.frozen(1_900_000_000_000):
        repeats.begin(staff, "k", "1" * 64)
    with clock.frozen(1_900_000_000_000 + repeats.KEPT_MS + 1):
        assert repeats.begin(staff, "k", "2" * 64) is None


@pytest.mark.parametrize("key", ["", "k" * 201, "ключ", "a\nb"])
def test_a_key_is_short_and_printable(key: str) -> None:
    with pytest.raises(repeats.BadKey):
        repeats.begin(person(), key, "1" * 64)
