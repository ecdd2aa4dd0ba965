from __future__ import annotations

import pytest

from bankside.people import policy, tokens
from bankside.people.models import Token
from bankside.record import clock
from bankside.record.models import Entry
from bankside.record.projection import payload_of
from tests.people.team import person

pytestmark = pytest.mark.django_db


def test_a_token_acts_for_its_staff_and_only_its_digest_is_kept() -> None:
    staff = person("author")
    token = tokens.make(staff, "보고 스크립트")
    assert token.startswith("bks_") and tokens.staff_of(token) == staff
    row = Token.objects.get()
    assert token not in str(row.__dict__)
    entry = Entry.objects.get(fact="people.token-made")
    assert payload_of(entry.n).ends_in == token[-4:]
    assert token not in str(payload_of(entry.n))


@pytest.mark.parametrize("token", ["", "bks_", "bks_wrong", "x" * 5000, "bks_" + "x" * 5000])
def test_other_tokens_act_for_nobody(token: str) -> None:
    tokens.make(person("author"), "script")
    assert tokens.staff_of(token) is None


def test_an_ended_token_acts_for_nobody() -> None:
    staff = person("author")
    token = tokens.make(staff, "script")
    row = Token.objects.get()
    assert tokens.end(row) is True
    assert tokens.end(row) is False
    assert tokens.staff_of(token) is None
    assert Entry.objects.filter(fact="people.token-ended").count() == 1


def test_whose_token_it_is_may_end_it_others_need_the_right() -> None:
    staff = person("author")
    tokens.make(staff, "one")
    tokens.make(staff, "two")
    one, two = Token.objects.order_by("pk")
    with pytest.raises(policy.NotYours):
        tokens.end(one, by=person("author"))
    assert tokens.end(one, by=staff)
    assert tokens.end(two, by=person("administrator"))


def test_making_needs_the_right_and_a_name() -> None:
    staff = person("author")
    with pytest.raises(policy.NotYours):
        tokens.make(staff, "script", by=staff)
    with pytest.raises(tokens.BadToken):
        tokens.make(staff, " ")


def test_use_is_noted_to_the_minute() -> None:
    token = tokens.make(person("author"), "script")
    with clock.frozen(1_900_000_000_000):
        tokens.staff_of(token)
    with clock.frozen(1_900_000_030_000):
        tokens.staff_of(token)
    assert Token.objects.get().used_at == 1_900_000_000_000
