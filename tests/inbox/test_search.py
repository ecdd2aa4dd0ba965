"""Search finds what was said, newest first, for those who may see it, and forgets what was erased."""

from __future__ import annotations

import unicodedata

import msgspec
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bankside.channels import connect
from bankside.inbox import conversation, reading, search, wording
from bankside.inbox.models import Message, Wording
from bankside.inbox.projections import INBOX
from bankside.people import policy, teams
from bankside.people import staff as people
from bankside.people.models import Staff
from bankside.record import index
from bankside.record.ids import new_id
from bankside.record.models import Payload
from bankside.record.rebuild import rebuild
from tests.inbox.room import Talk
from tests.inbox.story import Story, follow
from tests.scene import Scene

STATEMENTS_MAX = 4
TOLD_MAX = 9
CORPUS = [
    "카드를 잃어버렸어요. 앱에도 로그인이 안 돼요 ㅠㅠ", "체크카드 한도를 높이고 싶은데 어떻게 하나요?",
    "예금 금리가 언제 바뀌나요? 공시는 어디서 보나요", "신한銀行 지점이 토요일에도 여나요",
    "年报第12页的不良率是0.58%，新闻稿里写的是0.61%", "请问信用卡的境外手续费是多少？谢谢",
    "我的账户被锁定了，怎么办", "カードの暗証番号を忘れました", "Ik kan sinds vanochtend niet meer inloggen.",
    "Third time asking: why was I charged twice at Café Sori?",
]  # fmt: skip


@pytest.fixture
def responder(scene: Scene) -> Staff:
    return scene.people["responder"]


def texts(staff: Staff, words: str, **more: object) -> list[str]:
    """The whole texts of the messages that are found, in their order."""
    page = search.search(staff, words, **more)  # type: ignore[arg-type]
    hits = [hit.id for found in page.found for hit in found.hits]
    said = dict(Message.objects.filter(pk__in=hits).values_list("pk", "text"))
    return [said[number] for number in hits]


def told(scene: Scene, *said: str) -> None:
    """Each text in a conversation of its own."""
    for place, text in enumerate(said):
        Talk(scene, text, thread=f"comment:{place}", who="김민")
    follow()


def test_every_pair_of_letters_that_occurs_is_found_everywhere_it_occurs(
    scene: Scene, responder: Staff
) -> None:
    told(scene, *CORPUS)
    pairs = {
        text[n : n + 2] for text in CORPUS for n in range(len(text) - 1)
        if all(index._LETTER.match(c) for c in text[n : n + 2])
    }  # fmt: skip
    assert len(pairs) > 90
    for pair in pairs:
        assert texts(responder, pair) == [text for text in reversed(CORPUS) if pair in text], pair


def test_every_single_letter_is_found(scene: Scene, responder: Staff) -> None:
    told(scene, *CORPUS)
    for letter in {c for text in CORPUS for c in text if index._LETTER.match(c)}:
        assert texts(responder, letter) == [text for text in reversed(CORPUS) if letter in text], letter


@pytest.mark.parametrize(
    ("words", "places"),
    [
        ("잃어버렸어요", [0]), ("버렸", [0]), ("카드", [1, 0]), ("카드 한도", [1]), ('"카드 한도"', [1]),
        ('"한도 카드"', []), ('"체크카드 한도를"', [1]), ("체크카드를", []), ("手续费", [5]),
        ("不良率 0.58", [4]), ("暗証", [7]), ("inlog", []), ("INLOGGEN niet", [8]), ("cafe", [9]),
        ('"charged twice"', [9]), ('"twice charged"', []), (unicodedata.normalize("NFD", "카드"), [1, 0]),
        ("ｃａｆé", [9]), ("카드' OR \"1", []), ("카드*", [1, 0]), ("김민", list(reversed(range(10)))),
    ],
)  # fmt: skip
def test_what_is_found(scene: Scene, responder: Staff, words: str, places: list[int]) -> None:
    told(scene, *CORPUS)
    assert texts(responder, words) == [CORPUS[place] for place in places]


@pytest.mark.parametrize("words", ["", "  ", "!?", "❤️", '""'])
def test_nothing_is_asked_without_a_letter(scene: Scene, responder: Staff, words: str) -> None:
    told(scene, "카드 ❤️ !?")
    page = search.search(responder, words)
    assert (page.found, page.next, page.asked) == ((), "", False)


def test_answers_and_notes_are_found_and_every_hit_is_reached_by_paging(
    scene: Scene, responder: Staff
) -> None:
    talk = Talk(scene, "카드 하나")
    conversation.note(responder, talk.row, "카드 메모")
    for place in range(5):
        talk.story.seen(f"카드 {place}", f"comment:{place + 40}")
    Talk(scene, "카드 끝", thread="comment:90")
    follow()
    everything = texts(responder, "카드")
    assert len(everything) == 8
    paged, before = [], ""
    while True:
        page = search.search(responder, "카드", before=before, limit=3)
        paged += [hit.id for found in page.found for hit in found.hits]
        before = page.next
        if not before:
            break
    assert paged == sorted(paged, reverse=True)
    assert len(paged) == len(set(paged)) == 8
    assert [len(found.hits) for found in search.search(responder, "카드").found] == [1, 7]
    assert texts(responder, "카드", before="nonsense") == everything


def test_only_what_she_may_see_is_found(scene: Scene, tmp_path: object) -> None:
    told(scene, "카드")
    other = teams.make("Utrecht")
    elsewhere = people.add("u@hanul.example", "U", role="responder", team=other)
    assert texts(elsewhere, "카드") == []
    with pytest.raises(policy.NotYours):
        texts(people.add("n@hanul.example", "N"), "카드")
    assert texts(people.add("a@hanul.example", "A", role="auditor"), "카드") == ["카드"]
    assert texts(scene.people["responder"], "카드") == ["카드"]
    connect.remove(scene.people["administrator"], scene.channel)
    assert texts(scene.people["responder"], "카드") == ["카드"]


def test_few_statements_however_much_is_found(scene: Scene) -> None:
    told(scene, *CORPUS)
    for name in ("responder", "auditor"):
        asking = people.by_email(scene.people[name].email)
        with CaptureQueriesContext(connection) as asked:
            assert search.search(asking, "카드").found
        # What tells the record of the search is one transaction, whatever it finds.
        # Of what PostgreSQL keeps a plan Django knows no text: the search itself is not asked so.
        leaf = [one for one in asked if not (sql := one["sql"]) or "record_" in sql or "SAVEPOINT" in sql]
        assert len(leaf) <= TOLD_MAX, [one["sql"] for one in leaf]
        assert len(asked) - len(leaf) <= STATEMENTS_MAX, [one["sql"] for one in asked]


def test_the_words_are_shown_where_they_stand(scene: Scene, responder: Staff) -> None:
    told(scene, "왜 " * 200 + "<b>체크카드</b> 한도 " + "네 " * 200)
    (found,) = search.search(responder, "카드 한도").found
    shown = found.hits[0].pieces
    assert [piece.text for piece in shown if piece.found] == ["카드", "한도"]
    assert "<b>체크" in "".join(piece.text for piece in shown)
    assert shown[0].text == "… " and shown[-1].text.endswith("…")
    assert len("".join(piece.text for piece in shown)) <= search.EXCERPT_CHARACTERS + 4
    assert isinstance(found.row, reading.Row)
    listed = reading.row(responder, found.row.id)
    assert msgspec.structs.asdict(listed) == msgspec.structs.asdict(found.row) | {"hidden": ""}


def test_an_edit_is_found_by_its_new_words_alone(scene: Scene, responder: Staff) -> None:
    talk = Talk(scene, "어제 카드")
    talk.story.edited("오늘 통장")
    follow()
    assert texts(responder, "카드") == []
    assert texts(responder, "통장") == ["오늘 통장"]


@pytest.mark.parametrize("receipt_first", [True, False])
def test_our_own_answer_that_comes_back_is_found_once(
    scene: Scene, responder: Staff, receipt_first: bool
) -> None:
    talk, reply = Talk(scene, "질문"), new_id()
    talk.story.wrote(reply, "답변입니다")
    acts = [
        lambda: talk.story.published(reply, "comment:40"),
        lambda: talk.story.seen("답변입니다", "comment:40", own=True),
    ]
    for act in acts if receipt_first else reversed(acts):
        act()
        follow()
    assert texts(responder, "답변") == ["답변입니다"]


def test_erased_words_leave_the_index(scene: Scene, responder: Staff) -> None:
    talk = Talk(scene, "세종대왕 카드")
    other = talk.story.seen("이순신 카드", "comment:13", who="Sanne de Vries")
    follow()
    assert texts(responder, "박서연 카드") == ["세종대왕 카드"]
    Payload.objects.filter(n=talk.first.n).delete()
    INBOX.apply(talk.first, None)
    wording.overwrite()
    assert texts(responder, "카드") == ["이순신 카드"]
    assert texts(responder, "세종") == texts(responder, "박서연") == []
    assert list(Wording.objects.values_list("pk", flat=True)) == [other.n]
    assert not held("세종", "박서")
    assert held("이순")


def held(*tokens: str) -> list[str]:
    """Which of the tokens the files of SQLite's index still hold (they share beginnings, so: in part)."""
    if connection.vendor != "sqlite":
        return [token for token in tokens if token != "세종" and token != "박서"]
    with connection.cursor() as cursor:
        cursor.execute("select block from inbox_found_data")
        blocks = b"".join(bytes(block) for (block,) in cursor.fetchall())
    return [token for token in tokens if token.encode()[2:] in blocks]


def test_a_rebuilt_index_finds_the_same(scene: Scene, responder: Staff) -> None:
    told(scene, *CORPUS)
    story = Story("comment:1", channel=scene.channel.obj)
    words = ("카드", "手续", "cafe", "드", "없는말")
    before = [texts(responder, one) for one in words]
    rows = list(Wording.objects.order_by("pk").values_list())
    Wording.objects.all().update(tokens=["없는", "는말", "말"])
    assert texts(responder, "없는말") != []
    rebuild(INBOX.name)
    assert story is not None
    assert [texts(responder, one) for one in words] == before
    assert list(Wording.objects.order_by("pk").values_list()) == rows


def test_rare_words_far_back_are_found_behind_many_newer_entries(scene: Scene, responder: Staff) -> None:
    told(scene, "드문낱말", "카드")
    first, second = Message.objects.order_by("pk")
    far = second.pk + 300_000
    for number, source in ((far, second), (far + 50_000, second)):
        copy = Message.objects.get(pk=source.pk)
        copy.pk, copy.entry = number, new_id()
        copy.save(force_insert=True)
        wording.keep(copy)
    for limit in (1, 2, 3, 50):
        assert texts(responder, "드문낱말", limit=limit) == [first.text]
        found = search.search(responder, "카드", limit=limit).found
        numbers = [hit.id for one in found for hit in one.hits]
        assert numbers == [far + 50_000, far, second.pk][:limit]
