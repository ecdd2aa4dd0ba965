"""Codes at a shop's counter, read and made; and codes that a phone shows, as a sandbox that pays nothing."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bankside.commands import REFUSED, CommandRefused
from bankside.commands.declared import AS_JSON, Commands, add, flag, group, say

if TYPE_CHECKING:
    from bankside.rewards.payments.emv_mpm import Field

BYTES_MAX: Final = 4_096
CODES_MAX: Final = 100


def declare(commands: Commands) -> None:
    """merchant-code read, merchant-code make; payment-code sandbox make, payment-code sandbox authorise."""
    _declare_merchant(group(commands, "merchant-code", "EMV codes that a shop presents."))
    payment = group(commands, "payment-code", "EMV codes that a phone presents: a sandbox.")
    sandbox = group(payment, "sandbox", "Codes of the test range 999999, and what answers them.")
    out = flag("--out", metavar="FILE", help="draws it, too, marked SANDBOX; a name that ends in .svg")
    add(sandbox, "make", sandbox_make, flag("token_ref", metavar="TOKEN_REF"), out, AS_JSON)
    add(
        sandbox, "authorise", sandbox_authorise,
        flag("codes", metavar="CODE", nargs="+", help="in Base64, as `make` prints it"),
        flag("--amount", required=True, metavar="AMOUNT", help="a dot before decimals: 4500, 12.50"),
        flag("--currency", required=True, metavar="CODE", help="ISO 4217, such as KRW"), AS_JSON,
    )  # fmt: skip


def _declare_merchant(made: Commands) -> None:
    text = flag("text", nargs="?", default="", metavar="TEXT", help="what the code holds")
    add(made, "read", read, text, flag("--file", metavar="FILE", help="a file with this text, in UTF-8"))
    add(
        made, "make", make,
        flag("--scheme", required=True, metavar="ID", help="who the id is of, such as bank.example"),
        flag("--merchant-id", required=True, metavar="ID"),
        flag("--name", required=True, help="of the shop, up to 25 characters"),
        flag("--city", required=True, help="up to 15 characters"),
        flag("--country", required=True, metavar="CODE", help="ISO 3166, such as KR"),
        flag("--mcc", required=True, type=int, metavar="N", help="ISO 18245, such as 5814"),
        flag("--currency", required=True, metavar="CODE", help="ISO 4217, such as KRW"),
        flag("--amount", metavar="AMOUNT", help="for one payment of so much: 4500, 12.50"),
        flag("--out", metavar="FILE", help="draws it, too; a name that ends in .svg or .png"), AS_JSON,
    )  # fmt: skip


def read(parsed: argparse.Namespace) -> None:
    """Reads a shop's code: what it says and its fields, as JSON. What looks like a card number becomes dots.

    Exit 1: it is no code; the reason names tag and offset.
    """
    from bankside.rewards.payments import emv_mpm
    from bankside.rewards.payments.card_number import without

    code = emv_mpm.parse(_text(parsed))
    said: dict[str, Any] = {
        "name": without(code.name), "city": without(code.city), "country": code.country, "mcc": code.mcc,
        "currency": code.currency, "amount": code.amount, "dynamic": code.is_dynamic,
        "merchant_ids": sorted(map(without, code.merchant_ids)), "missing": list(code.missing),
        "fields": [_field(one) for one in code.fields],
    }  # fmt: skip
    say(argparse.Namespace(json=True), said)


def make(parsed: argparse.Namespace) -> None:
    """Makes a shop's code and prints its text; with --out draws it, too. A card number is no id of a shop."""
    from bankside.rewards.payments import card_number, emv_mpm, money, qr_picture

    if card_number.in_reference(parsed.merchant_id):
        raise CommandRefused("this looks like a card number; give the acquirer's id of the shop")
    draw = _drawing(parsed.out, {".svg": qr_picture.svg, ".png": qr_picture.png})
    currency = money.currency_of(parsed.currency)
    amount = None if parsed.amount is None else money.minor_units(parsed.amount, currency)
    account = emv_mpm.Field.of(
        "26", emv_mpm.Field("00", parsed.scheme), emv_mpm.Field("01", parsed.merchant_id)
    )
    text = emv_mpm.generate(
        emv_mpm.merchant_code(
            accounts=[account], mcc=parsed.mcc, currency=currency, country=parsed.country, name=parsed.name,
            city=parsed.city, amount=amount,
        )
    )  # fmt: skip
    draw(text)
    say(parsed, {"text": text, "file": parsed.out or ""}, lambda one: str(one["text"]))


def sandbox_make(parsed: argparse.Namespace) -> None:
    """Makes a code of the test range for a reference and prints it. Its label is SANDBOX; it pays nothing."""
    from bankside.rewards.payments import emv_cpm, qr_picture

    draw = _drawing(parsed.out, {".svg": lambda text: qr_picture.svg(text, mark=emv_cpm.LABEL)})
    codes: emv_cpm.PaymentCode = emv_cpm.SandboxPaymentCode(*_key_and_clock())
    text = codes.get(parsed.token_ref).decode()
    draw(text)
    say(parsed, {"code": text, "label": emv_cpm.LABEL}, lambda one: f"{one['code']}\n{one['label']}")


def sandbox_authorise(parsed: argparse.Namespace) -> int | None:
    """Answers codes, each once within a minute; none outside the test range. No money moves. Exit 1: one was
    refused.

    What was used before is known within one run alone: another run takes the same code again.
    """
    from bankside.rewards.payments import emv_cpm, money

    if len(parsed.codes) > CODES_MAX:
        raise CommandRefused(f"give at most {CODES_MAX} codes")
    currency = money.currency_of(parsed.currency)
    amount = money.minor_units(parsed.amount, currency)
    authoriser = emv_cpm.SandboxAuthoriser(*_key_and_clock())
    answers = [
        asdict(authoriser.authorise(code.encode(), amount=amount, currency=currency)) for code in parsed.codes
    ]
    say(parsed, answers, lambda one: str(one["why"]))
    return None if all(one["approved"] for one in answers) else REFUSED


def _text(parsed: argparse.Namespace) -> str:
    """The text that was given, or that of the file."""
    if bool(parsed.text) == bool(parsed.file):
        raise CommandRefused("give the text of a code, or --file")
    if parsed.text:
        return str(parsed.text).strip()
    with Path(parsed.file).open("rb") as file:
        return file.read(BYTES_MAX).decode().strip()


def _field(one: Field) -> dict[str, Any]:
    from bankside.rewards.payments.card_number import without

    if one.parts:
        return {"tag": one.tag, "parts": [_field(part) for part in one.parts]}
    return {"tag": one.tag, "value": without(one.value)}


def _drawing(out: str | None, kinds: dict[str, Callable[[str], bytes]]) -> Callable[[str], object]:
    """What draws a text into a file, as its name ends; nothing without a name."""
    if out is None:
        return lambda text: None
    made = kinds.get(Path(out).suffix)
    if made is None:
        raise CommandRefused(f"the name of the file ends in {' or '.join(kinds)}")
    return lambda text: Path(out).write_bytes(made(text))


def _key_and_clock() -> tuple[bytes, Callable[[], int]]:
    """A key that generator and authoriser of this desk share, and that is good for nothing else."""
    from django.utils.crypto import salted_hmac

    from bankside.record import clock

    return salted_hmac("bankside.payment-code.sandbox", "", algorithm="sha256").digest(), clock.now_ms
