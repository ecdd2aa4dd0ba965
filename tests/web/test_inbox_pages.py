"""The inbox as people use it, without a script and with htmx: reading, answering, deciding."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bankside.inbox import conversation as conversations
from bankside.inbox import reading
from bankside.inbox import reply as replies
from bankside.inbox.models import Conversation
from bankside.networks.practice import PracticeServer
from bankside.record.models import Entry
from tests.inbox.room import Talk, colleague
from tests.scene import Scene
from tests.web.conftest import BACKEND

At = Callable[[str], Client]
ANSWER = "고객님, 카드를 바로 멈췄습니다."
LANGUAGES = [
    ("ko", "앱에도 로그인이 안 돼요."), ("zh", "请问年报里的不良率以哪个为准？"),
    ("nl", "Ik kan sinds vanochtend niet meer inloggen."), ("en", "Why was I charged twice on Saturday?"),
]  # fmt: skip


def text_of(response: Any) -> str:
    return str(response.content.decode())


def part(client: Client, address: str, target: str, **data: Any) -> str:
    headers = {"HX-Request": "true", "HX-Target": target}
    if data:
        return text_of(client.post(address, data, headers=headers, follow=True))
    return text_of(client.get(address, headers=headers))


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    from django.utils import translation

    with translation.override("en"):
        yield


@pytest.fixture
def talk(scene: Scene) -> Talk:
    made = Talk(scene, "카드번호 •••• •••• •••• 4242 인데 <b>빨리</b> 정지해 주세요")
    assert made.row.state == "open"
    return made


@pytest.mark.parametrize(("lang", "words"), LANGUAGES)
def test_words_carry_their_language(scene: Scene, at: At, lang: str, words: str) -> None:
    number = Talk(scene, words, lang=lang).row.pk
    page = text_of(at("responder").get("/"))
    assert f'<span class="words" lang="{lang}">{words}</span>' in page
    opened = text_of(at("responder").get(f"/conversations/{number}/"))
    assert f'<p class="body" lang="{lang}">{words}</p>' in opened
    assert f'lang="{lang}" aria-label="Answer to' in opened


def test_a_masked_number_is_drawn_and_explained_and_markup_is_text(scene: Scene, at: At) -> None:
    scene.network.customer_says("카드번호 4242 4242 4242 4242 인데 <b>빨리</b> 정지해 주세요", by="seoyeon")
    scene.later(90)
    page = text_of(at("responder").get(f"/conversations/{Conversation.objects.get().pk}/"))
    assert re.search(r'<span class="mask" title="[^"]+">•••• •••• •••• 4242</span>', page)
    assert "&lt;b&gt;빨리&lt;/b&gt;" in page
    assert "Card number hidden on arrival" in page


def test_a_hidden_number_is_seen_in_the_list_without_opening_and_never_the_number(
    scene: Scene, at: At
) -> None:
    client = at("responder")
    assert "view=hidden" not in text_of(client.get("/")), "no tab where nothing is"
    empty = text_of(client.get("/?view=hidden"))
    assert "No hidden number is waiting." in empty and "view=hidden" in empty
    scene.network.customer_says("카드번호 4242 4242 4242 4242 인데 정지해 주세요", by="seoyeon")
    scene.network.customer_says("지점은 몇 시에 닫나요?", by="minji")
    scene.later(90)
    page = text_of(client.get("/"))
    assert page.count("Hidden: card number") == 1 and "view=hidden" in page and "4242 4242" not in page
    listed = text_of(client.get("/?view=hidden"))
    assert (listed.count("data-item="), listed.count("Hidden: card number")) == (1, 1)
    [row] = client.get("/api/v1/conversations?view=hidden").json()["items"]
    assert row["red"] == ["PAN"]
    assert not Entry.objects.filter(type="read").exists(), "nothing was opened"


def test_the_list_opens_a_conversation_without_a_script(talk: Talk, at: At) -> None:
    client = at("responder")
    link = re.search(r'<a class="item" href="([^"]+)"', text_of(client.get("/")))
    assert link is not None
    assert client.get(link.group(1).replace("&amp;", "&")).status_code == 200


def test_opening_is_recorded_and_looking_at_the_list_is_not(talk: Talk, at: At) -> None:
    client = at("responder")
    client.get("/")
    assert not Entry.objects.filter(fact="inbox.conversation-read").exists()
    client.get(f"/conversations/{talk.row.pk}/")
    client.get(f"/conversations/{talk.row.pk}/")
    assert Entry.objects.filter(fact="inbox.conversation-read", obj=talk.row.obj).count() == 1


def test_what_is_fetched_ahead_is_no_reading_and_leaves_a_trace(talk: Talk, at: At) -> None:
    client = at("responder")
    client.get(f"/conversations/{talk.row.pk}/", headers={"Bankside-Ahead": "1"})
    traces = Entry.objects.filter(obj=talk.row.obj, fact__startswith="inbox.conversation-")
    assert list(traces.values_list("fact", "type")) == [("inbox.conversation-sent-ahead", "read")]
    client.post(f"/conversations/{talk.row.pk}/showing/", {"upto": "9" * 9})
    assert traces.filter(fact="inbox.conversation-read").count() == 1


def test_the_clock_alone_is_no_reading(talk: Talk, at: At) -> None:
    head = part(at("responder"), f"/conversations/{talk.row.pk}/", "head")
    assert head.lstrip().startswith('<div id="head"')
    assert not Entry.objects.filter(fact="inbox.conversation-read").exists()


@pytest.mark.parametrize(
    ("target", "has", "has_not"),
    [
        ("list", 'class="item"', '<div id="head"'),
        ("opened", 'id="reply-form"', 'class="rail"'),
        ("lines", 'hx-swap-oob="morph"', 'id="reply-form"'),
    ],
)
def test_htmx_gets_only_what_it_swaps(talk: Talk, at: At, target: str, has: str, has_not: str) -> None:
    address = "/conversations/" if target == "list" else f"/conversations/{talk.row.pk}/"
    got = part(at("responder"), address, target)
    assert has in got
    assert has_not not in got
    assert "<html" not in got
    assert "<script" not in got


def test_an_answer_is_sent_shown_as_sending_and_can_be_undone(scene: Scene, talk: Talk, at: At) -> None:
    client, number = at("responder"), talk.row.pk
    sent = client.post(f"/conversations/{number}/replies/", {"text": ANSWER, "view": "mine"})
    assert (sent.status_code, sent["Location"]) == (303, f"/conversations/{number}/?view=mine")
    page = text_of(client.get(sent["Location"]))
    assert '<b class="num" data-seconds>10</b>' in page
    [undo] = re.findall(r"/replies/\w+/withdrawal/", page)[:1]
    back = client.post(undo, follow=True)
    assert f">{ANSWER}</textarea>" in text_of(back)
    assert "Taken back before it went out" in text_of(back)
    scene.later(30)
    assert not any(thing.text == ANSWER for thing in scene.network.posts())


def test_an_answer_on_its_way_stands_in_the_queue_and_leads_back(talk: Talk, at: At) -> None:
    at("responder").post(f"/conversations/{talk.row.pk}/replies/", {"text": ANSWER})
    queue = text_of(at("responder").get("/channels/queue/"))
    address = re.search(r'class="calm" href="(/conversations/[^"]+)"', queue)
    assert address and ANSWER in text_of(at("responder").get(address[1]))


def test_what_the_network_would_refuse_keeps_its_words_in_the_box(talk: Talk, at: At) -> None:
    words = "가" * 501
    answer = at("responder").post(f"/conversations/{talk.row.pk}/replies/", {"text": words})
    assert answer.status_code == 422
    assert f">{words}</textarea>" in text_of(answer)
    assert "Nothing was sent." in text_of(answer)


def test_the_length_is_counted_as_the_network_counts(talk: Talk, at: At) -> None:
    address = f"/conversations/{talk.row.pk}/preview/"
    assert "<b>4 of 500</b>" in part(at("responder"), address, "count", text="안녕\r\n.")
    assert "finding" not in part(at("responder"), address, "count", text=" ")
    assert 'class="meter over"' in part(at("responder"), address, "count", text="가" * 501)


def test_who_was_second_keeps_the_words_as_a_note_and_is_told(scene: Scene, talk: Talk, at: At) -> None:
    seen = talk.row.version
    replies.write(colleague(scene, "Jiwoo Han", "responder"), talk.row, "먼저 답했습니다.")
    address = f"/conversations/{talk.row.pk}/replies/"
    told = at("responder").post(address, {"text": ANSWER, "version": seen}, follow=True)
    assert "Your words are kept as a note." in text_of(told)
    swapped = part(at("responder"), address, "opened", text=ANSWER, version=seen)
    assert '<div id="says" hx-swap-oob="innerHTML">' in swapped
    assert "Your words are kept as a note." in swapped
    notes = [line for line in reading.thread(talk.row).lines if line.way == "note"]
    assert [line.text for line in notes] == [ANSWER, ANSWER]


def test_a_note_stays_at_the_desk(scene: Scene, talk: Talk, at: At) -> None:
    client, number = at("responder"), talk.row.pk
    page = client.post(f"/conversations/{number}/notes/", {"text": "Ze belde ook.\r\nTweemaal."}, follow=True)
    assert "Ze belde ook.<br>Tweemaal." in text_of(page)
    assert "note, stays at the desk" in text_of(page)
    empty = client.post(f"/conversations/{number}/notes/", {"text": " "})
    assert empty.status_code == 422


def test_assigning_and_closing(scene: Scene, talk: Talk, at: At) -> None:
    client, number = at("responder"), talk.row.pk
    me = scene.people["responder"]
    page = text_of(client.post(f"/conversations/{number}/assignment/", {"to": me.uid}, follow=True))
    assert f"{me.name} took this" in page
    assert 'data-item="' in text_of(client.get("/conversations/?view=mine"))
    client.post(f"/conversations/{number}/closure/", {"state": "closed", "version": talk.row.version})
    assert talk.row.state == "closed"
    assert "Nobody is waiting." in text_of(client.get("/"))
    assert 'data-item="' in text_of(client.get("/conversations/?view=closed"))
    client.post(f"/conversations/{number}/closure/", {"state": "open"})
    assert talk.row.state == "open"


def test_closing_what_has_news_is_refused_with_a_reason(scene: Scene, talk: Talk, at: At) -> None:
    seen = talk.row.version
    talk.story.seen("그리고 앱도 안 열려요.", "comment:13")
    assert talk.row.version > seen
    answer = at("responder").post(f"/conversations/{talk.row.pk}/closure/", {"version": seen})
    assert answer.status_code == 409
    assert talk.row.state == "open"


def test_a_second_person_approves_exact_words(scene: Scene, talk: Talk, at: At, settings: Any) -> None:
    settings.REPLY_APPROVAL = "always"
    number = talk.row.pk
    own = text_of(at("responder").post(f"/conversations/{number}/replies/", {"text": ANSWER}, follow=True))
    assert "Somebody else must agree before it goes out." in own
    assert "Approve this answer" not in own
    reviewer = at("reviewer")
    page = text_of(reviewer.get(f"/conversations/{number}/"))
    [(address, digest)] = re.findall(r'action="(/replies/\w+/approval/)".*?name="digest" value="(\w+)"', page)
    stale = reviewer.post(address, {"decision": "yes", "digest": "0" * 64})
    assert stale.status_code == 409
    approved = text_of(reviewer.post(address, {"decision": "yes", "digest": digest}, follow=True))
    assert "approved this answer" in approved
    scene.work()
    assert "Sent" in text_of(reviewer.get(f"/conversations/{number}/"))


def test_a_second_person_sends_back_with_a_reason(talk: Talk, at: At, settings: Any) -> None:
    settings.REPLY_APPROVAL = "always"
    number = talk.row.pk
    at("responder").post(f"/conversations/{number}/replies/", {"text": ANSWER})
    reviewer = at("reviewer")
    page = text_of(reviewer.get(f"/conversations/{number}/"))
    [address] = set(re.findall(r"/replies/\w+/approval/", page))
    page = text_of(reviewer.post(address, {"decision": "back", "reason": "Te kort."}, follow=True))
    assert "Sent back: “Te kort.”" in page
    again = text_of(at("responder").get(f"/conversations/{number}/"))
    [link] = re.findall(r'href="([^"]+again=\w+)"', again)
    assert f">{ANSWER}</textarea>" in text_of(at("responder").get(link.replace("&amp;", "&")))


def test_an_author_cannot_approve_her_own_answer(scene: Scene, talk: Talk, at: At, settings: Any) -> None:
    settings.REPLY_APPROVAL = "always"
    at("responder").post(f"/conversations/{talk.row.pk}/replies/", {"text": ANSWER})
    [line] = [line for line in reading.thread(talk.row).lines if line.way == "out"]
    digest = replies.get_visible(scene.people["responder"], line.reply).digest
    answer = at("responder").post(f"/replies/{line.reply}/approval/", {"digest": digest})
    assert answer.status_code == 403


def test_uncertain_is_shown_with_its_evidence_and_decided_by_a_reviewer(scene: Scene, at: At) -> None:
    folder = scene.folder.parent / "second"
    scene.connect("Hanul Bank Nederland", folder, lookup="no")
    network = PracticeServer(folder)
    network.customer_says("Is die sms echt van jullie?", by="sanne")
    scene.later(90)
    found = Conversation.objects.get(network="practice")
    network.fail_next("send", "uncertain-before")
    at("responder").post(f"/conversations/{found.pk}/replies/", {"text": "Nee, klik er niet op."})
    for _ in range(8):
        scene.later(10)
    address = f"/conversations/{found.pk}/"
    for role, decides in (("responder", False), ("reviewer", True)):
        page = text_of(at(role).get(address))
        assert "It is not sent again until a person has looked." in page
        assert "Sent the words" in page
        assert ("/decision/" in page) is decides


@pytest.mark.parametrize("role", ["author", "approver", "administrator"])
def test_who_sees_no_conversations_gets_none(talk: Talk, at: At, role: str) -> None:
    client, number = at(role), talk.row.pk
    assert 'data-item="' not in text_of(client.get("/"))
    assert client.get(f"/conversations/{number}/").status_code == 404
    for act, data in (
        ("replies", {"text": "x"}),
        ("notes", {"text": "x"}),
        ("closure", {}),
        ("assignment", {}),
    ):
        assert client.post(f"/conversations/{number}/{act}/", data).status_code in {403, 404}


def test_an_auditor_reads_and_changes_nothing(talk: Talk, at: At) -> None:
    client, number = at("auditor"), talk.row.pk
    page = text_of(client.get(f"/conversations/{number}/"))
    assert "<textarea" not in page
    assert "/closure/" not in page
    assert client.post(f"/conversations/{number}/closure/").status_code == 403


def test_the_list_costs_the_same_however_long_it_is(scene: Scene, at: At) -> None:
    client = at("responder")

    def statements() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert client.get("/").status_code == 200
        return len(captured)

    Talk(scene, "Eerste", thread="comment:1").story.row()
    few = statements()
    for number in range(2, 30):
        Talk(scene, f"안녕하세요 {number}", thread=f"comment:{number}")
    conversations.visible_to(scene.people["responder"]).count()
    assert statements() == few


def test_a_signed_in_colleague_is_named_not_numbered(scene: Scene, talk: Talk, at: At) -> None:
    other = colleague(scene, "Jiwoo Han", "responder")
    client = Client()
    client.force_login(other, backend=BACKEND)
    client.post(f"/conversations/{talk.row.pk}/assignment/", {"to": scene.people["responder"].uid})
    page = text_of(at("responder").get(f"/conversations/{talk.row.pk}/"))
    assert "Jiwoo Han gave this to you" in page
    assert other.uid not in page.replace(f'value="{other.uid}"', "")
