"""A CSV feed: what is good is taken, what is wrong is told by row and column, and nothing fells it."""

from __future__ import annotations

import io
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankside.rewards.payments import feed_csv
from bankside.rewards.payments.finding import FINDINGS_MAX, Feed, FeedRefused, Finding
from bankside.rewards.payments.transaction import CardTransaction
from tests.rewards.test_payments_card_number import NUMBERS

HEADER = "ref,kind,token_ref,amount,currency,mcc,merchant,at,original_ref"
ROW = "r1,auth,tok_a,12.50,EUR,5814,Café Sori,2026-03-01T09:30:00+09:00,"


def read(text: str | bytes, *, rows_max: int = feed_csv.ROWS_MAX) -> Feed:
    content = text.encode() if isinstance(text, str) else text
    return feed_csv.read_all(io.BytesIO(content), file="hanul.csv", rows_max=rows_max)


def test_a_row_becomes_a_transaction() -> None:
    feed = read(f"{HEADER}\n{ROW}\n")
    assert feed.findings == []
    assert feed.transactions == [
        CardTransaction(
            ref="r1", kind="auth", token_ref="tok_a", amount=1250, currency="EUR", mcc=5814,
            merchant="Café Sori", at_ms=1_772_325_000_000,
        )
    ]  # fmt: skip


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_marks_delimiters_and_line_ends(mark: bytes, delimiter: str, end: str) -> None:
    text = f"{HEADER}\n{ROW}\n{ROW}".replace(",", delimiter).replace("\n", end)
    feed = read(mark + text.encode())
    assert (len(feed.transactions), feed.findings) == (2, [])


def test_columns_stand_in_any_order_and_others_are_never_read() -> None:
    text = (
        "PAN;at;MCC;Currency;amount_minor;token_ref;Kind;REF;merchant_id\n"
        "4242424242424242;2026-03-01T00:30:00Z;;410;4500;tok_a;Refund;r9;M-77\n"
    )
    feed = read(text)
    assert feed.findings == []
    [made] = feed.transactions
    assert (made.kind, made.amount, made.currency, made.mcc, made.merchant_id) == (
        "refund",
        4500,
        "KRW",
        0,
        "M-77",
    )
    assert "4242" not in repr(feed)


def test_quoted_cells() -> None:
    feed = read(f"{HEADER}\n{ROW.replace('Café Sori', chr(34) + 'Sori, Seoul' + chr(34))}\n")
    assert feed.findings == []
    feed = read(f'{HEADER}\n"r1","auth","tok_a","1","EUR","5814","Sori, ""2층""","2026-03-01T00:00:00Z",""\n')
    assert [made.merchant for made in feed.transactions] == ['Sori, "2층"']


WRONG = {
    "kind": ROW.replace("auth", "sale"),
    "amount": ROW.replace("12.50", "12,50".replace(",", "'")),
    "currency": ROW.replace("EUR", "ECU"),
    "mcc": ROW.replace("5814", "58x4"),
    "at": ROW.replace("+09:00", ""),
    "token_ref": ROW.replace("tok_a", "4242424242424242"),
    "ref": ROW.replace("r1", ""),
    "original_ref": ROW + "4242424242424242",
    "-": ROW + ",,",
}


@pytest.mark.parametrize("column", WRONG)
def test_a_wrong_row_is_told_by_row_and_column_and_the_good_ones_stay(column: str) -> None:
    feed = read(f"{HEADER}\n{ROW}\n{WRONG[column]}\n\n{ROW.replace('r1', 'r2')}\n")
    assert [made.ref for made in feed.transactions] == ["r1", "r2"]
    assert [(found.file, found.row, found.column) for found in feed.findings] == [("hanul.csv", 3, column)]
    assert feed.card_numbers == (column in ("token_ref", "original_ref"))


def test_a_lost_quotation_mark_and_other_bytes_cost_their_row_alone() -> None:
    broken = [
        b'r2,auth,"tok_a,1,EUR,5814,,2026-03-01T00:00:00Z,',
        b"r3,\xff\xfe" + b"," * 7,
        b"r4," + b"x" * 20_000,
    ]
    feed = read(b"\n".join([HEADER.encode(), ROW.encode(), *broken, ROW.encode()]) + b"\n")
    assert len(feed.transactions) == 2
    assert [found.row for found in feed.findings] == [3, 4, 5]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "ref,kind\n",
        HEADER.replace("amount", "amt"),
        HEADER + ",ref",
        HEADER + ",amount_minor",
        b"\xff\xfe\x00",
    ],
)
def test_without_its_header_a_file_is_no_feed(text: str | bytes) -> None:
    with pytest.raises(FeedRefused):
        read(text)


def test_rows_and_findings_have_a_limit() -> None:
    rows = "\n".join([HEADER, *[ROW] * 10])
    assert len(read(rows, rows_max=10).transactions) == 10
    with pytest.raises(FeedRefused, match="more than 9 rows"):
        read(rows, rows_max=9)
    feed = read("\n".join([HEADER, *["x"] * (FINDINGS_MAX + 5)]))
    assert (len(feed.findings), feed.refused) == (FINDINGS_MAX, FINDINGS_MAX + 5)


def test_a_long_line_is_never_held_whole() -> None:
    class Endless(io.RawIOBase):
        """A line of a hundred megabytes, then a good row."""

        def __init__(self) -> None:
            self.left, self.asked = 100_000_000, 0

        def readline(self, size: int | None = -1, /) -> bytes:
            assert size and 0 < size <= 5_000
            if self.left == 100_000_000:
                self.left -= 1
                return HEADER.encode() + b"\n"
            if self.left > 0:
                self.left -= size
                return b"x" * size
            self.asked += 1
            return {1: b"\n", 2: ROW.encode() + b"\n"}.get(self.asked, b"")

    feed = feed_csv.read_all(Endless(), file="long.csv")  # type: ignore[arg-type]
    assert (len(feed.transactions), feed.refused) == (1, 1)


@pytest.mark.parametrize("number", NUMBERS)
def test_no_digit_of_a_card_number_comes_out(number: str) -> None:
    cells = ROW.split(",")
    rows = [",".join([*cells[:place], number, *cells[place + 1 :]]) for place in range(len(cells))]
    feed = feed_csv.read_all(io.BytesIO("\n".join([HEADER, *rows]).encode()), file=f"{number}.csv")
    shown = repr(feed) + "".join(found.said for found in feed.findings)
    assert not any(part in shown for part in ("4242", "６", "378282", "621234", "3056", "٤", "４"))
    assert len(feed.transactions) == 1  # the name of the place was masked


@settings(max_examples=150)
@given(st.lists(st.binary(max_size=200), max_size=8), st.sampled_from([HEADER, HEADER.replace(",", ";")]))
def test_any_bytes_behind_a_header_are_taken_or_told(rows: list[bytes], header: str) -> None:
    for item in feed_csv.read(io.BytesIO(header.encode() + b"\n" + b"\n".join(rows)), file="f"):
        assert isinstance(item, CardTransaction | Finding)


@settings(max_examples=150)
@given(st.lists(st.text(max_size=30), min_size=9, max_size=9))
def test_any_cells_are_taken_or_told(cells: list[str]) -> None:
    read(f"{HEADER}\n{','.join(cells)}\n")


def test_its_speed_is_printed() -> None:
    rows = "".join(
        f"r{n},auth,tok_{n:08x}z,{n % 900 + 1}.50,EUR,5814,Café {n % 50},2026-03-01T09:30:00Z,\n"
        for n in range(20_000)
    )
    begun = time.process_time()
    feed = read(f"{HEADER}\n{rows}")
    sys.stderr.write(f"CSV: {20_000 / (time.process_time() - begun):,.0f} rows/s\n")
    assert (len(feed.transactions), feed.refused) == (20_000, 0)
