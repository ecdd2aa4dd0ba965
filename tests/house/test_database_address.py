"""What an address of a database means: `bankside/settings.py` reads it, and nobody else."""

from __future__ import annotations

import pytest

from bankside.settings import _database


def test_nothing_is_sqlite_in_the_data_folder() -> None:
    found = _database("")
    assert found["ENGINE"] == "django.db.backends.sqlite3"
    assert str(found["NAME"]).endswith("/bankside.db")


def test_an_address_of_postgresql() -> None:
    found = _database("postgresql://desk%40bank:p%2Fw@db.bank.example:5433/the%20desk")
    parts = {
        "USER": "desk@bank",
        "PASSWORD": "p/w",
        "HOST": "db.bank.example",
        "PORT": "5433",
        "NAME": "the desk",
    }
    assert {name: found[name] for name in parts} == parts


def test_what_follows_the_question_mark_goes_to_the_driver() -> None:
    options = _database("postgresql://desk@db/desk?sslmode=verify-full&connect_timeout=3")["OPTIONS"]
    assert isinstance(options, dict)
    assert (options["sslmode"], options["connect_timeout"]) == ("verify-full", "3")
    assert "idle_in_transaction_session_timeout=30s" in options["options"]
    assert "lock_timeout=20s" in options["options"]


def test_another_database_is_refused_with_what_there_is() -> None:
    with pytest.raises(ValueError, match="use sqlite: or postgresql:"):
        _database("mysql://desk@db/desk")
