"""`bankside card art`: writes the file that was asked for, or says why not and writes nothing."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from PIL import Image

from bankside.commands import CommandRefused, cards
from bankside.rewards import card
from bankside.rewards.art import draw, names
from bankside.rewards.art.artwork import Artwork
from tests.commands import ask
from tests.rewards import pictured

pytestmark = [pictured.drawn, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _member(monkeypatch: pytest.MonkeyPatch) -> None:
    """One member whose card is the sample, and one whose handle cannot be printed."""
    arts = {"7": pictured.sample(), "8": pictured.sample(handle="@" + "a" * 60)}

    def artwork(of: str) -> Artwork:
        return arts[of]

    monkeypatch.setattr(card, "artwork", artwork)


@pytest.mark.parametrize(("kind", "name", "begin"), [
    ("print", "c.pdf", b"%PDF"), ("proof", "c.pdf", b"%PDF"), ("proof", "c.png", b"\x89PNG"),
    ("wallet", "c.png", b"\x89PNG"),
])  # fmt: skip
def test_a_file_of_the_kind_is_written(tmp_path: Path, kind: str, name: str, begin: bytes) -> None:
    ask.one(cards, "card", "art", "7", "--kind", kind, "--out", str(tmp_path / name))
    assert (tmp_path / name).read_bytes().startswith(begin)


def test_the_back_is_written_and_told_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "back.pdf"
    ask.one(cards, "card", "art", "7", "--kind", "print", "--side", "back", "--out", str(out), "--json")
    told = json.loads(capsys.readouterr().out)
    assert told == {"file": str(out), "kind": "print", "side": "back", "bytes": out.stat().st_size}
    assert out.read_bytes() == draw.draw(pictured.sample(), side="back", kind="print")


def test_a_picture_can_be_opened(tmp_path: Path) -> None:
    ask.one(cards, "card", "art", "7", "--kind", "wallet", "--out", str(tmp_path / "w.png"))
    assert Image.open(io.BytesIO((tmp_path / "w.png").read_bytes())).size == (1536, 969)


def test_what_cannot_be_printed_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(names.TooLong):
        ask.one(cards, "card", "art", "8", "--kind", "print", "--out", str(tmp_path / "c.pdf"))
    with pytest.raises(CommandRefused, match="no folder"):
        ask.one(cards, "card", "art", "7", "--kind", "print", "--out", str(tmp_path / "nowhere/c.pdf"))
    assert list(tmp_path.iterdir()) == []
