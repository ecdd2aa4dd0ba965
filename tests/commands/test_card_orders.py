"""Orders by the command line: ordered, followed, drawn again, and taken as the same file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bankside.record.append import entries_where
from bankside.rewards import card_order
from bankside.rewards.art import bureau
from bankside.rewards.models import Order
from tests.commands.ask import Ask
from tests.rewards import carried

pytestmark = pytest.mark.django_db


def test_an_operator_orders_and_takes_the_file(
    ask: Ask, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DATA = tmp_path / "data"
    monkeypatch.setattr(bureau, "printed", lambda art, side: f"%PDF {art.handle} {side}".encode())
    carried.approved(), carried.approved()
    obj = ask("card-order", "new", "1", "--json").json["order"]
    out = str(tmp_path / "cards.zip")
    early = ask("card-order", "file", obj, "--out", out, "--reason", "weekly order")
    assert early.code == 1 and "as soon as it is drawn" in early.err and not Path(out).exists()
    carried.work(Order.objects.get())
    assert ask("card-order", "list").out.startswith(f"{obj} made 1 of 1 cards ")
    assert ask("card-order", "file", obj, "--out", out, "--reason", "x").code == 1
    assert ask("card-order", "file", obj, "--out", out, "--reason", "weekly order").code == 0
    assert Path(out).read_bytes() == card_order.file_of(Order.objects.get()).read_bytes()
    assert [one.actor for one in entries_where("obj = %s order by n", [obj])] == ["s:operator", "s:operator"]
    card_order.drop(Order.objects.get())
    assert ask("card-order", "draw", obj, "--json").json["state"] == "drawing"


def test_a_refusal_says_why(ask: Ask) -> None:
    assert "no approved card" in ask("card-order", "new", "1").err
    assert "no such order" in ask("card-order", "draw", "0" * 32).err
