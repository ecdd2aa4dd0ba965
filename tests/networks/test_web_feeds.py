"""Feeds: what changed and what did not, what a hub may do, and what a hostile publisher may not."""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from xml.sax.saxutils import escape

import httpx
import pytest

from bankside.networks.catalogue import network
from bankside.networks.contract import (
    Accepted,
    Activity,
    Answer,
    Connector,
    Forged,
    Grant,
    Later,
    Refused,
    Request,
)
from tests.networks.pretended import Pretended
from tests.networks.pretended.web_feeds import Entry, PretendedWebFeeds

PARSE_SECONDS_MAX = 10
RATES = Entry(id="tag:1", title="금리 동결", words="<p>기준금리는 그대로입니다.</p>")
BRANCH = Entry(id="tag:2", title="Nieuw kantoor", words="Open vanaf 9 uur.", writer="Sanne de Vries")
RSS = (
    '<?xml version="1.0"{encoding}?><rss version="2.0"><channel><title>公告</title>'
    "<link>https://news.hanulbank.example/</link>{items}</channel></rss>"
)
ITEM = "<item><title>{title}</title><link>{link}</link><description>{words}</description></item>"


class Answers(Pretended):
    """The same bytes to every question."""

    name, site = PretendedWebFeeds.name, PretendedWebFeeds.site
    settings, secrets = PretendedWebFeeds.settings, PretendedWebFeeds.secrets

    def __init__(
        self, content: bytes, kind: str = "application/xml", headers: Sequence[tuple[bytes, bytes]] = ()
    ) -> None:
        super().__init__()
        self._content, self._headers = content, [(b"content-type", kind.encode()), *headers]

    def answer(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers=self._headers, content=self._content)


@pytest.fixture
def paper() -> PretendedWebFeeds:
    fake = PretendedWebFeeds()
    fake.publish(RATES, BRANCH)
    return fake


def news(made: Connector, cursor: str = "", since_ms: int = 0) -> list[Activity]:
    page = made.poll(cursor, since_ms)
    return [activity for item in page.items for activity in made.read(item.raw)]


def rss(*items: str, encoding: str = "") -> str:
    return RSS.format(items="".join(items), encoding=encoding)


def item(title: str = "t", link: str = "https://news.hanulbank.example/1", words: str = "w") -> str:
    return ITEM.format(title=title, link=link, words=words)


def read_from(content: str | bytes, kind: str = "application/xml") -> list[Activity]:
    return news(Answers(content if isinstance(content, bytes) else content.encode(), kind).connector())


# --- asking ----------------------------------------------------------------------------------------------
def test_entries_come_oldest_first_with_what_a_reader_sees(paper: PretendedWebFeeds) -> None:
    first, second = news(paper.connector())
    assert (first.title, first.text, first.kind) == ("금리 동결", "기준금리는 그대로입니다.", "Article")
    assert (second.title, second.actor.name, second.thread) == ("Nieuw kantoor", "Sanne de Vries", "tag:2")
    assert first.url == "https://news.hanulbank.example/tag:1" and first.published_ms == 1_795_856_400_000
    assert not first.own and not first.reply_allowed


def test_a_feed_that_did_not_change_is_not_sent_again(paper: PretendedWebFeeds) -> None:
    made = paper.connector()
    first = made.poll("", 0)
    second = made.poll(first.cursor, 0)
    assert len(first.items) == 2 and second.items == () and second.cursor == first.cursor
    assert "if-none-match" not in paper.asked[0].headers
    assert paper.asked[1].headers["if-none-match"].startswith('"')


def test_the_date_of_a_feed_is_sent_back_where_it_names_one(paper: PretendedWebFeeds) -> None:
    dated, made = "Sat, 28 Nov 2026 09:00:00 GMT", paper.connector()
    paper.failing["GET /feed.xml"] = [(200, paper.feed(), {"last-modified": dated})]
    made.poll(made.poll("", 0).cursor, 0)
    assert paper.asked[-1].headers["if-modified-since"] == dated


def test_a_mark_that_no_header_can_hold_is_left_out(paper: PretendedWebFeeds) -> None:
    made = paper.connector()
    for etag in ('"표시"'.encode(), b'"' + b"a" * 5_000 + b'"'):
        cursor = Answers(paper.feed(), headers=[(b"etag", etag)]).connector().poll("", 0).cursor
        assert made.poll(cursor, 0).items and "if-none-match" not in paper.asked[-1].headers


def test_an_edit_is_a_new_version_and_a_new_date_alone_is_none(paper: PretendedWebFeeds) -> None:
    made = paper.connector()
    before = {i.remote_id: i.version for i in made.poll("", 0).items}
    paper.entries[0] = Entry(id="tag:2", title="Nieuw kantoor", words="Open vanaf 10 uur.")
    paper.entries[1] = Entry(id="tag:1", title=RATES.title, words=RATES.words, updated="2026-11-28T10:00:00Z")
    after = {i.remote_id: i.version for i in made.poll("", 0).items}
    assert after["tag:2"] != before["tag:2"] and after["tag:1"] == before["tag:1"]


def test_what_is_not_listed_any_more_was_not_deleted(paper: PretendedWebFeeds) -> None:
    made = paper.connector()
    cursor = made.poll("", 0).cursor
    del paper.entries[1]
    assert [a.verb for a in news(made, cursor)] == ["Create"]


def test_what_is_older_than_the_channel_never_comes(paper: PretendedWebFeeds) -> None:
    paper.publish(Entry(id="tag:0", title="alt", words="x", published="2019-01-01T00:00:00Z", updated=""))
    made = paper.connector()
    page = made.poll("", 1_795_800_000_000)
    assert [i.remote_id for i in page.items] == ["tag:1", "tag:2"]
    paper.publish(Entry(id="tag:3", title="new", words="y"))
    assert [a.remote_id for a in news(made, page.cursor)] == ["tag:1", "tag:2", "tag:3"]


def test_an_entry_without_an_id_is_named_by_its_address_or_by_its_words() -> None:
    addressed, bare = read_from(rss(item(link="", title="Zonder", words="adres"), item()))
    assert addressed.remote_id == "https://news.hanulbank.example/1" and len(bare.remote_id) == 64


def test_of_two_entries_with_one_id_the_first_counts(paper: PretendedWebFeeds) -> None:
    paper.publish(Entry(id="tag:1", title="둘", words="twee"))
    for _ in range(2):
        assert [(a.remote_id, a.title) for a in news(paper.connector())] == [
            ("tag:2", "Nieuw kantoor"), ("tag:1", "둘"),
        ]  # fmt: skip


def test_the_writers_e_mail_address_is_not_kept(paper: PretendedWebFeeds) -> None:
    assert "desk@" not in str([i.raw for i in paper.connector().poll("", 0).items])


def test_a_feed_tells_its_name(paper: PretendedWebFeeds) -> None:
    me = paper.connector().whoami()
    assert (me.name, me.handle, me.url) == (paper.title, "news.hanulbank.example", f"{paper.site}/")


def test_nothing_can_be_said_there() -> None:
    data = network("web_feeds")
    assert not {"note", "article", "page"} & set(data.offers) and "send" not in data.can


# --- hubs ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_what_a_hub_brings_is_what_asking_would_bring(paper: PretendedWebFeeds, method: str) -> None:
    made = paper.connector()
    assert made.verify(paper.push(method=method)) == Accepted(items=made.poll("", 0).items)


def test_a_flipped_bit_anywhere_is_a_forgery(paper: PretendedWebFeeds) -> None:
    made, good = paper.connector(), paper.push()
    for at in range(0, len(good.body), 97):
        body = bytearray(good.body)
        body[at] ^= 1
        with pytest.raises(Forged):
            made.verify(replace(good, body=bytes(body)))


@pytest.mark.parametrize(
    "signed", ["", "sha256", "sha256=", "md5=d41d8cd98f00b204e9800998ecf8427e", "=", "sha1=é"]
)
def test_what_is_no_signature_is_a_forgery(paper: PretendedWebFeeds, signed: str) -> None:
    request = replace(paper.push(), headers={"x-hub-signature": signed})
    with pytest.raises(Forged):
        paper.connector().verify(request)


def test_a_signature_of_one_method_does_not_count_as_another(paper: PretendedWebFeeds) -> None:
    signed = paper.push(method="sha1").headers["x-hub-signature"].replace("sha1=", "sha256=")
    with pytest.raises(Forged):
        paper.connector().verify(replace(paper.push(), headers={"x-hub-signature": signed}))


def test_without_a_word_no_hub_is_believed(paper: PretendedWebFeeds) -> None:
    made = paper.connector(hub_secret="")
    assert not made.can("verify") and made.can("poll") and paper.connector().can("verify")
    for request in (paper.push(secret=""), paper.shake()):
        with pytest.raises(Forged):
            made.verify(request)


def test_a_subscription_is_agreed_to_for_this_feed_alone(paper: PretendedWebFeeds) -> None:
    made = paper.connector()
    assert made.verify(paper.shake()) == Answer(body=b"c0ffee")
    for wrong in (
        paper.shake(topic="https://news.hanulbank.example/other.xml"), paper.shake(mode="unsubscribe"),
        paper.shake(mode="denied"), Request(method="GET", path="/", query={}, headers={}, body=b""),
    ):  # fmt: skip
        with pytest.raises(Forged):
            made.verify(wrong)
    with pytest.raises(Refused):
        made.verify(replace(paper.shake(), query=_without_challenge(paper.shake())))


def _without_challenge(request: Request) -> dict[str, str]:
    return {name: value for name, value in request.query.items() if name != "hub.challenge"}


# --- hostile publishers ------------------------------------------------------------------------------------
LOL = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
BOMB = f'<!DOCTYPE lolz [<!ENTITY l0 "lol">{LOL}]>' + rss(item(words="&l9;")).partition("?>")[2]
OUTSIDE = '<!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + rss(item(words="&x;")).partition("?>")[2]
HOSTILE: dict[str, Callable[[], bytes]] = {
    "a bomb of entities": lambda: BOMB.encode(),
    "a bomb of entities in UTF-16": lambda: BOMB.encode("utf-16"),
    "a file of ours as an entity": lambda: OUTSIDE.encode(),
    "tags in tags": lambda: rss("<a>" * 500_000).encode(),
    "tags in tags, closed": lambda: rss("<a>" * 300_000 + "</a>" * 300_000).encode(),
    "more entries than anybody reads": lambda: rss(*(item(),) * 20_000).encode(),
    "nothing but signs": lambda: b"<rss><channel><item><title>" + b"<" * 1_000_000,
    "zeros": lambda: b"\0" * 1_000_000,
    "every byte": lambda: bytes(range(256)) * 4_000,
    "a page": lambda: b"<html>" + b"<p>x" * 100_000,
    "nothing": lambda: b"",
}


@pytest.mark.parametrize("case", HOSTILE)
def test_what_is_made_to_harm_is_left_alone(case: str) -> None:
    began = time.monotonic()
    with pytest.raises(Later):
        read_from(HOSTILE[case]())
    assert time.monotonic() - began < PARSE_SECONDS_MAX


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hub_that_brings_the_same_is_refused(paper: PretendedWebFeeds, case: str) -> None:
    with pytest.raises(Refused):
        paper.connector().verify(paper.push(HOSTILE[case]()))


class Streams(Answers):
    """The bytes as they come over a socket, which nobody has read yet."""

    def answer(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers=self._headers, stream=httpx.ByteStream(self._content))


def test_a_feed_that_is_too_large_or_a_bomb_when_unpacked_is_not_read_to_the_end() -> None:
    large = rss(item(words="x" * 5_000_000)).encode()
    packed = gzip.compress(rss(item(words="x" * 100_000_000)).encode())
    assert len(packed) < 200_000
    for content, headers in ((large, []), (packed, [(b"content-encoding", b"gzip")])):
        made = Streams(content, headers=headers).connector()
        for work in (made.whoami, lambda made=made: made.poll("", 0)):
            with pytest.raises(Refused, match="larger than 3,000,000 bytes"):
                work()
    assert news(Streams(rss(item()).encode()).connector())


def test_of_very_many_entries_the_first_are_read() -> None:
    found = read_from(rss(*(item(link=f"https://news.hanulbank.example/{n}") for n in range(1_000))))
    assert len(found) == 200 and found[-1].url.endswith("/0")


def test_no_link_leads_anywhere_but_to_the_web() -> None:
    evil = item(
        title="t", link="javascript:alert(1)", words="&lt;a href='javascript:alert(1)'&gt;x&lt;/a&gt;"
    )
    [activity] = read_from(rss(evil))
    assert activity.url == "" and activity.actor.url == "" and activity.attachments == ()


def test_markup_becomes_plain_text() -> None:
    words = escape("<script>alert(1)</script><p>이자 &amp; 배당</p><img src=x onerror=y>")
    [activity] = read_from(rss(item(title="&lt;b&gt;Rente&lt;/b&gt; &amp;amp; meer", words=words)))
    assert (activity.title, activity.text) == ("Rente & meer", "이자 & 배당")


@pytest.mark.parametrize("encoding", ["euc-kr", "cp949", "gb18030", "utf-16", "utf-8-sig", "shift_jis"])
def test_old_encodings_are_read_as_they_say(encoding: str) -> None:
    declared = "" if encoding in {"utf-16", "utf-8-sig"} else f' encoding="{encoding}"'
    words = "公告" if encoding == "shift_jis" else "금리 公告" if encoding != "gb18030" else "利率公告"
    [activity] = read_from(rss(item(title=words), encoding=declared).encode(encoding))
    assert activity.title == words


def test_the_header_says_more_than_the_first_line() -> None:
    content = rss(item(title="금리"), encoding=' encoding="iso-8859-1"').encode("euc-kr")
    [activity] = read_from(content, "text/xml; charset=EUC-KR")
    assert activity.title == "금리"


def test_an_encoding_that_is_a_trick_or_a_lie_breaks_words_and_nothing_else() -> None:
    for encoding in ("utf-7", "unicode_escape", "idna", "no-such-thing"):
        [activity] = read_from(rss(item(title="금리"), encoding=f' encoding="{encoding}"'))
        assert activity.title == "금리"
    [activity] = read_from(rss(item(title="금리 x"), encoding=' encoding="utf-8"').encode("euc-kr"))
    assert "�" in activity.title and activity.title.endswith("x")


def test_a_feed_with_a_mistake_in_it_is_read_all_the_same() -> None:
    [activity] = read_from(rss(item(title="Rente & meer", words="a <br> b")))
    assert activity.title == "Rente & meer"


@pytest.mark.parametrize("raw", [{"entry": 1}, {"entry": {}}, {"entry": {"id": None}}])
def test_an_item_that_is_none_is_refused(raw: dict[str, object]) -> None:
    data = network("web_feeds")
    with pytest.raises(Refused):
        data.connector(Grant(settings=PretendedWebFeeds.settings)).read(raw)


@pytest.mark.parametrize("dated", ["", "gestern", "9999-99-99T99:99:99Z", "-1", "0001-01-01T00:00:00Z"])
def test_a_date_that_is_none_is_no_date(dated: str) -> None:
    fake = PretendedWebFeeds()
    fake.publish(Entry(id="tag:1", title="t", words="w", published=dated, updated=dated))
    [activity] = news(fake.connector(), since_ms=1_795_800_000_000)
    assert activity.published_ms == 0
