from __future__ import annotations

import inspect
import pkgutil
from importlib import import_module

import pytest
from django.db import DataError, InternalError, OperationalError

from bankside.approvals import consent
from bankside.inbox import conversation
from bankside.people.policy import NotYours
from bankside.publish import findings
from bankside.record.keys import KeyAway, KeyWrong, WrappingKeyMissing
from bankside.record.reading import NoSuchEntry
from bankside.web.problems import INSIDE, ROOMS, problem_of


def errors_of(room: str) -> list[type[Exception]]:
    """Every exception that a room declares."""
    package = import_module(f"bankside.{room}")
    modules = [import_module(m.name) for m in pkgutil.walk_packages(package.__path__, f"bankside.{room}.")]
    found = {
        thing
        for module in modules
        for _, thing in inspect.getmembers(module, inspect.isclass)
        if issubclass(thing, Exception) and thing.__module__ == module.__name__ and thing.__name__[0] != "_"
    }
    return sorted(found, key=lambda error: error.__qualname__)


# Damage and mistakes: they are for the operator, not for whoever asked.
NOT_FOR_PEOPLE = {
    "Damaged", "LeaseLost", "GraphBroken", "ChoicesWrong", "NotThere", "PassNotConfigured",
}  # fmt: skip


@pytest.mark.parametrize("room", ROOMS)
def test_every_error_of_a_room_is_a_problem_or_a_mistake_on_purpose(room: str) -> None:
    for error in errors_of(room):
        made = error.__new__(error)
        Exception.__init__(made, "what to do")
        problem = problem_of(made)
        if error.__name__ in NOT_FOR_PEOPLE or error.__module__ in INSIDE:
            assert problem is None, error
        else:
            assert problem is not None and 400 <= problem.status < 500, error


@pytest.mark.parametrize(
    ("trouble", "status"),
    [
        (NotYours("post.approve"), 403),
        (consent.OwnWords("x"), 403),
        (consent.Changed("x"), 409),
        (consent.Expired("x"), 409),
        (conversation.NoConversation("x"), 404),
        (NoSuchEntry("x"), 404),
        (findings.CannotSubmit(()), 422),
        (OperationalError("locked"), 503),
        (InternalError("terminating connection due to idle-in-transaction timeout"), 503),
        (KeyAway("the HSM does not answer"), 503),
        (KeyWrong("the HSM refuses: PinIncorrect"), 503),
        (WrappingKeyMissing("/etc/bankside/kek is missing"), 503),
        (DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes"), 422),
    ],
)
def test_what_each_situation_is_called(trouble: Exception, status: int) -> None:
    problem = problem_of(trouble)
    assert problem is not None and problem.status == status


def test_words_that_were_kept_are_told() -> None:
    problem = problem_of(conversation.Changed("Somebody answered.", "f" * 32))
    assert problem is not None and "f" * 32 in problem.undone


@pytest.mark.parametrize("mistake", [ValueError("x"), KeyError("x"), RuntimeError("x"), UnicodeError("x")])
def test_a_mistake_of_ours_is_not_hidden(mistake: Exception) -> None:
    assert problem_of(mistake) is None


def test_a_table_that_is_missing_is_no_matter_of_waiting() -> None:
    assert problem_of(OperationalError("no such column: x")) is None


def test_a_damaged_record_is_not_hidden() -> None:
    from bankside.record.sealed import Unreadable

    assert problem_of(Unreadable("x")) is None
