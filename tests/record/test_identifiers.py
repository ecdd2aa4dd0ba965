from __future__ import annotations

import random
import time
from datetime import date, timedelta

import pytest

from bankside.record import clock
from bankside.record.identifiers import mask, mask_tree

TODAY = clock.from_iso("2026-01-15T00:00:00Z")

CARDS = {
    "Mijn pas 4242 4242 4242 4242 is weg, help!": "Mijn pas •••• •••• •••• 4242 is weg, help!",
    "제 카드번호는 5555-5555-5555-4444입니다": "제 카드번호는 •••• •••• •••• 4444입니다",
    "카드 ４２４２－４２４２－４２４２－４２４２ 분실": "카드 •••• •••• •••• 4242 분실",
    "我的卡号是6212345678901232，请尽快冻结": "我的卡号是•••• •••• •••• 1232，请尽快冻结",
    "Amex 3782 822463 10005 declined": "Amex •••• •••• •••• 0005 declined",
    "Diners: 3056 930902 5904.": "Diners: •••• •••• •••• 5904.",
    "visa4012888888881881": "visa•••• •••• •••• 1881",
    "4 2 4 2 4 2 4 2 4 2 4 2 4 2 4 2": "•••• •••• •••• 4242",
    "42 42 42 42 42 42 42 42": "•••• •••• •••• 4242",
    "4242\u200b4242\u200b4242\u200b4242": "•••• •••• •••• 4242",
    "4️⃣2️⃣4️⃣2️⃣4️⃣2️⃣4️⃣2️⃣4️⃣2️⃣4️⃣2️⃣4️⃣2️⃣4️⃣2️⃣": "•••• •••• •••• 4242",
    "٤٢٤٢ ٤٢٤٢ ٤٢٤٢ ٤٢٤٢": "•••• •••• •••• 4242",
    "④②④②④②④②④②④②④②④②": "•••• •••• •••• 4242",
    "4242\n4242\n4242\n4242": "•••• •••• •••• 4242",
    "4242 - 4242 - 4242 - 4242": "•••• •••• •••• 4242",
    "4242–4242—4242−4242": "•••• •••• •••• 4242",
    "4242•4242●4242▪4242": "•••• •••• •••• 4242",
    "【4242】「4242」『4242』〔4242〕": "【•••• •••• •••• 4242〕",
    "4242。4242。4242。4242": "•••• •••• •••• 4242",
    "4242’4242’4242’4242": "•••• •••• •••• 4242",
    "4242.4242.4242.4242 vervalt 12/27": "•••• •••• •••• 4242 vervalt 12/27",
    "4242 4242 4242 4242 12 27": "•••• •••• •••• 4242 12 27",
    "Pas 4222222222222 (oud)": "Pas •••• •••• •••• 2222 (oud)",
    "JCB 3530111333300000 和 6011000990139424": "JCB •••• •••• •••• 0000 和 •••• •••• •••• 9424",
    "국내전용 9410 1234 5678 9010": "국내전용 •••• •••• •••• 9010",
    "order 77, card 4242424242424242, thanks": "order 77, card •••• •••• •••• 4242, thanks",
}
NOT_CARDS = [
    "Bel mij op 06-12345678 of 020 123 4567 tussen 9.00 en 17.30",
    "전화 010-1234-5678, 02-123-4567, +82 10 1234 5678",
    "电话 138 0013 8000，座机 010-8888 6666，400-820-8820",
    "Call +1 (415) 555-2671 or +44 20 7946 0958 ext 12",
    "2026-01-15 10:30:00.123 tot 2026-01-16 11:00",
    "20260115103000123456",
    "주문번호 20260115-1234567",
    "bestelling 4242424242424241",
    "身份证号 510105199003077832 已经提交",
    "€ 1.234.567.890,12 of 5.412.345.678.901.234",
    "https://social.example/@hanul/113845072893410562",
    "550e8400-e29b-41d4-a716-446655440000",
    "sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "tweet 1745123456789012345",
    "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15",
    "우리 지점은 09:00-16:00, 대기 12명, 번호표 0123",
    "1705276800000",
]
REGISTRATIONS = {
    "주민번호 900101-1234567 입니다": "주민번호 ••••••-••••••• 입니다",
    "주민등록번호는 9001011234567": "주민등록번호는 ••••••-•••••••",
    "９００１０１－１２３４５６７": "••••••-•••••••",
    "900101 - 1234567": "••••••-•••••••",
    "RRN 850315 2345678": "RRN ••••••-•••••••",
    "外国人 登録 번호 850315–6345678": "外国人 登録 번호 ••••••-•••••••",
    "8001011000008 확인": "••••••-••••••• 확인",
    "아이 번호 2101013456789": "아이 번호 ••••••-•••••••",
    "mijn nummer 900101-1234567 en nog wat": "mijn nummer ••••••-••••••• en nog wat",
    "我的号码是900101-1234567。": "我的号码是••••••-•••••••。",
}
NOT_REGISTRATIONS = [
    "901301-1234567",
    "900230-1234567",
    "900101-9234567",
    "301231-3234567 is nog niet geboren",
    "1705276800000 en 1610123456788",
    "계좌 110-234-567890",
    "9001011234567",
    "260115 3456789 순번",
    "900101-123456",
    "900101-12345678",
    "GTIN 4006381333931",
]


@pytest.fixture(autouse=True)
def _today() -> object:
    with clock.frozen(TODAY):
        yield


@pytest.mark.parametrize(("said", "kept"), CARDS.items())
def test_card_numbers_are_masked(said: str, kept: str) -> None:
    assert mask(said) == (kept, ("PAN",))
    assert mask(kept).red == ()


@pytest.mark.parametrize(("said", "kept"), REGISTRATIONS.items())
def test_registration_numbers_are_masked(said: str, kept: str) -> None:
    assert mask(said) == (kept, ("RRN",))


@pytest.mark.parametrize("said", NOT_CARDS + NOT_REGISTRATIONS)
def test_what_only_looks_like_one_is_kept(said: str) -> None:
    assert mask(said) == (said, ())


def test_both_in_one_text() -> None:
    assert mask("4242424242424242 / 900101-1234567") == (
        "•••• •••• •••• 4242 / ••••••-•••••••",
        ("PAN", "RRN"),
    )


def test_every_string_of_a_tree_is_masked_and_keys_and_numbers_stay() -> None:
    tree = {"4242424242424242": ["카드 4242424242424242", {"n": 4242424242424242, "ok": None}], "x": True}
    masked, red = mask_tree(tree)
    assert masked == {
        "4242424242424242": ["카드 •••• •••• •••• 4242", {"n": 4242424242424242, "ok": None}],
        "x": True,
    }
    assert red == ("PAN",)
    assert tree["4242424242424242"][0] == "카드 4242424242424242"  # type: ignore[index]


def test_what_names_something_is_no_number_that_a_person_wrote() -> None:
    number = "4242424242424242"
    tree = {"id": number, "text": number, "inside": [{"id": f"{number}_{number}", "root": number}]}
    masked, red = mask_tree(tree, ("id", "root"))
    assert masked == tree | {"text": "•••• •••• •••• 4242"} and red == ("PAN",)
    assert mask_tree(tree)[0]["id"] != number


@pytest.mark.parametrize("words", ["my card 4242424242424242", "4242 4242 4242 4242", "카드4242424242424242"])
def test_words_are_masked_wherever_they_stand(words: str) -> None:
    assert "4242424242424242" not in mask_tree({"id": words}, ("id",))[0]["id"]
    assert mask_tree({"id": words}, ("id",))[1] == ("PAN",)


def _with_check_digit(start: str, length: int, chance: random.Random) -> str:
    body = start + "".join(chance.choices("0123456789", k=length - len(start) - 1))
    total = sum(
        int(d) if place % 2 else sum(divmod(int(d) * 2, 10)) for place, d in enumerate(reversed(body))
    )
    return body + str(-total % 10)


FORMS = [
    lambda n: n,
    lambda n: " ".join(n[i : i + 4] for i in range(0, len(n), 4)),
    lambda n: "-".join(n[i : i + 4] for i in range(0, len(n), 4)),
    lambda n: " ".join(n),
    lambda n: n.translate({ord("0") + i: 0xFF10 + i for i in range(10)}),
]
SENTENCES = ["{}", "카드 {} 분실 신고", "我的卡{}不见了", "Pas {} is gestolen", "card {}, exp 09/28"]
STARTS = [
    ("4", 16),
    ("4", 19),
    ("51", 16),
    ("2221", 16),
    ("34", 15),
    ("36", 14),
    ("3528", 16),
    ("62", 19),
    ("6759", 16),
]


def test_no_generated_card_gets_through() -> None:
    chance = random.Random(11)
    for round_ in range(3000):
        start, length = STARTS[round_ % len(STARTS)]
        number = _with_check_digit(start, length, chance)
        said = chance.choice(SENTENCES).format(chance.choice(FORMS)(number))
        masked = mask(said)
        assert "PAN" in masked.red, said
        assert sum(c.isdigit() for c in masked.text) <= 8, said


def test_no_generated_registration_number_gets_through() -> None:
    chance = random.Random(12)
    for _ in range(3000):
        born = date(1930, 1, 1) + timedelta(days=chance.randrange(34_000))
        sex = chance.choice("1256" if born.year < 2000 else "3478")
        number = f"{born:%y%m%d}-{sex}" + "".join(chance.choices("0123456789", k=6))
        if mask(number[:6] + number[7:]).red != ("PAN",):
            assert mask(chance.choice(SENTENCES).format(number)).red == ("RRN",), number


def test_random_numbers_of_other_kinds_are_rarely_taken() -> None:
    """Order numbers, phone numbers, times: at most 1 in 1,000 texts is masked for nothing."""
    chance, wrong = random.Random(13), 0
    kinds = [
        lambda: f"010-{chance.randrange(10**4):04d}-{chance.randrange(10**4):04d}",
        lambda: f"+31 6 {chance.randrange(10**8):08d}",
        lambda: str(1_700_000_000_000 + chance.randrange(10**11)),
        lambda: (
            f"2026{chance.randrange(1, 13):02d}{chance.randrange(1, 29):02d}{chance.randrange(10**8):08d}"
        ),
        lambda: f"₩{chance.randrange(10**9):,}",
        lambda: f"{chance.randrange(10**10):010d} {chance.randrange(10**6)}",
        lambda: str(113_000_000_000_000_000 + chance.randrange(10**15)),
    ]
    for round_ in range(10_000):
        wrong += bool(mask(f"주문 {kinds[round_ % len(kinds)]()} 확인").red)
    assert wrong <= 10


@pytest.mark.parametrize(
    "piece", ["4 ", "4242424242424242 ", "aa11aaaaaaaaaaaaaaaa ", "1-", "4\u200b", "a" * 40 + " ", "九"]
)
def test_a_long_text_costs_little(piece: str) -> None:
    before = time.process_time()
    mask(piece * (200_000 // len(piece)))
    assert time.process_time() - before < 20  # one to two seconds; hours if each place were read again
