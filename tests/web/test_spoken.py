"""The same refusal on a page and in the API, to readers of four languages; and in the record, in English."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import translation

from bankside.publish import schedule
from bankside.publish.models import Post
from bankside.record.models import Entry
from bankside.record.reading import words_of
from bankside.said import Said, joined, numbered
from bankside.web.spoken import spoken, why
from tests.scene import Scene
from tests.tongues import compiled
from tests.web.caller import By
from tests.web.test_api_journey import agreed, submitted

OWN_WORDS = {
    "en": "You wrote or edited these words. Somebody else has to decide about them.",
    "ko": "이 문구는 직접 쓰거나 고치신 것입니다. 다른 사람이 결정해야 합니다.",
    "zh-hans": "这些文字由您撰写或修改，须由他人决定。",
    "nl": "Je schreef of wijzigde deze woorden. Iemand anders moet erover beslissen.",
}
ROLES = {
    "en": "It takes one of these roles: Approver, Compliance.",
    "ko": "다음 역할 중 하나가 필요합니다: 승인자, 준법감시.",
    "zh-hans": "需要以下角色之一：审批人, 合规。",
    "nl": "Daarvoor is een van deze rollen nodig: Goedkeurder, Compliance.",
}
TOO_LONG = {
    "en": "Too long: 1,504 characters, and 500 are allowed.",
    "ko": "너무 깁니다. 글자 기준 1,504이며, 500까지 허용됩니다.",
    "zh-hans": "太长：1,504 个字符，允许 500。",
    "nl": "Te lang: 1.504 tekens, en 500 zijn toegestaan.",
}
LANGUAGES = tuple(OWN_WORDS)


@pytest.fixture(autouse=True)
def _compiled() -> Iterator[None]:
    with compiled():
        yield


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_refusal_is_said_alike_on_page_and_api(
    scene: Scene, by: By, at: Callable[[str], Client], language: str
) -> None:
    number, version = submitted(scene, by)
    status, problem = by("author").ask(
        "POST", f"/posts/{number}/approval", agreed(version), accept_language=language
    )
    assert status == 403 and ROLES[language] in problem["detail"]
    page = at("author").post(f"/posts/{number}/approval/", headers={"accept-language": language})
    assert page.status_code == 403
    assert problem["title"] in html.unescape(page.content.decode())
    assert problem["detail"] in html.unescape(page.content.decode())


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_network_would_refuse_is_said_alike_on_page_and_api(
    scene: Scene, by: By, at: Callable[[str], Client], language: str
) -> None:
    draft = by("author").post("/posts", {"title": "x", "base": "은" * 1504, "words": {scene.channel.obj: {}}})
    status, problem = by("author").ask(
        "POST", f"/posts/{draft['id']}/submission", {"edition": draft["edition"]}, accept_language=language
    )
    assert status == 422
    assert TOO_LONG[language] in problem["detail"]
    assert TOO_LONG[language] in [finding["text"] for finding in problem["findings"]]
    page = at("author").get(f"/posts/{draft['id']}/", headers={"accept-language": language})
    assert TOO_LONG[language] in html.unescape(page.content.decode())


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_form_of_a_network_is_in_the_readers_language(
    scene: Scene, at: Callable[[str], Client], language: str
) -> None:
    page = at("administrator").get("/channels/new/practice/", headers={"accept-language": language})
    label = {"en": "Scripted customers", "ko": "각본에 따른 고객", "zh-hans": "按脚本行事的客户"}
    assert label.get(language, "Klanten volgens een script") in html.unescape(page.content.decode())


def test_the_record_holds_the_english_sentence_whoever_acted(scene: Scene, by: By) -> None:
    number, _ = submitted(scene, by)
    with translation.override("ko"):
        schedule.unschedule(scene.people["author"], Post.objects.get(pk=number))
    entry = Entry.objects.filter(fact="approvals.approval-void").latest("n")
    opened = words_of(scene.people["auditor"].actor, entry.n)
    assert opened is not None
    assert opened.said["reason"] == "Taken back."


@pytest.mark.parametrize(
    ("recorded", "language", "said"),
    [
        ("Taken back.", "ko", "철회했습니다."),
        ("The network did not take it in 5 tries.", "nl", "Het netwerk nam het in 5 pogingen niet aan."),
        ("The network asks to wait. Try again in 30 s.", "zh-hans", "网络要求等待。 请在 30 秒后重试。"),
        ("blog.x cannot be reached (ConnectError).", "ko", "blog.x에 연결할 수 없습니다(ConnectError)."),
        ("The rate was wrong, please look at it again", "ko", "The rate was wrong, please look at it again"),
        ("Taken back.", "en", "Taken back."),
    ],
)  # fmt: skip
def test_what_was_recorded_is_known_again(recorded: str, language: str, said: str) -> None:
    with translation.override(language):
        assert spoken(recorded) == said


def test_values_are_said_in_their_own_way() -> None:
    words = Said("%(name)s is too large: %(number)s bytes, and %(most)s are allowed.",
                 name="100%.png", number=1_234_567, most=8_000_000)  # fmt: skip
    assert words == "100%.png is too large: 1,234,567 bytes, and 8,000,000 are allowed."
    with translation.override("nl"):
        assert spoken(words) == "100%.png is te groot: 1.234.567 bytes, en 8.000.000 zijn toegestaan."
        two = ValueError(joined((words, Said("Taken back."))))
        assert why(two).endswith("zijn toegestaan. Teruggenomen.")
        assert why(ValueError("not ours")) == "not ours"
        assert why(ValueError()) == ""


def test_one_thing_is_not_said_as_several() -> None:
    def mistakes(count: int) -> Said:
        return numbered(
            count, "%(n)s mistake in %(where)s.", "%(n)s mistakes in %(where)s.", n=count, where="A"
        )

    assert [str(mistakes(one)) for one in (0, 1, 1_200)] == [
        "0 mistakes in A.", "1 mistake in A.", "1,200 mistakes in A.",
    ]  # fmt: skip
    with translation.override("en"):
        assert [spoken(mistakes(one)) for one in (1, 2)] == ["1 mistake in A.", "2 mistakes in A."]
    with translation.override("nl"):
        assert spoken(numbered(1_200, "%(n)s row", "%(n)s rows", n=1_200)) == "1.200 rows"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Wed 23 Sept: 22.5"),
        ("ko", "9월 23일 (수): 22.5"),
        ("zh-hans", "9月23日周三: 22.5"),
        ("nl", "wo 23 sep: 22,5"),
    ],
)
def test_days_and_shares_are_written_as_the_reader_writes_them(language: str, words: str) -> None:
    said = Said("%(day)s: %(share)s", day=date(2026, 9, 23), share=Decimal("22.5"))
    assert str(said) == "2026-09-23: 22.5"
    with translation.override(language):
        assert spoken(said) == words
