"""A small room for tests of the record: one fact, one projection with one table, one reaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection, models, transaction

from bankside.record.append import Draft, Entry, append_many
from bankside.record.fact import fact
from bankside.record.ids import new_id
from bankside.record.projection import Projection, Reaction, register
from tests.roles import as_owner


@fact("tally.word-said")
@dataclass(frozen=True, slots=True, kw_only=True)
class WordSaid:
    """Somebody said a word."""

    word: str


@fact("tally.word-echoed")
@dataclass(frozen=True, slots=True, kw_only=True)
class WordEchoed:
    """A reaction said it again."""

    word: str


class Tally(models.Model):
    """How often a word was said; the id is the arrival number of the first time."""

    id = models.BigIntegerField(primary_key=True)
    word = models.CharField(max_length=100)
    times = models.IntegerField(default=1)

    class Meta:
        app_label = "record"
        db_table = "test_tally"
        managed = False


class Tallies(Projection):
    name = "tally.words"
    tables = (Tally,)
    facts = (WordSaid, WordEchoed)

    def apply(self, entry: Entry, fact: Any) -> None:
        word = "" if fact is None else fact.word
        if word == "poison":
            raise ValueError("cannot take this")
        row, made = Tally.objects.get_or_create(word=word, defaults={"id": entry.n})
        if not made:
            row.times += 1
            row.save()


class Echo(Reaction):
    name = "tally.echo"
    facts = (WordSaid,)

    def react(self, entry: Entry, fact: Any) -> list[Draft]:
        said = WordEchoed(word=fact.word)
        key = f"tally.echo:{entry.id}"
        return [Draft(fact=said, key=key, actor="s:echo", obj=entry.obj, lane=entry.lane)]


TALLIES, ECHO = Tallies(), Echo()


def make_table() -> None:
    """The table of the projection, for as long as the test's transaction lasts."""
    register(TALLIES)
    register(ECHO)
    with as_owner(connection), connection.cursor() as cursor:
        cursor.execute(
            'create table if not exists "test_tally" '
            '("id" bigint primary key, "word" varchar(100) not null unique, "times" integer not null)'
        )


def say(*words: str, lane: int = 0) -> list[Entry]:
    """Records words under keys of their own."""
    with transaction.atomic():
        return append_many(
            [
                Draft(fact=WordSaid(word=w), key=f"say:{new_id()}", actor="s:test", obj=new_id(), lane=lane)
                for w in words
            ]
        )


def rows() -> list[tuple[int, str, int]]:
    """The projection's table, in order."""
    return list(Tally.objects.order_by("id").values_list("id", "word", "times"))
