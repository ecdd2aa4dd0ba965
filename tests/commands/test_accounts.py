from __future__ import annotations

import pytest

from bankside.people import staff, tokens
from bankside.people.models import Staff
from tests.commands.ask import Ask

pytestmark = pytest.mark.django_db
EMAIL = "minji.kim@hanulbank.example"


def test_somebody_is_added_with_a_role_and_a_password_that_is_shown_once(ask: Ask) -> None:
    made = ask(
        "staff", "add", EMAIL, "--role", "author", "--name", "김민지", "--language", "ko", "--json"
    ).json
    row = staff.by_email(EMAIL)
    assert (row.name, made["email"], made["role"]) == ("김민지", EMAIL, "author")
    assert row.check_password(made["password"])


def test_a_password_from_the_environment_is_taken(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BANKSIDE_PASSWORD", "long-enough-words")
    ask("staff", "add", EMAIL, "--role", "author")
    assert staff.by_email(EMAIL).check_password("long-enough-words")


def test_a_second_time_adds_a_role_and_keeps_the_password(ask: Ask) -> None:
    password = ask("staff", "add", EMAIL, "--role", "author", "--json").json["password"]
    again = ask(
        "staff", "add", EMAIL, "--role", "responder", "--team", "Nederland", "--zone", "Europe/Amsterdam"
    )
    assert (again.code, again.out) == (0, f"{EMAIL} responder\n")
    assert staff.by_email(EMAIL).check_password(password)
    assert Staff.objects.count() == 1


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ((EMAIL, "--role", "emperor"), "emperor"),
        (("nobody", "--role", "author"), "valid email address"),
        ((EMAIL, "--role", "author", "--team", "Mars", "--zone", "Mars/Olympus"), "Mars/Olympus"),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason(ask: Ask, words: tuple[str, ...], why: str) -> None:
    said = ask("staff", "add", *words)
    assert (said.code, said.out) == (1, "")
    assert why in said.err
    assert not Staff.objects.exists()


def test_a_token_is_shown_once_and_works(ask: Ask) -> None:
    ask("staff", "add", EMAIL, "--role", "author")
    token = ask("token", "create", "--staff", EMAIL).out.strip()
    assert token.startswith("bks_")
    found = tokens.staff_of(token)
    assert found is not None
    assert found.email == EMAIL


def test_nobody_has_no_token(ask: Ask) -> None:
    said = ask("token", "create", "--staff", "nobody@hanulbank.example")
    assert (said.code, said.out) == (1, "")
