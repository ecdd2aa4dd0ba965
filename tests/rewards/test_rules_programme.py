"""Programmes: what a text means, and everything that is wrong with one at its line and column."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankside.rewards.rules.act import FORBIDDEN, Act
from bankside.rewards.rules.programme import ProgrammeWrong, awards, check, load, rules_for
from bankside.rewards.rules.standing import Standing
from bankside.said import Said
from tests.rewards.past import SAMPLE

HEAD = """[programme]
id = "social"
unit = "pt"
tz = "Asia/Seoul"
currency = "KRW"
worth = {points = 1, minor = 1}
"""
RULE = """[[earn]]
id = "reply"
class = "A"
on = "reply"
in = "own_thread"
points = "5"
cap = {points = 10, per = "day"}
"""
POST = """[[earn]]
id = "post"
class = "B"
on = "post"
campaign = "spring"
points = "5"
cap = {points = 10, times = 2, per = "month"}
fund = 100
disclose = {en = "Ad", ko = "광고", zh = "广告", nl = "Advertentie"}
"""
OFFER = """[[offer]]
id = "cafe"
title = {en = "Cafés", ko = "카페", zh = "咖啡馆", nl = "Cafés"}
back = "5%"
max = 3_000
mcc = [5814]
when = 'interest in ["coffee"]'
freq = {times = 1, per = "week"}
fund = 1_000_000
holdout = "12.5%"
from = 2026-07-01
to = 2026-08-01T00:00:00Z
"""


def text() -> str:
    return SAMPLE.read_text(encoding="utf-8")


def found(toml: str) -> list[tuple[int, int, str]]:
    """Line, column and words of everything that is wrong."""
    checked = check(toml)
    assert checked.programme is None
    return [(f.line, f.column, f"{f.message} {f.hint}".strip()) for f in checked.findings]


def one(toml: str) -> tuple[int, int, str]:
    assert len(found(toml)) == 1, found(toml)
    return found(toml)[0]


def act(kind: str, **fields: Any) -> Act:
    empty: dict[str, Any] = {
        "source": "e:1",
        "seq": 1,
        "member": 1,
        "network": "examplenet",
        "at": 0,
        "day": 0,
    }
    return Act(**{**empty, "kind": kind, **fields})


def test_the_sample_is_right_and_means_what_it_says() -> None:
    programme = load(text())
    assert (programme.id, programme.unit, programme.zone, programme.currency) == (
        "social",
        "pt",
        "Asia/Seoul",
        "KRW",
    )
    assert (programme.hold_ms, programme.life_months, programme.notice_months) == (72 * 3_600_000, 60, 6)
    assert programme.sha256 == hashlib.sha256(text().encode()).hexdigest()
    assert programme.text == text()
    reply = programme.earn[0]
    assert (reply.slot, reply.id, reply.cls, reply.on, reply.own_thread) == (
        0,
        "useful-reply",
        "A",
        ("reply",),
        True,
    )
    assert (reply.cap_points, reply.cap_times, reply.per, reply.cooldown_ms, reply.most) == (
        40,
        5,
        "day",
        600_000,
        20,
    )
    post = next(rule for rule in programme.earn if rule.cls == "B")
    assert (post.campaign, post.fund, post.within) == ("festival-26", 2_000_000, 20)
    assert [post.word_for(lang) for lang in ("ko", "zh-Hans", "nl_NL", "fr")] == [
        "광고",
        "广告",
        "Advertentie",
        "",
    ]
    assert [programme.tier_of(days) for days in (0, 3, 4, 10, 19, 20, 30)] == [0, 0, 1, 2, 2, 3, 3]


def test_an_offer_means_what_it_says() -> None:
    offer = load(HEAD + RULE + OFFER).offers[0]
    assert (offer.kind, offer.back, offer.fixed, offer.max, offer.mcc) == ("credit", 500, 0, 3_000, (5814,))
    assert (offer.freq_times, offer.per, offer.fund, offer.holdout) == (1, "week", 1_000_000, 1_250)
    assert datetime.fromtimestamp(offer.from_ms / 1_000, UTC) == datetime(2026, 6, 30, 15, tzinfo=UTC)
    assert datetime.fromtimestamp(offer.to_ms / 1_000, UTC) == datetime(2026, 8, 1, tzinfo=UTC)
    assert [offer.reward(amount) for amount in (0, 100, 12_345, 10**9, -5_000)] == [0, 5, 617, 3_000, 0]
    assert offer.personal
    assert offer.eligible(Standing(interest=("coffee",))) and not offer.eligible(Standing())
    fixed = load(HEAD + OFFER.replace('back = "5%"\nmax = 3_000', "fixed = 700")).offers[0]
    assert (fixed.max, fixed.reward(1), fixed.reward(0)) == (700, 700, 0)


def test_awards_come_from_evidence_kind_network_thread_and_campaign() -> None:
    programme = load(
        HEAD + RULE + POST.replace('on = "post"', 'on = ["post", "share"]\nnetwork = ["examplenet"]')
    )
    in_thread = act("reply", own_thread=True)
    assert [(rule.id, points) for rule, points in awards(programme, in_thread)] == [("reply", 5)]
    assert awards(programme, act("reply")) == ()
    assert awards(programme, act("reply", own_thread=True, evidence="claimed")) == ()
    assert [rule.id for rule, _ in awards(programme, act("share", campaign="spring"))] == ["post"]
    assert awards(programme, act("share", campaign="autumn")) == ()
    assert awards(programme, act("share", campaign="spring", network="othernet")) == ()
    rules = rules_for(programme)
    assert [rule.id for rule in rules["examplenet", "share"]] == ["post"]
    assert rules["othernet", "share"] == rules["examplenet", "quiz"] == ()


def test_a_cap_without_times_is_one_of_points() -> None:
    rule = load(HEAD + RULE).earn[0]
    assert (rule.cap_points, rule.cap_times, rule.when, rule.fund, rule.cooldown_ms) == (10, 10, None, 0, 0)


@pytest.mark.parametrize("kind", [*FORBIDDEN, "likes", "Follow", "reviews"])
def test_class_c_does_not_parse_and_says_why(kind: str) -> None:
    line, column, says = one(HEAD + RULE.replace('on = "reply"', f'on = "{kind}"'))
    assert (line, column) == (10, 6)
    assert says.startswith(f"A {kind} is never paid for: networks forbid") and "FTC" in says
    line, column, says = one(HEAD + RULE.replace('on = "reply"', f'on = ["reply", "{kind}"]'))
    assert (line, column) == (10, 16)


def test_class_c_cannot_be_written() -> None:
    line, column, says = one(HEAD + RULE.replace('class = "A"', 'class = "C"'))
    assert (line, column) == (9, 9)
    assert says.startswith("Class C is what is never rewarded")


@pytest.mark.parametrize(
    ("old", "new", "place", "says"),
    [
        ('cap = {points = 10, per = "day"}\n', "", (7, 1), "cap is missing. Write cap ="),
        ("points = 10, per", "points = 0, per", (13, 17), "points is from 1 to 1,000,000."),
        ('per = "day"', 'per = "dya"', (13, 27), "per is one of: day, month. Did you mean day?"),
        ('per = "day"', 'per = "day", tims = 3', (13, 34), "There is no key tims here. Did you mean times?"),
        ('on = "reply"', 'on = "repply"', (10, 6), "There is no kind of act repply. Did you mean reply?"),
        ('id = "reply"', 'id = "Reply one"', (8, 6), "id is 1 to 32 small letters, digits and hyphens."),
        ('id = "reply"', f'id = "{"r" * 33}"', (8, 6), "id is 1 to 32 small letters, digits and hyphens."),
        (
            'points = "5"', 'points = "5 * followers"', (12, 15),
            "Likes, follows and numbers of followers are never",
        ),
        ('points = "5"', "points = 5", (12, 10), "points is a text in quotation marks."),
        (
            'points = "5"', 'points = "text_len * text_len"', (12, 11),
            "One act could bring 10,000,000,000 points",
        ),
        (
            'points = "5"', "points = '''\n 1 +\n  dept'''", (14, 3),
            "There is no field dept. Did you mean depth?",
        ),
        (
            'points = "5"', 'points = "\\u0031 + dept"', (12, 20),
            "There is no field dept. Did you mean depth?",
        ),
        ('points = "5"', 'points = "5"\nwhen = "hour > 23"', (13, 8), "This condition is never true."),
        (
            'points = "5"', 'points = "5"\nwehn = "first"', (13, 1),
            "There is no key wehn here. Did you mean when?",
        ),
        (
            'points = "5"', 'points = "5"\ncooldown = "ten"', (13, 12),
            "cooldown is a time such as 30s, 10m, 72h or 3d.",
        ),
        ('points = "5"', 'points = "5"\nfund = true', (13, 8), "fund is a whole number."),
        ('in = "own_thread"\n', "", (10, 6), "A reply earns in class A in the bank's own threads alone."),
        ('on = "reply"', 'on = "post"', (10, 6), "Posts, mentions and shares are paid for as class B alone"),
        ('tz = "Asia/Seoul"', 'tz = "Asia/Soul"', (4, 6), "There is no time zone Asia/Soul."),
        ('tz = "Asia/Seoul"', 'tz = "../../etc/passwd"', (4, 6), "There is no time zone"),
        ('currency = "KRW"\n', "", (1, 1), "currency is missing."),
        (
            'currency = "KRW"', 'currency = "won"', (5, 12),
            "A currency has three capital letters, such as KRW.",
        ),
        ("minor = 1", "minor = 0", (6, 30), "minor is from 1 to 1,000,000."),
        ('unit = "pt"', 'unit = "pt"\nlife = "5y"', (4, 8), "life is 1M to 120M, in months."),
        ("[[earn]]", "[[earm]]", (7, 1), "There is no key earm here. Did you mean earn?"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_at_its_place(old: str, new: str, place: tuple[int, int], says: str) -> None:
    assert old in HEAD + RULE
    line, column, words = one((HEAD + RULE).replace(old, new, 1))
    assert (line, column) == place
    assert words.startswith(says)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('campaign = "spring"\n', "", "A rule of class B needs campaign."),
        ("fund = 100\n", "", "A rule of class B needs fund."),
        (
            'disclose = {en = "Ad", ko = "광고", zh = "广告", nl = "Advertentie"}\n', "",
            "A rule of class B needs disclose.",
        ),
        (', ko = "광고"', "", "ko is missing."),
        ('ko = "광고"', 'ko = " "', "ko has 1 to 30 characters that can be read."),
        (
            'nl = "Advertentie"', 'nl = "Advertentie", within = 5',
            "This is longer than the first 5 characters.",
        ),
        ('nl = "Advertentie"', 'nl = "Advertentie", fr = "Pub"', "There is no key fr here."),
        ('on = "post"', 'on = "purchase"', "Class B is for posts, mentions, shares and replies alone."),
    ],
)  # fmt: skip
def test_class_b_needs_what_makes_it_honest(old: str, new: str, says: str) -> None:
    assert old in POST
    assert one(HEAD + POST.replace(old, new))[2].startswith(says)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('back = "5%"', 'back = "51%"', "back is a share such as 5% or 2.5%, at most 50%."),
        ('back = "5%"', 'back = "5"', "back is a share such as 5% or 2.5%, at most 50%."),
        ('back = "5%"\n', "", "An offer gives either back, a share, or fixed, always the same."),
        (
            'back = "5%"', 'back = "5%"\nfixed = 5',
            "An offer gives either back, a share, or fixed, always the same.",
        ),
        ("max = 3_000\n", "", "max is missing."),
        ("mcc = [5814]", "mcc = [58140]", "The code of a trade (MCC) has at most four digits."),
        ("mcc = [5814]", 'mcc = ["cafe"]', "A list of 1 to 50 whole numbers."),
        ('interest in ["coffee"]', "sentiment > 3", "What somebody thinks is never paid for"),
        ('interest in ["coffee"]', "text_len > 3", "There is no field text_len."),
        ('interest in ["coffee"]', "tier > 3", "This condition is never true."),
        ('freq = {times = 1, per = "week"}\n', "", "freq is missing."),
        ("fund = 1_000_000\n", "", "fund is missing."),
        ('nl = "Cafés"', 'de = "Cafés"', "nl is missing."),
        (
            "from = 2026-07-01", 'from = "2026-07-01"',
            "from is a day such as 2026-07-01, without quotation marks.",
        ),
        ("from = 2026-07-01", "from = 2026-09-01", "It ends before it begins."),
        ("from = 2026-07-01", "from = 0001-01-01", "from is from 2000 to 2199."),
        ("from = 2026-07-01", "from = 10:00:00", "from is a day such as"),
        ('id = "cafe"', 'id = "reply"', "Another rule or offer is called reply."),
        ('holdout = "12.5%"', 'holdout = "80%"', "holdout is a share"),
    ],
)  # fmt: skip
def test_an_offer_that_is_wrong(old: str, new: str, says: str) -> None:
    assert old in OFFER
    assert says in " ".join(words for _, _, words in found(HEAD + RULE + OFFER.replace(old, new)))


def test_everything_is_found_at_once_in_the_order_of_the_text() -> None:
    toml = (
        HEAD.replace("KRW", "won")
        + RULE.replace('"5"', '"5 +"').replace("on =", "no =")
        + POST.replace("fund", "fnud")
    )
    places = [(line, column) for line, column, _ in found(toml)]
    assert places == sorted(places)
    assert [line for line, _ in places] == [5, 7, 10, 12, 14, 21]


def test_tests_in_the_file_are_run() -> None:
    trial = '[[test]]\ngiven = {kind = "reply", own_thread = true}\nexpect = {reply = 5}\n'
    assert load(HEAD + RULE + trial).tests[0].expect == {"reply": 5}
    wrong = trial.replace("reply = 5", "reply = 6")
    assert one(HEAD + RULE + wrong) == (14, 1, "Expected 6 points of reply; it pays 5.")
    assert one(HEAD + RULE + trial.replace("reply = 5", ""))[2] == "Expected 0 points of reply; it pays 5."
    assert one(HEAD + RULE + trial.replace("reply = 5", "repli = 5")) == (
        16, 11, "There is no rule repli. Did you mean reply?",
    )  # fmt: skip
    assert one(HEAD + RULE + trial.replace("own_thread", "own_tread"))[2].endswith("Did you mean own_thread?")
    assert one(HEAD + RULE + trial.replace("true", "1"))[:2] == (15, 39)
    with pytest.raises(ProgrammeWrong) as caught:
        load(HEAD + RULE + wrong)
    assert len(caught.value.findings) == 1


@pytest.mark.parametrize(
    ("toml", "place", "says"),
    [
        ("[programme\n", (1, 11), "This is not TOML: "),
        ("a = 1\na = 2\n", (2, 6), "This is not TOML: Cannot overwrite a value."),
        ("a = " + "[" * 100_000, (1, 1), "This is nested too deeply."),
        ("#" * 500_001, (1, 1), "A programme has at most 500,000 characters."),
        ("", (1, 1), "programme is missing."),
        ("a = 1\n# \ud800", (2, 1), "A character here cannot be read."),
        ("a = " + "9" * 5_000, (1, 1), "This is not TOML: "),
        ("a = " + "[" * 150 + "]" * 150, (1, 1), "programme is missing."),
        ("programme = 3\n", (1, 13), "programme is a table, such as {a = 1}."),
        (HEAD + "earn = 3\n", (7, 1), "There is no key earn here."),
        ("earn = 3\n" + HEAD, (1, 8), "earn is a list in square brackets."),
        ("earn = [3]\n" + HEAD, (1, 9), "Every earn is a table, [[earn]]."),
    ],
)  # fmt: skip
def test_texts_that_are_no_programme(toml: str, place: tuple[int, int], says: str) -> None:
    line, column, words = found(toml)[0]
    assert words.startswith(says)
    assert (line, column) == place


def test_no_text_makes_it_fail() -> None:
    source = text()
    for start in range(0, len(source), 211):
        assert check(source[:start] + source[start + 97 :]).findings is not None


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_a_changed_text_is_checked_whatever_it_is(data: st.DataObject) -> None:
    source = HEAD + RULE + POST + OFFER
    start = data.draw(st.integers(0, len(source)))
    cut = data.draw(st.integers(0, 12))
    changed = (
        source[:start]
        + data.draw(st.sampled_from(['"', "{", "}", "[[", "=", "3", "\n", "'''", "§"]))
        + source[start + cut :]
    )
    lines = changed.count("\n") + 1
    for finding in check(changed).findings:
        assert 1 <= finding.line <= lines + 1
        assert finding.column >= 1
        assert isinstance(finding.message, Said)
