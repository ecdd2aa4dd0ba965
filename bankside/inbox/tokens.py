"""A column of tokens (`record.index`): text for the full-text table of SQLite, tsvector on PostgreSQL."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from bankside.record.index import Phrase


class Tokens(models.Field):  # type: ignore[type-arg]
    """Holds a list of tokens in their order; it is written, indexed and searched, and never read back."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        """The column's type in this database."""
        return "tsvector" if connection.vendor == "postgresql" else "text"

    def get_db_prep_value(self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False) -> Any:
        """The tokens as this database takes them."""
        if value is None or isinstance(value, str):
            return value
        return as_tsvector(value) if connection.vendor == "postgresql" else " ".join(value)

    def get_placeholder(self, value: Any, compiler: Any, connection: BaseDatabaseWrapper) -> str:
        """PostgreSQL is told the type: a text is no tsvector."""
        return "%s::tsvector" if connection.vendor == "postgresql" else "%s"


def as_tsvector(tokens: list[str]) -> str:
    """The literal of a tsvector; tokens hold no quote and no backslash."""
    return " ".join(f"'{token}':{place}" for place, token in enumerate(tokens, 1))


def as_tsquery(phrases: tuple[Phrase, ...]) -> str:
    """All phrases, as PostgreSQL asks for them."""
    return " & ".join(f"({_follow(phrase)})" for phrase in phrases)


def as_match(phrases: tuple[Phrase, ...]) -> str:
    """All phrases, as SQLite's FTS5 asks for them."""
    return " AND ".join(f'"{" ".join(p.tokens)}"{" *" if p.open else ""}' for p in phrases)


def _follow(phrase: Phrase) -> str:
    return " <-> ".join(f"'{token}'" for token in phrase.tokens) + (":*" if phrase.open else "")
