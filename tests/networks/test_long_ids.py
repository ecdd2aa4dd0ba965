"""An id that looks like the number of a card is still an id: the door masks strings, and threads must hold.

Ids of many networks are long numbers; one in ten or so of those that begin like a card passes for one.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from bankside.networks import catalogue
from bankside.networks.contract import Activity, Connector
from bankside.record.identifiers import mask, mask_tree
from tests.networks.recorder import connector, recordings

CARD = "4539578763621486"
LONG = re.compile(r"(?<![\w.])\d{12,20}(?![\w.])")


def items_in(path: Path) -> list[dict[str, Any]]:
    """The items that a call brought, with what looks like a card's number in the place of every long one."""
    result = json.loads(path.read_text("utf-8")).get("result")
    found = result.get("items", []) if isinstance(result, dict) else []
    return [json.loads(LONG.sub(CARD, text)) for item in found if LONG.search(text := json.dumps(item))]


BROUGHT = [p for data in catalogue.load().values() for p in recordings(data.name) if items_in(p)]


def ids_of(activity: Activity) -> tuple[str, ...]:
    return activity.remote_id, activity.thread, activity.in_reply_to, activity.actor.remote_id


def understood(made: Connector, raw: dict[str, Any]) -> list[tuple[str, ...]] | None:
    """None for what cannot be read any more: a number stood there that was no id."""
    try:
        return [ids_of(one) for one in made.read(raw)]
    except Exception:
        return None


@pytest.mark.parametrize("path", BROUGHT, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_an_id_like_a_card_survives_the_door(path: Path, tmp_path: Path) -> None:
    recording: dict[str, Any] = json.loads(path.read_text("utf-8"))
    with connector({**recording, "exchanges": []}, tmp_path) as made:
        for item in items_in(path):
            plain = understood(made, item["raw"])
            assert plain is None or understood(made, mask_tree(item["raw"], item["ids"])[0]) == plain


def test_the_number_is_one_that_the_door_masks() -> None:
    assert mask(CARD).red == ("PAN",)
    assert {path.parent.name for path in BROUGHT} >= {"facebook", "line_me", "wechat", "x_com"}
