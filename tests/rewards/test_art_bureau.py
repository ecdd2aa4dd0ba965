"""A batch for the bureau: the same archive twice, every sum right, nothing like the number of a card."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankside.rewards.art import bureau, names
from tests.rewards import pictured
from tests.rewards.pictured import sample

pytestmark = pictured.drawn

MADE_AT_MS = 1_795_903_200_000  # thirteen digits; some such times pass the check of card numbers
ID = "1234567890123452" * 2


def made(ids: list[str]) -> zipfile.ZipFile:
    cards = [(card, sample(card, 1 + n % 6, theme=("ink", "paper")[n % 2])) for n, card in enumerate(ids)]
    return zipfile.ZipFile(io.BytesIO(bureau.batch(cards, made_at_ms=MADE_AT_MS, design="voices-1")))


def test_a_batch_holds_both_sides_of_every_card_and_their_sums() -> None:
    archive = made(["0f" * 16, "a1" * 16])
    listed = json.loads(archive.read("manifest.json"))
    files = [file for card in listed["cards"] for file in card["files"]]
    assert sorted(archive.namelist()) == sorted(["manifest.json", *(file["name"] for file in files)])
    assert len(files) == 4
    for file in files:
        data = archive.read(file["name"])
        assert data.startswith(b"%PDF")
        assert len(data) == file["bytes"]
        assert file["sha256"] == f"sha256-{base64.b64encode(hashlib.sha256(data).digest()).decode()}"
    assert [bureau.card_of(card["reference"]) for card in listed["cards"]] == ["0f" * 16, "a1" * 16]


def test_the_manifest_says_what_a_bureau_must_know() -> None:
    listed = json.loads(made(["0f" * 16]).read("manifest.json"))
    assert listed["count"] == 1
    assert listed["boxes"]["trim"]["mm"] == [85.6, 53.98]
    assert listed["boxes"]["bleed"]["mm"] == [91.6, 59.98]
    assert listed["run"] == {"cards_min": 2500, "weeks": [8, 10], "enough": False}
    assert "CMYK" in listed["not_done"]
    assert listed["made_at"] == "2026-11-28T22:00:00Z"


def test_the_same_batch_is_the_same_archive() -> None:
    cards = [("0f" * 16, sample())]
    first, again = (bureau.batch(cards, made_at_ms=MADE_AT_MS, design="voices-1") for _ in range(2))
    assert first == again
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_nothing_in_an_archive_looks_like_the_number_of_a_card() -> None:
    archive = made([ID])
    for name in archive.namelist():
        assert pictured.numbers_of_cards(archive.read(name)) == []
        assert pictured.numbers_of_cards(name.encode()) == []
    assert pictured.numbers_of_cards(ID.encode()) != []


@given(st.binary(min_size=16, max_size=16))
def test_a_reference_leads_back_to_its_card(card: bytes) -> None:
    reference = bureau.reference_of(card.hex())
    assert bureau.card_of(reference) == card.hex()
    assert len(reference) == 26


def test_an_id_that_is_a_number_is_refused() -> None:
    with pytest.raises(names.LooksLikeANumber):
        bureau.reference_of("4111111111111111")
    assert bureau.reference_of("member-7") == "member-7"


def test_an_empty_and_an_endless_batch_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(bureau.NoCards):
        bureau.batch([], made_at_ms=MADE_AT_MS, design="voices-1")
    monkeypatch.setattr(bureau, "CARDS_MAX", 1)
    with pytest.raises(bureau.NoCards):
        bureau.batch([("a", sample()), ("b", sample())], made_at_ms=MADE_AT_MS, design="voices-1")
