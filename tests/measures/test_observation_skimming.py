"""What is told of the bytes of a page is never less than what stands there."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from selectolax.lexbor import LexborHTMLParser

from bankside.channels.places import known_places
from bankside.measures.observation import attributes, picking
from bankside.measures.observation.addresses import Addresses
from bankside.measures.observation.page import observed
from bankside.measures.observation.skimming import Skim

MARKS = Addresses(known_places()).marks
WHOLE = picking.Held(
    rare=picking.RARE, escaped=True, encoded=True, words=tuple(picking.WORDS), codes=picking.CODES
)
BITS = some.sampled_from([
    "/", "//", "\\/", "\\", "www.", "WwW.", "x.com", "abc", "%2f%2F", "rss", "feed", "atom", " ", ">", "é",
    '<a href="', "<a xlink:href='", "<iframe ", "<IFrame>", "<area>", "<emBed>", "<object>", "<sTyle>",
    "</style>", "<template>", "</template>", '<img alt="', "qR", "二维码", "二維碼", "큐알", "&#47;",
    '"', "&bsol;", "&percnt;2f", "&period;", "&#113;r", "<p uid=1>", "<link>",
    "<meta>", "<script>", "</script>", "&amp;",
])  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(some.lists(BITS, max_size=30).map("".join))
def test_a_narrow_selector_picks_what_the_whole_one_picks(page: str) -> None:
    tree = LexborHTMLParser(page.encode())
    narrow = MARKS.selector(Skim(page.encode()).held())
    whole = picking.picked(tree, MARKS.selector(WHOLE))
    assert [one.mem_id for one in picking.picked(tree, narrow)] == [one.mem_id for one in whole]


@settings(max_examples=300, deadline=None)
@given(some.lists(some.sampled_from(["/", "\\", "\\/", "x.com", "a", " "]), max_size=20).map("".join))
def test_hosts_behind_slashes_are_all_found(page: str) -> None:
    raw = page.encode()
    hosts = (attributes.HOST.match(raw, at) for at in Skim(raw).slashes)
    assert [one.span() for one in hosts if one] == [one.span() for one in attributes.HOST.finditer(raw)]


def test_a_plain_page_is_asked_for_little() -> None:
    held = Skim(b'<p>a</p><a href="https://www.x.com/hanul">b</a>').held()
    assert held == picking.Held((), escaped=False, encoded=False, words=(), codes=())
    assert "iframe" not in MARKS.selector(held) and "img" not in MARKS.selector(held)


@pytest.mark.parametrize("name", [one[1] for one in MARKS.widgets])
def test_names_of_widgets_are_told(name: str) -> None:
    assert MARKS.data_names.may_be_in(f"<div {name}=x>".encode())
    assert not MARKS.data_names.may_be_in(name.replace("-", "_").encode())


def test_three_slashes_hide_nothing() -> None:
    seen = observed(b'<i data-z="https:///x.com/hanulbank"></i>', Addresses(known_places()))
    assert [one.key for one in seen.findings] == ["hanulbank"]


@pytest.mark.parametrize(
    "said", ['<img alt="&#113;r">', '<a href="&bsol;x">', '<a href="&percnt;2f&percnt;2f">']
)
def test_letters_written_otherwise_are_expected(said: str) -> None:
    tree = LexborHTMLParser(said.encode())
    assert len(picking.picked(tree, MARKS.selector(Skim(said.encode()).held()))) == 1
