"""Record > Evidence: what is set up and what is not, in words, for those who see the record."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from bankside.channels import notary
from bankside.channels.models import Notarised
from bankside.record import clock, seal
from tests.record.tally import say

SignedIn = Callable[[str], Client]
HOUR = 3_600_000


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> None:
    settings.LOG_FOLDER = tmp_path / "log"
    settings.WITNESSES = settings.TIMESTAMPERS = settings.WORM_COPIES = ""


def page(client: Client) -> tuple[int, str]:
    answer = client.get("/record/evidence/")
    return answer.status_code, answer.content.decode()


def test_an_empty_desk_says_how_to_set_it_up(at: SignedIn) -> None:
    status, text = page(at("auditor"))
    assert status == 200
    for words in (
        "Nobody outside has signed a head yet.",
        "the record proves nothing against whoever runs this desk",
        "BANKSIDE_WITNESSES", "BANKSIDE_TIMESTAMPERS", "BANKSIDE_WORM_COPIES", "At midnight the desk writes",
    ):  # fmt: skip
        assert words in text, words


def test_what_is_too_old_is_said_in_words(at: SignedIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notary, "names", lambda kind: ["seoul"] if kind == "stamp" else [])
    now = clock.now_ms()
    with clock.frozen(now + HOUR):
        say("하나")
        seal.seal_all()
    Notarised.objects.create(
        kind="stamp", name="seoul", lane=0, year=clock.year_of(now), size=1, at=now, since=now,
        trouble="The time-stamp does not hold: <b>Nonce mismatch</b>",
    )  # fmt: skip
    with clock.frozen(now + 3 * HOUR):
        status, text = page(at("auditor"))
    assert status == 200 and "seoul has not stamped the newest of log 0/" in text
    assert "1 thing needs somebody to look." in text or "things need somebody to look." in text
    assert "&lt;b&gt;Nonce mismatch" in text and "<b>Nonce" not in text
    assert "Only one time-stamp authority is asked. Name a second: one may end." in text


def test_who_does_not_see_the_record_does_not_see_it(at: SignedIn) -> None:
    assert page(at("author"))[0] == 403
