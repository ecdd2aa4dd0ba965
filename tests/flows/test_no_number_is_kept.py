"""A card number that is pushed through every door is nowhere afterwards: in no table, record, file or log."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterator
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from PIL import Image

from bankside.approvals.models import Request
from bankside.channels import connect, freeze, kept, media
from bankside.channels.models import Item
from bankside.inbox import conversation as conversations
from bankside.inbox import please_delete, reading
from bankside.inbox import reply as replies
from bankside.inbox.models import Conversation, Message
from bankside.measures import invitations
from bankside.people import exports, keeping, teams, tokens
from bankside.people import staff as people
from bankside.publish import post as posts
from bankside.record import clock, projection
from bankside.record.models import Entry
from bankside.record.reading import words_of
from bankside.record.reasons import ReasonMissing
from bankside.rewards import card as cards
from bankside.rewards import member as members
from tests.measures import studied
from tests.people.team import person
from tests.rewards import carried
from tests.scene import NOW, Scene

CARD = "4539 5787 6362 1486"
BARE = CARD.replace(" ", "")
WORDS = f"카드 {CARD} 를 잃어버렸어요"
IN_SCRIPTS = [
    "４５３９５７８７６３６２１４８６",
    "4539-5787-6362-1486",
    "4\u200b539 5787\n6362 1486",
    f"({BARE})",
]


@pytest.fixture
def scene(tmp_path: Path, settings: Any, transactional_db: None) -> Iterator[Scene]:
    settings.DATA, settings.LOG_FOLDER, settings.MEDIA_FOLDER = tmp_path, tmp_path / "log", tmp_path / "media"
    with clock.frozen(NOW):
        yield Scene(tmp_path / "network")


def everything_kept(scene: Scene) -> str:
    """Every value of every table, every fact and kept item in clear, every file of ours."""
    return "\n".join([*_tables(), *_facts(scene), *_items(), *_files(scene.folder.parent)])


def _tables() -> Iterator[str]:
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'select * from "{table}"')
            for row in cursor.fetchall():
                yield f"{table} " + " ".join(_clear(value) for value in row)


def _clear(value: Any) -> str:
    if isinstance(value, (bytes, memoryview)):
        return bytes(value).decode(errors="replace")
    return json.dumps(value, ensure_ascii=False, default=str)


def _facts(scene: Scene) -> Iterator[str]:
    for number in list(Entry.objects.values_list("n", flat=True)):
        if opened := words_of(scene.people["auditor"].actor, number):
            yield str(opened)


def _items() -> Iterator[str]:
    for item in Item.objects.exclude(body=b""):
        yield json.dumps(kept.opened(item), ensure_ascii=False)


def _files(folder: Path) -> Iterator[str]:
    for path in folder.rglob("*"):
        if path.is_file() and "network" not in path.parts:  # the other side keeps what its customer wrote
            yield f"{path.name} {path.read_bytes().decode(errors='replace')}"


def holds(text: str) -> bool:
    """The number, with whatever stands between its digits."""
    return re.search(r"[^0-9]{0,4}".join(BARE), text) is not None


def picture(name: str) -> tuple[bytes, str]:
    drawn = BytesIO()
    Image.new("RGB", (40, 40), "white").save(drawn, "PNG")
    return drawn.getvalue(), name


# --- doors of customers ----------------------------------------------------------------------------------
@pytest.mark.parametrize("written", IN_SCRIPTS)
def test_what_a_network_gives(scene: Scene, caplog: pytest.LogCaptureFixture, written: str) -> None:
    caplog.set_level(logging.DEBUG)
    said = f"Mijn pas {written} is weg"
    scene.network.customer_says(
        said, by="fleur", name=f"Fleur {CARD}", images=(("https://a.example/x.png", said),)
    )
    scene.network.customer_says(said, by="minji", private=True)
    scene.later(120)
    assert Message.objects.filter(way=Message.IN).count() == 2
    assert all(row.red == ["PAN"] for row in Message.objects.filter(way=Message.IN))
    everything = everything_kept(scene)
    assert "•••• •••• •••• 1486" in everything
    assert not holds(everything) and not holds(_folded(everything)) and not holds(caplog.text)


def _folded(text: str) -> str:
    return text.translate({0xFF10 + value: str(value) for value in range(10)}).replace("\u200b", "")


def test_the_class_stands_in_the_leaf_and_words_are_laid_ready(scene: Scene) -> None:
    scene.network.customer_says(WORDS, by="fleur", lang="ko")
    scene.later(120)
    leaf = next(e.leaf for e in Entry.objects.filter(fact="channels.activity-received"))
    assert json.loads(bytes(leaf))["red"] == ["PAN"]
    [row] = Conversation.objects.all()
    lines = reading.thread(row).lines
    ready = please_delete.suggested(lines, row.lang, row.hidden)
    assert ready == please_delete.PUBLIC["ko"]
    replies.write(scene.people["responder"], row, ready)
    scene.work()
    row.refresh_from_db()
    assert please_delete.suggested(reading.thread(row).lines, row.lang, row.hidden) == ""


# --- doors of staff and members ----------------------------------------------------------------------------
def note(scene: Scene) -> None:
    conversations.note(scene.people["responder"], talk(scene), WORDS)


def close(scene: Scene) -> None:
    conversations.close(scene.people["responder"], talk(scene), reason=WORDS)


def answer(scene: Scene) -> None:
    with pytest.raises(replies.CannotSend):
        replies.write(scene.people["responder"], talk(scene), WORDS)


def draft(scene: Scene) -> None:
    author = scene.people["author"]
    words = {scene.channel.obj: {"text": WORDS, "title": f"T {CARD}"}}
    posts.start_with(author, title=f"Pas {CARD}", team=scene.team, base=WORDS, words=words)


def sent_back(scene: Scene) -> None:
    author = scene.people["author"]
    row = posts.start_with(
        author, title="a", team=scene.team, base="안녕하세요", words={scene.channel.obj: {}}
    )
    posts.submit(author, row, edition=row.edition)
    posts.send_back(scene.people["approver"], row, reason=f"not with {CARD}")
    assert Request.objects.get().state == Request.SENT_BACK
    with pytest.raises(ReasonMissing):
        posts.send_back(scene.people["approver"], row, reason=" ")


def file_name(scene: Scene) -> None:
    row = media.add(scene.people["author"], *picture(f"pas {CARD}.png"))
    words = {scene.channel.obj: {"text": "x", "media": [{"media": row.obj, "alt": f"card {CARD}"}]}}
    posts.start_with(scene.people["author"], title="", team=scene.team, base="x", words=words)


def brake(scene: Scene) -> None:
    freeze.freeze(scene.people["administrator"], WORDS)
    freeze.unfreeze(scene.people["administrator"], WORDS)


def channel_name(scene: Scene) -> None:
    scene.connect(f"Channel {CARD}", scene.folder.parent / "network" / "second")


def names(scene: Scene) -> None:
    teams.make(f"Team {CARD}", "Asia/Seoul")
    tokens.make(scene.people["author"], f"Program {CARD}")
    people.add("x@hanulbank.example", f"Name {CARD}", role="author", team=scene.team)


def member_name(scene: Scene) -> None:
    how: dict[str, Any] = {"born": date(1990, 1, 1), "consents": {"programme": ""}}
    with pytest.raises(members.BadMember):
        members.enrol(customer_ref="ref-1", name=f"Sori {CARD}", **how)
    with pytest.raises(cards.CardNumber):
        members.enrol(customer_ref=BARE, name="Sori", **how)
    member = members.enrol(customer_ref="ref-1", name="Sori", **how)
    with pytest.raises(members.BadMember):
        members.amend(member, name=f"Sori {CARD}")


def ended_card(scene: Scene) -> None:
    cards.end(carried.asked(), by=person("compliance"), reason=WORDS)


def held(scene: Scene) -> None:
    hold = keeping.place(person("records-officer"), "subject", talk(scene).subj, WORDS)
    keeping.release(person("compliance"), hold.obj, f"over: {CARD}")


def forgotten(scene: Scene) -> None:
    asked = keeping.ask(person("compliance"), talk(scene).subj, "", "GDPR-17", WORDS)
    keeping.decline(person("records-officer"), asked.obj, WORDS)


def hidden(scene: Scene) -> None:
    subj = talk(scene).subj
    keeping.restrict(person("compliance"), subj, "", WORDS)
    keeping.ask_to_lift(person("compliance"), subj, "", WORDS)
    keeping.lift(person("records-officer"), subj, "")  # so that all can be looked through


def paused(scene: Scene) -> None:
    connect.pause(scene.people["administrator"], scene.channel, WORDS)


def uninvited(scene: Scene) -> None:
    staff = studied.author()
    study = studied.opened(staff)
    [one] = studied.invited(staff, study, "Noord Bank")
    invitations.revoke(staff, study.obj, one.obj, reason=WORDS)


def taken_away(scene: Scene) -> None:
    exports.told(scene.people["auditor"], "a list", WORDS, rows=1)


DOORS: list[Callable[[Scene], None]] = [
    note, close, answer, draft, sent_back, file_name, brake, channel_name, names, member_name,
    ended_card, held, forgotten, hidden, paused, uninvited, taken_away,
]  # fmt: skip


def talk(scene: Scene) -> Conversation:
    if not Conversation.objects.exists():
        scene.network.customer_says("앱에 로그인이 안 돼요", by="fleur", lang="ko")
        scene.later(120)
    return Conversation.objects.get()


@pytest.mark.parametrize("door", DOORS)
def test_what_people_type(
    scene: Scene, caplog: pytest.LogCaptureFixture, door: Callable[[Scene], None]
) -> None:
    caplog.set_level(logging.DEBUG)
    door(scene)
    scene.work()
    assert projection.behind() == []
    found = [line[:200] for line in everything_kept(scene).splitlines() if holds(line)]
    assert found == []
    assert not holds(caplog.text)


def test_the_search_for_it_can_fail(scene: Scene) -> None:
    """A number that is let through is found: what the tests above do not find is not there."""
    Conversation.objects.filter(pk=talk(scene).pk).update(name=CARD)
    assert holds(everything_kept(scene))
