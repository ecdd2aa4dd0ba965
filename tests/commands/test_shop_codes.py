"""Codes of shops are read and made from the command line; those of phones are a sandbox, and say so."""

from __future__ import annotations

import io
import shlex
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from bankside.record import clock
from bankside.rewards.payments import ber_tlv, emv_cpm, emv_mpm
from tests.commands.ask import Ask
from tests.house import tree
from tests.house.test_documents import commands
from tests.rewards.test_payments_emv_cpm import FOREIGN
from tests.rewards.test_payments_emv_mpm import EMVCO

MAKE = (
    "merchant-code", "make", "--scheme", "bank.example", "--merchant-id", "M-77", "--name", "카페 소리",
    "--city", "서울", "--country", "KR", "--mcc", "5814", "--currency", "KRW",
)  # fmt: skip
PAID = ("--amount", "4500", "--currency", "KRW")


def test_a_code_is_read_with_its_fields(ask: Ask, tmp_path: Path) -> None:
    said = ask("merchant-code", "read", EMVCO).json
    assert (said["name"], said["mcc"], said["currency"], said["amount"]) == (
        "BEST TRANSPORT", 4111, "CNY", 2372,
    )  # fmt: skip
    assert said["fields"][2] == {
        "tag": "29",
        "parts": [{"tag": "00", "value": "D15600000000"}, {"tag": "05", "value": "A93FO3230Q"}],
    }
    (tmp_path / "code.txt").write_text(f"{EMVCO}\n", encoding="utf-8")
    assert ask("merchant-code", "read", "--file", str(tmp_path / "code.txt")).json == said


def test_what_is_no_code_is_refused_with_its_place(ask: Ask) -> None:
    said = ask("merchant-code", "read", EMVCO.replace("BEST", "WORST"))
    assert said.code == 1 and said.err.startswith("bankside: Tag ")
    assert ask("merchant-code", "read").code == ask("merchant-code", "read", EMVCO, "--file", "x").code == 1
    assert ask("merchant-code", "read", "--file", "/nowhere").code == 1


def test_no_card_number_of_a_code_is_printed(ask: Ask) -> None:
    account = emv_mpm.Field("02", "4242424242424242")
    code = emv_mpm.merchant_code(
        accounts=[account], mcc=5814, currency="KRW", country="KR", name="4242 4242 4242 4242", city="Seoul"
    )
    said = ask("merchant-code", "read", emv_mpm.generate(code))
    assert said.code == 0 and "4242" not in said.out and "••••" in said.out
    made = ask(*[*MAKE[:5], "4242424242424242", *MAKE[6:]])
    assert made.code == 1 and "looks like a card number" in made.err and "4242" not in made.err + made.out


def test_a_code_is_made_printed_and_drawn(ask: Ask, tmp_path: Path) -> None:
    file = tmp_path / "code.png"
    text = ask(*MAKE, "--amount", "4500", "--out", str(file)).out.strip()
    code = emv_mpm.parse(text)
    assert (code.name, code.city, code.amount, code.is_dynamic) == ("카페 소리", "서울", 4_500, True)
    assert code.merchant_ids == {"M-77"}
    assert [one.text for one in zxingcpp.read_barcodes(Image.open(io.BytesIO(file.read_bytes())))] == [text]
    assert ask(*MAKE, "--out", str(tmp_path / "code.svg")).code == 0
    assert (tmp_path / "code.svg").read_bytes().startswith(b"<svg ")


@pytest.mark.parametrize("wrong", [("--amount", "1.5"), ("--out", "code.exe"), ("--amount", "-1")])
def test_what_cannot_be_made_is_refused(ask: Ask, wrong: tuple[str, str]) -> None:
    assert ask(*MAKE, *wrong).code in {1, 2}


def test_the_sandbox_takes_its_own_codes_once_and_says_what_it_is(ask: Ask, tmp_path: Path) -> None:
    file = tmp_path / "code.svg"
    with clock.frozen(1_772_325_000_000):
        made = ask("payment-code", "sandbox", "make", "tok_7Q2", "--out", str(file))
        code, label = made.out.split()
        answers = ask("payment-code", "sandbox", "authorise", code, code, *PAID, "--json")
    assert label == "SANDBOX" and b">SANDBOX</text>" in file.read_bytes()
    assert [(one["approved"], one["sandbox"]) for one in answers.json] == [(True, True), (False, True)]
    assert answers.code == 1 and all(one["why"].startswith("Sandbox: ") for one in answers.json)
    assert ber_tlv.find(emv_cpm.read(code.encode()), "50") == b"SANDBOX"


@pytest.mark.parametrize("code", FOREIGN)
def test_the_sandbox_refuses_every_number_outside_the_test_range(ask: Ask, code: bytes) -> None:
    said = ask("payment-code", "sandbox", "authorise", code.decode(), *PAID)
    assert said.code == 1 and "only numbers of the test range 999999" in said.out


def test_a_card_number_is_no_reference_for_the_sandbox(ask: Ask, tmp_path: Path) -> None:
    file = tmp_path / "code.svg"
    said = ask("payment-code", "sandbox", "make", "4242424242424242", "--out", str(file))
    assert said.code == 1 and "4242" not in said.out + said.err and not file.exists()
    assert ask("payment-code", "sandbox", "make", "tok", "--out", "code.png").code == 1


def test_so_many_codes_are_answered_at_once(ask: Ask) -> None:
    assert ask("payment-code", "sandbox", "authorise", *["x"] * 101, *PAID).code == 1


def test_the_commands_of_the_document_do_what_it_says(
    ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [shlex.split(line)[1:] for line in commands(tree.text(Path("docs/operate/card-feed.md")))]
    monkeypatch.chdir(tmp_path)
    code = ""
    for words in lines:
        said = ask(*[code if word == "CODE" else word for word in words])
        assert said.code == 0, (words, said.err)
        code = said.out.split("\n")[0]
    assert len(lines) == 4 and sorted(file.name for file in tmp_path.iterdir()) == ["code.png", "sandbox.svg"]
