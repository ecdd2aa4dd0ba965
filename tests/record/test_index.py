"""How words are cut, for the index and for queries: four languages and what else people type."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankside.record import index
from bankside.record.index import FIELD_BREAK, Phrase, phrases, places, tokens

SECONDS_MAX = 2.0


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("신한카드", ["신한", "한카", "카드", "드"]),
        ("不良率是0.58%，请问", ["不良", "良率", "率是", "是", "0", "58", "请问", "问"]),
        ("新韩카드", ["新韩", "韩카", "카드", "드"]),
        ("時々カード・ガム", ["時々", "々カ", "カー", "ード", "ド", "ガム", "ム"]),
        ("Kan ik morgen nog pinnen?", ["kan", "ik", "morgen", "nog", "pinnen"]),
        ("help!HELP_me", ["help", "help", "me"]),
        ("5월 3일", ["5", "월", "3", "일"]),
        ("가", ["가"]),
        ("", []),
        ("❤️ 👍🏽 !?", []),
        ("𠮷野家", ["𠮷野", "野家", "家"]),
        ("葛\U000e0100城", ["葛城", "城"]),
        ("zee\u00adman", ["zeeman"]),
    ],
)
def test_how_it_is_cut(text: str, cut: list[str]) -> None:
    assert tokens(text) == cut


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (unicodedata.normalize("NFD", "카드 분실"), "카드 분실"),
        ("ＦＵＬＬ　ｗｉｄｔｈ １２", "full width 12"),
        ("ｶﾞﾑ", "ガム"),
        ("Café geïnd Überweisung", "cafe geind uberweisung"),
        ("Cafe\u0301", "CAFÉ"),
        ("STRASSE", "straße"),
        ("ﬁnance", "finance"),
        ("Αθήνα", "ΑΘΉΝΑ"),
    ],
)
def test_the_same_words_typed_otherwise(one: str, other: str) -> None:
    assert tokens(one) == tokens(other) != []


def test_marks_stay_where_they_are_letters() -> None:
    assert tokens("が") != tokens("か")
    assert tokens("हिन्दी") == ["हिन्दी"]
    assert tokens("й") == ["й"]


def test_a_thing_of_several_fields_has_a_break_between_them() -> None:
    assert tokens("카드", "", "분실") == ["카드", "드", FIELD_BREAK, "분실", "실"]
    assert phrases(f"a {FIELD_BREAK} b") == (Phrase(("a",)), Phrase(("b",)))


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        ("카드", [Phrase(("카드",))]),
        ("신한카드", [Phrase(("신한", "한카", "카드"))]),
        ("드", [Phrase(("드",), open=True)]),
        ("card Card", [Phrase(("card",))]),
        ("lost card", [Phrase(("lost",)), Phrase(("card",))]),
        ('"lost card" 분실', [Phrase(("lost", "card")), Phrase(("분실",))]),
        ("“카드 분실”", [Phrase(("카드", "드", "분실"))]),
        ('"카드 이', [Phrase(("카드", "드", "이"), open=True)]),
        ("!? ❤️", []),
        ('""', []),
    ],
)
def test_how_a_query_is_cut(query: str, asked: list[Phrase]) -> None:
    assert list(phrases(query)) == asked


@pytest.mark.parametrize(
    "text",
    [
        "e" + "\u0301\u0323" * 10_000, "a\u0301" * 10_000, "\U0001d165\U0001e000" * 10_000, "카" * 100_000,
        "ﷺ" * 100_000, "가\u0323" * 50_000, "\u1100\u1161" * 50_000, "x" * 1_000_000, "❤️" * 50_000,
    ],
)  # fmt: skip
def test_whatever_comes_is_cut_within_its_limits(text: str) -> None:
    started = time.process_time()
    cut = tokens(text)
    places(text, "카드")
    assert time.process_time() - started < SECONDS_MAX
    assert len(cut) <= index.TOKENS_MAX
    assert max(map(len, cut), default=0) <= index.WORD_CHARACTERS_MAX


@given(st.text(max_size=200))
def test_tokens_hold_letters_digits_and_marks_alone(text: str) -> None:
    """Or what Han may still become: its two planes are taken whole."""
    for token in tokens(text):
        assert all(unicodedata.category(c)[0] in "LNM" or index._LETTER.match(c) for c in token), token


@given(st.text(alphabet="카드분실신한 銀行が가.,a1é", max_size=40))
def test_every_run_of_a_text_is_found_in_it(text: str) -> None:
    held = tokens(text)
    for found in index._expressions().piece.finditer(index.normal(text)):
        run = found.group()
        for begin in range(len(run)):
            for end in range(begin + 1, len(run) + 1):
                if found.lastindex == 1 or end - begin == len(run):
                    (phrase,) = phrases(run[begin:end])
                    assert holds(held, phrase), (text, run[begin:end])


def holds(held: list[str], phrase: Phrase) -> bool:
    """What a database does with the tokens and a phrase."""
    *before, last = phrase.tokens
    for place in range(len(held) - len(before)):
        at = held[place : place + len(before)]
        end = held[place + len(before)]
        if at == before and (end.startswith(last) if phrase.open else end == last):
            return True
    return False


@pytest.mark.parametrize(
    ("text", "query", "marked"),
    [
        ("앱에서 신한카드 분실", "카드 분실", ["카드", "분실"]),
        ("Café sori's cafes", "CAFE", ["Café"]),
        (unicodedata.normalize("NFD", "내 카드"), "카드", [unicodedata.normalize("NFD", "카드")]),
        ("ｶﾞﾑ を ガム", "ガム", ["ｶﾞﾑ", "ガム"]),
        ("lost, my card", '"lost my"', ["lost, my"]),
        ("👍 카드 <b>", "카드", ["카드"]),
        ("anything", "!?", []),
        ("concat cat", "cat", ["cat"]),
    ],
)
def test_where_the_words_stand(text: str, query: str, marked: list[str]) -> None:
    assert [text[begin:end] for begin, end in places(text, query)] == marked
