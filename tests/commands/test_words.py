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
        '{"id": 2, "text": "주민번호 900101-1234567, 卡 4242424242424242", "lang": "ko"}',
        '{"id": 3, "text": "Bel mij op 06-12345678"}',
    )
    assert lines(ask("mask")) == [
        {
            "id": 1, "text": "카드 •••• •••• •••• 4242 분실",
            "found": [{"class": "PAN", "start": 3, "end": 22}],
        },
        {
            "id": 2, "lang": "ko", "text": "주민번호 ••••••-•••••••, 卡 •••• •••• •••• 4242",
            "found": [{"class": "RRN", "start": 5, "end": 19}, {"class": "PAN", "start": 23, "end": 39}],
        },
        {"id": 3, "text": "Bel mij op 06-12345678", "found": []},
    ]  # fmt: skip


def test_only_the_classes_that_were_asked_for(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    text = '{"text": "4242424242424242 NL91ABNA0417164300"}'
    feed(monkeypatch, text)
    assert [one["class"] for one in lines(ask("mask", "--classes", "pan,cvv"))[0]["found"]] == ["PAN"]
    feed(monkeypatch, text)
    assert "no class XYZ" in ask("mask", "--classes", "XYZ").err


def test_lines_that_cannot_be_read_are_told_and_all_others_answered(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bankside.commands.words.LINE_CHARACTERS_MAX", 200)
    long = '{"text": "' + "x" * 1000 + '"}'
    feed(
        monkeypatch,
        '{"text": "a"}',
        "not json",
        '{"text": "b"}',
        long,
        '{"text": "c \\ud83d"}',
        '{"text": "d"}',
    )
    said = ask("mask")
    assert [line["text"] for line in lines(said)] == ["a", "b", "c \ud83d", "d"]
    assert said.code == 1
    assert "line 2 is not a JSON object" in said.err and "line 4 is longer than 200" in said.err
    assert "2 of the lines could not be read, the first of them line 2" in said.err


def test_bytes_that_are_no_text_are_told(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    given = io.TextIOWrapper(io.BytesIO(b'{"text": "\xff"}\n{"text": "4242424242424242"}\n'))
    monkeypatch.setattr("sys.stdin", given)
    said = ask("mask")
    assert "line 1 is not UTF-8" in said.err
    assert [line["text"] for line in lines(said)] == ["•••• •••• •••• 4242"]


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
