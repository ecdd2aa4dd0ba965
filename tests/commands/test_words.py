from __future__ import annotations

import io
import json
from typing import Any

import pytest

from tests.commands.ask import Ask, Said


def lines(said: Said) -> list[Any]:
    return [json.loads(line) for line in said.out.splitlines()]


def feed(monkeypatch: pytest.MonkeyPatch, *given: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in given)))


def test_numbers_are_masked_line_by_line_and_other_fields_stay(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed(
        monkeypatch,
        '{"id": 1, "text": "카드 4242 4242 4242 4242 분실"}',
        "",
        '{"id": 2, "text": "주민번호 900101-1234567, 卡 4242424242424242"}',
        '{"id": 3, "text": "Bel mij op 06-12345678"}',
    )
    assert lines(ask("mask")) == [
        {"id": 1, "text": "카드 •••• •••• •••• 4242 분실", "red": ["PAN"]},
        {"id": 2, "text": "주민번호 ••••••-•••••••, 卡 •••• •••• •••• 4242", "red": ["PAN", "RRN"]},
        {"id": 3, "text": "Bel mij op 06-12345678", "red": []},
    ]


@pytest.mark.parametrize("line", ["not json", "[1]", '{"words": "x"}', '{"text": 5}', "5", '"text"', "null"])
@pytest.mark.parametrize("command", ["mask", "triage"])
def test_a_line_that_cannot_be_read_is_refused_with_its_number(
    ask: Ask, monkeypatch: pytest.MonkeyPatch, command: str, line: str
) -> None:
    feed(monkeypatch, '{"text": "ok"}', line)
    said = ask(command)
    assert said.code == 1
    assert "line 2" in said.err


def test_messages_are_sorted(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    feed(
        monkeypatch,
        '{"id": 7, "text": "카드를 잃어버렸어요"}',
        '{"text": "我的卡丢了"}',
        '{"text": "Ik ben mijn pas kwijt"}',
    )
    first, second, third = lines(ask("triage"))
    assert [first["lang"], second["lang"][:2], third["lang"]] == ["ko", "zh", "nl"]
    assert first["id"] == 7
    assert {"classes", "model", "due_ms"} <= first.keys()
