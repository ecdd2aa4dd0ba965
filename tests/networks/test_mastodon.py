"""What recordings do not show: what goes out, in which words and to whom. The server here is a fake."""

from __future__ import annotations

import random
from typing import Any

import pytest

from bankside.networks.contract import (
    Connector,
    Gone,
    Later,
    NotAllowed,
    Post,
    Reconnect,
    Refused,
    Uncertain,
)
from tests.networks.mastodon_desk import HOUR_MS, desk, image
from tests.servers.mastodon_fake import HOME, FakeMastodon

BANK = f"@hanulbank@{HOME}"


@pytest.fixture
def fake() -> FakeMastodon:
    return FakeMastodon()


@pytest.fixture
def connector(fake: FakeMastodon) -> Connector:
    return desk(fake)


# --- who we are ----------------------------------------------------------------------------------------
def test_the_limits_are_the_ones_that_the_server_names(fake: FakeMastodon) -> None:
    fake.limit = 1200
    made = desk(fake)
    assert made.grant.account["limits"]["limit"] == 1200
    assert made.preview(Post(text="한" * 1200)).findings == ()
    assert made.preview(Post(text="한" * 1201)).findings == (
        "Too long: 1,201 characters, and 1,200 are allowed.",
    )
    fake.newest_api, fake.limit = False, 300
    older = desk(fake)
    assert older.grant.account["remote_id"] == f"hanulbank@{HOME}"
    assert older.preview(Post(text="한" * 301)).findings


def test_what_the_server_takes_of_files_is_said_before_anything_is_sent(connector: Connector) -> None:
    found = connector.preview(Post(text="x", media=(image(mime="image/webp"), image(data=b"0" * 1_000_001))))
    assert list(found.findings) == [
        "창구.png: this server takes no files of the kind image/webp.",
        "창구.png is too large: 1,000,001 bytes, and this server takes 1,000,000.",
    ]
    assert connector.preview(Post(text="x", media=(image(),) * 5)).findings
    assert connector.preview(Post(text="x", media=(image(alt="말" * 1501),))).findings


def test_without_a_token_nobody_is_asked(fake: FakeMastodon) -> None:
    with pytest.raises(Reconnect, match="nobody has signed in"):
        desk(fake, token="").whoami()
    assert fake.asked == []


def test_where_pictures_lie_is_found_by_itself_and_a_choice_of_the_bank_stays(fake: FakeMastodon) -> None:
    assert desk(fake).locate() == {"pictures": f"https://files.{HOME}"}
    assert desk(fake, pictures="https://cdn.example").locate() == {}
    answers: tuple[Any, ...] = (
        b"<html>",
        {"thumbnail": "x"},
        {"thumbnail": {"url": "http://files.example/a"}},
        [],
    )
    for said in answers:
        fake.failing["GET /api/v2/instance"] = [(200, said, {})]
        assert desk_without_asking(fake).locate() == {}


def desk_without_asking(fake: FakeMastodon) -> Connector:
    return desk(fake, token="another")


# --- what goes out ---------------------------------------------------------------------------------------
def test_a_post_says_its_words_its_language_its_pictures_and_who_sees_it(fake: FakeMastodon) -> None:
    made = desk(fake, visibility="unlisted")
    receipt = made.send(Post(text="새 지점", lang="zh_Hans", media=(image('창구 "A"'), image(""))), "v1:c1")
    there = fake.statuses[receipt.remote_id]
    assert (fake.sources[receipt.remote_id], there["visibility"], there["language"]) == (
        "새 지점",
        "unlisted",
        "zh",
    )
    assert [m["description"] for m in there["media_attachments"]] == ['창구 "A"', ""]
    assert receipt.url == there["url"] and receipt.published_ms > 0


def test_an_answer_names_whom_it_answers_and_nobody_twice(fake: FakeMastodon, connector: Connector) -> None:
    far = fake.says("Minji@Elsewhere.example", f"{BANK} 질문")
    near = fake.says("sanne", f"{BANK} vraag")
    said: list[str] = [
        connector.send(Post(text=text, in_reply_to=under), key).remote_id
        for key, text, under in (
            ("1", "네", far), ("2", "Dag @Minji@elsewhere.example.", far), ("3", "Dag", near),
            ("4", "Hoi @sanne!", near), ("5", "@sannes groet", near),
        )
    ]  # fmt: skip
    assert [fake.sources[id] for id in said] == [
        "@minji@elsewhere.example 네", "Dag @Minji@elsewhere.example.", "@sanne Dag", "Hoi @sanne!",
        "@sanne @sannes groet",
    ]  # fmt: skip
    under_ours = connector.send(Post(text="덧붙여", in_reply_to=said[0]), "6")
    assert fake.sources[under_ours.remote_id] == "덧붙여", "nobody names herself"


def test_an_answer_that_is_too_long_with_the_name_is_refused_before_it_is_sent(
    fake: FakeMastodon, connector: Connector
) -> None:
    asked = fake.says("minji@elsewhere.example", f"{BANK} 질문")
    connector.send(Post(text="네" * 493, in_reply_to=asked), "1")  # `@minji ` counts seven
    with pytest.raises(Refused, match="501 characters"):
        connector.send(Post(text="네" * 494, in_reply_to=asked), "2")
    assert fake.asked.count("POST /api/v1/statuses") == 1


@pytest.mark.parametrize(
    ("above", "setting", "private", "expected"),
    [
        ("public", "public", False, "public"),
        ("unlisted", "public", False, "unlisted"),
        ("private", "public", False, "private"),
        ("direct", "public", False, "direct"),
        ("public", "unlisted", False, "unlisted"),
        ("public", "private", True, "direct"),
        ("of-another-server", "public", False, "private"),
    ],
)
def test_no_answer_is_seen_by_more_people_than_what_it_answers(
    fake: FakeMastodon, above: str, setting: str, private: bool, expected: str
) -> None:
    asked = fake.says("sanne", "@hanulbank vraag", visibility=above)
    to = (f"sanne@{HOME}",) if private else ()
    post = Post(text="antwoord", in_reply_to=asked, private=private, to=to)
    receipt = desk(fake, visibility=setting).send(post, "v1:c1")
    assert fake.statuses[receipt.remote_id]["visibility"] == expected


def test_a_private_message_names_its_receivers_and_is_shown_so_before(
    fake: FakeMastodon, connector: Connector
) -> None:
    post = Post(text="Uw pas is geblokkeerd.", private=True, to=(f"sanne@{HOME}", "minji@elsewhere.example"))
    assert connector.preview(post).text == "@sanne @minji@elsewhere.example Uw pas is geblokkeerd."
    receipt = connector.send(post, "v1:c1")
    assert fake.sources[receipt.remote_id] == connector.preview(post).text
    whole = Post(text="더 필요하신가요?", private=True, in_reply_to=f"direct:sanne@{HOME}")
    receipt = connector.send(whole, "v2:c1")
    there = fake.statuses[receipt.remote_id]
    assert (fake.sources[receipt.remote_id], there["visibility"], there["in_reply_to_id"]) == (
        "@sanne 더 필요하신가요?", "direct", None,
    )  # fmt: skip
    with pytest.raises(Refused, match="receiver"):
        connector.send(Post(text="x", private=True), "v3:c1")


def test_a_change_keeps_the_pictures_and_the_name_in_front(fake: FakeMastodon, connector: Connector) -> None:
    asked = fake.says("minji@elsewhere.example", f"{BANK} 질문")
    answer = connector.send(Post(text="4월", in_reply_to=asked, media=(image("달력"),)), "v1:c1")
    connector.send(Post(text="5월", replaces=answer.remote_id), "v2:c1")
    there = fake.statuses[answer.remote_id]
    assert fake.sources[answer.remote_id] == "@minji@elsewhere.example 5월"
    assert [m["description"] for m in there["media_attachments"]] == ["달력"]
    connector.send(Post(text="6월", replaces=answer.remote_id, media=(image("새 달력"),)), "v3:c1")
    assert [m["description"] for m in there["media_attachments"]] == ["새 달력"]


def test_a_picture_in_the_making_is_waited_for_by_looking_and_not_for_ever(
    fake: FakeMastodon, connector: Connector
) -> None:
    fake.slow_media = 5
    assert connector.send(Post(text="x", media=(image(),)), "v1:c1")
    fake.slow_media = 1000
    with pytest.raises(Later, match="still at work"):
        connector.send(Post(text="x", media=(image(),)), "v2:c1")
    assert fake.asked.count("POST /api/v1/statuses") == 1


@pytest.mark.parametrize("trouble", [(500, {"error": "x"}), (502, b"<html>"), (200, {"id": 7}), (200, b"no")])
def test_trouble_before_the_words_are_said_is_never_doubt(
    fake: FakeMastodon, connector: Connector, trouble: tuple[int, Any]
) -> None:
    fake.failing["POST /api/v2/media"] = [(*trouble, {})]
    with pytest.raises(Later):
        connector.send(Post(text="x", media=(image(),)), "v1:c1")
    asked = fake.says("sanne", "@hanulbank vraag")
    fake.failing[f"GET /api/v1/statuses/{asked}"] = [(*trouble, {})]
    with pytest.raises(Later):
        connector.send(Post(text="x", in_reply_to=asked), "v1:c1")


@pytest.mark.parametrize(
    ("status", "said", "headers", "error"),
    [
        (401, {"error": "The access token was revoked"}, {}, Reconnect),
        (403, {"error": "no"}, {}, NotAllowed),
        (404, {"error": "Record not found"}, {}, Gone),
        (410, b"", {}, Gone),
        (422, {"error": "Validation failed: Text can't be blank"}, {}, Refused),
        (400, {"error": "too long"}, {}, Refused),
        (429, {"error": "Too many"}, {}, Later),
        (429, b"", {"x-ratelimit-reset": "nonsense"}, Later),
        (500, {"error": "x"}, {}, Uncertain),
        (503, b"", {}, Uncertain),
        (200, b"<html>", {}, Uncertain),
        (200, {}, {}, Uncertain),
        (301, b"", {"location": "https://elsewhere.example/"}, Refused),
    ],
)
def test_what_a_strange_answer_to_a_send_means(
    fake: FakeMastodon, connector: Connector, status: int, said: Any, headers: dict[str, str],
    error: type[Exception],
) -> None:  # fmt: skip
    fake.failing["POST /api/v1/statuses"] = [(status, said, headers)]
    with pytest.raises(error) as raised:
        connector.send(Post(text="안녕"), "v1:c1")
    assert type(raised.value) is error


def test_ids_that_no_server_has_are_gone_and_never_an_address(
    connector: Connector, fake: FakeMastodon
) -> None:
    asked = len(fake.asked)
    for id in ("../accounts/1", "1/reblog", "", "1?x=y", "가", "x" * 101):
        connector.remove("999")
        with pytest.raises(Gone):
            connector.send(Post(text="x", replaces=id or " "), "k")
    assert all(path == "GET /api/v1/statuses/999" for path in fake.asked[asked:])


# --- looking for what may have been said -----------------------------------------------------------------
def test_found_is_only_what_says_the_same_at_the_same_place(fake: FakeMastodon, connector: Connector) -> None:
    asked = fake.says("minji@elsewhere.example", f"{BANK} 질문")
    post = Post(
        text="-5% https://hanulbank.example/a/very/long/address/of/a/report?year=2026 @sanne", lang="ko"
    )
    assert connector.find("k", post) is None
    receipt = connector.send(post, "k")
    assert connector.find("k", post) == receipt
    for other in (
        Post(text=post.text.replace("-5%", "+5%")),
        Post(text=post.text, in_reply_to=asked),
        Post(text=post.text, media=(image(),)),
        Post(text=post.text, private=True, to=("minji@elsewhere.example",)),
    ):
        assert connector.find("k", other) is None
    answer = Post(text="네", in_reply_to=asked)
    said = connector.send(answer, "k2")
    assert connector.find("k2", answer) == said and connector.find("k3", Post(text="네")) is None
    private = Post(text="네", private=True, to=("minji@elsewhere.example",))
    message = connector.send(private, "k4")
    assert connector.find("k4", private) == message
    assert connector.find("k4", Post(text="네", private=True, to=(f"sanne@{HOME}",))) is None


def test_what_a_server_shows_otherwise_is_known_by_what_was_typed(
    fake: FakeMastodon, connector: Connector
) -> None:
    post = Post(text="*굵게* -- 'aanhaling' ...")
    receipt = connector.send(post, "k")
    fake.statuses[receipt.remote_id]["content"] = "<p><em>굵게</em> – ‘aanhaling’ …</p>"
    assert connector.find("k", post) == receipt
    fake.tells_sources = False
    assert connector.find("k", post) is None


def test_the_same_words_of_another_day_are_another_post_and_a_flood_is_no_answer(
    fake: FakeMastodon, connector: Connector
) -> None:
    old = fake.clock_ms() - 25 * HOUR_MS
    fake.says("hanulbank", "좋은 아침입니다", at_ms=old)
    assert connector.find("k", Post(text="좋은 아침입니다")) is None
    for number in range(401):
        fake.says("hanulbank", f"말 {number}")
    with pytest.raises(Later, match="more posts of the last day"):
        connector.find("k", Post(text="없는 말"))
    assert connector.find("k", Post(text="말 399")) is not None


def test_only_our_own_is_removed_and_what_is_gone_counts_as_removed(
    fake: FakeMastodon, connector: Connector
) -> None:
    theirs, ours = fake.says("sanne", "x"), connector.send(Post(text="y"), "k").remote_id
    with pytest.raises(NotAllowed) as refused:
        connector.remove(theirs)
    assert refused.value.fallback.endswith(theirs)
    connector.remove(ours)
    connector.remove(ours)
    assert list(fake.statuses) == [theirs] and connector.measure((ours,)) == ()


@pytest.mark.parametrize("batches", [True, False])
def test_counts_are_read_at_once_or_one_by_one(
    fake: FakeMastodon, connector: Connector, batches: bool
) -> None:
    fake.batches = batches
    refs = tuple(connector.send(Post(text=f"글 {n}"), f"k{n}").remote_id for n in range(3))
    fake.does("favourite", "sanne", refs[1])
    fake.does("reblog", "sanne", refs[1])
    fake.says("sanne", "vraag", under=refs[2])
    found = {m.remote_id: m.counts for m in connector.measure((*refs, "999"))}
    assert found == {
        refs[0]: {"likes": 0, "reposts": 0, "replies": 0}, refs[1]: {"likes": 1, "reposts": 1, "replies": 0},
        refs[2]: {"likes": 0, "reposts": 0, "replies": 1},
    }  # fmt: skip


# --- counting --------------------------------------------------------------------------------------------
PARTS = [
    ("a", 1), ("é", 1), ("e\u0301", 1), ("가", 1), ("\u1112\u1161\u11ab", 1), ("漢", 1), ("ก็", 1),
    ("👍🏽", 1), ("👨‍👩‍👧‍👦", 1), ("🇰🇷", 1), ("1\ufe0f\u20e3", 1), ("नि", 1), ("€", 1),
    (" https://hanulbank.kr/보고서/2026?lang=ko&page=2#top ", 25), (" https://www.example.com ", 25),
    (" @minji@elsewhere.example ", 8), (" @sanne ", 8), (" minji@example.com ", 19),
]  # fmt: skip
"""Pieces, and what each counts by StatusLengthValidator: `@minji` for the whole name, an address 23."""


def test_random_texts_count_as_their_pieces_do_and_one_more_is_refused(fake: FakeMastodon) -> None:
    """Pieces and counts are ours, from the rule; a real server is asked in test_mastodon_server.py."""
    connector, chance = desk(fake), random.Random(20261125)
    for _ in range(500):
        text, used = "", 0
        while used < 500:
            piece, length = chance.choice(PARTS)
            if used + length <= 500 and not (length == 1 and piece == "🇰🇷" and text.endswith("🇰🇷")):
                text, used = text + piece, used + length
        (count,) = connector.preview(Post(text=text)).counts
        assert (count.used, count.ok) == (500, True), text
        assert connector.preview(Post(text=text + "가")).findings
