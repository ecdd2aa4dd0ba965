from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from bankside.networks import counters
from bankside.networks.catalogue import network
from bankside.networks.contract import Count
from bankside.networks.declared import Text

ROOT = Path(__file__).resolve().parents[2]
SPECS = [Path(p) for p in (os.environ.get("BANKSIDE_TEST_SPECS", ""), ROOT.parent / "shared/data/specs") if p]
FAMILY = "👨‍👩‍👧‍👦"
OLDER_EMOJI_RULE = {
    "Count a mix of single byte single word, and double word unicode characters",
    "Count unicode emoji chars outside the basic multilingual plane with skin tone modifiers",
}
"""Two vectors of the second configuration, which counted every part of an emoji; the third counts it as 2."""


def vectors(file: str, *sections: str) -> list[tuple[str, dict[str, Any]]]:
    """(section, vector) of a conformance file of twitter-text."""
    found = next((p / "twitter-text" / file for p in SPECS if (p / "twitter-text" / file).exists()), None)
    if found is None:
        pytest.skip(f"no {file}: set BANKSIDE_TEST_SPECS to a folder that holds twitter-text/{file}")
    tests = yaml.safe_load(found.read_text("utf-8"))["tests"]
    return [(section, vector) for section in sections for vector in tests[section]]


# --- against the network's own vectors ---------------------------------------------------------------
def test_every_weighted_vector_of_the_network_counts_the_same() -> None:
    sections = (
        "WeightedTweetsCounterTest",
        "WeightedTweetsWithDiscountedEmojiCounterTest",
        "UnicodeDirectionalMarkerCounterTest",
    )
    counted = 0
    for section, vector in vectors("validate.yml", *sections):
        if section == sections[0] and vector["description"] in OLDER_EMOJI_RULE:
            continue
        count, expected = counters.weighted(vector["text"]), vector["expected"]
        assert (count.used, count.ok) == (expected["weightedLength"], expected["valid"]), vector[
            "description"
        ]
        counted += 1
    assert counted == 42


def test_every_address_of_the_networks_vectors_is_found_where_it_is() -> None:
    sections = ("urls", "urls_with_indices", "urls_with_directional_markers", "tco_urls_with_params")
    found = vectors("extract.yml", *sections)
    for _, vector in found:
        text = vector["text"]
        expected = [e["url"] if isinstance(e, dict) else e for e in vector["expected"]]
        assert [text[a:b] for a, b in counters.addresses(text)] == expected, vector["description"]
    assert len(found) == 108


def test_every_domain_that_still_exists_is_known() -> None:
    known = set(counters._top_level_domains())
    for _, vector in vectors("tlds.yml", "country", "generic"):
        if vector["text"].rpartition(".")[2] in known:
            assert counters.addresses(vector["text"]) == [(0, len(vector["text"]))], vector["text"]
    assert len(known) > 1400 and {"za", "kr", "nl", "cn", "한국", "中国"} <= known


# --- four languages and emoji ------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "weighted", "graphemes", "in_bytes", "utf16", "half_width"),
    [
        ("Hello, branch!", 14, 14, 14, 14, 7),
        ("카드를 잃어버렸어요", 19, 10, 28, 10, 10),
        ("请问利率是多少？", 16, 8, 24, 8, 8),
        ("Geen geld geïnd €5", 19, 18, 21, 18, 10),
        ("👍🏽", 2, 1, 8, 4, 2),
        (FAMILY, 2, 1, 25, 11, 7),
        ("🇰🇷", 2, 1, 8, 4, 2),
        ("e\u0301", 1, 1, 3, 2, 2),
        ("각", 2, 1, 3, 1, 1),
        ("\u1100\u1161\u11a8", 2, 1, 9, 3, 3),
        ("1\ufe0f\u20e3", 2, 1, 7, 3, 3),
        ("", 0, 0, 0, 0, 0),
    ],
)
def test_each_rule_counts_the_same_text_its_own_way(
    text: str, weighted: int, graphemes: int, in_bytes: int, utf16: int, half_width: int
) -> None:
    assert counters.weighted(text).used == weighted
    assert [c.used for c in counters.graphemes_and_bytes(text)] == [graphemes, in_bytes]
    assert counters.graphemes_with_fixed_urls(text).used == graphemes
    assert counters.utf16(text).used == utf16
    assert counters.half_width(text).used == half_width


@pytest.mark.parametrize(
    ("text", "used"),
    [
        ("https://hanulbank.example/" + "a" * 200, 226),
        ("https://hanulbank.com/" + "a" * 200, 23),
        ("자세히는 https://hanulbank.com/q3에서 보세요", 23 + 8 + 1 + 4 + 1 + 6),
        ("hanulbank.com에서", 23 + 4),
        ("看https://hanulbank.cn/报告", 2 + 23 + 4),
        ("mail desk@hanulbank.com", 23),
        ("zie www.hanulbank.nl.", 4 + 23 + 1),
    ],
)
def test_an_address_weighs_23_also_where_korean_or_chinese_touches_it(text: str, used: int) -> None:
    assert counters.weighted(text).used == used


@pytest.mark.parametrize(
    ("text", "used"),
    [
        ("https://hanulbank.example/" + "a" * 200, 23),
        ("(https://hanulbank.example/a, of http://b.example)", 1 + 23 + 5 + 23 + 1),
        ("hanulbank.example/a", 19),
        ("@minji@social.example 안녕하세요", 6 + 1 + 5),
        ("desk@hanulbank.example", 22),
        (FAMILY + " https://a.example", 1 + 1 + 23),
    ],
)
def test_federated_servers_shorten_written_addresses_and_mentions(text: str, used: int) -> None:
    assert counters.graphemes_with_fixed_urls(text).used == used


# --- limits ------------------------------------------------------------------------------------------
def test_a_limit_is_kept_to_the_last_character() -> None:
    assert counters.weighted("가" * 140).ok and not counters.weighted("가" * 140 + "a").ok
    assert not counters.weighted("").ok and not counters.weighted("bad \ufffe").ok
    assert counters.utf16("😀" * 2500).ok and not counters.utf16("😀" * 2500 + "a").ok
    assert counters.half_width("a" * 280).ok and not counters.half_width("a" * 281).ok
    assert counters.half_width("汉" * 140).ok and not counters.half_width("汉" * 140 + "a").ok
    characters, in_bytes = counters.graphemes_and_bytes(FAMILY * 300)
    assert characters.ok and characters.used == 300 and not in_bytes.ok


@pytest.mark.parametrize(
    ("rule", "units"),
    [
        ("none", 1),
        ("weighted", 1),
        ("graphemes-bytes", 2),
        ("graphemes-url", 1),
        ("utf16", 1),
        ("half-width", 1),
    ],
)
def test_the_rule_of_the_data_file_picks_its_counter(rule: Any, units: int) -> None:
    given = Text(limit=3, unit="characters", rule=rule, bytes_limit=3000, url_length=23)
    counts = counters.count(given, "가나다라")
    assert len(counts) == units and all(isinstance(c, Count) for c in counts)
    assert counts[0].ok == (rule == "half-width" and counts[0].used <= 3)
    assert counters.count(network("practice").text, "가나다라")[0].used == 4


def test_no_text_takes_more_than_a_moment() -> None:
    hostile = ("가" * 20_000, "a." * 10_000, "https://a.com/" + "(a" * 5_000, "@a" * 10_000, "." * 20_000)
    began = time.monotonic()
    for text in hostile:
        counters.weighted(text)
        counters.graphemes_with_fixed_urls(text)
        counters.graphemes_and_bytes(text)
    assert time.monotonic() - began < 20


def test_broken_surrogates_are_counted_and_not_raised() -> None:
    broken = "a\ud800b"
    assert counters.weighted(broken).used == 4
    assert counters.utf16(broken).used == 3 and counters.graphemes_and_bytes(broken)[1].used == 5
