from __future__ import annotations

from pathlib import Path

import pytest

from bankside.record.models import Entry
from tests.commands.ask import Ask
from tests.record.tally import TALLIES, make_table, rows, say
from tests.record.tampered import change_leaf, let_rows_change

pytestmark = pytest.mark.django_db


def test_a_log_is_published_and_its_head_is_shown(ask: Ask, folder: Path) -> None:
    say("카드", "分行", "pas")
    assert ask("log", "publish", "--json").json == {"published": 1}
    assert ask("log", "publish").out == "0 heads published\n"
    [head] = ask("log", "checkpoint", "--json").json
    assert (head["lane"], head["size"], head["entries"]) == (0, 3, 3)
    assert ask("log", "checkpoint").out == f"{head['origin']} 3 {head['root']}\n"


def test_a_record_that_holds_is_0_and_the_check_is_recorded(ask: Ask, folder: Path) -> None:
    say("one", "둘")
    ask("log", "publish")
    said = ask("verify")
    assert (said.code, said.out) == (0, "2 entries, 0 problems\n")
    assert Entry.objects.filter(fact="record.verified").count() == 1


def test_a_record_that_does_not_hold_is_1_and_names_the_place(ask: Ask, folder: Path) -> None:
    say("one", "둘", "三")
    ask("log", "publish")
    let_rows_change()
    change_leaf(1)
    said = ask("verify", "--json")
    assert said.code == 1
    assert {"log 0/" in place for place, _ in said.json["problems"]} == {True}
    assert "row 1: its leaf is not what was hashed" in ask("verify").out


def test_a_folder_is_checked_by_itself(ask: Ask, folder: Path) -> None:
    say("one", "둘", "三")
    ask("log", "publish")
    assert ask("verify", str(folder / "log"), "--json").json["entries"] == 3
    [bundle] = folder.glob("log/0/*/tile/entries/000.p/3")
    bundle.write_bytes(bundle.read_bytes().replace(b"s:test", b"s:tesu", 1))
    said = ask("verify", str(folder / "log"))
    assert said.code == 1
    assert "tile/entries/000.p/3 entry 0: is not the entry that was published" in said.out
    assert ask("verify", str(folder / "nothing-here")).code == 1
    assert not Entry.objects.filter(fact="record.verified").exists()


def test_a_projection_is_rebuilt_by_name(ask: Ask) -> None:
    make_table()
    say("one", "two")
    assert ask("rebuild", TALLIES.name, "--json").json == [{"projection": "tally.words", "entries": 2}]
    assert [word for _, word, _ in rows()] == ["one", "two"]


def test_what_is_no_projection_is_refused(ask: Ask) -> None:
    make_table()
    for name, words in (("tally.echo", "is a reaction"), ("no.such", "no follower is called 'no.such'")):
        said = ask("rebuild", name)
        assert (said.code, said.out) == (1, "")
        assert words in said.err


def test_an_unknown_bench_is_refused_with_those_there_are(ask: Ask) -> None:
    said = ask("bench", "wishes")
    assert said.code == 1
    assert "append" in said.err
