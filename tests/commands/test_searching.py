from __future__ import annotations

from pathlib import Path

import pytest

from bankside.record import clock, reading
from tests.commands.ask import Ask
from tests.record.tally import say
from tests.scene import NOW, Scene

pytestmark = pytest.mark.django_db


def test_entries_are_found_by_an_expression_and_page_on(ask: Ask) -> None:
    say("하나", "둘", "三")
    first = ask("search", "--where", "room = tally", "--limit", "2", "--json").json
    rest = ask("search", "--where", "room = tally", "--before", str(first["next"]), "--json").json
    numbers = [one["n"] for one in (*first["items"], *rest["items"])]
    assert len(numbers) == 3 and numbers == sorted(numbers, reverse=True) and rest["next"] is None
    assert first["items"][0]["fact"] == "tally.word-said" and "words" not in first["items"][0]
    line = ask("search", "--where", f"entry = {numbers[0]}").out
    assert line.startswith(f"{numbers[0]} ") and "tally.word-said" in line


def test_an_expression_that_cannot_be_understood_is_refused(ask: Ask) -> None:
    said = ask("search", "--where", "color = red")
    assert said.code == 1 and "Line 1, column 1" in said.err


def test_looking_for_words_is_recorded_as_a_reading_of_the_operator(ask: Ask, folder: Path) -> None:
    with clock.frozen(NOW):
        scene = Scene(folder / "network")
        scene.network.customer_says("카드를 잃어버렸어요", name="박서준", lang="ko")
        scene.later(120)
        [found] = ask("search", "카드", "--json").json["items"]
    assert found["words"] == "카드를 잃어버렸어요"
    [told] = reading.entries(fact="inbox.messages-searched")
    assert (told.actor, told.type) == ("s:operator", "read")
