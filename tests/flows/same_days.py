"""The same days at an invented bank, for a process of its own that has set up Django: what came of them.

Nothing that is told depends on the order of lanes, on a random name or on the wall clock, so that desks on
different databases can be compared.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from django.conf import settings

from bankside.channels.models import Delivery
from bankside.inbox import conversation, reply, search
from bankside.inbox.models import Conversation, Message
from bankside.record import audit, clock, seal
from bankside.record.lane import lane_count
from bankside.record.log.verify import verify_folder
from bankside.record.models import Entry, Head
from tests.record.rebuilt import assert_all_rebuild
from tests.scene import NOW, Scene

# Enough for sixteen lanes: one stays empty in one run of a hundred thousand.
CUSTOMERS = 220
PAGES_MAX = 100
TONGUES = (
    ("카드를 잃어버렸어요", "ko"),
    ("我的卡丢了", "zh"),
    ("Mijn pas is weg", "nl"),
    ("I lost my card", "en"),
)
WORDS = ("카드", "卡丢", "pas weg", "lost card", "정지했습니다", "한울 8")


def live(folder: Path) -> dict[str, Any]:
    """Customers write twice, staff answer, note and close, posts go out; then everything that is compared."""
    with clock.frozen(NOW):
        scene = Scene(folder / "network")
        for number in range(CUSTOMERS):
            _customer(scene, number)
        scene.later(120)
        _staff(scene)
        for number in range(5):
            scene.deliver(f"연차보고서 {number} 年报")
        scene.later(120)
        return _told(scene)


def _customer(scene: Scene, number: int) -> None:
    text, lang = TONGUES[number % len(TONGUES)]
    root = scene.network.customer_says(f"{text} {number}", by=f"guest-{number}", lang=lang)
    if number % 3 == 0:
        scene.network.customer_replies(root, f"{text} {number} ?", by=f"guest-{number}", lang=lang)


def _staff(scene: Scene) -> None:
    """By the first words of each conversation, which are the same everywhere."""
    responder = scene.people["responder"]
    firsts = {m.conversation: m.text for m in Message.objects.order_by("-pk")}
    for number, key in enumerate(sorted(firsts, key=lambda key: firsts[key])):
        row = Conversation.objects.get(pk=key)
        if number % 8 == 0:
            reply.write(responder, row, f"정지했습니다. 한울 {number}")
        if number % 7 == 0:
            conversation.assign(responder, conversation.get_visible(responder, key), responder.uid)
        if number % 9 == 0:
            conversation.note(responder, row, f"核对 {number}")
        if number % 10 == 1:
            conversation.close(responder, conversation.get_visible(responder, key), reason="answered")


def _told(scene: Scene) -> dict[str, Any]:
    before = _shown(scene)
    rebuilt = assert_all_rebuild()
    same = _shown(scene) == before
    seal.seal_all()  # that somebody searched is in the record too
    report = audit.audit()
    published = verify_folder(settings.LOG_FOLDER)
    return {
        "shown": before, "the same after the rebuild": same, "rebuilt": rebuilt,
        "facts": dict(sorted(Counter(_facts_of_acts()).items())),
        "states": dict(Counter(Delivery.objects.values_list("state", flat=True))),
        "verified": [report.entries, [str(problem) for problem in report.problems]],
        "published": [published.entries, [str(problem) for problem in published.problems]],
        "lanes": [lane_count(), sorted(set(Entry.objects.values_list("lane", flat=True)))],
        "heads": sum(head.size for head in Head.objects.all()),
    }  # fmt: skip


def _shown(scene: Scene) -> dict[str, Any]:
    """Conversations with their state and words in order, and how often words are found."""
    talks = [
        [row.state, *Message.objects.filter(conversation=row.pk).order_by("pk").values_list("way", "text")]
        for row in Conversation.objects.all()
    ]
    return {"talks": sorted(talks, key=str), "found": {words: _found(scene, words) for words in WORDS}}


def _found(scene: Scene, words: str) -> int:
    """How many messages are found, on all pages."""
    hits, before = set[int](), ""
    for _ in range(PAGES_MAX):
        page = search.search(scene.people["responder"], words, before=before)
        hits |= {hit.id for found in page.found for hit in found.hits}
        if not (before := page.next):
            return len(hits)
    raise AssertionError(f"{words} has no last page")


def act(folder: str) -> str:
    """What came of the days, as JSON."""
    return json.dumps(live(Path(folder)), default=str)


def _facts_of_acts() -> list[str]:
    """What was told because somebody did something, and not because of the time of the day."""
    rows = Entry.objects.exclude(fact__in=["channels.reconciled", "channels.capabilities-changed"])
    return list(rows.values_list("fact", flat=True))
