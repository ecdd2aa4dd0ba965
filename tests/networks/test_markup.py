from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankside.networks.markup import escaped, linked, paragraphs, text_of, web_address


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>안녕하세요</p>\n<p>두 번째</p>", "안녕하세요\n\n두 번째"),
        ("你好<br>世界<br />再见", "你好\n世界\n再见"),
        ("Tom &amp; Co &lt;3 &#8217;s &nbsp; x", "Tom & Co <3 ’s x"),
        ("<script>alert(1)</script>ok<style>p{}</style>", "ok"),
        ("<scr<script>ipt>alert(1)</script>", "ipt>alert(1)"),
        ('<img src=x onerror="alert(1)">hoi', "hoi"),
        ("<ul><li>één</li><li>twee</li></ul>drie", "één\ntwee\n\ndrie"),
        (
            '<a href="https://evil.example/">hanulbank.example</a>',
            "hanulbank.example (https://evil.example/)",
        ),
        ('<a href="https://a.example">https://a.example</a>', "https://a.example"),
        ("<!-- hidden --><b>bold</b><i>", "bold"),
        ("&lt;b&gt; stays", "<b> stays"),
        ("a &amp;lt; b", "a &lt; b"),
        ("one\r\ntwo\n\n\n\nthree", "one\ntwo\n\nthree"),
        ("nul\x00l", "null"),
        ("", ""),
    ],
)
def test_html_becomes_plain_text(markup: str, text: str) -> None:
    assert text_of(markup) == text


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("[gallery] & \"q\" 'q'", "&#91;gallery&#93; &amp; &quot;q&quot; &#x27;q&#x27;"),
        ("<!-- wp:html -->", "&lt;!-- wp:html --&gt;"),
    ],
)
def test_every_character_that_goes_out_stands_for_itself(text: str, html: str) -> None:
    assert escaped(text) == html and paragraphs(text) == [html]


def test_blank_lines_make_paragraphs_and_single_ones_breaks() -> None:
    assert paragraphs("\n하나\r\n둘\n \n\n셋\n") == ["하나<br>둘", "셋"]
    assert paragraphs(" \n\n ") == []


@pytest.mark.parametrize(
    ("text", "address", "rest"),
    [
        ("zie https://hanulbank.example/a?b=1&c=2.", "https://hanulbank.example/a?b=1&amp;c=2", "."),
        ("(http://hanulbank.example)", "http://hanulbank.example", ")"),
        ("https://hanulbank.example/报告。", "https://hanulbank.example/报告", "。"),
        ('https://a.example/"onmouseover="x', "https://a.example/", "&quot;onmouseover=&quot;x"),
    ],
)
def test_addresses_become_links_and_end_where_they_end(text: str, address: str, rest: str) -> None:
    assert linked(text).endswith(f'<a href="{address}">{address}</a>{rest}')


def test_only_addresses_of_the_web_are_links() -> None:
    for other in ("javascript:alert(1)", "ftp://a.example", "hanulbank.example", "data:text/html,x"):
        assert "<a" not in linked(other) and web_address(other) == ""
    assert web_address("https://a.example/b c") == ""
    assert web_address("https://a.example/b") == "https://a.example/b"


@given(
    st.text(
        alphabet=st.characters(exclude_characters="\x00\r", exclude_categories=["Cs", "Cc"]), max_size=300
    )
)
def test_what_goes_out_comes_back_as_the_same_words(text: str) -> None:
    html = "\n".join(f"<p>{p}</p>" for p in paragraphs(text))
    assert text_of(html).split() == text.split()


def test_no_markup_takes_more_than_a_moment() -> None:
    hostile = (
        "<" * 60_000,
        "<a " * 20_000,
        '<a href="x">' * 5_000,
        "&" * 60_000,
        "<!--" * 15_000,
        "<p>" * 20_000,
    )
    began = time.monotonic()
    for markup in hostile:
        text_of(markup)
    assert time.monotonic() - began < 20
