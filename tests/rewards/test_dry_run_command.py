"""`bankside programme check` and `dry-run`: what they print, and their exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet
import pytest

from bankside.commands import CommandRefused
from bankside.rewards import dry_run
from tests.commands import ask
from tests.rewards import past

# ibis 12 asks DuckDB 2 by an older name.
pytestmark = pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning")


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    file = tmp_path / "broken.toml"
    text = past.SAMPLE.read_text(encoding="utf-8")
    file.write_text(
        text.replace("text_len >= 20", "text_lem >= 20").replace('on = "report"', 'on = "like"'), "utf-8"
    )
    return file


def test_a_programme_is_told_with_its_worst_case(capsys: pytest.CaptureFixture[str]) -> None:
    assert ask.programme("check", str(past.SAMPLE), "--members", "1000") is None
    printed = capsys.readouterr().out
    assert "earn useful-reply\n  Pays for a reply.\n" in printed
    assert "  9: " not in printed and "  20: kind = reply, own_thread = true" in printed
    assert "The attack ceiling, what one account can take in a month, is 14,020 KRW." in printed
    assert "1,000 members can earn at most 14,020,000 points a month." in printed
    assert printed.endswith("7 tests passed.\n")


def test_a_program_reads_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    assert ask.programme("check", str(past.SAMPLE), "--members", "1000", "--json") is None
    told = json.loads(capsys.readouterr().out)
    assert (told["findings"], told["id"], told["worst"]["programme"]) == ([], "social", 14_020_000)
    assert told["preview"][0]["sentences"][0] == "Pays for a reply."
    assert told["examples"][0]["rule"] == "useful-reply"


def test_mistakes_have_their_place_on_standard_error(
    broken: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ask.programme("check", str(broken)) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    lines = printed.err.splitlines()
    assert lines[0] == f"{broken}:21:9: There is no field text_lem. Did you mean text_len?"
    assert lines[1].startswith(f"{broken}:37:6: A like is never paid for")
    assert ask.programme("check", str(broken), "--json") == 1
    assert json.loads(capsys.readouterr().out)["findings"][0]["column"] == 9
    assert ask.programme("dry-run", str(broken), "--activities", "nowhere") == 1


def test_what_cannot_be_done_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandRefused, match="--members"):
        ask.programme("check", str(past.SAMPLE), "--members", "0")
    with pytest.raises(CommandRefused, match="--days"):
        ask.programme("dry-run", str(past.SAMPLE), "--activities", ".", "--days", "0")
    with pytest.raises(OSError, match="nowhere"):
        ask.programme("check", str(tmp_path / "nowhere.toml"))
    (tmp_path / "latin.toml").write_bytes(b"\xe9")
    with pytest.raises(CommandRefused, match="not UTF-8"):
        ask.programme("check", str(tmp_path / "latin.toml"))
    with pytest.raises(SystemExit) as caught:
        ask.programme("dry-run", str(past.SAMPLE))
    assert caught.value.code == 2


def test_a_programme_is_tried_on_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    acts = past.acts(3, members=40, count=1_500)
    pyarrow.parquet.write_table(dry_run.arrow(past.happened(acts)), tmp_path / "acts.parquet")
    words = ("dry-run", str(past.SAMPLE), "--activities", str(tmp_path), "--days", "60")
    assert ask.programme(*words, "--against", str(past.SAMPLE)) is None
    printed = capsys.readouterr().out
    assert printed.startswith("1,500 activities of 40 members in ")
    assert "0 get more, 0 get less, " in printed
    assert "  useful-reply: " in printed
    assert ask.programme(*words, "--json") is None
    told = json.loads(capsys.readouterr().out)
    assert told["points"] == sum(rule["points"] for rule in told["rules"]) > 0
