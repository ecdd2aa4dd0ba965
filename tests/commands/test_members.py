"""Members by the command line: let in once, listed without names, and given a way in that is good once."""

from __future__ import annotations

import pytest

from bankside.rewards import consent, member, visit
from tests.commands.ask import Ask

pytestmark = pytest.mark.django_db


def add(ask: Ask, *more: str) -> str:
    made = ask("member", "add", "hanul:1", "--born", "1990-02-28", "--name", "박민지", "--json", *more)
    return str(made.json["member"])


def test_somebody_is_let_in_once_with_what_she_agreed_to(ask: Ask) -> None:
    obj = add(ask, "--language", "ko", "--consent", "profile", "--consent", "card")
    assert add(ask) == obj
    row = member.get(obj)
    assert (row.language, row.name) == ("ko", "박민지")
    assert [s.purpose for s in consent.standing(row) if s.version] == ["programme", "profile", "card"]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("hanul:2", "--born", "2020-01-01"), "from the age of 19"),
        (("hanul:2", "--born", "yesterday"), "no date"),
        (("4111111111111111", "--born", "1990-01-01"), "card number"),
        (("hanul:2", "--born", "1990-01-01", "--consent", "health"), "no such consent"),
    ],
)
def test_a_refusal_says_why(ask: Ask, words: tuple[str, ...], why: str) -> None:
    refused = ask("member", "add", *words)
    assert refused.code == 1 and why in refused.err and "4111" not in refused.err


def test_since_when_she_is_a_customer_is_kept(ask: Ask) -> None:
    assert str(member.customer_since(member.get(add(ask, "--since", "2019-04-30")))) == "2019-04-30"
    refused = ask("member", "add", "hanul:2", "--born", "1990-01-01", "--since", "30-4-2019")
    assert refused.code == 1 and "no date" in refused.err


def test_the_list_has_no_names(ask: Ask) -> None:
    obj = add(ask)
    listed = ask("member", "list", "--json")
    assert [one["member"] for one in listed.json] == [obj] and "박민지" not in listed.out
    assert ask("member", "list").out == f"{member.get(obj).pk} {obj} active en\n"


def test_an_address_lets_her_in_once(ask: Ask) -> None:
    obj = add(ask)
    for called in (obj, "hanul:1"):
        address = ask("member", "visit", called).out.strip()
        assert visit.enter(address.rstrip("/").rpartition("/")[2]).obj == obj
    assert ask("member", "visit", "nobody").code == 1
