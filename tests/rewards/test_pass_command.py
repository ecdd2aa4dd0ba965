"""`bankside card pass`: writes the pass that was asked for, or says what is missing and writes nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bankside.commands import CommandRefused, cards
from bankside.rewards.passes.google import SAVE_ADDRESS
from bankside.rewards.passes.points_pass import PassNotConfigured
from bankside.rewards.taking_part import NoSuchMember
from tests.commands import ask
from tests.rewards import joined, walleted

pytestmark = pytest.mark.django_db


def passed(*words: str) -> None:
    """What `bankside card pass ...` does."""
    ask.one(cards, "card", "pass", *words)


@pytest.fixture
def _wallets(tmp_path: Path, settings: Any) -> None:
    settings.APPLE_PASS = str(walleted.apple_folder(tmp_path / "apple"))
    settings.GOOGLE_PASS = str(walleted.google_folder(tmp_path / "google"))


@pytest.mark.usefixtures("_wallets")
def test_a_pass_is_written_by_obj_and_by_number(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    who, out = joined.member(), tmp_path / "her.pkpass"
    passed(who.obj, "--wallet", "apple", "--out", str(out), "--json")
    told = json.loads(capsys.readouterr().out)
    assert told == {"file": str(out), "wallet": "apple", "bytes": out.stat().st_size}
    first = walleted.inside(out.read_bytes())
    assert walleted.verified(first, tmp_path)
    passed(str(who.pk), "--wallet", "apple", "--out", str(out))
    assert walleted.inside(out.read_bytes())["pass.json"] == first["pass.json"]


@pytest.mark.usefixtures("_wallets")
def test_an_address_for_google_is_written(tmp_path: Path) -> None:
    passed(joined.member().obj, "--wallet", "google", "--code", "--out", str(tmp_path / "g"))
    assert (tmp_path / "g").read_text().startswith(SAVE_ADDRESS)


@pytest.mark.usefixtures("_wallets")
def test_nobody_and_nowhere_leave_no_file(tmp_path: Path) -> None:
    out = tmp_path / "her.pkpass"
    for called in ("f" * 32, "987654", "９"):
        with pytest.raises(NoSuchMember):
            passed(called, "--wallet", "apple", "--out", str(out))
    with pytest.raises(CommandRefused, match="no folder"):
        passed("7", "--wallet", "apple", "--out", str(tmp_path / "nowhere/her.pkpass"))
    assert not out.exists()


def test_a_wallet_that_is_not_set_up_leaves_no_file(tmp_path: Path) -> None:
    who = joined.member()
    for wallet in ("apple", "google"):
        with pytest.raises(PassNotConfigured, match="not set up"):
            passed(who.obj, "--wallet", wallet, "--out", str(tmp_path / "x"))
    assert list(tmp_path.iterdir()) == []
