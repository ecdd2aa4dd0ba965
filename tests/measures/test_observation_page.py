"""Single pages, detail by detail: encodings, scripts, feeds, and hostile ones."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from bankside.channels.places import known_places
from bankside.measures.observation import decoding, feeds, scripts
from bankside.measures.observation.addresses import Addresses
from bankside.measures.observation.page import observed
from tests.networks.corpus import PLANTED

TABLE = Addresses(known_places())
# Somebody's account on a network, as pages write it.
ADDRESS = next(iter(PLANTED.values()))["ways"][1][0].replace("{h}", "hanulbank")


@pytest.mark.parametrize(
    ("body", "header", "encoding"),
    [
        ("한글".encode("cp949"), "text/html; charset=EUC-KR", "cp949"),
        (b'<meta charset="ks_c_5601-1987">' + "한글".encode("cp949"), "text/html", "cp949"),
        ("翰谷".encode("gb18030"), "text/html;charset=gb2312", "gb18030"),
        (b"<meta content='text/html; charset=gbk'>" + "翰谷".encode("gb18030"), "", "gb18030"),
        ("한글".encode(), "", "utf-8"), (b"\xef\xbb\xbfx", "text/html; charset=euc-kr", "utf-8"),
        ("한글".encode("utf-16"), "", "utf-16-le"), (b"caf\xe9", "text/html; charset=iso-8859-1", "cp1252"),
        (b'<meta charset="euc-kr">' + "한글".encode("cp949"), "text/html; charset=utf-8", "cp949"),
        (b"x", "text/html; charset=zip", "utf-8"), (b"x", "text/html; charset=nonsense", "utf-8"),
    ],
)  # fmt: skip
def test_encodings(body: bytes, header: str, encoding: str) -> None:
    text, name = decoding.decoded(body, header)
    assert name == encoding and "\ufffd" not in text


def test_what_is_broken_is_replaced() -> None:
    assert decoding.decoded(b"a\xff\xfeb\x81", "text/html; charset=utf-8") == (
        "a\ufffd\ufffdb\ufffd",
        "utf-8",
    )


def test_linked_data_of_a_person_is_not_the_sites() -> None:
    said = '{"@graph":[{"@type":"Bank","sameAs":["https://a.example/x"]},{"author":{"@type":"Person","sameAs":"https://a.example/y"}}]}'
    assert scripts.same_as(said) == [("https://a.example/x", ""), ("https://a.example/y", "byline")]
    assert scripts.same_as('<!-- {"sameAs": "https://a.example/x",} -->') == [("https://a.example/x", "")]
    assert scripts.same_as('{"broken": [, "sameAs": ["https:\\/\\/a.example\\/x"]') == [
        ("https://a.example/x", "")
    ]


def test_feeds_of_comments_and_parts_are_left_out() -> None:
    body = (
        '<link rel="alternate" type="application/rss+xml" href="/feed/">'
        '<link rel="alternate" type="application/rss+xml" href="/comments/feed/">'
        '<link rel="alternate" type="application/rss+xml" href="/news/feed/">'
        '<a href="/press/rss.xml?utm_source=a">RSS</a>'
    )
    seen = observed(body.encode(), TABLE, address="https://www.hanul.example/x/")
    assert {one.handle for one in seen.findings} == {"hanul.example/feed", "hanul.example/press/rss.xml"}
    assert feeds.named("https://www.a.example/rss/?b=1&fbclid=2") == "a.example/rss?b=1"


def test_deep_and_hostile_pages_end() -> None:
    deep = "[" * 50_000
    nested = '{"a":' * 5_000 + "1" + "}" * 5_000
    data = '<script type="application/ld+json">{}</script>'
    for body in (
        data.format(deep), data.format(nested), "<div>" * 100_000, '<a href="' * 5_000, "<!--" * 5_000,
        '<a href="https://[::1">x</a><a href="//">y</a><script>' + '":"' * 50_000 + "</script>",
        '<a href="https://%zz@:99999999/">x</a><link rel="me" href="http://[">',
    ):  # fmt: skip
        assert observed(body.encode(), TABLE, address="https://hanul.example/").findings == ()


@settings(max_examples=60)
@given(
    some.binary(max_size=600),
    some.sampled_from(("", "text/html; charset=euc-kr", "text/html; charset=utf-16")),
)
def test_any_bytes_are_looked_at_without_an_error(body: bytes, header: str) -> None:
    seen = observed(body, TABLE, content_type=header)
    assert seen.size == len(body)


@pytest.mark.parametrize("name", ["a&b", "2x", "x,y", "a;b", "$x", "a+b", "-x", "^", "{a}", "data-é", "é;"])
def test_an_attribute_may_have_any_name(name: str) -> None:
    body = f'<p {name}="{ADDRESS}">x</p>'.encode()
    seen = observed(body, TABLE, content_type="text/html; charset=utf-8")
    assert [one.where for one in seen.findings] == [f"p@{name}"]
