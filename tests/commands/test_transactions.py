"""A feed is looked at from the command line before anybody sends it every night."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bankside.commands import REFUSED, transactions
from tests.commands import ask
from tests.rewards.test_payments_feed_csv import HEADER, ROW
from tests.rewards.test_payments_iso8583 import AUTH, message
from tests.rewards.test_payments_iso20022 import ENTRY, camt


def check(file: Path, *words: str) -> int | None:
    """Runs `transactions check`."""
    return ask.one(transactions, "transactions", "check", str(file), "--json", *words)


def test_a_good_feed_is_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    feeds = {
        "csv": f"{HEADER}\n{ROW}\n".encode(),
        "iso20022": camt(ENTRY).encode(),
        "iso8583": message(AUTH),
    }
    for name, content in feeds.items():
        (tmp_path / name).write_bytes(content)
        assert check(tmp_path / name, "--format", name) is None
        counted = json.loads(capsys.readouterr().out)
        assert sum(counted.values()) == 1
        assert counted["wrong"] == 0


def test_what_is_wrong_is_told_and_no_number_repeated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "feed.csv"
    file.write_text("\n".join([HEADER, ROW, ROW.replace("tok_a", "4242424242424242"), "x", ROW]), "utf-8")
    assert check(file) == REFUSED
    said = capsys.readouterr()
    assert json.loads(said.out) == {"wrong": 2, "skipped": 0, "card_numbers": 1, "auth": 2}
    assert said.err.startswith("feed.csv, row 3, token_ref: This looks like a card number.")
    assert "4242" not in said.err + said.out
