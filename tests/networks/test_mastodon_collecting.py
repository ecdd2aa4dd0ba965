"""What comes in: notifications, the threads of our own posts, changes, removals. The server is a fake."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bankside.networks.contract import Connector, Later, Post, Reconnect, Refused
from tests.networks.mastodon_desk import HOUR_MS, desk, news
from tests.servers.mastodon_fake import HOME, FakeMastodon

BANK = f"@hanulbank@{HOME}"
MINJI, LIWEI = "minji@elsewhere.example", "liwei@other.example"


@pytest.fixture
def fake() -> FakeMastodon:
    return FakeMastodon()


@pytest.fixture
def connector(fake: FakeMastodon) -> Connector:
    return desk(fake)


def ago(fake: FakeMastodon, seconds: float = 60) -> int:
    return fake.clock_ms() - int(seconds * 1000)


# --- what people say and do ------------------------------------------------------------------------------
def test_words_come_as_plain_text_with_their_thread_their_people_and_their_pictures(
    fake: FakeMastodon, connector: Connector
) -> None:
    post = connector.send(Post(text="실적 발표"), "1").remote_id
    picture = {
        "id": "1",
        "type": "image",
        "url": "https://files.example/a.png",
        "description": "표",
        "meta": {},
    }
    film = {**picture, "id": "2", "type": "gifv", "url": "https://files.example/b.mp4", "description": None}
    broken = {**picture, "id": "3", "type": "unknown", "url": None}
    asked = fake.says(
        MINJI, f"{BANK} 왜요? <b> & https://hanulbank.example/a/long/address/of/it?x=1&y=2\n둘째 줄\n\n#실적",
        under=post, media=[picture, film, broken],
    )  # fmt: skip
    deeper = fake.says(LIWEI, f"{BANK} 我也想知道", under=asked)
    found, _ = news(connector)
    said = found[asked]
    assert said.text == (
        "@hanulbank 왜요? <b> & https://hanulbank.example/a/long/address/of/it?x=1&y=2\n둘째 줄\n\n#실적"
    )
    assert (said.actor.remote_id, said.actor.handle, said.own, said.private) == (
        MINJI,
        f"@{MINJI}",
        False,
        False,
    )
    assert said.mentions == (f"hanulbank@{HOME}",) and said.published_ms
    assert [(a.kind, a.alt) for a in said.attachments] == [("image", "표"), ("video", "")]
    assert (said.thread, said.in_reply_to) == (post, post)
    assert (found[deeper].thread, found[deeper].in_reply_to) == (post, asked)


def test_acts_come_once_however_often_they_are_taken_back(fake: FakeMastodon, connector: Connector) -> None:
    post = connector.send(Post(text="글"), "1").remote_id
    for kind in ("favourite", "reblog", "favourite", "follow", "follow", "poll", "admin.sign_up"):
        fake.does(kind, MINJI, "" if kind == "follow" else post)
    found, _ = news(connector)
    assert {(a.verb, a.thread) for a in found.values()} == {
        ("Like", post), ("Announce", post), ("Follow", f"follow:{MINJI}"),
    }  # fmt: skip
    assert len(found) == 3


def test_a_private_exchange_is_one_thread_whoever_speaks(fake: FakeMastodon, connector: Connector) -> None:
    first = fake.says("sanne", "@hanulbank mijn pas is weg", visibility="direct", at_ms=ago(fake))
    answer = connector.send(
        Post(text="Dank u", in_reply_to=first, private=True, to=(f"sanne@{HOME}",)), "1"
    ).remote_id
    second = fake.says("sanne", "@hanulbank nog iets", visibility="direct")
    typed = fake.says("hanulbank", "@sanne vanaf de telefoon", visibility="direct")
    found, _ = news(connector)
    assert {found[id].thread for id in (first, answer, second, typed)} == {f"direct:sanne@{HOME}"}
    assert all(found[id].private for id in (first, answer, second, typed))
    assert [found[id].own for id in (first, answer, second, typed)] == [False, True, False, True]


def test_what_we_answer_elsewhere_comes_and_our_own_posts_do_not(
    fake: FakeMastodon, connector: Connector
) -> None:
    asked = fake.says(MINJI, f"{BANK} 질문")
    fake.says("hanulbank", "그냥 글")
    typed = fake.says("hanulbank", "@minji@elsewhere.example 앱에서 답합니다", under=asked)
    found, cursor = news(connector)
    assert set(found) == {asked, typed} and found[typed].own and found[typed].thread == asked
    found, _ = news(connector, cursor)
    assert set(found) == set(), "told once"


def test_a_warning_and_hostile_markup_become_harmless_text(fake: FakeMastodon, connector: Connector) -> None:
    asked = fake.says("mallory@evil.example", f"{BANK} x")
    fake.statuses[asked] |= {
        "spoiler_text": "주의", "url": "javascript:alert(1)",
        "content": '<p>go to <a href="https://evil.example/login">hanulbank.example</a> '
        '<a href="https://evil.example/" class="mention">@<span>hanulbank</span></a> '
        "<script>x</script><img src=x onerror=alert(1)>&lt;b&gt;</p>",
    }  # fmt: skip
    fake.statuses[asked]["account"] |= {
        "display_name": "<b>Bank</b>",
        "url": "javascript:x",
        "avatar": "data:x",
    }
    said = news(connector)[0][asked]
    assert said.text == "주의\n\ngo to hanulbank.example (https://evil.example/login) @hanulbank <b>"
    assert said.url == said.actor.url == said.actor.avatar_url == "" and said.actor.name == "<b>Bank</b>"


@pytest.mark.parametrize("raw", [{"post": {}}, {"post": 7}, {"act": {"type": "x"}}, {"gone": {"id": 1}}])
def test_a_broken_item_is_refused_and_an_unknown_one_is_nothing(
    connector: Connector, raw: dict[str, Any]
) -> None:
    with pytest.raises(Refused):
        connector.read(raw)
    assert connector.read({"order": 1}) == ()


# --- nobody is missed --------------------------------------------------------------------------------------
def test_an_answer_that_names_nobody_is_found_in_the_thread_and_counted(
    fake: FakeMastodon, connector: Connector
) -> None:
    post = connector.send(Post(text="글"), "1").remote_id
    fake.statuses[post]["created_at"] = fake.statuses[post]["created_at"].replace("2026", "2025")
    told = fake.says(MINJI, f"{BANK} 부름", under=post, at_ms=ago(fake))
    quiet = fake.says(LIWEI, "没有提到银行", under=told, at_ms=ago(fake))
    page = connector.poll("", 0)
    assert {i.remote_id for i in page.items} == {told, quiet} and page.unannounced == (quiet,)
    again = connector.poll(page.cursor, 0)
    assert not again.unannounced and not again.items


def test_what_is_a_moment_old_is_left_to_the_notification(fake: FakeMastodon, connector: Connector) -> None:
    post = connector.send(Post(text="글"), "1").remote_id
    young = fake.says(MINJI, "방금", under=post, told=False)
    page = connector.poll("", 0)
    assert page.items == ()
    fake.statuses[young]["created_at"] = "2026-11-25T00:00:00.000Z"
    page = connector.poll(page.cursor, 0)
    assert [i.remote_id for i in page.items] == [young] and page.unannounced == (young,)


def test_a_long_list_is_read_to_its_end_by_its_links_and_nobody_is_missed(
    fake: FakeMastodon, connector: Connector
) -> None:
    asked = {fake.says(f"c{n}@elsewhere.example", f"{BANK} 질문 {n}") for n in range(205)}
    for n in range(100):
        fake.does("follow", f"f{n}@elsewhere.example")
    found, cursor = news(connector)
    assert asked <= set(found) and len(found) == 305
    more = {fake.says(f"c{n}@elsewhere.example", f"{BANK} 또 {n}") for n in range(130)}
    found, _ = news(connector, cursor)
    assert more <= set(found)


def test_what_comes_in_while_a_long_list_is_read_is_not_missed(
    fake: FakeMastodon, connector: Connector
) -> None:
    asked = {fake.says(f"c{n}@elsewhere.example", f"{BANK} {n}") for n in range(90)}
    page = connector.poll("", 0)
    seen = {i.remote_id for i in page.items}
    late = fake.says(MINJI, f"{BANK} 늦게")
    while page.more:
        page = connector.poll(page.cursor, 0)
        seen |= {i.remote_id for i in page.items}
    assert asked <= seen
    assert late in {i.remote_id for i in connector.poll(page.cursor, 0).items}


def test_what_was_there_before_the_channel_stays_out(fake: FakeMastodon, connector: Connector) -> None:
    old, since = ago(fake, 7200), ago(fake, 3600)
    post = fake.says("hanulbank", "오래된 글", at_ms=old)
    fake.says(MINJI, f"{BANK} 오래전", under=post, at_ms=old)
    new = fake.says(MINJI, f"{BANK} 지금", under=post, at_ms=ago(fake))
    found, cursor = news(connector, since_ms=since)
    assert set(found) == {new} and found[new].thread == post
    assert set(news(connector, cursor, since_ms=since)[0]) == set()


def test_the_root_of_a_thread_is_asked_for_once(fake: FakeMastodon, connector: Connector) -> None:
    root = fake.says(MINJI, "남의 글", told=False)
    below = root
    for n in range(5):
        below = fake.says(f"c{n}@elsewhere.example", f"{BANK} {n}", under=below)
    found, cursor = news(connector)
    assert {a.thread for a in found.values()} == {root}
    assert sum(path.endswith("/context") for path in fake.asked) == 1
    news(connector, cursor)
    assert sum(path.endswith("/context") for path in fake.asked) == 1


def test_a_thread_that_is_gone_or_refused_stops_nothing(fake: FakeMastodon, connector: Connector) -> None:
    asked = fake.says(MINJI, f"{BANK} 질문", under=fake.says(LIWEI, "x", told=False))
    fake.failing[f"GET /api/v1/statuses/{asked}/context"] = [(404, {"error": "Record not found"}, {})]
    above = fake.statuses[asked]["in_reply_to_id"]
    assert news(connector)[0][asked].thread == above
    post = connector.send(Post(text="글"), "1").remote_id
    fake.says(LIWEI, f"{BANK} 네", under=post)
    fake.failing[f"GET /api/v1/statuses/{post}/context"] = [(400, {"error": "too deep"}, {})]
    assert len(news(connector)[0]) == 2


# --- what is changed or taken away -----------------------------------------------------------------------
@pytest.mark.parametrize("batches", [True, False])
def test_a_change_is_a_version_and_a_removal_is_told_once(fake: FakeMastodon, batches: bool) -> None:
    fake.batches = batches
    connector = desk(fake)
    post = connector.send(Post(text="글"), "1").remote_id
    asked = [
        fake.says(f"c{n}@elsewhere.example", f"{BANK} {n}", under=post, at_ms=ago(fake)) for n in range(30)
    ]
    found, cursor = news(connector)
    before = found[asked[3]].version
    fake.edits(asked[3], f"{BANK} 다른 말")
    fake.deletes(asked[4])
    fake.deletes(asked[29])
    told: list[tuple[str, str]] = []
    for _ in range(4):
        page = connector.poll(cursor, 0)
        cursor = page.cursor
        told += [(a.verb, a.remote_id) for i in page.items for a in connector.read(i.raw)]
    assert sorted(told) == [("Create", asked[3]), ("Delete", asked[4]), ("Delete", asked[29])]
    kept = json.loads(cursor)["watched"]
    assert before == "" and next(v for id, v, *_ in kept if id == asked[3]) != ""
    assert not {asked[4], asked[29]} & {id for id, *_ in kept}


def test_a_list_that_is_short_by_mistake_removes_nothing(fake: FakeMastodon, connector: Connector) -> None:
    asked = [fake.says(f"c{n}@elsewhere.example", f"{BANK} {n}", at_ms=ago(fake)) for n in range(3)]
    found, cursor = news(connector)
    fake.failing["GET /api/v1/statuses"] = [(200, [], {})]
    assert news(connector, cursor)[0] == {} and set(found) == set(asked)


# --- within what the server lets in ------------------------------------------------------------------------
def test_a_look_does_less_when_few_calls_are_left(fake: FakeMastodon, connector: Connector) -> None:
    post = connector.send(Post(text="글"), "1").remote_id
    fake.says(MINJI, f"{BANK} 네", under=post, at_ms=ago(fake))
    _, cursor = news(connector)
    began = len(fake.asked)
    news(connector, cursor)
    usual = len(fake.asked) - began
    for path in ("/api/v1/accounts/1/statuses", "/api/v1/notifications"):
        listed = fake.answer(_asking(fake, path))
        fake.failing[f"GET {path}"] = [(*listed[:2], {**listed[2], "x-ratelimit-remaining": "7"})]
    began = len(fake.asked)
    news(connector, cursor)
    assert usual == 4 and len(fake.asked) - began == 2


def _asking(fake: FakeMastodon, path: str) -> Any:
    import httpx

    from tests.servers.mastodon_fake import TOKEN

    headers = {"authorization": f"Bearer {TOKEN}"}
    return httpx.Request("GET", f"{fake.url}{path}?limit=40", headers=headers)


@pytest.mark.parametrize(
    ("headers", "least", "most"),
    [
        ({"x-ratelimit-reset": "2099-01-01T00:00:00.000Z"}, 86_400, 86_400),
        ({"x-ratelimit-reset": "1"}, 1, 1),
        ({"retry-after": "17", "x-ratelimit-reset": "2099-01-01T00:00:00.000Z"}, 17, 17),
        ({}, 60, 60),
    ],
)
def test_a_full_server_says_when_to_come_back(
    fake: FakeMastodon, connector: Connector, headers: dict[str, str], least: int, most: int
) -> None:
    fake.failing["GET /api/v1/notifications"] = [(429, {"error": "Too many requests"}, headers)]
    with pytest.raises(Later) as full:
        connector.poll("", 0)
    assert least <= full.value.after_seconds <= most


def test_a_dead_token_and_a_broken_answer_are_told_apart(fake: FakeMastodon, connector: Connector) -> None:
    fake.failing["GET /api/v1/notifications"] = [
        (200, [{"id": 7}], {}),
        (500, b"", {}),
        (401, {"error": "x"}, {}),
    ]
    for error in (Later, Later, Reconnect):
        with pytest.raises(error):
            connector.poll("", 0)


def test_a_cursor_that_nobody_understands_begins_anew(fake: FakeMastodon, connector: Connector) -> None:
    asked = fake.says(MINJI, f"{BANK} 질문", media=[], at_ms=ago(fake))
    assert set(news(connector, "{broken", since_ms=ago(fake) - HOUR_MS)[0]) == {asked}
